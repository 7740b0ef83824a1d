import { expect, onTestFinished, test, vi } from 'vitest'
import type { JobEvent } from '../../src/contract/events.ts'
import { UserError } from '../../src/contract/errors.ts'
import { Jobs, type JobWork } from '../../src/main/jobs/queue.ts'
import type { JobControl } from '../../src/main/processes/job-control.ts'
import { codeOf } from '../support/project.ts'

function queue(): { jobs: Jobs; events: JobEvent[]; states: () => string } {
  const events: JobEvent[] = []
  return { jobs: new Jobs((e) => events.push(e)), events, states: () => events.map((e) => e.state).join(' ') }
}
const turn = () => new Promise((resolve) => setImmediate(resolve))
/** Work that ends when the test tells it to. */
function held(): {
  work: (c: JobControl) => Promise<string>
  end: (message: string) => void
  fail: (e: Error) => void
  control: () => JobControl
} {
  const { promise, resolve, reject } = Promise.withResolvers<string>()
  let control: JobControl | null = null
  return { work: (c) => ((control = c), promise), end: resolve, fail: reject, control: () => control! }
}

test('a job is announced, then says how it ended', async () => {
  const { jobs, events } = queue()
  expect(jobs.start('train', 7, () => Promise.resolve('fine.'))).toEqual({ job: 1 })
  await turn()
  expect(events.map(({ job, kind, run, state, message, code, progress }) => ({ job, kind, run, state, message, code, progress }))).toEqual([
    { job: 1, kind: 'train', run: 7, state: 'running', message: '', code: null, progress: 0 },
    { job: 1, kind: 'train', run: 7, state: 'done', message: 'fine.', code: null, progress: 1 },
  ])
  expect(jobs.list()).toEqual([events[1]])
})

test('one job at a time; the next one can start when the previous one has ended', async () => {
  const { jobs } = queue()
  const { work, end } = held()
  jobs.start('clean', null, work)
  expect(await codeOf(() => jobs.start('train', null, work))).toBe('busy')
  expect(() => jobs.assertIdle()).toThrow('The cleaning is running')
  end('done')
  await turn()
  jobs.assertIdle()
  expect(jobs.start('train', null, () => Promise.resolve(''))).toEqual({ job: 2 })
})

test('while a job is being prepared no other one starts, and a failed preparation frees the queue', async () => {
  const { jobs } = queue()
  const { work } = held()
  const { promise, reject } = Promise.withResolvers<never>()
  const preparing = codeOf(() => jobs.reserve('train', () => promise))
  expect(await codeOf(() => jobs.start('clean', null, work))).toBe('busy')
  expect(() => jobs.assertIdle()).toThrow('A training is running')
  reject(new UserError('too-few-movies', 'Too few.'))
  expect(await preparing).toBe('too-few-movies')
  expect(await jobs.reserve('train', (start) => Promise.resolve(start(3, work)))).toBe(1)
  expect(await codeOf(() => jobs.start('clean', null, work))).toBe('busy')
})

test('a job that only reads can run during a training, but not during other jobs', async () => {
  const { jobs } = queue()
  const [training, reading] = [held(), held()]
  const { job: train } = jobs.start('train', 1, training.work)
  const copying: JobWork<'everything'> = async (control) => ({
    message: await reading.work(control),
    result: { folder: '/out', files: [] },
  })
  const { job: everything } = jobs.start('everything', null, copying)
  expect(await codeOf(() => jobs.start('everything', null, copying))).toBe('busy')
  expect(await codeOf(() => jobs.start('clean', null, reading.work))).toBe('busy')
  training.fail(new Error('stopped'))
  expect(await jobs.cancel(train)).toMatchObject({ state: 'cancelled' })
  expect(jobs.list().map((j) => j.state)).toEqual(['cancelled', 'running'])
  expect(await codeOf(() => jobs.start('clean', null, reading.work))).toBe('busy')
  reading.end('done')
  expect(await jobs.cancel(everything)).toMatchObject({ state: 'done', message: 'done', result: { folder: '/out', files: [] } })
  expect(jobs.list().at(-1)).toMatchObject({ kind: 'everything', result: { folder: '/out', files: [] } })
})

test.each([
  [new UserError('no-words', 'No plot has a word.'), 'no-words', 'No plot has a word.'],
  [new Error('boom'), 'internal', 'boom'],
])('%s fails the job with its code and message', async (error, code, message) => {
  const { jobs, events } = queue()
  jobs.start('clean', null, () => Promise.reject(error))
  await turn()
  expect(events.at(-1)).toMatchObject({ state: 'failed', code, message })
  jobs.assertIdle()
})

test('"cancelled" is said when the work has stopped, not before', async () => {
  const { jobs, states } = queue()
  const { work, fail, control } = held()
  const { job } = jobs.start('train', null, work)
  let answered = false
  const cancelling = jobs.cancel(job).then((e) => ((answered = true), e))
  await turn()
  expect([control().signal.aborted, answered, states()]).toEqual([true, false, 'running'])
  fail(new Error('stopped'))
  expect(await cancelling).toMatchObject({ state: 'cancelled', message: 'Cancelled: everything is as it was before.' })
  expect(states()).toBe('running cancelled')
})

test('work that has finished before it notices the cancellation is done', async () => {
  const { jobs } = queue()
  const { work, end } = held()
  const { job } = jobs.start('train', null, work)
  const cancelling = jobs.cancel(job)
  end('all of it')
  expect(await cancelling).toMatchObject({ state: 'done', message: 'all of it' })
})

test('stop waits for a running job', async () => {
  const { jobs, states } = queue()
  await queue().jobs.stop()
  jobs.start('train', null, ({ signal }) => new Promise((_, reject) => signal.addEventListener('abort', () => reject(new Error('stop')))))
  await jobs.stop()
  expect(states()).toBe('running cancelled')
})

test('after a stop no job starts', async () => {
  const { jobs, events } = queue()
  await jobs.stop()
  expect(await codeOf(() => jobs.start('clean', null, () => Promise.resolve('')))).toBe('closed')
  expect(events).toEqual([])
})

test('resumed work is estimated by the pace since it was resumed', async () => {
  const { jobs, events } = queue()
  const { work, end, control } = held()
  vi.useFakeTimers({ toFake: ['performance'] })
  onTestFinished(() => void vi.useRealTimers())
  jobs.start('train', null, work)
  vi.advanceTimersByTime(100)
  control().progress(0.6, 'fold 2')
  expect(events.at(-1)!.remainingMs).toBe(null)
  vi.advanceTimersByTime(1000)
  control().progress(0.7, 'fold 2')
  expect(events.at(-1)!.remainingMs).toBe(3000)
  end('')
  await turn()
})

test('progress is reported at intervals, a new phase at once, with an estimate as soon as there is enough data', async () => {
  const { jobs, events } = queue()
  const { work, end, control } = held()
  vi.useFakeTimers({ toFake: ['performance'] })
  onTestFinished(() => void vi.useRealTimers())
  jobs.start('train', null, work)
  for (let i = 0; i < 100; i++) control().progress(0.01, 'one')
  control().progress(0.02, 'two')
  expect(events.map((e) => e.phase)).toEqual(['starting', 'one', 'two'])
  expect(events.at(-1)!.remainingMs).toBe(null)
  vi.advanceTimersByTime(400)
  control().progress(0.25, 'two')
  expect(events.at(-1)).toMatchObject({ elapsedMs: 400, remainingMs: 1304 })
  end('')
  await turn()
  expect(events.at(-1)).toMatchObject({ phase: '', remainingMs: null })
})

test('the remaining time follows the pace of the later half and does not climb with its noise', async () => {
  const { jobs, events } = queue()
  const { work, end, control } = held()
  vi.useFakeTimers({ toFake: ['performance'] })
  onTestFinished(() => void vi.useRealTimers())
  jobs.start('train', null, work)
  const left: (number | null)[] = []
  // a twentieth within two seconds, then a hundredth every four seconds, with a slower stretch
  const report = (ms: number, fraction: number): void => {
    vi.advanceTimersByTime(ms)
    control().progress(fraction, 'folds')
    left.push(events.at(-1)!.remainingMs)
  }
  for (let i = 1; i <= 20; i++) report(100, i * 0.0025)
  for (let i = 1; i <= 90; i++) report(i === 60 ? 12_000 : 4000, 0.05 + i * 0.01)
  const known = left.filter((ms) => ms !== null)
  // the first promise is within a quarter of what it took, and every later one is at most as long
  const first = left.findIndex((ms) => ms !== null)
  const took = (90 - (first - 19)) * 4000 + 8000
  expect(Math.abs(known[0]! - took) / took).toBeLessThan(0.25)
  expect(known).toEqual(known.toSorted((a, b) => b - a))
  end('')
  await turn()
})

test('the last twenty jobs are remembered', async () => {
  const { jobs } = queue()
  for (let i = 0; i < 25; i++) {
    jobs.start('clean', null, () => Promise.resolve(''))
    await turn()
  }
  expect(jobs.list().map((e) => e.job)).toEqual(Array.from({ length: 20 }, (_, i) => i + 6))
  expect(await codeOf(() => jobs.cancel(1))).toBe('no-job')
})
