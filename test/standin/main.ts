/**
 * Replaces the `electron` module in the main process. It has only the parts that this app uses: an import of anything else fails at link
 * time. It proves nothing about Electron's real sandbox, native widgets and other systems.
 */
import { app } from './app.ts'
import { channel, type Port } from './port.ts'
import { killUtilities } from './utility-process.ts'
import { BrowserWindow, closeBrowser, prevented, privileged, windows } from './web-contents.ts'

export { app } from './app.ts'
export { utilityProcess } from './utility-process.ts'
export { BrowserWindow, ipcMain, protocol } from './web-contents.ts'

interface MenuItem {
  readonly id?: string
  readonly label?: string
  readonly role?: string
  readonly submenu?: readonly MenuItem[]
  click?(): void
}
/** What the app did, for the tests. */
const seen = {
  windows,
  privileged,
  prevented,
  menu: [] as readonly MenuItem[],
  dialogs: [] as unknown[],
  permissions: [] as string[],
  folders: [] as string[],
  focused: 0,
}
/** Results of the next dialogs, in order. */
const answers: unknown[] = []
const ask = <T>(kind: string, options: unknown, otherwise: T): Promise<T> => {
  seen.dialogs.push({ kind, options })
  return Promise.resolve((answers.shift() as T | undefined) ?? otherwise)
}

export const session = {
  defaultSession: {
    setPermissionRequestHandler: (handler: (contents: unknown, permission: string, answer: (ok: boolean) => void) => void): void =>
      handler(null, 'notifications', (ok) => seen.permissions.push(`request ${ok}`)),
    setPermissionCheckHandler: (handler: () => boolean): void => void seen.permissions.push(`check ${handler()}`),
  },
}
export const screen = { getAllDisplays: () => [{ workArea: { x: 0, y: 0, width: 1920, height: 1080 } }] }
export const shell = { openPath: (path: string) => Promise.resolve(void seen.folders.push(path)).then(() => '') }
export const Notification = { isSupported: (): boolean => false }
export const nativeTheme = { shouldUseDarkColors: false }
export const dialog = {
  showSaveDialog: (_w: unknown, options: unknown) => ask('save', options, { canceled: true, filePath: '' }),
  showOpenDialog: (_w: unknown, options: unknown) => ask('open', options, { canceled: true, filePaths: [] as string[] }),
  showMessageBox: (...args: unknown[]) => ask('message', args.at(-1), { response: 0 }),
}
/** A system without a keychain: Electron would encrypt with a password that everybody knows. */
export const safeStorage = {
  getSelectedStorageBackend: (): string => 'basic_text',
  isAsyncEncryptionAvailable: (): Promise<boolean> => Promise.resolve(false),
}
export const Menu = {
  buildFromTemplate: (template: readonly MenuItem[]): readonly MenuItem[] => template,
  setApplicationMenu: (menu: readonly MenuItem[]): void => void (seen.menu = menu),
}
export class MessageChannelMain {
  readonly port1: Port
  readonly port2: Port
  constructor() {
    const { port1, port2 } = channel()
    this.port1 = port1
    this.port2 = port2
  }
}

app.cleanUp = async () => {
  killUtilities()
  await closeBrowser()
}
const findItem = (items: readonly MenuItem[], id: string): MenuItem | undefined =>
  items.map((i) => (i.id === id ? i : findItem(i.submenu ?? [], id))).find((i) => i !== undefined)

/** The test's own channel to this process. */
const ASKS: Readonly<Record<string, (value: never) => unknown>> = {
  seen: () => seen,
  answer: (value: unknown) => answers.push(value),
  kill: (name: string) => killUtilities(name),
  menu: (id: string) => findItem(seen.menu, id)?.click?.(),
  secondInstance: ({ argv, workingDirectory }: { argv: string[]; workingDirectory: string }) => {
    for (const w of BrowserWindow.getAllWindows()) w.once('focus', () => seen.focused++)
    app.emit('second-instance', {}, argv, workingDirectory)
  },
  quit: () => app.quit(),
}
process.on('message', (m: { id: number; ask: string; value?: unknown }) => {
  const value = ASKS[m.ask]?.(m.value as never) ?? null
  process.send?.({ id: m.id, value: JSON.parse(JSON.stringify(value)) as unknown })
})
process.on('disconnect', () => void app.exit())
