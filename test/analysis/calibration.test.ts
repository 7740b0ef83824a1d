import { expect, test } from 'vitest'
import { calibrationSteps } from '../../src/main/analysis/calibration.ts'
import { temperatureScales } from '../../src/main/analysis/platt.ts'
import { runToEnd } from '../../src/main/analysis/steps.ts'
import type { Cells } from '../../src/main/analysis/strategies.ts'
import { readGoldenJson } from '../support/paths.ts'
import { seededUnit } from './support.ts'

const given = readGoldenJson('metrics/multilabel_metrics.json') as {
  labels: number[][]
  probabilities: number[][]
  ece_10_equal_width: { per_label: number[]; pooled: number }
  ranking: { brier_per_label: number[] }
}
const cells: Cells = {
  y: Uint8Array.from(given.labels.flat()),
  p: Float32Array.from(given.probabilities.flat()),
  n: given.labels.length,
  k: given.labels[0]!.length,
}
const names = Array.from({ length: cells.k }, (_, g) => ({ id: g + 1, name: `genre ${g}` }))
const report = (of: Cells, outOfFold: Cells | null = null) =>
  runToEnd(calibrationSteps(of, outOfFold, new Float32Array(of.k).fill(0.3), names.slice(0, of.k), 42))

test('temperatures are those of a search for the smallest log loss', () => {
  const { temperature } = readGoldenJson('metrics/thresholds.json') as { temperature: number[] }
  const scales = temperatureScales(cells.y, cells.p, cells.n, cells.k)
  temperature.forEach((slope, g) => expect(scales[g]).toEqual({ slope: expect.closeTo(slope, 4) as number, offset: 0 }))
})

test('errors of probabilities as they are equal those of scikit-learn', () => {
  const { pooled, genres } = report(cells)
  expect(pooled.none.ece).toBeCloseTo(given.ece_10_equal_width.pooled, 6)
  genres.forEach(({ figures }, g) => {
    expect(figures.none.ece).toBeCloseTo(given.ece_10_equal_width.per_label[g]!, 6)
    expect(figures.none.brier).toBeCloseTo(given.ranking.brier_per_label[g]!, 6)
  })
  expect(pooled.none.bins.reduce((sum, { movies }) => sum + movies, 0)).toBe(cells.n * cells.k)
})

/** Movies whose true chance of the one genre is p, of which a model says sigmoid(slope * logit(p) + offset). */
function distorted(n: number, slope: number, offset: number, seed: number): Cells {
  const draw = seededUnit(seed)
  const truth = Array.from({ length: n }, () => 0.02 + 0.96 * draw())
  const y = Uint8Array.from(truth, (p) => (draw() < p ? 1 : 0))
  const p = Float32Array.from(truth, (q) => 1 / (1 + Math.exp(-(slope * Math.log(q / (1 - q)) + offset))))
  return { y, p, n, k: 1 }
}

test('Platt scaling removes slope and offset, a temperature the slope alone, on movies that they were not fitted on', () => {
  const { pooled } = report(distorted(6000, 2, 1.5, 5))
  expect(pooled.none.ece).toBeGreaterThan(0.15)
  expect(pooled.platt.ece).toBeLessThan(0.025)
  expect(pooled.temperature.ece).toBeGreaterThan(0.1)
  expect(report(distorted(6000, 2, 0, 6)).pooled.temperature.ece).toBeLessThan(0.025)
  expect(pooled.platt.brier).toBeLessThan(pooled.none.brier)
})

test('other parts get the scales of the out-of-fold movies, and the threshold moves with the scale', () => {
  const [train, later] = [distorted(6000, 2, 1.5, 5), distorted(3000, 2, 1.5, 8)]
  const { pooled, genres } = report(later, train)
  expect(pooled.platt.ece).toBeLessThan(0.03)
  const [genre] = genres
  const { slope, offset } = genre!.scales.platt
  expect(genre!.threshold).toBeCloseTo(0.3, 6)
  expect(genre!.calibratedThreshold).toBeCloseTo(1 / (1 + Math.exp(-(slope * Math.log(0.3 / 0.7) + offset))), 6)
})
