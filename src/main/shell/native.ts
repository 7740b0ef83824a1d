/** Functions of the system that the page may use: menu bar, dialogs, folders, progress, notifications. Every argument is checked. */
import { join } from 'node:path'
import { ipcMain, Notification, shell, type BrowserWindow } from 'electron'
import { z } from 'zod'
import { CHANNELS } from '../../contract/bridge.ts'
import { MENU } from '../../contract/menu.ts'
import type { ProgramFolder } from '../../contract/settings.ts'
import { setMenu } from './menu.ts'
import { isTrusted } from './security.ts'

/** Folders of the program in its data folder. */
const FOLDERS: Readonly<Record<ProgramFolder['id'], string>> = {
  data: '',
  projects: 'projects',
  deleted: join('projects', 'deleted'),
  models: 'models',
  runs: 'runs',
  cache: 'cache',
}
const FOLDER = z.enum(Object.keys(FOLDERS) as [ProgramFolder['id'], ...ProgramFolder['id'][]])
const FRACTION = z.number().min(0).max(1).nullable()
const NOTICE = z.tuple([z.string().min(1).max(200), z.string().max(1000)])

/** Receives a message of the page. Messages of other senders, and arguments that do not fit, are refused without an answer. */
function receive<T>(channel: string, schema: z.ZodType<T>, act: (value: T) => void): void {
  ipcMain.on(channel, (event, ...args: unknown[]) => {
    const parsed = schema.safeParse(schema instanceof z.ZodTuple ? args : args[0])
    if (isTrusted(event) && parsed.success) act(parsed.data)
  })
}

/** @param send tells the page which item of the menu was chosen */
export function serveNative(window: BrowserWindow, dataDir: string, send: (action: string) => void, openProject: () => void): void {
  setMenu({}, send)
  receive(CHANNELS.setMenu, MENU, (menu) => setMenu(menu, send))
  receive(CHANNELS.openProject, z.undefined(), openProject)
  receive(CHANNELS.openFolder, FOLDER, (folder) => void shell.openPath(join(dataDir, FOLDERS[folder])))
  receive(CHANNELS.progress, FRACTION, (fraction) => {
    if (!window.isDestroyed()) window.setProgressBar(fraction ?? -1)
  })
  receive(CHANNELS.notify, NOTICE, ([title, body]) => {
    if (window.isDestroyed() || window.isFocused() || !Notification.isSupported()) return
    const notification = new Notification({ title, body })
    notification.on('click', () => window.show())
    notification.show()
  })
}
