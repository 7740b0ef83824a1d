import { at, run } from './node.mjs'
import { isStale } from './stale.mjs'

const OUTPUTS = ['out/main/index.js', 'out/main/engine.js', 'out/main/compute.js', 'out/preload/index.cjs', 'out/renderer/index.html']
const SOURCES = ['src', 'packages', 'docs', 'help-pages.ts', 'electron.vite.config.ts', 'package.json']

/** Returns true if `out/` is missing or older than the sources. */
export const buildIsStale = () => isStale(OUTPUTS.map(at), SOURCES.map(at))

/** Builds if `out/` is missing or older than the sources. @param {string} node @returns {Promise<boolean>} false if the build failed */
export async function buildIfStale(node) {
  if (!buildIsStale()) return true
  console.error('Building…')
  return (await run(node, [at('node_modules/electron-vite/bin/electron-vite.js'), 'build', '--logLevel', 'warn'])) === 0
}
