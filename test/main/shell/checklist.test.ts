/** What docs/security.md says about Electron, point by point; other points are held by other tests, which its table names. */
import { EventEmitter } from 'node:events'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test, vi } from 'vitest'
import { APP_ORIGIN } from '../../../src/contract/bridge.ts'
import { CSP, pageHeaders } from '../../../src/contract/web.ts'
import { root } from '../../support/paths.ts'

const electron = vi.hoisted(() => ({
  app: null as unknown as EventEmitter & { isPackaged: boolean },
  made: [] as { readonly webPreferences: object }[],
  loaded: [] as string[],
  denied: [] as unknown[],
}))
vi.mock('electron', async () => {
  const { EventEmitter: Emitter } = await import('node:events')
  electron.app = Object.assign(new Emitter(), { isPackaged: true })
  class BrowserWindow {
    readonly webContents = new Emitter()
    on = (): void => undefined
    constructor(options: { readonly webPreferences: object }) {
      electron.made.push(options)
    }
    loadURL(url: string): Promise<void> {
      return Promise.resolve(void electron.loaded.push(url))
    }
  }
  const session = {
    defaultSession: {
      setPermissionRequestHandler: (handler: (contents: null, permission: string, reply: (ok: boolean) => void) => void) =>
        handler(null, 'media', (ok) => electron.denied.push(ok)),
      setPermissionCheckHandler: (handler: () => boolean) => electron.denied.push(handler()),
    },
  }
  return { app: electron.app, BrowserWindow, session, nativeTheme: {}, dialog: {}, ipcMain: {}, screen: { getAllDisplays: () => [] } }
})
const { openWindow } = await import('../../../src/main/shell/window.ts')
const { confineContents, denyPermissions } = await import('../../../src/main/shell/security.ts')

const text = (path: string): string => readFileSync(join(root, path), 'utf8')
/** Every source below a folder, without comments. */
const sources = (folder: string): string[] =>
  readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.(?:ts|svelte|html)$/.test(name))
    .map((name) => text(join(folder, name)).replaceAll(/\/\*[^]*?\*\/|\/\/ .*/g, ''))
/** Contents of a web page as Electron announces them, and what they do not allow. */
function contents() {
  let opened: (details: { readonly url: string }) => { readonly action: string } = () => ({ action: 'allow' })
  const made = Object.assign(new EventEmitter(), { setWindowOpenHandler: (handler: typeof opened) => (opened = handler) })
  electron.app.emit('web-contents-created', {}, made)
  const prevented = (event: string, url: string): boolean => {
    let stopped = false
    made.emit(event, { url, preventDefault: () => (stopped = true) })
    return stopped
  }
  return { prevented, open: (url: string) => opened({ url }).action }
}

test.each([
  [true, false],
  [false, true],
])('the window has these preferences and no others; packaged %s: developer tools %s', (packaged, devTools) => {
  electron.app.isPackaged = packaged
  openWindow('/preload.cjs', '/nowhere/window.json')
  // nothing else is set: no webview, no insecure content, no experimental features, no enabled Blink features
  expect(electron.made.at(-1)?.webPreferences).toEqual({
    preload: '/preload.cjs',
    contextIsolation: true,
    sandbox: true,
    nodeIntegration: false,
    webSecurity: true,
    spellcheck: false,
    devTools,
  })
})
test('the window loads only the bundle', () => {
  openWindow('/preload.cjs', '/nowhere/window.json')
  expect(electron.loaded.at(-1)).toBe(`${APP_ORIGIN}/index.html`)
  // a report is printed from its file, in a window that runs no scripts: the one place that loads another page
  const printing = sources('src/main/shell').filter((source) => source.includes('.printToPDF('))
  expect(printing.map((source) => source.includes('javascript: false'))).toEqual([true])
  for (const source of sources('src/main')) if (!printing.includes(source)) expect(source).not.toMatch(/\.loadFile\(|file:\/\//)
})
test('pages cannot navigate away, open windows or attach webviews', () => {
  confineContents()
  const { prevented, open } = contents()
  for (const url of ['https://example.com/', 'file:///etc/passwd', `${APP_ORIGIN}.example.com/`, 'javascript:alert(1)', 'app://other/'])
    expect([url, prevented('will-navigate', url), open(url)]).toEqual([url, true, 'deny'])
  expect([prevented('will-navigate', `${APP_ORIGIN}/index.html`), open(`${APP_ORIGIN}/index.html`)]).toEqual([false, 'deny'])
  expect(prevented('will-attach-webview', 'https://example.com/')).toBe(true)
})
test('every permission is denied', () => {
  denyPermissions()
  expect(electron.denied).toEqual([false, false])
})
test('the content security policy allows our scripts only, and no page around ours', () => {
  expect(pageHeaders('index.html')['content-security-policy']).toBe(CSP)
  for (const rule of ["default-src 'none'", "script-src 'self'", "connect-src 'self'", "frame-ancestors 'none'"])
    expect(CSP.split('; ')).toContain(rule)
  expect(CSP).not.toMatch(/unsafe|https?:|\*/)
})
test('no address is opened outside of the program', () => {
  for (const source of sources('src')) expect(source).not.toMatch(/openExternal|<webview/)
})
test('every message of a page to the shell is checked for its sender', () => {
  const handlers = sources('src/main').flatMap((source) => source.match(/ipcMain\.(?:on|handle)\([^]*?\n(?= {0,2}\S)/g) ?? [])
  expect(handlers.length).toBeGreaterThanOrEqual(3)
  for (const handler of handlers) expect(handler).toContain('isTrusted(event)')
})
test('the fuses leave no way to run other code in the program, and Electron has an exact version', () => {
  const fuses = /electronFuses:\n((?: {2}.*\n)+)/.exec(text('electron-builder.yml'))?.[1] ?? ''
  expect(Object.fromEntries([...fuses.matchAll(/(\w+): (\w+)/g)].map(([, name, value]) => [name, value]))).toEqual({
    runAsNode: 'false',
    enableCookieEncryption: 'true',
    enableNodeOptionsEnvironmentVariable: 'false',
    enableNodeCliInspectArguments: 'false',
    enableEmbeddedAsarIntegrityValidation: 'true',
    onlyLoadAppFromAsar: 'true',
    grantFileProtocolExtraPrivileges: 'false',
  })
  const { devDependencies } = JSON.parse(text('package.json')) as { devDependencies: Record<string, string> }
  expect(devDependencies['electron']).toMatch(/^\d+\.\d+\.\d+$/)
})

test('docs/security.md names files and tests that exist', () => {
  const page = text('docs/security.md')
  const files = [...page.matchAll(/`((?:src|test|scripts|\.github)\/[^`\s]+|electron-builder\.yml)`/g)].map(([, path]) => path ?? '')
  expect(files.length).toBeGreaterThan(30)
  for (const path of files) expect(() => readdirSync(join(root, path, '..')).includes(path), path).not.toThrow()
  for (const [, path = '', titles = ''] of page.matchAll(/`(test\/[^`]+\.ts)`: ((?:_[^_]+_(?:, )?)+)/g))
    for (const [, title = ''] of titles.matchAll(/_([^_]+)_/g)) expect(text(path), `${path}: ${title}`).toContain(title)
})
