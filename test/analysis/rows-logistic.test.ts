import { expect, test } from 'vitest'
import { fitRows, rowMargin, type FeatureRows } from '../../src/main/analysis/rows-logistic.ts'

/** Rows without their zeros, as they are stored. */
function rowsOf(dense: readonly (readonly number[])[]): FeatureRows {
  const filled = dense.map((row) => row.flatMap((value, column) => (value === 0 ? [] : [[column, value] as const])))
  const indptr = new Int32Array(dense.length + 1)
  filled.forEach((row, i) => (indptr[i + 1] = indptr[i]! + row.length))
  return {
    columns: dense[0]!.length,
    indptr,
    indices: Uint16Array.from(filled.flat(), ([column]) => column),
    values: Float64Array.from(filled.flat(), ([, value]) => value),
  }
}
const X = rowsOf([
  [1.5, 0, 1],
  [0.2, 1, 0],
  [-0.7, 0, 0],
  [2.1, 1, 1],
  [-1.2, 1, 0],
  [0.4, 0, 1],
  [-2.0, 0, 1],
  [0.9, 1, 1],
  [-0.3, 1, 1],
  [1.1, 0, 0],
])
const Y = Uint8Array.of(1, 0, 0, 1, 0, 1, 0, 1, 1, 0)
const WEIGHT = [1, 2, 1, 1, 3, 1, 1, 0.5, 1, 1]

// scikit-learn 1.2: LogisticRegression(C=C, solver='lbfgs', tol=1e-12).fit(X, Y, sample_weight=WEIGHT)
test.each([
  [1, [0.87815449, 0.05859656, 1.31361172, -1.31945732]],
  [0.25, [0.52803952, -0.01114926, 0.47469014, -0.81291102]],
])('weights are those of scikit-learn for C = %d', (c, expected) => {
  const fitted = fitRows(
    X,
    Y,
    Float64Array.from(WEIGHT, (weight) => c * weight),
  )
  expected.forEach((weight, i) => expect(fitted[i]).toBeCloseTo(weight, 5))
})

test('a row without cost takes no part, and weights to start from change nothing', () => {
  const cost = Float64Array.from(WEIGHT, (weight, row) => (row === 3 ? 0 : weight))
  const without = fitRows(X, Y, cost)
  const flipped = fitRows(X, Y.map((label, row) => (row === 3 ? 1 - label : label)), cost, Float64Array.of(3, -2, 1, 0.5)) // prettier-ignore
  without.forEach((weight, i) => expect(flipped[i]).toBeCloseTo(weight, 5))
})

test('the margin of a row is its features times the weights', () => {
  expect(rowMargin(X, Float64Array.of(2, 10, -1, 0.5), 3)).toBeCloseTo(2.1 * 2 + 10 - 1 + 0.5, 12)
  expect(rowMargin(X, Float64Array.of(2, 10, -1, 0.5), 2)).toBeCloseTo(-0.7 * 2 + 0.5, 12)
})
