import { describe, expect, test } from 'vitest'
import { classWeights, countCells, MAX_POSITIVE_WEIGHT } from '../../../src/main/compute/train/class-weights.ts'

// 4 rows, 3 genres: in 2, 1 and 0 of them
const labels = Uint8Array.from([1, 1, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0])
const rows = Int32Array.from([0, 1, 2, 3])
const counts = countCells(labels, null, rows, 3)

test('counts the cells that are in the loss', () => {
  expect([...counts.positive]).toEqual([2, 1, 0])
  const excluded = new Uint8Array(12)
  excluded[0] = 1
  const masked = countCells(labels, excluded, Int32Array.from([0, 1]), 3)
  expect([...masked.positive]).toEqual([1, 1, 0])
  expect([...masked.total]).toEqual([1, 2, 2])
})

describe('weights', () => {
  test('bce and focal give every genre the same weight', () => {
    for (const loss of ['bce', 'focal', 'asymmetric'] as const)
      expect(classWeights(loss, counts)).toEqual({ positive: new Float32Array(3).fill(1), genre: new Float32Array(3).fill(1) })
  })
  test('pos-weight is negatives over positives, and 1 where a genre has none', () =>
    expect([...classWeights('pos-weight', counts).positive]).toEqual([1, 3, 1]))
  test('pos-weight is capped', () => {
    const rare = { positive: Float64Array.of(1), total: Float64Array.of(1000) }
    expect(classWeights('pos-weight', rare).positive[0]).toBe(MAX_POSITIVE_WEIGHT)
  })
  test('log-weight is the published formula, with a floor', () => {
    const raw = [Math.log(4 / 3), Math.log(4 / 2), Math.log(4 / 1)]
    const mean = (raw[0]! + raw[1]! + raw[2]!) / 3
    classWeights('log-weight', counts).genre.forEach((weight, g) => expect(weight).toBeCloseTo(raw[g]! / mean, 5))
    const everywhere = { positive: Float64Array.of(100, 1), total: Float64Array.of(100, 100) }
    expect(classWeights('log-weight', everywhere).genre[0]).toBeCloseTo(0.2)
  })
})
