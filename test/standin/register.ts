/** For `node --import`: resolves the built bundles' import of Electron to the stand-in. */
import { registerHooks } from 'node:module'

const isUtility = process.env['STANDIN_ROLE'] === 'utility'
const target = new URL(isUtility ? './utility.ts' : './main.ts', import.meta.url).href
registerHooks({
  resolve: (specifier, context, next) => (specifier === 'electron' ? { url: target, shortCircuit: true } : next(specifier, context)),
})
if (isUtility) await import('./utility.ts')
