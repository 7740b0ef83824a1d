import { join, resolve } from 'node:path'
import { expect, test, vi } from 'vitest'
import { APP_ORIGIN, CHANNELS } from '../../../src/contract/bridge.ts'

type Handler = (event: unknown, ...args: unknown[]) => Promise<unknown>
const electron = vi.hoisted(() => ({
  handlers: new Map<string, Handler>(),
  answer: { canceled: false, filePath: '' },
  asked: [] as { readonly defaultPath: string }[],
}))
vi.mock('electron', () => ({
  app: { getPath: () => '/documents' },
  ipcMain: { handle: (channel: string, handler: Handler) => electron.handlers.set(channel, handler) },
  dialog: {
    showSaveDialog: (_window: unknown, options: { readonly defaultPath: string }) => {
      electron.asked.push(options)
      return Promise.resolve(electron.answer)
    },
  },
}))
const { handleChosenFiles, handleSaveDialog } = await import('../../../src/main/shell/window.ts')

const page = { senderFrame: { url: `${APP_ORIGIN}/index.html`, parent: null } }
const stranger = { senderFrame: { url: 'https://example.com/', parent: null } }
const granted: string[] = []
const grant = (path: string, use: string): Promise<void> => Promise.resolve(void granted.push(`${use} ${path}`))
handleSaveDialog({} as never, grant)
handleChosenFiles(grant)
const send = (channel: string, ...args: unknown[]): Promise<unknown> => electron.handlers.get(channel)!(page, ...args)
const since = async (work: () => Promise<unknown>): Promise<{ answer: unknown; granted: string[] }> => {
  granted.length = 0
  const answer = await work().catch((error: unknown) => String(error))
  return { answer, granted: [...granted] }
}
const FILE = resolve('/films/models/mine/onnx/model.onnx')

test.each<[string, readonly unknown[], readonly string[]]>([
  ['a file', [resolve('/films/x.csv'), 0], [`read ${resolve('/films/x.csv')}`]],
  ['a project', [resolve('/films/X.REEL'), 0], [`project ${resolve('/films/X.REEL')}`]],
  ['a file of a chosen folder', [FILE, 2], [`read ${FILE}`, `read ${resolve('/films/models/mine')}`]],
])('%s that was dropped or picked is granted', async (_what, args, expected) =>
  expect(await since(() => send(CHANNELS.file, ...args))).toEqual({ answer: undefined, granted: expected }),
)
test.each([
  ['no path', [1, 0]],
  ['a relative path', ['x.csv', 0]],
  ['a long path', [resolve('/', 'x'.repeat(5000)), 0]],
  ['levels below the file', [FILE, -1]],
  ['half a level', [FILE, 0.5]],
  ['countless levels', [FILE, 1e9]],
  ['no levels', [FILE]],
])('%s is refused', async (_what, args) =>
  expect(await since(() => send(CHANNELS.file, ...args))).toEqual({ answer: expect.stringContaining('expected') as string, granted: [] }),
)
test('the place that was chosen for a file is granted; a cancelled dialog grants nothing', async () => {
  electron.answer = { canceled: false, filePath: '/out/x.csv' }
  expect(await since(() => send(CHANNELS.save, '../../x.csv'))).toEqual({ answer: '/out/x.csv', granted: ['write /out/x.csv'] })
  expect(electron.asked.at(-1)).toEqual({ defaultPath: join('/documents', 'x.csv') })
  electron.answer = { canceled: true, filePath: '/out/y.csv' }
  expect(await since(() => send(CHANNELS.save, 'y.csv'))).toEqual({ answer: null, granted: [] })
})
test('another sender than our page is refused', async () => {
  for (const [channel, ...args] of [
    [CHANNELS.save, 'x.csv'],
    [CHANNELS.file, FILE, 0],
  ] as const)
    expect(await since(() => electron.handlers.get(channel)!(stranger, ...args))).toEqual({
      answer: 'Error: untrusted sender',
      granted: [],
    })
})
