import { expect, onTestFinished, test, vi } from 'vitest'
import { UserError } from '../../../src/contract/errors.ts'
import type { InferenceReply, InferenceRequest } from '../../../src/contract/jobs.ts'
import { WarmProcess, type RequestOf } from '../../../src/main/processes/warm-process.ts'
import type { SpawnProcess } from '../../../src/main/processes/work-process.ts'

const ASK = {
  t: 'predict',
  model: { family: 'linear', project: 'p', run: 1, createdAt: '' },
  texts: ['x'],
} satisfies RequestOf<'inference'>

const VOID = (): void => undefined
/** Processes that reply when the test tells them to. */
function processes() {
  const started: { asked: InferenceRequest[]; tell: (m: InferenceReply) => void; exit: (code: number | null) => void; killed: boolean }[] =
    []
  const spawn = (() => {
    const process = {
      asked: [] as InferenceRequest[],
      tell: VOID as (m: InferenceReply) => void,
      exit: VOID as (code: number | null) => void,
      killed: false,
    }
    started.push(process)
    return {
      post: (m: InferenceRequest) => void process.asked.push(m),
      onMessage: (l: typeof process.tell) => (process.tell = l),
      onExit: (l: typeof process.exit) => (process.exit = l),
      kill: () => (process.killed = true),
    }
  }) as unknown as SpawnProcess
  return { started, spawn }
}
const reply = (id: number): InferenceReply => ({ t: 'predicted', id, probabilities: Float32Array.of(id) })

const warm = (spawn: SpawnProcess, idleMs?: number) =>
  new WarmProcess('inference', spawn, () => new UserError('inference-died', 'It died.'), idleMs)

test('questions are answered one after another by one process', async () => {
  const { started, spawn } = processes()
  const inference = warm(spawn)
  onTestFinished(() => inference.close())
  const both = [inference.ask(ASK), inference.ask(ASK)]
  const [process] = started
  expect(process!.asked.map(({ id }) => id)).toEqual([1])
  process!.tell(reply(2))
  process!.tell(reply(1))
  await both[0]
  process!.tell(reply(2))
  expect((await Promise.all(both)).map((a) => a.probabilities[0])).toEqual([1, 2])
  expect(started).toHaveLength(1)
})

test('an idle process ends; the next request starts another one', async () => {
  vi.useFakeTimers()
  onTestFinished(() => void vi.useRealTimers())
  const { started, spawn } = processes()
  const inference = warm(spawn, 1000)
  const first = inference.ask(ASK)
  vi.advanceTimersByTime(5000)
  expect(started[0]!.killed).toBe(false)
  started[0]!.tell(reply(1))
  await first
  vi.advanceTimersByTime(900)
  const second = inference.ask(ASK)
  vi.advanceTimersByTime(900)
  started[0]!.tell(reply(2))
  await second
  vi.advanceTimersByTime(1001)
  expect(started[0]!.killed).toBe(true)
  const third = inference.ask(ASK)
  started[1]!.tell(reply(3))
  expect((await third).probabilities[0]).toBe(3)
  inference.close()
})

test('a dead process, a cancellation and a close reject pending requests', async () => {
  const { started, spawn } = processes()
  const inference = warm(spawn)
  const dead = inference.ask(ASK)
  started[0]!.exit(null)
  await expect(dead).rejects.toMatchObject({ code: 'inference-died' })
  const abort = new AbortController()
  const cancelled = inference.ask(ASK, { signal: abort.signal })
  abort.abort()
  await expect(cancelled).rejects.toMatchObject({ code: 'cancelled' })
  expect(started[1]!.killed).toBe(true)
  const closed = inference.ask(ASK)
  inference.close()
  await expect(closed).rejects.toMatchObject({ code: 'closed' })
  await expect(inference.ask(ASK)).rejects.toMatchObject({ code: 'closed' })
})

test('an error of the process is the error of the request', async () => {
  const { started, spawn } = processes()
  const inference = warm(spawn)
  onTestFinished(() => inference.close())
  const ask = (error: { code: string; message: string }): Promise<unknown> => {
    const asked = inference.ask(ASK)
    started[0]!.tell({ t: 'failed', id: started[0]!.asked.at(-1)!.id, error })
    return asked
  }
  await expect(ask({ code: 'model-damaged', message: 'Damaged.' })).rejects.toMatchObject({ code: 'model-damaged', message: 'Damaged.' })
  await expect(ask({ code: 'internal', message: 'a defect' })).rejects.not.toHaveProperty('code')
})

test('a question that takes longer than its limit ends the process; those that wait are answered by another one', async () => {
  vi.useFakeTimers()
  onTestFinished(() => void vi.useRealTimers())
  const { started, spawn } = processes()
  const inference = warm(spawn)
  onTestFinished(() => inference.close())
  const timeoutError = (): UserError => new UserError('slow', 'It took too long.')
  const slow = inference.ask(ASK, { limit: { ms: 1000, timeoutError } })
  const waits = inference.ask(ASK, { limit: { ms: 1000, timeoutError } })
  const refused = expect(slow).rejects.toMatchObject({ code: 'slow' })
  vi.advanceTimersByTime(1001)
  await refused
  expect(started[0]!.killed).toBe(true)
  vi.advanceTimersByTime(900)
  started[1]!.tell(reply(2))
  expect((await waits).probabilities[0]).toBe(2)
})

test('cancelling a question that waits leaves the process and the other questions alone', async () => {
  const { started, spawn } = processes()
  const inference = warm(spawn)
  onTestFinished(() => inference.close())
  const abort = new AbortController()
  const first = inference.ask(ASK)
  const cancelled = inference.ask(ASK, { signal: abort.signal })
  abort.abort(new UserError('superseded', 'Asked again.'))
  await expect(cancelled).rejects.toMatchObject({ code: 'superseded' })
  started[0]!.tell(reply(1))
  expect((await first).probabilities[0]).toBe(1)
  expect(started[0]!).toMatchObject({ killed: false, asked: [{ id: 1 }] })
})
