import { expect, test } from 'vitest'
import { BadAnswer } from '../../src/main/services/client.ts'
import { askAll, type Run } from '../../src/main/services/requests.ts'

const FAST = { perMinute: 60_000, parallel: 2 }
interface Outcome {
  readonly asked: number[]
  readonly failed: number[]
  readonly error: unknown
}
async function run(ask: Run<number>['ask'], options: Partial<Run<number>> & { readonly count?: number } = {}): Promise<Outcome> {
  const [asked, failed]: [number[], number[]] = [[], []]
  const error: unknown = await askAll<number>({
    items: Array.from({ length: options.count ?? 20 }, (_, i) => i),
    service: FAST,
    signal: new AbortController().signal,
    failed: (item) => failed.push(item),
    unusable: (why) => new Error(`unusable: ${why}`),
    ...options,
    ask: (item, wait) => (asked.push(item), ask(item, wait)),
  }).then(
    () => null,
    (e: unknown) => e,
  )
  return { asked, failed, error }
}
const later = (ms = 5): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))

test('every item is asked about once, never more at a time than the service allows', async () => {
  let [now, most] = [0, 0]
  const { asked, error } = await run(async () => {
    most = Math.max(most, ++now)
    await later()
    now--
  }, { count: 250 }) // prettier-ignore
  expect([asked.length, new Set(asked).size, most, error]).toEqual([250, 250, 2, null])
})

test('requests begin no faster than the service allows', async () => {
  const startedAt = performance.now()
  await run(() => Promise.resolve(), { count: 5, service: { perMinute: 1200, parallel: 5 } })
  // four intervals of 50 ms; timers may fire a little early
  expect(performance.now() - startedAt).toBeGreaterThan(190)
})

test('an item without an answer fails alone; ten in a row end the run', async () => {
  const alone = await run((item) => (item % 2 === 0 ? Promise.reject(new BadAnswer('odd')) : Promise.resolve()))
  expect([alone.asked.length, alone.failed.length, alone.error]).toEqual([20, 10, null])
  const all = await run(() => Promise.reject(new BadAnswer('odd')), { count: 500 })
  expect(all.error).toMatchObject({ message: 'unusable: odd' })
  expect(all.asked.length).toBeLessThanOrEqual(11)
})

test('another error ends the run; what is on its way may end', async () => {
  const ended: number[] = []
  const { asked, error } = await run(async (item) => {
    if (item === 3) throw new Error('401')
    await later(30)
    ended.push(item)
  })
  expect(error).toMatchObject({ message: '401' })
  expect(asked.length).toBeLessThan(8)
  expect(ended).toEqual(asked.filter((item) => item !== 3))
})

test('while one request waits, no other one begins', async () => {
  const begun: { item: number; waiting: boolean }[] = []
  let waiting = false
  await run(
    async (item, wait) => {
      begun.push({ item, waiting })
      if (item === 2) await wait(60, undefined)
    },
    {
      wait: async (ms) => {
        waiting = true
        await later(ms)
        waiting = false
      },
    },
  )
  expect(begun).toHaveLength(20)
  expect(begun.filter((each) => each.waiting)).toEqual([])
})

test('a cancel stops what waits', async () => {
  const abort = new AbortController()
  const { asked, error } = await run(
    async (item) => {
      if (item === 4) abort.abort(new Error('stopped'))
      await later()
    },
    { signal: abort.signal },
  )
  expect(error).toMatchObject({ message: 'stopped' })
  expect(asked.length).toBeLessThan(8)
})
