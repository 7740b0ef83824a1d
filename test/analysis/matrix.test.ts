import { expect, test } from 'vitest'
import { seededDraws } from '../../src/main/analysis/random.ts'
import { columnSums, sortSteps } from '../../src/main/analysis/matrix.ts'
import { BLOCK_CELLS, rowBlocks, runToEnd } from '../../src/main/analysis/steps.ts'

const drawn = (length: number): Float32Array => {
  const draw = seededDraws(length)
  return Float32Array.from({ length }, () => draw(1000) / 1000)
}

// the native sort is the reference
test.each([0, 1, 1000, BLOCK_CELLS, BLOCK_CELLS + 1, 3 * BLOCK_CELLS + 17])('%i values are sorted in place', (length) => {
  const values = drawn(length)
  const expected = values.slice().sort()
  expect(runToEnd(sortSteps(values))).toBe(values)
  expect(Buffer.from(values.buffer).equals(Buffer.from(expected.buffer))).toBe(true)
})

test('a long sort yields often', () => {
  const steps = sortSteps(drawn(4 * BLOCK_CELLS))
  let stops = 0
  while (steps.next().done !== true) stops++
  expect(stops).toBeGreaterThanOrEqual(4 + 2 * 4)
})

test('rowBlocks cover every row exactly once', () => {
  expect([...rowBlocks(0, 19)]).toEqual([])
  expect([...rowBlocks(10, BLOCK_CELLS / 4)]).toEqual([[0, 4], [4, 8], [8, 10]]) // prettier-ignore
  expect([...rowBlocks(3, 0)]).toEqual([[0, 3]])
})

test('the movies of each genre are counted', () => {
  expect([...columnSums(Uint8Array.of(1, 0, 1, 0, 0, 1), 3)]).toEqual([1, 0, 2])
  expect([...columnSums(Uint8Array.of(), 2)]).toEqual([0, 0])
})

test('the movies of each genre are counted', () => {
  expect([...columnSums(Uint8Array.of(1, 0, 1, 0, 0, 1), 3)]).toEqual([1, 0, 2])
  expect([...columnSums(Uint8Array.of(), 2)]).toEqual([0, 0])
})
