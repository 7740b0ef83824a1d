/**
 * L2 logistic regression over rows of few features, by Newton's method with a Cholesky factorisation of the Hessian:
 *
 * f(w, b) = sum_i c_i log(1 + exp(-s_i (x_i . w + b))) + |w|^2 / 2, s_i = +1 or -1        (the intercept b is not penalised)
 *
 * the same problem as scikit-learn's LogisticRegression with C = c. For thousands of features use compute/linear/logistic.ts.
 */
import { sigmoid } from './matrix.ts'

/** A sparse matrix by rows: row r has `values[i]` at column `indices[i]` for indptr[r] <= i < indptr[r + 1]. */
export interface FeatureRows {
  readonly columns: number
  /** (rows + 1) */
  readonly indptr: Int32Array
  readonly indices: Uint16Array
  readonly values: Float64Array
}

const MAX_STEPS = 40
const MAX_HALVINGS = 30
/** The fit ends when a step lowers the objective by less than this share. */
const CONVERGED = 1e-7

/**
 * Fits the weights.
 * @param y (rows) 1 or 0
 * @param cost (rows) C times the row's weight; 0 excludes the row
 * @param start (columns + 1) weights to start from, such as those of another fold; null: zeros
 * @returns (columns + 1) the weights, the intercept last
 */
export function fitRows(x: FeatureRows, y: Uint8Array, cost: Float64Array, start: Float64Array | null = null): Float64Array {
  const d = x.columns + 1
  let w = start?.slice() ?? new Float64Array(d)
  const margins = new Float64Array(cost.length)
  let value = objective(x, y, cost, w, margins)
  const gradient = new Float64Array(d)
  const hessian = new Float64Array(d * d)
  for (let step = 0; step < MAX_STEPS; step++) {
    derivatives(x, y, cost, w, margins, gradient, hessian)
    const move = choleskySolve(hessian, gradient, d)
    let next = w
    let lower = Infinity
    for (let size = 1, halvings = 0; halvings < MAX_HALVINGS; halvings++, size /= 2) {
      next = w.map((each, i) => each - size * move[i]!)
      lower = objective(x, y, cost, next, margins)
      if (lower <= value) break
    }
    if (!(lower <= value)) break
    const gain = value - lower
    w = next
    value = lower
    if (gain < CONVERGED * (1 + value)) break
  }
  return w
}

/** The log-odds of one row under weights of {@link fitRows}. */
export function rowMargin({ columns, indptr, indices, values }: FeatureRows, w: Float64Array, row: number): number {
  let sum = w[columns]!
  for (let i = indptr[row]!; i < indptr[row + 1]!; i++) sum += values[i]! * w[indices[i]!]!
  return sum
}

/** The objective at w; fills `margins` for rows with a cost. */
function objective(x: FeatureRows, y: Uint8Array, cost: Float64Array, w: Float64Array, margins: Float64Array): number {
  let sum = 0
  for (let i = 0; i < x.columns; i++) sum += w[i]! ** 2 / 2
  for (let row = 0; row < cost.length; row++) {
    if (cost[row] === 0) continue
    const m = (margins[row] = rowMargin(x, w, row))
    // log(1 + e^m) - y m, without overflow
    sum += cost[row]! * (Math.max(m, 0) + Math.log1p(Math.exp(-Math.abs(m))) - (y[row] === 1 ? m : 0))
  }
  return sum
}

/** Gradient and lower half of the Hessian at the margins of w. */
function derivatives(
  { columns, indptr, indices, values }: FeatureRows,
  y: Uint8Array,
  cost: Float64Array,
  w: Float64Array,
  margins: Float64Array,
  gradient: Float64Array,
  hessian: Float64Array,
): void {
  const d = columns + 1
  hessian.fill(0)
  for (let i = 0; i < columns; i++) {
    gradient[i] = w[i]!
    hessian[i * d + i] = 1
  }
  gradient[columns] = 0
  hessian[columns * d + columns] = 1e-9
  for (let row = 0; row < cost.length; row++) {
    if (cost[row] === 0) continue
    const p = sigmoid(margins[row]!)
    const error = cost[row]! * (p - y[row]!)
    const bend = cost[row]! * p * (1 - p)
    gradient[columns] += error
    hessian[columns * d + columns]! += bend
    for (let i = indptr[row]!, end = indptr[row + 1]!; i < end; i++) {
      const a = indices[i]!
      const scaled = bend * values[i]!
      gradient[a]! += error * values[i]!
      hessian[columns * d + a]! += scaled
      for (let j = indptr[row]!; j <= i; j++) {
        const b = indices[j]!
        hessian[a > b ? a * d + b : b * d + a]! += scaled * values[j]!
      }
    }
  }
}

/** Solves H s = g for a positive definite H given by its lower half, which is overwritten by its Cholesky factor. */
function choleskySolve(h: Float64Array, g: Float64Array, d: number): Float64Array {
  for (let i = 0; i < d; i++)
    for (let j = 0; j <= i; j++) {
      let sum = h[i * d + j]!
      for (let m = 0; m < j; m++) sum -= h[i * d + m]! * h[j * d + m]!
      h[i * d + j] = i === j ? Math.sqrt(Math.max(sum, 1e-300)) : sum / h[j * d + j]!
    }
  const out = g.slice()
  for (let i = 0; i < d; i++) {
    for (let m = 0; m < i; m++) out[i]! -= h[i * d + m]! * out[m]!
    out[i]! /= h[i * d + i]!
  }
  for (let i = d - 1; i >= 0; i--) {
    for (let m = i + 1; m < d; m++) out[i]! -= h[m * d + i]! * out[m]!
    out[i]! /= h[i * d + i]!
  }
  return out
}
