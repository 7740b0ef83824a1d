import { expect, test } from 'vitest'
import { SPLITS } from '../../../src/contract/records.ts'
import { multilabelMetrics } from '../../../src/main/analysis/metrics.ts'
import { seededDraws } from '../../../src/main/analysis/random.ts'
import { chooseThresholds, predict } from '../../../src/main/analysis/thresholds.ts'
import { conclude, rowsOf } from '../../../src/main/compute/evaluate.ts'
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
