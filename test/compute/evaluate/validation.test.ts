import { describe, expect, test } from 'vitest'
import { validationScore } from '../../../src/main/compute/evaluate.ts'

const logit = (p: number): number => Math.log(p / (1 - p))
const logits = (...p: number[]): Float32Array => Float32Array.from(p, logit)

describe('figures of a validation part', () => {
  const labels = Uint8Array.from([1, 0, 1, 1, 0, 0])
  test('are those of the best threshold for all genres', () => {
    const score = validationScore(labels, logits(0.9, 0.1, 0.3, 0.31, 0.22, 0.05), 3, 2)
    expect(score).toMatchObject({ microF1: 1, macroF1: 1 })
    expect(score.threshold).toBeGreaterThan(0.2)
    expect(score.threshold).toBeLessThanOrEqual(0.3)
  })
  test('do not depend on a shift of all probabilities', () => {
    const moved = validationScore(labels, logits(0.3, 0.05, 0.16, 0.17, 0.1, 0.06), 3, 2)
    expect(moved.microF1).toBe(1)
  })
  test('of a model without information are those of predicting everything', () => {
    // 3 of 6 cells: precision 1/2, recall 1
    expect(validationScore(labels, new Float32Array(6), 3, 2).microF1).toBeCloseTo(2 / 3)
  })
})
