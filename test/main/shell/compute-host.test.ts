import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test, vi } from 'vitest'
import type { ToEngine } from '../../../src/contract/shell.ts'
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

/** A host of processes that would run for ever; `exits` are those that have ended. */
async function host() {
  const { ComputeHost } = await import('../../../src/main/shell/compute-host.ts')
  const entry = join(scratch(), 'forever.mjs')
  writeFileSync(entry, 'setInterval(() => undefined, 1000)')
  const exits: number[] = []
  const computes = new ComputeHost(entry)
  return { computes, exits, tell: (m: ToEngine) => void (m.t === 'compute-exit' && exits.push(m.id)) }
}

test('a process that is cancelled before it has an id dies as soon as it has one', async () => {
  const { computes, exits, tell } = await host()
  computes.spawn(1, tell)
  computes.kill(1)
  await expect.poll(() => exits, { timeout: 5000 }).toEqual([1])
})

test('with the engine gone they all die, whatever state they are in', async () => {
  const { computes, exits, tell } = await host()
  computes.spawn(1, tell)
  await new Promise((resolve) => setTimeout(resolve, 300))
  computes.spawn(2, tell)
  computes.killAll()
  computes.kill(1)
  await expect.poll(() => [...exits].sort(), { timeout: 5000 }).toEqual([1, 2])
  computes.kill(1)
})
