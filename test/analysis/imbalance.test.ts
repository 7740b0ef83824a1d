import { expect, test } from 'vitest'
import { timesTrained } from '../../src/main/analysis/imbalance.ts'

/** Rows such as `D DC W`, one movie a word: Drama, Comedy, War. */
const labelsOf = (text: string): Uint8Array =>
  Uint8Array.from(text.split(' ').flatMap((row) => ['D', 'C', 'W'].map((genre) => (row.includes(genre) ? 1 : 0))))
const sum = (values: Float32Array): number => values.reduce((a, b) => a + b, 0)

test('copies go to movies outside the commonest genres', () => {
  const labels = labelsOf('D DC C W W D DW C')
  // Drama has four movies, Comedy and War three each: the first of equals is common
  expect([...timesTrained(labels, 3, { kind: 'outside', commonest: 2, copies: 5 }, 42)]).toEqual([1, 1, 1, 6, 6, 1, 1, 1])
  expect([...timesTrained(labels, 3, { kind: 'none' }, 42)]).toEqual([1, 1, 1, 1, 1, 1, 1, 1])
})

test('rare label sets are copied up to the mean size, common ones are left out down to it', () => {
  // sets of 12, 3 and 1 of 16 movies: the mean is 16 / 3
  const labels = labelsOf(`${'D '.repeat(12)}C C C W`)
  const more = timesTrained(labels, 3, { kind: 'oversample', share: 0.25 }, 1)
  expect(sum(more)).toBe(20)
  expect([...more.slice(0, 12)]).toEqual(Array(12).fill(1))
  expect([sum(more.slice(12, 15)), more[15]]).toEqual([5, 3])
  // not past the mean
  expect(sum(timesTrained(labels, 3, { kind: 'oversample', share: 1 }, 1))).toBe(12 + 5 + 5)
  const fewer = timesTrained(labels, 3, { kind: 'undersample', share: 0.25 }, 1)
  expect([sum(fewer.slice(0, 12)), ...fewer.slice(12)]).toEqual([8, 1, 1, 1, 1])
  expect(fewer.every((times) => times === 0 || times === 1)).toBe(true)
  expect(timesTrained(labels, 3, { kind: 'undersample', share: 0.25 }, 1)).toEqual(fewer)
  expect(timesTrained(labels, 3, { kind: 'undersample', share: 0.25 }, 2)).not.toEqual(fewer)
})
