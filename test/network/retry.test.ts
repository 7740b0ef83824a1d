import { expect, test } from 'vitest'
import { UserError } from '../../src/contract/errors.ts'
import { Interrupted, persistently, retryAfter } from '../../src/main/network/retry.ts'

const now = Date.parse('2026-11-20T12:00:00Z')
test.each([
  ['7', 7000],
  ['0', 0],
  ['Fri, 20 Nov 2026 12:00:30 GMT', 30_000],
  ['Fri, 20 Nov 2026 11:00:00 GMT', 0],
  ['soon', null],
  ['-3', null],
  [null, null],
])('Retry-After: %s', (header, ms) => expect(retryAfter(header, now)).toBe(ms))

const failing = (times: number, error: Error): (() => Promise<string>) => {
  let n = 0
  return () => (n++ < times ? Promise.reject(error) : Promise.resolve('done'))
}
const gaveUp = (why: string, later: string): UserError => new UserError('gave-up', `${why}, ${later}`)
test('pauses double', async () => {
  const waits: number[] = []
  const wait = (ms: number): Promise<void> => Promise.resolve(void waits.push(ms))
  expect(await persistently(failing(6, new Interrupted('x')), { host: 'h', gaveUp, wait })).toBe('done')
  expect(waits.map((ms) => Math.floor(Math.log2(ms / 500)))).toEqual([0, 1, 2, 3, 4, 5])
  await expect(persistently(failing(7, new Interrupted('x')), { host: 'h', gaveUp, wait })).rejects.toThrow(/^h: x \(tried 7 times\)/)
})
test('an error that is not an interruption is not retried', async () => {
  await expect(persistently(failing(1, new Error('y')), { host: 'h', gaveUp, wait: () => Promise.resolve() })).rejects.toThrow('y')
})
test('a cancel ends a pause', async () => {
  const abort = new AbortController()
  const fail = (): Promise<string> => {
    // by then the pause has begun
    setImmediate(() => abort.abort())
    return Promise.reject(new Interrupted('x', 60_000))
  }
  await expect(persistently(fail, { host: 'h', gaveUp, signal: abort.signal })).rejects.toThrow(/abort/)
})
