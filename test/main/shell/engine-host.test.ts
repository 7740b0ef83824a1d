import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, onTestFinished, test, vi } from 'vitest'
import type { ToEngine } from '../../../src/contract/bridge.ts'
import { RpcClient } from '../../../src/contract/rpc.ts'
import type { Port } from '../../standin/port.ts'
import { killUtilities } from '../../standin/utility-process.ts'
import { codeOf, scratch, tinyProject } from '../../support/project.ts'

/** The keychain of the system and the answers of the analyst, as Electron shows them. */
const system = vi.hoisted(() => {
  const state = { backend: 'gnome_libsecret', available: true, answer: 1, asked: [] as string[] }
  const turned = (text: string): string => text.replace(/./gs, (c) => String.fromCharCode(c.charCodeAt(0) ^ 1))
  return {
    state,
    safeStorage: {
      getSelectedStorageBackend: () => state.backend,
      isAsyncEncryptionAvailable: () => Promise.resolve(state.available),
      encryptStringAsync: (text: string) => Promise.resolve(Buffer.from(turned(text))),
      decryptStringAsync: (bytes: Buffer) => Promise.resolve({ result: turned(bytes.toString()), shouldReEncrypt: false }),
    },
    dialog: {
      showMessageBox: ({ message }: { message: string }) => (state.asked.push(message), Promise.resolve({ response: state.answer })),
    },
  }
})

vi.mock('electron', async () => {
  const { channel } = await import('../../standin/port.ts')
  const { utilityProcess } = await import('../../standin/utility-process.ts')
  class MessageChannelMain {
    readonly #ports = channel()
    readonly port1 = this.#ports.port1
    readonly port2 = this.#ports.port2
  }
  return { utilityProcess, MessageChannelMain, safeStorage: system.safeStorage, dialog: system.dialog }
})

/** A host of processes that create the file `running` and then run until they are killed; `exits` are those that have ended. */
async function host() {
  const { ProcessHost } = await import('../../../src/main/shell/engine-host.ts')
  const entry = join(scratch(), 'forever.mjs')
  const running = join(entry, '../running')
  writeFileSync(
    entry,
    `import { writeFileSync } from 'node:fs'; writeFileSync(${JSON.stringify(running)}, ''); setInterval(() => {}, 1000)`,
  )
  const exits: number[] = []
  const processes = new ProcessHost(() => entry)
  return { processes, running, exits, tell: (m: ToEngine) => void (m.t === 'process-exit' && exits.push(m.id)) }
}

test('a process that is cancelled before it has an id is killed as soon as it has one', async () => {
  const { processes, exits, tell } = await host()
  processes.spawn('compute', 1, tell)
  processes.kill(1)
  await expect.poll(() => exits, { timeout: 5000 }).toEqual([1])
})

test('all processes are killed when the engine ends, whatever their state', async () => {
  const { processes, running, exits, tell } = await host()
  processes.spawn('compute', 1, tell)
  await expect.poll(() => existsSync(running), { timeout: 10_000 }).toBe(true)
  processes.spawn('job', 2, tell)
  processes.killAll()
  processes.kill(1)
  await expect.poll(() => [...exits].sort(), { timeout: 5000 }).toEqual([1, 2])
  processes.kill(1)
})

/** An engine in a process of its own behind the shell's {@link EngineHost}, and a page that calls it as the window does. */
async function desktop() {
  const { EngineHost } = await import('../../../src/main/shell/engine-host.ts')
  const folder = scratch()
  const open = await tinyProject(folder, ['a: Drama'])
  const gone: unknown[] = []
  const engine = new EngineHost({ dataDir: join(folder, 'data'), open, onProject: () => undefined, onProblem: () => undefined })
  onTestFinished(() => engine.quit())
  let given: (port: Port) => void = () => undefined
  const contents = {
    isDestroyed: () => false,
    send: (_channel: string, why: unknown) => void gone.push(why),
    postMessage: (_channel: string, _message: unknown, [port]: Port[]) => given(port!),
  }
  const connect = async (): Promise<RpcClient> => {
    const arrived = new Promise<Port>((resolve) => (given = resolve))
    engine.connect(contents as never)
    const port = await arrived
    const page = new RpcClient({ post: (m) => port.postMessage(m), onMessage: (l) => void port.on('message', (e) => l(e.data)) })
    port.start()
    return page
  }
  return { folder, engine, gone, connect }
}

test('the page may name a path once the analyst has chosen it, also after the engine was started again', async () => {
  const { folder, engine, gone, connect } = await desktop()
  const chosen = join(folder, 'tiny.csv')
  const asked = async (page: RpcClient, path: string): Promise<string> => codeOf(() => page.call('import.inspect', { paths: [path] }))
  const page = await connect()
  expect(await asked(page, chosen)).toBe('not-allowed-here')
  expect(await codeOf(() => page.call('export.run', { what: 'catalogue', path: chosen }))).toBe('not-allowed-here')
  // a second grant of the same path is answered as well
  await Promise.all([engine.grant(chosen, 'read'), engine.grant(chosen, 'read')])
  expect([await asked(page, chosen), await asked(page, join(folder, 'other.csv'))]).toEqual(['none', 'not-allowed-here'])
  expect(killUtilities('Reelabel engine')).toBe(1)
  await expect.poll(() => gone, { timeout: 20_000 }).toMatchObject([{ restarting: true }])
  const again = await connect()
  expect([await asked(again, chosen), await asked(again, join(folder, 'other.csv'))]).toEqual(['none', 'not-allowed-here'])
})

test("keys of services are encrypted with the system's keychain; a new address is confirmed outside of the page", async () => {
  const { folder, connect } = await desktop()
  const page = await connect()
  const file = join(folder, 'data', 'service-keys.json')
  const set = (url: string) => page.call('services.set', { name: 'a', values: { url, model: 'm' } })
  system.state.answer = 0
  expect(await codeOf(() => set('https://evil.example/v1'))).toBe('address-refused')
  system.state.answer = 1
  await set('https://example.com/v1')
  expect(system.state.asked).toEqual(['evil.example', 'example.com'].map((at) => `May the service at ${at} be used?`))
  expect(await page.call('services.key', { name: 'a', key: 'sk-secret' })).toMatchObject({
    services: [{ key: 'keychain' }],
    keychain: { problem: null },
  })
  expect(readFileSync(file, 'utf8')).not.toContain('sk-secret')
  system.state.available = false
  expect(await codeOf(() => page.call('services.key', { name: 'a', key: 'sk-other' }))).toBe('no-keychain')
  system.state.available = true
})

test.runIf(process.platform === 'linux')('on Linux, plain text storage is refused', async () => {
  const { folder, connect } = await desktop()
  const page = await connect()
  await page.call('services.set', { name: 'a', values: { url: 'https://example.com/v1', model: 'm' } })
  for (const backend of ['basic_text', 'unknown']) {
    system.state.backend = backend
    expect(await codeOf(() => page.call('services.key', { name: 'a', key: 'sk-secret' })), backend).toBe('no-keychain')
  }
  expect((await page.call('services.list', {})).keychain.problem).toMatch(/no keychain such as GNOME Keyring/)
  system.state.backend = 'gnome_libsecret'
  expect(existsSync(join(folder, 'data', 'service-keys.json'))).toBe(false)
})
