import { app, BrowserWindow, dialog, nativeTheme, ipcMain, screen } from 'electron'
import { basename, isAbsolute, join, resolve } from 'node:path'
import { APP_ORIGIN, CHANNELS, type PathGrant } from '../../contract/bridge.ts'
import { beginPlace, keepPlace, keptPlace, MIN_SIZE } from './bounds.ts'
import { isProject } from './project-argument.ts'
import { isTrusted } from './security.ts'

/** The page's two backgrounds, shown until the page has painted. */
const BACKGROUND = { light: '#f7f7f8', dark: '#16171a' } as const

/** @param placeFile where the window's size and place are kept */
export function openWindow(preload: string, placeFile: string): BrowserWindow {
  const areas = screen.getAllDisplays().map(({ workArea }) => workArea)
  const { maximised, ...place } = beginPlace(keptPlace(placeFile), areas)
  const window = new BrowserWindow({
    ...place,
    minWidth: MIN_SIZE.width,
    minHeight: MIN_SIZE.height,
    title: 'Reelabel',
    backgroundColor: BACKGROUND[nativeTheme.shouldUseDarkColors ? 'dark' : 'light'],
    webPreferences: {
      preload,
      contextIsolation: true,
      sandbox: true,
      nodeIntegration: false,
      webSecurity: true,
      spellcheck: false,
      devTools: !app.isPackaged,
    },
  })
  if (maximised) window.maximize()
  keepPlace(window, placeFile)
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

/** Tells the engine that the analyst chose a path; the page receives the path after that. */
export type Grant = (path: string, grant: PathGrant) => Promise<unknown>

/** Handles the window's request to ask where an export is saved. */
export function handleSaveDialog(window: BrowserWindow, grant: Grant): void {
  ipcMain.handle(CHANNELS.save, async (event, name: unknown) => {
    if (!isTrusted(event)) throw new Error('untrusted sender')
    if (typeof name !== 'string' || name.length > MAX_NAME) throw new Error('a file name is expected')
    const { canceled, filePath } = await dialog.showSaveDialog(window, { defaultPath: join(app.getPath('documents'), basename(name)) })
    if (canceled || filePath === '') return null
    await grant(filePath, 'write')
    return filePath
  })
}

const MAX_PATH = 4096
const MAX_LEVELS = 100

/**
 * Handles the preload's messages about files that the analyst dropped or picked: only the preload knows their paths. `levels` of the
 * folders above the file belong to a folder that was chosen as a whole.
 */
export function handleChosenFiles(grant: Grant): void {
  ipcMain.handle(CHANNELS.file, async (event, path: unknown, levels: unknown) => {
    if (!isTrusted(event)) throw new Error('untrusted sender')
    if (typeof path !== 'string' || !isAbsolute(path) || path.length > MAX_PATH) throw new Error('a path is expected')
    if (!Number.isInteger(levels) || (levels as number) < 0 || (levels as number) > MAX_LEVELS) throw new Error('levels are expected')
    await grant(path, isProject(path) ? 'project' : 'read')
    if ((levels as number) > 0) await grant(resolve(path, ...new Array<string>(levels as number).fill('..')), 'read')
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
