import { basename, join } from 'node:path'
import { app, dialog, ipcMain, type BrowserWindow } from 'electron'
import { CHANNELS } from '../../contract/bridge.ts'
import { isTrusted } from './security.ts'

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
