import { expect, test } from 'vitest'
import type { ComputeReply, ComputeRequest } from '../../../src/contract/jobs.ts'
import type { FromEngine } from '../../../src/contract/bridge.ts'
import { forkProcess, RemoteProcesses } from '../../../src/main/processes/work-process.ts'
import { channel } from '../../standin/port.ts'

const progress = (done: number): ComputeReply => ({ t: 'progress', done, total: 2, phase: '' })
/** One process as the engine sees it; `far` is the process's own end of the channel. */
function make() {
  const told: FromEngine[] = []
  const processes = new RemoteProcesses((m) => told.push(m))
  const process = processes.spawn('compute')
  const seen: unknown[] = []
  process.onMessage((m) => seen.push(m))
  process.onExit((code) => seen.push(`exit ${code}`))
  const { port1, port2: far } = channel()
  return { told, processes, process, seen, far, connect: () => processes.connect(1, port1 as never) }
}

test('messages posted before the process exists arrive in order', async () => {
  const { process, far, connect } = make()
  const got: unknown[] = []
  far.on('message', ({ data }) => got.push((data as { run: number }).run))
  far.start()
  process.post({ run: 1 } as ComputeRequest)
  connect()
  process.post({ run: 2 } as ComputeRequest)
  await expect.poll(() => got).toEqual([1, 2])
})
test('the exit is reported after the last message', async () => {
  const { processes, seen, far, connect } = make()
  connect()
  far.postMessage(progress(1))
  far.postMessage(progress(2))
  far.close()
  processes.exited(1, 3)
  await expect.poll(() => seen).toEqual([progress(1), progress(2), 'exit 3'])
})
test('a process that never started exits all the same', async () => {
  const { processes, seen } = make()
  processes.exited(1, 1)
  await expect.poll(() => seen).toEqual(['exit 1'])
})
test('the shell is asked to start and to kill it', () => {
  const { told, process } = make()
  process.kill()
  expect(told).toEqual([
    { t: 'spawn', kind: 'compute', id: 1 },
    { t: 'kill', id: 1 },
  ])
})

test.each(['compute', 'job'] as const)('the exit of a killed %s process is reported once', async (kind) => {
  const child = forkProcess(kind)
  const exits: (number | null)[] = []
  const gone = new Promise<void>((resolve) =>
    child.onExit((code) => {
      exits.push(code)
      resolve()
    }),
  )
  child.kill()
  child.kill()
  await gone
  expect(exits).toEqual([null])
  // a message to a process that has ended is not an error
  child.post({} as never)
  await new Promise((resolve) => setImmediate(resolve))
  expect(exits).toEqual([null])
})
