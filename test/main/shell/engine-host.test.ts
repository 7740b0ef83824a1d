import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, onTestFinished, test, vi } from 'vitest'
import type { ToEngine } from '../../../src/contract/bridge.ts'
import { RpcClient } from '../../../src/contract/rpc.ts'
import type { Port } from '../../standin/port.ts'
import { killUtilities } from '../../standin/utility-process.ts'
import { codeOf, scratch, tinyProject } from '../../support/project.ts'

vi.mock('electron', async () => {
  const { channel } = await import('../../standin/port.ts')
  const { utilityProcess } = await import('../../standin/utility-process.ts')
  class MessageChannelMain {
    readonly #ports = channel()
    readonly port1 = this.#ports.port1
    readonly port2 = this.#ports.port2
  }
  return { utilityProcess, MessageChannelMain }
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
