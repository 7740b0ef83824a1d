import { app, BrowserWindow, dialog, nativeTheme } from 'electron'
import { APP_ORIGIN } from '../../contract/shell.ts'

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
