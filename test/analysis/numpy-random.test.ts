import { expect, test } from 'vitest'
import { permutation, trainTestSplit } from '../../src/main/analysis/numpy-random.ts'

// NumPy 1.24.2: RandomState(seed).permutation(n)
test('permutations are those of RandomState', () => {
  expect([...permutation(10, 42)]).toEqual([8, 1, 5, 0, 7, 2, 9, 4, 3, 6])
  expect([...permutation(1000, 42).slice(0, 8)]).toEqual([521, 737, 740, 660, 411, 678, 626, 513])
})

// scikit-learn 1.2.1: train_test_split(range(n), test_size=0.2, random_state=seed)
test('splits are those of train_test_split', () => {
  const small = trainTestSplit(11, 0.2, 42)
  expect([[...small.train], [...small.test]]).toEqual([
    [10, 2, 1, 8, 4, 7, 3, 6],
    [5, 0, 9],
  ])
  const { train, test: held } = trainTestSplit(1000, 0.2, 1)
  expect([...train.slice(0, 8)]).toEqual([382, 994, 982, 47, 521, 636, 19, 366])
  expect([...held.slice(0, 8)]).toEqual([507, 818, 452, 368, 242, 929, 262, 810])
  expect([train.length, held.length]).toEqual([800, 200])
})
