/** The scenario on the built main side, preload and engine, unchanged, with a stand-in for the `electron` module. */
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Bridge } from '../../src/contract/bridge.ts'
import { m } from '../../src/renderer/messages/index.ts'
import { launch, type Launched } from '../standin/launch.ts'
import { watch, type Driver } from './driver.ts'
import { scenario } from './scenario.ts'

const MAIN = join(import.meta.dirname, '../../out/main/index.js')
const data = mkdtempSync(join(tmpdir(), 'reelabel-standin-'))
const env = { REELABEL_DATA: join(data, 'projects'), STANDIN_USER_DATA: data }
interface Seen {
  readonly windows: readonly { readonly title: string; readonly backgroundColor?: string; readonly webPreferences: object }[]
  readonly dialogs: readonly { readonly kind: string; readonly options: { readonly message?: string; readonly defaultPath?: string } }[]
  readonly permissions: readonly string[]
  readonly focused: number
  readonly prevented: readonly string[]
}
/** The bridge as the page has it. */
type Page = Window & { readonly reelabel: Bridge }

/** Asks the engine over a port of its own, as the page does; a stopped engine is told in its place. */
const call = (method: string, args: unknown): Promise<{ readonly ok: boolean }> =>
  app.page.evaluate(
    ([name, given]) =>
      new Promise<{ readonly ok: boolean }>((resolve) => {
        const { reelabel } = window as unknown as Page
        reelabel.onDisconnect(({ message }) => resolve({ ok: false, ...{ error: { code: 'engine-stopped', message } } }))
        window.addEventListener('message', function receive(e) {
          const [port] = e.ports
          if (e.data !== 'reelabel:port' || !port) return
          window.removeEventListener('message', receive)
          // where the page connects at the same time it is the page's port, too: its replies have other ids
          const id = 987_654_321
          port.addEventListener('message', ({ data }) => {
            const reply = data as { readonly t: string; readonly id: number; readonly ok: boolean }
            if (reply.t === 'res' && reply.id === id) resolve(reply)
          })
          port.start()
          port.postMessage({ t: 'req', id, method: name, args: given })
        })
        reelabel.connect()
      }),
    [method, args] as const,
  )

let app: Launched
let driver: Driver
let errors: string[]
const seen = (): Promise<Seen> => app.ask<Seen>('seen')
const project = () => driver.page.getByRole('button', { name: /^Project: (?!none)/ })

beforeAll(async () => {
  app = await launch(MAIN, [], env)
  errors = watch(app.page)
  driver = {
    page: app.page,
    saved: async (act) => {
      const filePath = join(data, 'saved.csv')
      rmSync(filePath, { force: true })
      await app.ask('answer', { canceled: false, filePath })
      await act()
      // files are written atomically
      await expect.poll(() => existsSync(filePath), { timeout: 30_000 }).toBe(true)
      return readFileSync(filePath, 'utf8')
    },
    killCompute: async () => {
      await expect.poll(() => app.ask('kill', 'Reelabel compute')).toBe(1)
    },
  }
})
afterAll(async () => {
  await app?.quit()
})

describe('stand-in for electron', () => {
  scenario(() => driver)

  test('the window is made with the safe preferences, and named after the project', async () => {
    const { windows, permissions } = await seen()
    expect(windows).toHaveLength(1)
    expect(windows[0]).toMatchObject({
      backgroundColor: expect.stringMatching(/^#/) as string,
      title: expect.stringMatching(/ – Reelabel$/) as string,
      webPreferences: { contextIsolation: true, sandbox: true, nodeIntegration: false, webSecurity: true },
    })
    expect(permissions).toEqual(['request false', 'check false'])
  })
  test('the page sees the bridge and nothing else of Electron or Node', async () => {
    const globals = await app.page.evaluate(() => {
      const { reelabel } = window as unknown as Page
      return {
        bridge: Object.keys(reelabel).sort(),
        frozen: Object.isFrozen(reelabel),
        leaked: ['require', 'process', 'module', 'ipcRenderer', 'standin_send'].filter((k) => k in window),
      }
    })
    expect(globals).toEqual({
      bridge: [
        'chooseSave',
        'connect',
        'notify',
        'onDisconnect',
        'onMenu',
        'openFolder',
        'openProject',
        'pathForFile',
        'setMenu',
        'setProgress',
      ],
      frozen: true,
      leaked: [],
    })
  })
  test('an error crosses with its code', async () => {
    expect(await call('dropTables', {})).toMatchObject({
      ok: false,
      error: { code: 'no-method', message: expect.stringContaining('dropTables') as string },
    })
  })
  test('the page may name only the paths that the analyst chose', async () => {
    const refused = { ok: false, error: { code: 'not-allowed-here' } }
    expect(await call('import.inspect', { paths: [MAIN] })).toMatchObject(refused)
    const path = join(data, 'chosen.csv')
    expect(await call('export.run', { what: 'catalogue', path })).toMatchObject(refused)
    await app.ask('answer', { canceled: false, filePath: path })
    expect(await app.page.evaluate(() => (window as unknown as Page).reelabel.chooseSave('x.csv'))).toBe(path)
    expect(await call('export.run', { what: 'catalogue', path })).toMatchObject({ ok: true })
    await expect.poll(() => existsSync(path), { timeout: 30_000 }).toBe(true)
    expect(await call('export.run', { what: 'catalogue', path: join(data, 'other.csv') })).toMatchObject(refused)
  })
  test('a report is printed as PDF in a hidden window without scripts, which closes', async () => {
    const path = join(data, 'report.pdf')
    await app.ask('answer', { canceled: false, filePath: path })
    await app.page.evaluate(() => (window as unknown as Page).reelabel.chooseSave('report.pdf'))
    expect(await call('export.run', { what: 'report-pdf', path })).toMatchObject({ ok: true })
    await expect.poll(() => existsSync(path), { timeout: 30_000 }).toBe(true)
    expect(readFileSync(path).subarray(0, 5).toString()).toBe('%PDF-')
    const { windows } = await seen()
    expect(windows.at(-1)).toMatchObject({ show: false, webPreferences: { sandbox: true, javascript: false } })
    expect(app.page.isClosed()).toBe(false)
  })
  test('a frame of another origin is given no port', async () => {
    const ports = await app.page.evaluate(
      () =>
        new Promise<number>((resolve) => {
          const frame = document.createElement('iframe')
          frame.setAttribute('sandbox', 'allow-scripts')
          // it would tell its parent of a port, or of a bridge that it sees
          frame.srcdoc = `<script>onmessage = (e) => parent.postMessage({ told: e.ports.length }, '*'); parent.postMessage({ told: 'reelabel' in window ? 1 : 0 }, '*')</script>`
          let told = 0
          window.addEventListener('message', (e) => {
            if (e.source !== window) told += (e.data as { told: number }).told
            else if (e.data === 'reelabel:port') setTimeout(() => resolve(told), 100)
          })
          frame.onload = () => (window as unknown as Page).reelabel.connect()
          document.body.append(frame)
        }),
    )
    expect(ports).toBe(0)
  })
  test('the menu leads to the screens', async () => {
    await app.ask('menu', 'train')
    await app.page.getByRole('heading', { level: 1, name: 'Train' }).waitFor()
    await app.ask('menu', 'overview')
    await app.page.getByRole('heading', { level: 1, name: 'Overview' }).waitFor()
  })
  test('a project that cannot be opened is told by the shell; nothing happens to the open one', async () => {
    await app.ask('answer', { canceled: false, filePaths: [MAIN] })
    await app.ask('menu', 'open')
    await expect.poll(async () => (await seen()).dialogs.filter((d) => d.kind === 'message').length).toBe(1)
    expect((await seen()).dialogs.find((d) => d.kind === 'message')?.options.message).toMatch(/\w+ \w+/)
    expect(await project().isVisible()).toBe(true)
  })
  test('a second start brings the window to the front', async () => {
    await app.ask('secondInstance', { argv: ['reelabel'], workingDirectory: data })
    expect((await seen()).focused).toBe(1)
  })
  test('a project that a second start names is looked for where that start was made', async () => {
    await app.ask('secondInstance', { argv: ['reelabel', 'films/none.reel'], workingDirectory: data })
    const messages = async () => (await seen()).dialogs.map((d) => d.options.message ?? '')
    await expect.poll(messages, { timeout: 30_000 }).toContainEqual(expect.stringContaining(join(data, 'films/none.reel')))
  })
  test('reload: the new page is served again', async () => {
    await app.page.reload()
    await project().waitFor()
  })
  test('the engine dies: it is started again with the same project, and the window goes on', async () => {
    const name = await project().innerText()
    expect(await app.ask('kill', 'Reelabel engine')).toBe(1)
    await app.page.getByRole('button', { name: m.connection.reconnect }).click()
    await project().waitFor()
    expect(await call('project.info', {})).toMatchObject({ ok: true, value: { name } })
  })
  test('it dies again at once: the window is told, and calls fail instead of waiting', async () => {
    await app.ask('kill', 'Reelabel engine')
    await expect
      .poll(() => call('app.info', {}))
      .toMatchObject({ ok: false, error: { code: 'engine-stopped', message: expect.stringContaining('Restart Reelabel') as string } })
  })
  test('the page has said nothing on its console', () => expect(errors).toEqual([]))
  test('quitting is clean, and what was decided is there the next time', async () => {
    expect(await app.quit()).toBe(0)
    app = await launch(MAIN, [], env)
    await app.page.getByRole('button', { name: /^Project: (?!none)/ }).waitFor()
    expect(await app.quit()).toBe(0)
  })
})

// on a program of its own: some Chromium builds lose the page a moment after it asked for a window that was not made
describe('the way out of the app', () => {
  beforeAll(async () => {
    app = await launch(MAIN, [], env)
    await app.page.getByRole('button', { name: /^Project: (?!none)/ }).waitFor()
  })
  test('leaving the app is prevented', async () => {
    const before = app.page.url()
    await app.page.evaluate(() => void (location.href = 'https://example.com/'))
    await expect.poll(async () => (await seen()).prevented).toEqual(['https://example.com/'])
    expect(app.page.url()).toBe(before)
    expect(await app.page.getByRole('button', { name: /^Project: (?!none)/ }).isVisible()).toBe(true)
  })
  test('no window stays open, and the stand-in has nothing that could open an address outside', async () => {
    await app.page.evaluate(() => void (window.open('https://example.com/help'), window.open('http://example.com/plain')))
    await expect.poll(() => app.page.context().pages().length).toBe(1)
    expect((await seen()).windows).toHaveLength(1)
  })
})
