import { expect, test, vi } from 'vitest'
import type { MovieDetail } from '../../src/contract/records.ts'
import { DetailCache, UnderWay } from '../../src/renderer/stores/review-cache.ts'

const fetcher = () => vi.fn((movie: number) => Promise.resolve({ movie } as MovieDetail))

test('a detail is fetched once, even when several callers request it', async () => {
  const fetch = fetcher()
  const cache = new DetailCache(fetch)
  const [a, b] = await Promise.all([cache.get(3), cache.get(3)])
  expect(a).toBe(b)
  expect(fetch).toHaveBeenCalledTimes(1)
})
test('the oldest entry is evicted; evicted entries are fetched again', async () => {
  const fetch = fetcher()
  const cache = new DetailCache(fetch, 2)
  for (const movie of [1, 2, 3, 2, 1]) await cache.get(movie)
  expect(fetch.mock.calls.flat()).toEqual([1, 2, 3, 1])
  cache.forgetAll((m) => m === 1)
  await cache.get(1)
  expect(fetch).toHaveBeenCalledTimes(4)
})
test('a failure is not cached', async () => {
  const fetch = fetcher().mockRejectedValueOnce(new Error('gone'))
  const cache = new DetailCache(fetch)
  await expect(cache.get(1)).rejects.toThrow('gone')
  await expect(cache.get(1)).resolves.toMatchObject({ movie: 1 })
})
test('a movie is pending until its last request has ended', () => {
  const way = new UnderWay()
  const both = way.begin([1, 2])
  const again = way.begin([1])
  both()
  expect([way.has(1), way.has(2)]).toEqual([true, false])
  again()
  expect(way.has(1)).toBe(false)
})
test('requests that began before a reset have no effect', () => {
  const way = new UnderWay()
  const old = way.begin([1])
  way.clear()
  way.begin([1])
  old()
  expect(way.has(1)).toBe(true)
})
