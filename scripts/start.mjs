// `npm start`: builds what is out of date, then opens the window in Electron or, if Electron cannot run, in the browser.
import { existsSync } from 'node:fs'
import { buildIfStale } from './lib/build.mjs'
import { fetchElectron, isInstalled, noDisplay } from './lib/electron.mjs'
import { at, endAs, recentNode, root, run, tooOld } from './lib/node.mjs'

/** If Electron ends with an error within this time, it could not start: a library is missing, or the sandbox was refused. */
const START_MS = 5000
const args = process.argv.slice(2)

/** @param {string} why */
const inBrowser = (why) => {
  console.error(
    `Opening in the browser: ${why}. (ELECTRON_MIRROR names another server for Electron; REELABEL_BROWSER=1 always opens the browser.)`,
  )
}

/** @param {string} node @returns {Promise<string | null>} why the window could not be opened; null after it was closed */
async function openWindow(node) {
  const why = noDisplay() ?? (isInstalled() ? null : await fetchElectron(node))
  if (why) return why
  const started = performance.now()
  const end = await run(node, [at('node_modules/electron/cli.js'), root, ...args])
  if (typeof end === 'number' && end !== 0 && performance.now() - started < START_MS) return `Electron did not start (exit code ${end})`
  endAs(end)
  return null
}

async function start() {
  const node = recentNode()
  if (node === null) return void fail(tooOld)
  if (!existsSync(at('node_modules/vite'))) return void fail('The dependencies are not installed: run `npm ci` first.')
  if (!(await buildIfStale(node))) return void fail('The build failed; see above.')
  if (process.env.REELABEL_BROWSER !== '1') {
    const why = await openWindow(node)
    if (why === null) return
    inBrowser(why)
  }
  endAs(await run(node, [at('scripts/reelabel.mjs'), 'serve', ...args]))
}
/** @param {string} message */
function fail(message) {
  console.error(message)
  process.exitCode = 1
}
await start()
