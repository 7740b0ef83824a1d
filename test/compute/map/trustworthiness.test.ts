/** Reference values: `sklearn.manifold.trustworthiness(X, Y, n_neighbors=k)` of scikit-learn 1.2.1 on the same formulas. */
import { expect, test } from 'vitest'
import { trustworthiness } from '../../../src/main/compute/map/trustworthiness.ts'

const N = 60
const vectors = Float64Array.from({ length: 5 * N }, (_, at) => Math.sin(1 + Math.floor(at / 5) * ((at % 5) + 1) * 0.7))
const pairs = (of: (i: number) => readonly [number, number]): Float64Array =>
  Float64Array.from(Array.from({ length: N }, (_, i) => of(i)).flat())
/** The first two dimensions with some noise, and places that have nothing to do with the vectors. */
const near = pairs((i) => [vectors[5 * i]! + 0.3 * Math.cos(i * 1.3), vectors[5 * i + 1]! + 0.3 * Math.sin(i * 2.1)])
const unrelated = pairs((i) => [Math.cos(i * 1.9), Math.sin(i * 3.7)])

test.each([
  [5, 0.8261538461538461, 0.4452564102564103],
  [15, 0.7845045045045045, 0.48963963963963963],
])('the %i nearest', (k, ofNear, ofUnrelated) => {
  expect(trustworthiness(vectors, 5, near, k)).toBeCloseTo(ofNear, 12)
  expect(trustworthiness(vectors, 5, unrelated, k)).toBeCloseTo(ofUnrelated, 12)
  const copy = pairs((i) => [vectors[5 * i]!, vectors[5 * i + 1]!])
  expect(trustworthiness(copy, 2, copy, k)).toBe(1)
})
