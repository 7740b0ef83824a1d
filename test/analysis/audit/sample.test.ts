import { expect, test } from 'vitest'
import { drawSample } from '../../../src/main/analysis/audit/sample.ts'
import { seededUnit } from '../support.ts'

const unit = seededUnit(5)
const suspicion = Float64Array.from({ length: 1000 }, () => unit() ** 6)

test('the same seed draws the same movies, another seed others, each movie once', () => {
  const [a, b, c] = [7, 7, 8].map((seed) => [...drawSample(1000, suspicion, 300, seed).order])
  expect(b).toEqual(a)
  expect(c).not.toEqual(a)
  expect(new Set(a).size).toBe(300)
})

test('strata follow the suspicion; suspicious ones are drawn more often, at every end of the order', () => {
  const { stratum, sizes, order } = drawSample(1000, suspicion, 300, 7)
  expect(sizes).toEqual([50, 150, 300, 500])
  const least = [0, 1, 2].map((h) => Math.min(...suspicion.filter((_, row) => stratum[row] === h)))
  const most = [1, 2, 3].map((h) => Math.max(...suspicion.filter((_, row) => stratum[row] === h)))
  least.forEach((value, h) => expect(value).toBeGreaterThanOrEqual(most[h]!))
  const shareOf = (n: number, h: number): number => order.subarray(0, n).filter((row) => stratum[row] === h).length / n
  for (const n of [100, 300]) expect(shareOf(n, 0)).toBeGreaterThan(0.06)
  for (const h of sizes.keys()) {
    expect(shareOf(30, h) * 30).toBeGreaterThanOrEqual(2)
    expect(Math.abs(shareOf(100, h) - shareOf(300, h))).toBeLessThan(0.03)
  }
})

test('every stratum has two movies early, even one of which the suspicion is certain', () => {
  const certain = Float64Array.from({ length: 1000 }, (_, row) => (row < 50 ? 1 : row < 200 ? 0.5 : 0))
  const { stratum, order } = drawSample(1000, certain, 30, 1)
  expect(order.filter((row) => stratum[row] === 0).length).toBe(2)
})

test('within a stratum every movie is drawn equally often, whatever its suspicion', () => {
  const times = new Uint16Array(200)
  const few = suspicion.slice(0, 200)
  for (let seed = 0; seed < 2000; seed++) for (const row of drawSample(200, few, 40, seed).order) times[row]!++
  const { stratum } = drawSample(200, few, 1, 0)
  for (const h of [0, 1, 2, 3]) {
    const counts = [...times].filter((_, row) => stratum[row] === h)
    const mean = counts.reduce((a, b) => a + b, 0) / counts.length
    for (const count of counts) expect(Math.abs(count - mean)).toBeLessThan(4.5 * Math.sqrt(mean))
  }
})

test('the place of a movie within a block says nothing of its stratum', () => {
  const places = new Float64Array(20)
  for (let seed = 0; seed < 400; seed++) {
    const { stratum, order } = drawSample(1000, suspicion, 20, seed)
    order.forEach((row, place) => (places[place]! += stratum[row] === 0 ? 1 : 0))
  }
  const mean = places.reduce((a, b) => a + b, 0) / 20
  for (const count of places) expect(Math.abs(count - mean)).toBeLessThan(4.5 * Math.sqrt(mean))
})

test('a small catalogue, and one without suspicion, is one stratum; more than all is all', () => {
  expect(drawSample(99, suspicion.subarray(0, 99), 500, 1)).toMatchObject({ sizes: [99] })
  expect(drawSample(1000, null, 10, 1).sizes).toEqual([1000])
  expect([...drawSample(99, null, 500, 1).order].sort((a, b) => a - b)).toEqual([...Array(99).keys()])
})
