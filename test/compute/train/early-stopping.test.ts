import { describe, expect, test } from 'vitest'
import { afterEpoch, NO_EPOCHS, patienceSpent, type StoppingState } from '../../../src/main/compute/train/early-stopping.ts'

const after = (...figures: (number | null)[]): StoppingState => figures.reduce<StoppingState>(afterEpoch, NO_EPOCHS)

describe('the epoch that is kept', () => {
  test('is the best', () => expect(after(0.3, 0.5, 0.4)).toEqual({ epoch: 3, bestEpoch: 2, best: 0.5 }))
  test('is the first of equals', () => expect(after(0.5, 0.5).bestEpoch).toBe(1))
  test('is the last without validation', () => expect(after(null, null, null).bestEpoch).toBe(3))
})
describe('patience', () => {
  test('ends after the given number of epochs without improvement', () => {
    expect(patienceSpent(after(0.5, 0.4), 2)).toBe(false)
    expect(patienceSpent(after(0.5, 0.4, 0.4), 2)).toBe(true)
  })
  test('never ends without a limit', () => expect(patienceSpent(after(0.5, 0.4, 0.3, 0.2), null)).toBe(false))
})
