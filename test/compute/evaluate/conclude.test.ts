import { describe, expect, test } from 'vitest'
import { SPLITS } from '../../../src/contract/records.ts'
import { multilabelMetrics } from '../../../src/main/analysis/metrics.ts'
import { seededDraws } from '../../../src/main/analysis/random.ts'
import { runToEnd } from '../../../src/main/analysis/steps.ts'
import { chooseBy } from '../../../src/main/analysis/strategies.ts'
import { chooseThresholds, predict } from '../../../src/main/analysis/thresholds.ts'
import { conclude, rowsOf, trainedThresholds } from '../../../src/main/compute/evaluate.ts'
import { gatherRows } from '../../../src/main/analysis/matrix.ts'

const [N, K] = [300, 3]
const draw = seededDraws(5)
const labels = Uint8Array.from({ length: N * K }, () => (draw(3) === 0 ? 1 : 0))
const p = Float32Array.from(labels, (label) => (label * 300 + draw(700)) / 1000)
const part = (name: (typeof SPLITS)[number]): number => SPLITS.indexOf(name)
const job = (split: Uint8Array, excluded: number[] = []) => ({
  labels,
  split,
  excluded: Int32Array.from(excluded),
  genres: Int32Array.of(1, 2, 3),
})
const mixed = Uint8Array.from({ length: N }, (_, row) => part(row % 5 === 0 ? 'test' : row % 5 === 1 ? 'valid' : 'train'))

test('thresholds come from the training rows, figures from the test rows', () => {
  const { thresholds, scales, summary, movies } = conclude(job(mixed), p)
  const [train, tested] = [rowsOf(mixed, 'train'), rowsOf(mixed, 'test')]
  const chosen = chooseThresholds(gatherRows(labels, train, K), gatherRows(p, train, K), train.length, K, null)
  expect(thresholds).toEqual([...chosen])
  expect([scales.length, movies]).toEqual([K, 60])
  const mine = gatherRows(p, tested, K)
  const all = multilabelMetrics(gatherRows(labels, tested, K), predict(mine, chosen, 60, K, { atLeastOne: true }), mine, 60, K)
  expect(summary).toEqual({ part: 'test', microF1: all.micro.f1, macroF1: all.macro.f1, jaccard: all.jaccard_samples })
})

test('without a test part the figures are out of fold', () => {
  const { summary, movies } = conclude(job(new Uint8Array(N).fill(part('train'))), p)
  expect([summary.part, movies]).toEqual(['oof', N])
})

test('excluded cells do not affect the thresholds', () => {
  const rows = rowsOf(mixed, 'train')
  const positives = [...rows].map((row) => row * K).filter((cell) => labels[cell] === 1)
  const [before, after] = [conclude(job(mixed), p), conclude(job(mixed, positives), p)]
  // a genre whose every positive is excluded has no threshold of its own
  expect(after.thresholds[0]).toBe(0.5)
  expect(before.thresholds[0]).not.toBe(0.5)
})

describe('thresholds of a training', () => {
  const cells = (n: number): { y: Uint8Array; p: Float32Array; n: number; k: number } => {
    const draw = seededDraws(7)
    const y = Uint8Array.from({ length: n * 3 }, (_, cell) => (draw(10) < [5, 3, 1][cell % 3]! ? 1 : 0))
    return { y, p: Float32Array.from(y, (label) => (draw(1000) + 600 * label) / 1600), n, k: 3 }
  }
  test.each([
    [1_999, 'per-genre'],
    [2_000, 'micro-macro'],
    [100_001, 'per-genre'],
  ] as const)('%i movies: %s', (n, strategy) => {
    const all = cells(n)
    expect(trainedThresholds(all, null)).toEqual(runToEnd(chooseBy(strategy, all, null, 0)))
  })
  test('an excluded cell does not count', () => {
    const { y, p, n, k } = cells(2_500)
    const excluded = Uint8Array.from(y, (_, cell) => (Math.floor(cell / k) % 4 === 0 ? 1 : 0))
    const kept = <T extends Uint8Array | Float32Array>(of: T): T => of.filter((_, cell) => excluded[cell] === 0) as T
    expect(trainedThresholds({ y, p, n, k }, excluded)).toEqual(
      runToEnd(chooseBy('micro-macro', { y: kept(y), p: kept(p), n: kept(y).length / k, k }, null, 0)),
    )
  })
})
