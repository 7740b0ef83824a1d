import { app, BrowserWindow, dialog, nativeTheme, ipcMain } from 'electron'
import { APP_ORIGIN } from '../../contract/bridge.ts'
import { basename, join } from 'node:path'
import { CHANNELS } from '../../contract/bridge.ts'
import { isTrusted } from './security.ts'

/** The page's two backgrounds, shown until the page has painted. */
const BACKGROUND = { light: '#f7f7f8', dark: '#16171a' } as const

export function openWindow(preload: string): BrowserWindow {
  const window = new BrowserWindow({
    width: 1280,
    height: 800,
    minWidth: 720,
    minHeight: 480,
    title: 'Reelabel',
    backgroundColor: BACKGROUND[nativeTheme.shouldUseDarkColors ? 'dark' : 'light'],
    webPreferences: { preload, contextIsolation: true, sandbox: true, nodeIntegration: false, webSecurity: true, spellcheck: false },
  })
  window.webContents.on('render-process-gone', (_e, { reason }) => {
    if (reason !== 'clean-exit') void offerReload(window, reason)
  })
  void window.loadURL(`${APP_ORIGIN}/index.html`)
  return window
}

async function offerReload(window: BrowserWindow, reason: string): Promise<void> {
  const { response } = await dialog.showMessageBox(window, {
    type: 'error',
    message: `The window stopped (${reason}). Every decision it had confirmed is saved.`,
    buttons: ['Reload', 'Close'],
    cancelId: 1,
  })
  if (response === 0) window.reload()
  else window.close()
}

/** Brings the window to the front, for a second start of the app. */
export function raise(window: BrowserWindow): void {
  if (window.isMinimized()) window.restore()
  window.focus()
}

export function setTitle(window: BrowserWindow, project: string): void {
  if (!window.isDestroyed()) window.setTitle(`${project} – Reelabel`)
}

/** Runs `last` once before the app quits, whatever makes it quit. */
export function quitAfter(last: () => Promise<void>): void {
  let done = false
  app.on('will-quit', (e) => {
    if (done) return
    e.preventDefault()
    void last().finally(() => {
      done = true
      app.quit()
    })
  })
}

const MAX_NAME = 255

/** Handles the window's request to ask where an export is saved. */
export function handleSaveDialog(window: BrowserWindow): void {
  ipcMain.handle(CHANNELS.save, async (event, name: unknown) => {
    if (!isTrusted(event)) throw new Error('untrusted sender')
    if (typeof name !== 'string' || name.length > MAX_NAME) throw new Error('a file name is expected')
    const { canceled, filePath } = await dialog.showSaveDialog(window, { defaultPath: join(app.getPath('documents'), basename(name)) })
    return canceled || filePath === '' ? null : filePath
  })
}

/** Asks for a project file; null if the analyst cancels. */
export async function chooseProject(window: BrowserWindow): Promise<string | null> {
  const { filePaths } = await dialog.showOpenDialog(window, {
    title: 'Open project',
    properties: ['openFile'],
    filters: [{ name: 'Reelabel project', extensions: ['reel'] }],
  })
  return filePaths[0] ?? null
}

export function showProblem(window: BrowserWindow, message: string): void {
  void dialog.showMessageBox(window, { type: 'error', message, buttons: ['OK'] })
}
