import type { Csr } from '../linear/csr.ts'
import { seededDraws, shuffle } from '../../analysis/random.ts'
import { squaredNorms } from './rows.ts'

const MAX_SWEEPS = 1000
/** Violation of the optimality conditions at which a fit ends. */
const TOLERANCE = 1e-4

/**
 * Linear support vector machine with the squared hinge loss, as scikit-learn's LinearSVC: minimises |(w, b)|^2 / 2 + sum c_i max(0, 1 -
 * y_i m_i)^2 by dual coordinate descent (Hsieh et al. 2008, algorithm 1 with shrinking left out).
 * @param labels (rows) 1 or 0
 * @param cost (rows) C times the row's weight; 0 leaves the row out
 */
export function fitSvm(x: Csr, labels: Uint8Array, cost: Float64Array, seed: number): { weights: Float64Array; intercept: number } {
  const weights = new Float64Array(x.columns)
  const alpha = new Float64Array(x.rows)
  const norms = squaredNorms(x)
  const order = Int32Array.from([...cost.keys()].filter((row) => cost[row]! > 0))
  const draw = seededDraws(seed)
  let intercept = 0
  for (let sweep = 0; sweep < MAX_SWEEPS; sweep++) {
    let [most, least] = [-Infinity, Infinity]
    for (const row of shuffle(order, draw)) {
      const y = labels[row] === 1 ? 1 : -1
      const diagonal = 1 / (2 * cost[row]!)
      let margin = intercept
      for (let i = x.indptr[row]!; i < x.indptr[row + 1]!; i++) margin += x.values[i]! * weights[x.indices[i]!]!
      const gradient = y * margin - 1 + diagonal * alpha[row]!
      const projected = alpha[row] === 0 ? Math.min(0, gradient) : gradient
      most = Math.max(most, projected)
      least = Math.min(least, projected)
      if (projected === 0) continue
      const before = alpha[row]!
      alpha[row] = Math.max(0, before - gradient / (norms[row]! + 1 + diagonal))
      const change = (alpha[row] - before) * y
      intercept += change
      for (let i = x.indptr[row]!; i < x.indptr[row + 1]!; i++) weights[x.indices[i]!]! += change * x.values[i]!
    }
    if (most - least < TOLERANCE) break
  }
  return { weights, intercept }
}
