import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

/** The main side runs from source in a checkout and from bundles (`out/main/*.js`) in Electron and packages. */
const fromSource = import.meta.url.endsWith('.ts')

/**
 * File of another process's entry point.
 * @param source path below `src/main` without its ending, such as `compute/index`
 * @param bundle name of the bundle beside this one, such as `compute`
 */
export function siblingEntry(source: string, bundle: string): string {
  return fileURLToPath(new URL(fromSource ? `./${source}.ts` : `./${bundle}.js`, import.meta.url))
}

/** The project's or package's root folder. */
export const appRoot = fileURLToPath(new URL('../../', import.meta.url))

/** Folder with the built window. */
export const rendererDir = fileURLToPath(new URL(fromSource ? '../../out/renderer' : '../renderer', import.meta.url))

export const rendererIsBuilt = (): boolean => existsSync(`${rendererDir}/index.html`)
