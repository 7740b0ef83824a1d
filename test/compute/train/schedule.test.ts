import { describe, expect, test } from 'vitest'
import { learningRateAt, warmUpSteps } from '../../../src/main/compute/train/schedule.ts'

/** get_linear_schedule_with_warmup and get_cosine_schedule_with_warmup of Transformers 4.31, 10 steps, 3 of warm-up, peak 1. */
const LINEAR = [0, 1 / 3, 2 / 3, 1, 6 / 7, 5 / 7, 4 / 7, 3 / 7, 2 / 7, 1 / 7, 0]
const COSINE = [0, 1 / 3, 2 / 3, 1, 0.9504844, 0.8117449, 0.6112605, 0.3887395, 0.1882551, 0.0495156, 0]

const rates = (schedule: 'linear' | 'cosine' | 'constant', warmUp: number, learningRate = 1): number[] =>
  Array.from({ length: 11 }, (_, step) => learningRateAt(step, 10, { schedule, warmUp, learningRate }))

describe('ten steps, three of them warm-up', () => {
  test('linear', () => rates('linear', 0.3).forEach((rate, i) => expect(rate).toBeCloseTo(LINEAR[i]!, 6)))
  test('cosine', () => rates('cosine', 0.3).forEach((rate, i) => expect(rate).toBeCloseTo(COSINE[i]!, 6)))
  test('constant', () => expect(rates('constant', 0.3)).toEqual([0, 1 / 3, 2 / 3, 1, 1, 1, 1, 1, 1, 1, 1]))
})
test('without a warm-up the first step has the full rate', () => expect(rates('linear', 0, 2e-5)[0]).toBe(2e-5))
test('a schedule of only warm-up does not divide by 0', () => expect(rates('linear', 1).every(Number.isFinite)).toBe(true))
test('a share of the steps is rounded up', () => expect(warmUpSteps(11, 0.1)).toBe(2))
