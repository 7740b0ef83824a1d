import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test, vi } from 'vitest'
import type { ToEngine } from '../../../src/contract/bridge.ts'
import { scratch } from '../../support/project.ts'

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
