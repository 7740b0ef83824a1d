// Electron's binary. Since version 42 it is downloaded on demand, not at install.
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { at } from './node.mjs'

const PROBE_MS = 4000
const FETCH_MS = 10 * 60_000

export const isInstalled = () => Boolean(process.env.ELECTRON_OVERRIDE_DIST_PATH) || existsSync(at('node_modules/electron/path.txt'))

/** Returns why no window can be shown on this machine; null if one can. */
export function noDisplay() {
  if (process.platform !== 'linux' || process.env.DISPLAY || process.env.WAYLAND_DISPLAY) return null
  return 'there is no display (neither DISPLAY nor WAYLAND_DISPLAY is set)'
}

/** Returns why the download server does not respond; null if it does. A proxy is not probed. */
async function unreachable() {
  if (process.env.ELECTRON_GET_USE_PROXY) return null
  const mirror = process.env.ELECTRON_MIRROR || process.env.npm_config_electron_mirror || 'https://github.com/'
  try {
    await fetch(new URL('/', mirror), { method: 'HEAD', redirect: 'manual', signal: AbortSignal.timeout(PROBE_MS) })
    return null
  } catch (e) {
    const cause = e instanceof Error && e.cause instanceof Error ? e.cause.message : e instanceof Error ? e.message : String(e)
    return `Electron is not installed and ${URL.canParse(mirror) ? new URL(mirror).host : mirror} does not respond: ${cause.split('\n')[0]}`
  }
}

/** Returns the line of the installer's output that states the error. @param {string} text */
const reason = (text) =>
  text
    .split('\n')
    .find((l) => /error|ENOTFOUND|ECONN/i.test(l))
    ?.trim() ||
  text.trim().split('\n')[0] ||
  'no response in time'

/** Downloads the binary. @param {string} node @returns {Promise<string | null>} why that failed, as a phrase; null if it succeeded */
export async function fetchElectron(node) {
  const away = await unreachable()
  if (away) return away
  console.error('Downloading Electron (once, about 120 MB)…')
  const got = spawnSync(node, [at('node_modules/electron/install.js')], {
    stdio: ['ignore', 'inherit', 'pipe'],
    timeout: FETCH_MS,
    encoding: 'utf8',
  })
  return got.status === 0 ? null : `Electron could not be downloaded: ${reason(got.stderr)}`
}
