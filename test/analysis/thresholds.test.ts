import { describe, expect, test } from 'vitest'
import { chooseThresholds, predict } from '../../src/main/analysis/thresholds.ts'
import { bits, cells, fakeCatalogue, matrix, seededUnit } from './support.ts'

const column = (labels: string, ...p: number[]) => [cells(labels), Float64Array.from(p), p.length, 1, null] as const

describe('chooseThresholds', () => {
  test.each([
    ['midway between the classes', '1100', [0.9, 0.7, 0.3, 0.1], 0.5],
    ['half of the smallest when everything should be predicted', '111', [0.9, 0.7, 0.4], 0.2],
    ['0.5 without positives', '000', [0.9, 0.7, 0.4], 0.5],
    ['0.5 without movies', '', [], 0.5],
    // predicting 2 of 2 positives with 1 false (F1 0.8) beats 1 of 2 (F1 0.67)
    ['a false positive is worth a true one', '1010', [0.8, 0.7, 0.6, 0.2], 0.4],
    // one (F1 2/3) ties with all four (F1 2/3): the gap below 0.9 is 0.3, that below 0.1 is 0.1
    ['the widest of equally good cuts', '1001', [0.9, 0.6, 0.5, 0.1], 0.75],
  ] as const)('%s', (_name, labels, p, expected) => {
    expect(chooseThresholds(...column(labels, ...p))[0]).toBeCloseTo(expected, 6)
  })

  test('reaches the best F1 of all cuts', () => {
    const [n, k] = [400, 5]
    const { y, p } = fakeCatalogue(n, k, 3)
    const f1 = (g: number, threshold: number) => {
      let [tp, fp, fn] = [0, 0, 0]
      for (let at = g; at < n * k; at += k) {
        const predicted = p[at]! >= threshold ? 1 : 0
        tp += y[at]! & predicted
        fp += (1 - y[at]!) & predicted
        fn += y[at]! & (1 - predicted)
      }
      return (2 * tp) / (2 * tp + fp + fn)
    }
    const chosen = chooseThresholds(y, p, n, k, null, { smoothing: 0 })
    for (let g = 0; g < k; g++) {
      const best = Math.max(...Array.from({ length: n }, (_, i) => f1(g, p[i * k + g]!)))
      expect(f1(g, chosen[g]!)).toBe(best)
    }
  })

  test('a masked cell does not count', () => {
    const y = bits([[1], [1], [0]])
    const p = matrix([[0.9], [0.2], [0.5]])
    expect(chooseThresholds(y, p, 3, 1, null)[0]).toBeCloseTo(0.1, 6)
    expect(chooseThresholds(y, p, 3, 1, cells('010'))[0]).toBeCloseTo(0.7, 6)
  })

  test('neighbouring float32 numbers are distinguished', () => {
    for (let step = 0; step < 4; step++) {
      const p = Float32Array.of(0.3 + (step + 1) * 2 ** -25, 0.3 + step * 2 ** -25)
      expect(p[1]).toBeLessThan(p[0]!)
      const t = chooseThresholds(cells('10'), p, 2, 1, null, { smoothing: 0 })
      expect([...predict(p, t, 2, 1, { atLeastOne: false })]).toEqual([1, 0])
    }
  })

  test('smoothing moves a rare genre closer to the common threshold than a frequent one', () => {
    const unit = seededUnit(5)
    const n = 2000
    const y = Uint8Array.from({ length: n * 2 }, (_, at) => (unit() < (at % 2 === 0 ? 0.5 : 0.005) ? 1 : 0))
    const p = Float32Array.from(y, (label, at) => (at % 2 === 0 ? (label ? 0.4 : 0.2) + 0.1 * unit() : (label ? 0.8 : 0.1) + 0.1 * unit()))
    const own = chooseThresholds(y, p, n, 2, null, { smoothing: 0 })
    const smooth = chooseThresholds(y, p, n, 2, null, { smoothing: 10 })
    expect(Math.abs(smooth[0]! - own[0]!)).toBeLessThan(0.01)
    expect(own[1]! - smooth[1]!).toBeGreaterThan(0.05)
  })
})

describe('predict', () => {
  const p = matrix([[0.5, 0.2, 0.7], [0.1, 0.3, 0.4], [0.3, 0.3, 0.1]]) // prettier-ignore
  const thresholds = Float32Array.of(0.5, 0.5, 0.75)

  test('at or above the threshold', () => {
    expect([...predict(p, thresholds, 3, 3, { atLeastOne: false })]).toEqual([...cells('100 000 000')])
  })
  test('at least one: the largest probability, the first of equals', () => {
    expect([...predict(p, thresholds, 3, 3, { atLeastOne: true })]).toEqual([...cells('100 001 100')])
  })
  test('thresholds of another run are refused', () => {
    expect(() => predict(p, Float32Array.of(0.5), 3, 3, { atLeastOne: true })).toThrow('thresholds to hold 3 x 1')
  })
})
