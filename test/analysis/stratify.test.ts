import { expect, test } from 'vitest'
import { seededDraws } from '../../src/main/analysis/random.ts'
import { iterativeStratification } from '../../src/main/analysis/stratify.ts'
import { cells, deviations, expectFairSplit, fakeCatalogue, sizes } from './support.ts'

test.each([
  ['five folds', [0.2, 0.2, 0.2, 0.2, 0.2]],
  ['70/10/20', [0.7, 0.1, 0.2]],
])('%s: sizes as asked, every genre in its share, closer than a random split', (_name, proportions) => {
  expectFairSplit({ ...fakeCatalogue(9800, 19, 4), n: 9800, k: 19 }, proportions, 0.1)
})

test('the rarest genre reaches every part', () => {
  const y = new Uint8Array(1000 * 2)
  for (let i = 0; i < 1000; i++) y[2 * i] = 1
  for (const i of [3, 4, 5, 600, 999]) y[2 * i + 1] = 1
  const parts = iterativeStratification(y, 1000, 2, [1, 1, 1, 1, 1], null, 7)
  expect(new Set([3, 4, 5, 600, 999].map((i) => parts[i])).size).toBe(5)
  expect(sizes(parts, 5)).toEqual([200, 200, 200, 200, 200])
})

test('movies of one group stay together, and the sizes still fit', () => {
  const { y } = fakeCatalogue(3000, 8, 6)
  const draw = seededDraws(9)
  const groups = Int32Array.from({ length: 3000 }, (_, i) => (i % 3 === 0 ? draw(300) : 1000 + i)) // 300 groups of about 3 movies
  const parts = iterativeStratification(y, 3000, 8, [0.8, 0.2], groups, 1)
  const first = new Map<number, number>()
  groups.forEach((group, i) => {
    if (!first.has(group)) first.set(group, parts[i]!)
    expect(parts[i]).toBe(first.get(group))
  })
  expect(Math.abs(sizes(parts, 2)[1]! - 600)).toBeLessThanOrEqual(6)
  expect(Math.max(...deviations({ y, n: 3000, k: 8 }, parts, [0.8, 0.2]))).toBeLessThanOrEqual(6)
})

test('large groups are assigned before single movies, while there is room', () => {
  const groups = Int32Array.from({ length: 20 }, (_, i) => Math.min(i, 10)) // ten single movies, then one group of ten
  for (const seed of [1, 2, 3])
    expect(sizes(iterativeStratification(new Uint8Array(20).fill(1), 20, 1, [1, 1], groups, seed), 2)).toEqual([10, 10])
})

test('a full part gets no more movies, even of a genre that it lacks', () => {
  // 60 movies in one group, 10 of them with genre 0; then 10 with genre 0, 25 with genre 1, 5 without
  const y = new Uint8Array(200)
  for (let i = 50; i < 70; i++) y[2 * i] = 1
  for (let i = 70; i < 95; i++) y[2 * i + 1] = 1
  const groups = Int32Array.from({ length: 100 }, (_, i) => Math.max(i, 59))
  const parts = iterativeStratification(y, 100, 2, [1, 1], groups, 1)
  expect(sizes(parts, 2).sort()).toEqual([40, 60])
})

test('movies without a genre fill the remaining room', () => {
  const y = new Uint8Array(100)
  y.fill(1, 0, 10)
  const parts = iterativeStratification(y, 100, 1, [0.5, 0.5], null, 3)
  expect(sizes(parts, 2)).toEqual([50, 50])
  expect(sizes(parts.slice(0, 10), 2)).toEqual([5, 5])
})

test('the seed determines the parts', () => {
  const { y } = fakeCatalogue(500, 5, 1)
  const run = (seed: number) => [...iterativeStratification(y, 500, 5, [1, 1, 1], null, seed)]
  expect(run(1)).toEqual(run(1))
  expect(run(1)).not.toEqual(run(2))
})

test('ties are broken at random', () => {
  const parts = [1, 2, 3, 4, 5, 6, 7, 8].map((seed) => iterativeStratification(cells('1'), 1, 1, [1, 1], null, seed)[0])
  expect(new Set(parts)).toEqual(new Set([0, 1]))
})

test.each([[[]], [[1, 0]], [[1, -1]], [[Number.NaN]]])('proportions %j are refused', (proportions) => {
  expect(() => iterativeStratification(cells('1'), 1, 1, proportions, null, 1)).toThrow('positive proportions')
})

test('accepts no movies, and one part', () => {
  expect(iterativeStratification(new Uint8Array(0), 0, 3, [1, 1], null, 1)).toHaveLength(0)
  expect([...iterativeStratification(cells('10'), 2, 1, [1], null, 1)]).toEqual([0, 0])
})
