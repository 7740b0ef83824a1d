import { expect, test } from 'vitest'
import { byMovie } from '../../src/main/compute/evaluate.ts'

test('all rows of a movie are in the group of its first one', () => {
  expect([...byMovie(Int32Array.of(0, 1, 1, 3, 4, 5), Int32Array.of(7, 8, 9, 10, 7, 9))]).toEqual([0, 1, 1, 3, 0, 1])
})
