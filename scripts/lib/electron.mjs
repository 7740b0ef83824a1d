// Electron's binary: since version 42 it is fetched on demand and not at install.
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { at } from './node.mjs'

const PROBE_MS = 4000
const FETCH_MS = 10 * 60_000

export const isInstalled = () => Boolean(process.env.ELECTRON_OVERRIDE_DIST_PATH) || existsSync(at('node_modules/electron/path.txt'))

/** Why a window cannot be shown here at all; null when it can. */
export function noDisplay() {
  if (process.platform !== 'linux' || process.env.DISPLAY || process.env.WAYLAND_DISPLAY) return null
  return 'there is no display (neither DISPLAY nor WAYLAND_DISPLAY is set)'
}

/** Why the place it is fetched from does not answer; null when it does. A proxy is left to the fetch itself. */
async function unreachable() {
  if (process.env.ELECTRON_GET_USE_PROXY) return null
  const mirror = process.env.ELECTRON_MIRROR || process.env.npm_config_electron_mirror || 'https://github.com/'
  try {
    await fetch(new URL('/', mirror), { method: 'HEAD', redirect: 'manual', signal: AbortSignal.timeout(PROBE_MS) })
    return null
  } catch (e) {
    const cause = e instanceof Error && e.cause instanceof Error ? e.cause.message : e instanceof Error ? e.message : String(e)
    return `Electron is not installed and ${URL.canParse(mirror) ? new URL(mirror).host : mirror} does not answer: ${cause.split('\n')[0]}`
  }
}

/** The telling line of what the installer printed. @param {string} text */
const reason = (text) =>
  text
    .split('\n')
    .find((l) => /error|ENOTFOUND|ECONN/i.test(l))
    ?.trim() ||
  text.trim().split('\n')[0] ||
  'no answer in time'

/** Fetches the binary. @param {string} node @returns {Promise<string | null>} why it cannot be had, in a phrase; null when it is there */
export async function fetchElectron(node) {
  const away = await unreachable()
  if (away) return away
  console.error('Fetching Electron (once, about 120 MB)…')
  const got = spawnSync(node, [at('node_modules/electron/install.js')], {
    stdio: ['ignore', 'inherit', 'pipe'],
    timeout: FETCH_MS,
    encoding: 'utf8',
  })
  return got.status === 0 ? null : `Electron could not be fetched: ${reason(got.stderr)}`
}
