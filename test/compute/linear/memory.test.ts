import { describe, expect, test } from 'vitest'
import { LINEAR_MEMBERS } from '../../../src/contract/records.ts'
import { LINEAR_DEFAULTS, linearDefaults } from '../../../src/main/compute/linear/defaults.ts'
import { trainingBytes, type TrainingSize } from '../../../src/main/compute/linear/memory.ts'
import { laneCount } from '../../../src/main/compute/linear/pool.ts'

/** A generated catalogue, four fifths of it for training. */
const generated = (movies: number): TrainingSize => ({ movies, training: 0.8 * movies, genres: 19, characters: 0.8 * movies * 464 })
const MILLION = generated(1_000_000)
test('the recipe depends on the size of the training part', () => {
  expect(linearDefaults(100_000)).toEqual(LINEAR_DEFAULTS)
  expect(linearDefaults(100_001)).toEqual({ ...LINEAR_DEFAULTS, maxFeatures: 500_000 })
  expect(linearDefaults(250_001)).toEqual({ ...LINEAR_DEFAULTS, maxFeatures: 500_000, charNgrams: null, ...LINEAR_MEMBERS.logistic })
})

describe('the estimate', () => {
  // megabytes at the peak of whole processes with two threads, docs/linear-defaults.md
  test.each([
    [10_000, LINEAR_DEFAULTS, 300],
    [100_000, LINEAR_DEFAULTS, 1000],
    [1_000_000, linearDefaults(800_000), 2200],
  ] as const)('of %i movies is near what was measured', (movies, config, measured) => {
    const estimate = trainingBytes(generated(movies), config, 2) / 1e6
    expect(estimate / measured).toBeGreaterThan(0.75)
    expect(estimate / measured).toBeLessThan(1.4)
  })
  test('grows with everything that costs memory', () => {
    const least = trainingBytes(MILLION, { ...LINEAR_DEFAULTS, charNgrams: null, wordNgrams: 1, maxFeatures: 50_000 }, 2)
    for (const change of [{ charNgrams: [4, 4] }, { wordNgrams: 2 }, { stopWords: 'none' }] as const)
      expect(
        trainingBytes(MILLION, { ...LINEAR_DEFAULTS, charNgrams: null, wordNgrams: 1, maxFeatures: 50_000, ...change }, 2),
      ).toBeGreaterThan(least)
    expect(trainingBytes(MILLION, LINEAR_DEFAULTS, 8)).toBeGreaterThan(trainingBytes(MILLION, LINEAR_DEFAULTS, 2))
  })
})

test('less memory means fewer problems in parallel', () => {
  expect(laneCount(8000, 2, 16e9)).toBe(16)
  expect(laneCount(800_000, 2, 16e9)).toBe(8)
  expect(laneCount(800_000, 2, 1e9)).toBe(4)
})
