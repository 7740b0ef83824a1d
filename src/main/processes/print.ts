/** Prints an HTML file as PDF with a browser of this machine. Under Electron the shell does it instead, see `shell/print.ts`. */
import { spawn } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { UserError } from '../../contract/errors.ts'

/** Writes `pdf`, a file that does not exist yet. @throws UserError `no-browser`, `print-failed` */
export type PrintPdf = (html: string, pdf: string, signal: AbortSignal) => Promise<void>

/** Where Chromium, Chrome and Edge are installed. */
const PLACES: readonly string[] = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome-stable',
  '/usr/bin/google-chrome',
  '/usr/bin/microsoft-edge',
  '/snap/bin/chromium',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
  '/Applications/Microsoft Edge.app/Contents/MacOS/Microsoft Edge',
  ...['ProgramFiles', 'ProgramFiles(x86)', 'LocalAppData'].flatMap((folder) =>
    ['Google\\Chrome\\Application\\chrome.exe', 'Microsoft\\Edge\\Application\\msedge.exe'].map((file) =>
      join(process.env[folder] ?? '', file),
    ),
  ),
]
/** Longest time of printing, in milliseconds. A report takes two to five seconds. */
const MAX_MS = 60_000

/** Chromium, Chrome or Edge; `CHROMIUM` is the path of another one. */
const installed = (): string | undefined => [process.env['CHROMIUM'], ...PLACES].find((path) => path !== undefined && existsSync(path))

/** @param find the path of a browser */
export const printWith =
  (find: () => string | undefined): PrintPdf =>
  async (html, pdf, signal) => {
    const browser = find()
    if (browser === undefined)
      throw new UserError(
        'no-browser',
        'A PDF is printed by Chromium, Chrome or Edge, and none was found on this machine: install one, set CHROMIUM to the path of its program, or write the report as HTML and print that from any browser.',
      )
    const profile = mkdtempSync(`${pdf}-profile-`)
    // Chromium refuses its sandbox to root; the page is our own and has no script
    const root = process.getuid?.() === 0 ? ['--no-sandbox'] : []
    const args = ['--headless', ...root, '--disable-gpu', '--no-first-run', '--disable-extensions', '--disable-background-networking', '--no-pdf-header-footer', `--user-data-dir=${profile}`, `--print-to-pdf=${pdf}`, pathToFileURL(html).href] // prettier-ignore
    try {
      const child = spawn(browser, args, { stdio: ['ignore', 'ignore', 'pipe'], signal: AbortSignal.any([signal, AbortSignal.timeout(MAX_MS)]), killSignal: 'SIGKILL' }) // prettier-ignore
      let said = ''
      child.stderr.on('data', (piece: Buffer) => (said = (said + piece.toString()).slice(-500)))
      const problem = await new Promise<string | null>((resolve) => {
        child.on('error', (error) => resolve(error.name === 'AbortError' ? `it took longer than ${MAX_MS / 1000} seconds` : error.message))
        child.on('close', (code) => resolve(code === 0 ? null : `exit code ${code}: ${said.trim().split('\n').at(-1) ?? ''}`))
      })
      signal.throwIfAborted()
      if (problem !== null || !existsSync(pdf))
        throw new UserError(
          'print-failed',
          `${browser} could not print the report (${problem ?? 'it wrote no file'}): write it as HTML and print that.`,
        )
    } finally {
      rmSync(profile, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 })
    }
  }
/** Prints with the browser of this machine, without a window. */
export const printWithBrowser = printWith(installed)
