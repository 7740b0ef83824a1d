/** What the page may ask of the system. */
import { join } from 'node:path'
import { beforeEach, expect, test, vi } from 'vitest'
import { APP_ORIGIN, CHANNELS } from '../../../src/contract/bridge.ts'

type Listener = (event: unknown, ...args: unknown[]) => void
const electron = vi.hoisted(() => ({ listeners: new Map<string, Listener>(), did: [] as unknown[][] }))
vi.mock('electron', () => ({
  app: { isPackaged: true },
  ipcMain: { on: (channel: string, listener: Listener) => electron.listeners.set(channel, listener) },
  Menu: {
    buildFromTemplate: (template: unknown) => template,
    setApplicationMenu: (menu: unknown[]) => electron.did.push(['menu', menu.length]),
  },
  shell: { openPath: (path: string) => Promise.resolve(electron.did.push(['open', path])) },
  Notification: class {
    static isSupported = () => true
    constructor(private readonly options: { readonly title: string; readonly body: string }) {}
    on = () => undefined
    show = () => electron.did.push(['notify', this.options.title, this.options.body])
  },
}))
const { serveNative } = await import('../../../src/main/shell/native.ts')

const window = {
  focused: false,
  isDestroyed: () => false,
  isFocused: () => window.focused,
  setProgressBar: (n: number) => electron.did.push(['progress', n]),
}
serveNative(
  window as never,
  '/data',
  () => undefined,
  () => electron.did.push(['open project']),
)
const page = { senderFrame: { url: `${APP_ORIGIN}/index.html`, parent: null } }
const stranger = { senderFrame: { url: 'https://example.com/', parent: null } }
const sent = (channel: string, args: readonly unknown[], from: unknown = page): unknown[][] => {
  electron.did.length = 0
  electron.listeners.get(channel)!(from, ...args)
  return [...electron.did]
}
beforeEach(() => (window.focused = false))

const ASKED: readonly (readonly [channel: string, args: readonly unknown[], does: readonly unknown[]])[] = [
  [CHANNELS.setMenu, [{ file: [[{ id: 'open', title: 'Open', key: null }]] }], ['menu', 4]],
  [CHANNELS.openProject, [], ['open project']],
  [CHANNELS.openFolder, ['deleted'], ['open', join('/data', 'projects', 'deleted')]],
  [CHANNELS.progress, [0.5], ['progress', 0.5]],
  [CHANNELS.progress, [null], ['progress', -1]],
  [CHANNELS.notify, ['Training: done', 'Run 2.'], ['notify', 'Training: done', 'Run 2.']],
]
test.each(ASKED)('%s %j', (channel, args, does) => {
  if (process.platform === 'darwin' && channel === CHANNELS.setMenu) return
  expect(sent(channel, args)).toEqual([does])
  expect(sent(channel, args, stranger)).toEqual([])
})
test.each([
  [CHANNELS.setMenu, ['File']],
  [CHANNELS.setMenu, [{ file: [[{ id: 'x', title: 'x', key: null, role: 'quit' }]] }]],
  [CHANNELS.openFolder, ['../../etc']],
  [CHANNELS.openFolder, ['__proto__']],
  [CHANNELS.progress, [2]],
  [CHANNELS.notify, ['', 'x']],
  [CHANNELS.notify, ['x']],
])('%s %j is refused', (channel, args) => expect(sent(channel, args)).toEqual([]))
test('a window in front shows no notification', () => {
  window.focused = true
  expect(sent(CHANNELS.notify, ['Training: done', ''])).toEqual([])
})
