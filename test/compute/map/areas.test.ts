import { expect, test } from 'vitest'
import { areasOf, areaWords, clusterCentres, nearestCentres } from '../../../src/main/compute/map/areas.ts'
import type { Csr } from '../../../src/main/compute/linear/csr.ts'

/** Rows of word numbers. */
function matrixOf(rows: readonly (readonly number[])[], columns: number): Csr {
  const indptr = Int32Array.from([0, ...rows.map((_, i) => rows.slice(0, i + 1).flat().length)]) // prettier-ignore
  const indices = Int32Array.from(rows.flat())
  return { rows: rows.length, columns, indptr, indices, values: new Float32Array(indices.length).fill(1) }
}
const NAMES = ['film', 'wolf', 'ship', '1984', 'of']
const sequence = (): (() => number) => {
  let at = 0
  return () => (at = (at + 0.37) % 1)
}

test('clusters have their centres in the middle of their points, and points without a place are in none', () => {
  const places = Float32Array.from([0.1, 0.1, 0.2, 0.1, 0.8, 0.9, 0.9, 0.9, NaN, NaN])
  const centres = clusterCentres(places, 2, sequence())
  const of = nearestCentres(places, centres)
  expect([of[0], of[2], of[4]]).toEqual([of[1], of[3], -1])
  expect(of[0]).not.toBe(of[2])
  expect([...centres].map((x) => Math.round(x * 100) / 100).sort()).toEqual([0.1, 0.15, 0.85, 0.9])
})

test('the words of an area are those of its movies and not of the others; a word of all, numbers and rare words are none', () => {
  const left = Array.from({ length: 10 }, (_, i) => (i < 2 ? [0, 1, 3, 4] : [0, 1, 3]))
  const right = Array.from({ length: 10 }, () => [0, 2])
  const of = Int16Array.from({ length: 20 }, (_, i) => (i < 10 ? 0 : 1))
  const [first, second] = areaWords(matrixOf([...left, ...right], NAMES.length), NAMES, of, 2)
  expect([first![0], second![0]]).toEqual(['wolf', 'ship'])
  expect(first).not.toContain('1984')
  expect(first).not.toContain('of')
})

test('areas are numbered over all levels, and few movies have only coarse ones', () => {
  const places = Float32Array.from({ length: 2 * 60 }, (_, at) => ((at * 7919) % 101) / 101)
  const words = matrixOf(
    Array.from({ length: 60 }, (_, i) => [i % 2]),
    NAMES.length,
  )
  const levels = areasOf(places, words, NAMES, sequence())
  expect(levels.map((areas) => areas.map(({ area }) => area))).toEqual([[1, 2, 3, 4]])
})
