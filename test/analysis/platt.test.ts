import { describe, expect, test } from 'vitest'
import { calibrated, composed, IDENTITY, increasing, plattScales, scaled, unscaled } from '../../src/main/analysis/platt.ts'
import { readGoldenJson } from '../support/paths.ts'
import { bits, matrix, seededUnit } from './support.ts'

describe('on the reference labels', () => {
  const golden = () => readGoldenJson('metrics/multilabel_metrics.json') as { labels: number[][]; probabilities: number[][] }
  const scalesOf = ({ labels, probabilities }: ReturnType<typeof golden>) =>
    plattScales(bits(labels), matrix(probabilities), labels.length, labels[0]!.length)

  test('slopes and offsets are those of scikit-learn 1.2.1 (_SigmoidCalibration on the logits, signs reversed)', () => {
    const expected = [
      [1.113369, 0.068473],
      [1.244065, -0.729556],
      [1.129997, -2.002103],
      [1.055028, -1.669015],
      [1.096005, -2.571051],
      [0.712362, -3.527639],
    ]
    const scales = scalesOf(golden())
    expected.forEach(([slope, offset], g) => {
      expect(scales[g]!.slope).toBeCloseTo(slope!, 3)
      expect(scales[g]!.offset).toBeCloseTo(offset!, 3)
    })
  })
  test('a genre without positives keeps its probabilities', () => expect(scalesOf(golden())[6]).toEqual({ slope: 1, offset: 0 }))
})

test('restores probabilities that were distorted by a known scale', () => {
  const unit = seededUnit(5)
  const n = 20_000
  const truth = Float64Array.from({ length: n }, () => 0.02 + 0.96 * unit())
  const y = Uint8Array.from(truth, (p) => (unit() < p ? 1 : 0))
  const distorted = truth.map((p) => 1 / (1 + Math.exp(-(0.5 * Math.log(p / (1 - p)) - 1))))
  const back = calibrated(distorted, plattScales(y, distorted, n, 1), n, 1)
  const worst = back.reduce((most, p, i) => Math.max(most, Math.abs(p - truth[i]!)), 0)
  expect(worst).toBeLessThan(0.03)
})

test('separable labels and probabilities of 0 and 1 stay finite', () => {
  const scales = plattScales(Uint8Array.of(0, 0, 1, 1), Float32Array.of(0, 0.1, 0.9, 1), 4, 1)
  const back = calibrated(Float32Array.of(0, 0.1, 0.9, 1), scales, 4, 1)
  expect([...back].every((p) => p > 0 && p < 1)).toBe(true)
  expect(back[0]!).toBeLessThan(back[3]!)
})

test('scales are inverted and composed, and one that turns the order round is not used', () => {
  const [a, b] = [{ slope: 1.5, offset: -0.7 }, { slope: 0.6, offset: 0.2 }] // prettier-ignore
  expect(unscaled(scaled(0.3, a), a)).toBeCloseTo(0.3, 12)
  expect(scaled(0.3, composed(a, b))).toBeCloseTo(scaled(scaled(0.3, a), b), 12)
  expect(scaled(0.3, IDENTITY)).toBe(0.3)
  expect([increasing(a), increasing({ slope: -1, offset: 2 })]).toEqual([a, IDENTITY])
})
