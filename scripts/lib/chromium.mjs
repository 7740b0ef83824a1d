// Finds or installs Chromium for the end-to-end tests.
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'

const HEADLESS_SHELL = '/usr/bin/chromium-headless-shell'
const PLACES = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome-stable',
  '/usr/bin/google-chrome',
  '/snap/bin/chromium',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
  `${process.env.PROGRAMFILES}\\Google\\Chrome\\Application\\chrome.exe`,
  `${process.env['PROGRAMFILES(X86)']}\\Google\\Chrome\\Application\\chrome.exe`,
  `${process.env['PROGRAMFILES(X86)']}\\Microsoft\\Edge\\Application\\msedge.exe`,
]
export const findChromium = () => [process.env.CHROMIUM, ...PLACES].find((p) => p !== undefined && existsSync(p)) ?? null

/** Chromium without windows of its own, which take most of a page's time; otherwise the browser. */
export const findHeadlessShell = () => (existsSync(HEADLESS_SHELL) ? HEADLESS_SHELL : findChromium())

/** @param {string[]} args */
const apt = (...args) =>
  spawnSync('apt-get', args, { stdio: ['ignore', 'ignore', 'inherit'], env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' } })
    .status === 0

/** Installs a package with apt-get as root on Debian; elsewhere it does nothing. @param {string} name @param {string} line printed before */
export function aptInstall(name, line) {
  if (process.platform !== 'linux' || process.getuid?.() !== 0 || !existsSync('/usr/bin/apt-get')) return
  console.log(line)
  apt('update', '-qq')
  apt('install', '-y', '-qq', '--no-install-recommends', name)
}

/** Returns the browser's path; installs it with apt-get as root on Debian. Returns null if there is none. */
export function ensureChromium() {
  const line = 'Installing Chromium for the end-to-end tests…'
  if (findChromium() === null) aptInstall('chromium', line)
  // tests of the window run without it too, but take longer
  if (process.env.CHROMIUM === undefined && !existsSync(HEADLESS_SHELL)) aptInstall('chromium-headless-shell', line)
  return findChromium()
}
