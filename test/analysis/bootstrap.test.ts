import { expect, test } from 'vitest'
import { bootstrapSteps, f1PerGenre, pairedBootstrap, verdict } from '../../src/main/analysis/bootstrap.ts'
import { runToEnd } from '../../src/main/analysis/steps.ts'
import { multilabelMetrics } from '../../src/main/analysis/metrics.ts'
import { seededDraws } from '../../src/main/analysis/random.ts'
import { cells, fakeCatalogue, seededUnit } from './support.ts'

const FIGURES = ['microF1', 'macroF1', 'jaccard'] as const

/** Labels, and predictions that are wrong with the given probability in each cell. */
function experiment(n: number, k: number, wrongOld: number, wrongNew: number) {
  const { y } = fakeCatalogue(n, k, 11)
  const unit = seededUnit(12)
  const spoil = (share: number) => y.map((label) => (unit() < share ? 1 - label : label))
  return { y, old: spoil(wrongOld), now: spoil(wrongNew) }
}

/** Plain implementation: copies the resampled rows and computes every metric on them. */
function bruteForce(y: Uint8Array, h: readonly [Uint8Array, Uint8Array], n: number, k: number, resamples: number, seed: number) {
  const draw = seededDraws(seed)
  const differences: Record<(typeof FIGURES)[number], number[]> = { microF1: [], macroF1: [], jaccard: [] }
  for (let r = 0; r < resamples; r++) {
    const rows = Array.from({ length: n }, () => draw(n))
    const take = (m: Uint8Array) => Uint8Array.from(rows.flatMap((i) => [...m.subarray(i * k, (i + 1) * k)]))
    const [old, now] = h.map((side) => multilabelMetrics(take(y), take(side), new Float32Array(n * k), n, k))
    differences.microF1.push(now!.micro.f1 - old!.micro.f1)
    differences.macroF1.push(now!.macro.f1 - old!.macro.f1)
    differences.jaccard.push(now!.jaccard_samples - old!.jaccard_samples)
  }
  return differences
}

test('equals the plain implementation, draw for draw', () => {
  const [n, k] = [40, 6]
  const { y, old, now } = experiment(n, k, 0.2, 0.1)
  const result = pairedBootstrap({ y: y, old: old, new: now }, n, k, { resamples: 41, seed: 5 }) // 2.5% and 97.5% fall on draws 1 and 39
  const plain = bruteForce(y, [old, now], n, k, 41, 5)
  for (const figure of FIGURES) {
    const sorted = plain[figure].sort((a, b) => a - b)
    expect(result[figure].low).toBeCloseTo(sorted[1]!, 12)
    expect(result[figure].high).toBeCloseTo(sorted[39]!, 12)
  }
  const metrics = [old, now].map((h) => multilabelMetrics(y, h, new Float32Array(n * k), n, k))
  expect(result.macroF1.old).toBeCloseTo(metrics[0]!.macro.f1, 12)
  expect(result.jaccard.new).toBeCloseTo(metrics[1]!.jaccard_samples, 12)
  expect(result.microF1.difference).toBeCloseTo(metrics[1]!.micro.f1 - metrics[0]!.micro.f1, 12)
})

test('several pairs on the same draws give the same results as each pair alone, and one resample is at most one step', () => {
  const [n, k] = [60, 4]
  const { y, old, now } = experiment(n, k, 0.2, 0.1)
  const pairs = [
    { y, old, new: now },
    { y: old, old: y, new: now },
  ]
  const steps = bootstrapSteps(pairs, n, k, { resamples: 30, seed: 9 })
  for (let step = 0; step < 30; step++) expect(steps.next().done).toBe(false)
  expect(runToEnd(steps)).toEqual(pairs.map((pair) => pairedBootstrap(pair, n, k, { resamples: 30, seed: 9 })))
})

test('equal predictions have a difference of exactly 0', () => {
  const { y, old } = experiment(200, 5, 0.2, 0)
  const result = pairedBootstrap({ y: y, old: old, new: old }, 200, 5, { resamples: 50, seed: 1 })
  for (const figure of FIGURES) expect(result[figure]).toMatchObject({ difference: 0, low: 0, high: 0 })
  expect(verdict(result.microF1)).toBe('undecided')
})

test('swapping old and new mirrors the interval', () => {
  const { y, old, now } = experiment(200, 5, 0.2, 0.18)
  const there = pairedBootstrap({ y: y, old: old, new: now }, 200, 5, { resamples: 200, seed: 3 }).microF1
  const back = pairedBootstrap({ y: y, old: now, new: old }, 200, 5, { resamples: 200, seed: 3 }).microF1
  expect(back.low).toBeCloseTo(-there.high, 12)
  expect(back.high).toBeCloseTo(-there.low, 12)
})

test('the width agrees with the normal approximation', () => {
  // one genre that all movies have: Jaccard is then the share of hits, a mean of paired differences
  const n = 400
  const y = new Uint8Array(n).fill(1)
  const old = Uint8Array.from({ length: n }, (_, i) => (i % 2 === 0 ? 1 : 0))
  const now = Uint8Array.from({ length: n }, (_, i) => (i % 2 === 0 || i % 4 === 1 ? 1 : 0))
  const { low, high, difference } = pairedBootstrap({ y: y, old: old, new: now }, n, 1, { resamples: 4000, seed: 2 }).jaccard
  expect(difference).toBeCloseTo(0.25, 12)
  const halfWidth = 1.96 * Math.sqrt((0.25 * 0.75) / n)
  expect(Math.abs((high - low) / 2 - halfWidth)).toBeLessThan(0.1 * halfWidth)
})

test.each([
  [0.01, 0.02, 'better'],
  [-0.02, -0.01, 'worse'],
  [-0.01, 0.01, 'undecided'],
  [0, 0.01, 'undecided'],
] as const)('an interval from %d to %d is %s', (low, high, expected) => {
  expect(verdict({ low, high, difference: (low + high) / 2 })).toBe(expected)
})

test('a difference below 0.002 is never significant', () => {
  expect(verdict({ low: -0.0019, high: -0.0017, difference: -0.0018 })).toBe('undecided')
  expect(verdict({ low: 0.0019, high: 0.0023, difference: 0.0021 })).toBe('better')
})

test('no movies give zeros, no resamples are an error', () => {
  const none = new Uint8Array(0)
  expect(pairedBootstrap({ y: none, old: none, new: none }, 0, 3, { resamples: 10, seed: 1 }).macroF1).toMatchObject({
    old: 0,
    low: 0,
    high: 0,
  })
  expect(() => pairedBootstrap({ y: none, old: none, new: none }, 0, 3, { resamples: 0, seed: 1 })).toThrow('at least one resample')
})

test('F1 of each genre', () => {
  const { support, f1 } = runToEnd(f1PerGenre(cells('110 100'), cells('100 110'), 2, 3))
  expect([...support]).toEqual([2, 1, 0])
  expect([...f1]).toEqual([1, 0, 0])
})
