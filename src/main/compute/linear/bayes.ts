/**
 * Multinomial naive Bayes on TF-IDF values, one genre against the rest (McCallum and Nigam 1998; Rennie et al. 2003; numerically equal to
 * scikit-learn's MultinomialNB on the same matrix), and the scale that its ratios give to the features of a logistic regression.
 */
import type { Csr } from './csr.ts'
import type { TrainingRows } from './problems.ts'

/** Smoothing: added to the sum of each n-gram's values. Chosen out of fold: docs/linear-defaults.md. */
export const ALPHA = 0.05

/** log P(genre | plot) - log P(rest | plot) = intercept + sum of values * ratios. */
export interface BayesModel {
  /** (columns) log-likelihood ratio of each n-gram */
  readonly ratios: Float32Array
  /** Log-odds of the genre without any text. */
  readonly intercept: number
}

/** Sums of one fit's rows: of the values of each column, of all values, and of the weights. */
interface Sums {
  readonly columns: Float64Array
  values: number
  rows: number
}
const nothing = (columns: number): Sums => ({ columns: new Float64Array(columns), values: 0, rows: 0 })

function addRow(sums: Sums, { indptr, indices, values }: Csr, row: number, factor: number): void {
  let sum = 0
  for (let i = indptr[row]!; i < indptr[row + 1]!; i++) {
    const added = factor * values[i]!
    sums.columns[indices[i]!]! += added
    sum += added
  }
  sums.values += sum
  sums.rows += factor
}

/**
 * Fits the model of a genre without a fold, which must leave both classes. The sums of all rows are kept, so that a genre reads only its own movies.
 * @param matrix (rows, columns)
 */
export function bayesMaker(matrix: Csr, rows: TrainingRows, alpha = ALPHA): (fold: number, genre: number) => BayesModel {
  const known = new Map<number, Sums>()
  const weightOf = (row: number): number => rows.weight?.[row] ?? 1
  const totalOf = (fold: number): Sums => {
    const before = known.get(fold)
    if (before) return before
    const total = nothing(matrix.columns)
    for (let row = 0; row < matrix.rows; row++) if (rows.fold[row] !== fold) addRow(total, matrix, row, weightOf(row))
    known.set(fold, total)
    return total
  }
  return (fold, genre) => {
    const total = totalOf(fold)
    const [positive, left] = [nothing(matrix.columns), nothing(matrix.columns)]
    for (let row = 0; row < matrix.rows; row++) {
      if (rows.fold[row] === fold) continue
      const cell = row * rows.k + genre
      if (rows.excluded?.[cell] === 1) addRow(left, matrix, row, weightOf(row))
      else if (rows.labels[cell] === 1) addRow(positive, matrix, row, weightOf(row))
    }
    const smooth = alpha * matrix.columns
    const shift = Math.log((total.values - positive.values - left.values + smooth) / (positive.values + smooth))
    const ratios = new Float32Array(matrix.columns)
    for (let column = 0; column < ratios.length; column++) {
      const mine = positive.columns[column]!
      // a sum of no rows is 0 but for rounding
      const others = Math.max(0, total.columns[column]! - mine - left.columns[column]!)
      ratios[column] = Math.log((mine + alpha) / (others + alpha)) + shift
    }
    return { ratios, intercept: Math.log(positive.rows / (total.rows - positive.rows - left.rows)) }
  }
}

/** The log-odds of one row. */
export function bayesMargin({ ratios, intercept }: BayesModel, { indptr, indices, values }: Csr, row: number): number {
  let margin = intercept
  for (let i = indptr[row]!; i < indptr[row + 1]!; i++) margin += values[i]! * ratios[indices[i]!]!
  return margin
}

/**
 * (columns) squared scales of features: 1 - share + share (ratio / mean |ratio|)^2. A logistic regression on features scaled by its root is one on
 * the plain features beside those of NB-SVM, the same features times their ratios (Wang and Manning 2012), with the penalty shared out
 * between both: `share` 0 is plain, 1 is NB-SVM.
 */
export function ratioScale({ ratios }: BayesModel, share: number): Float32Array {
  const mean = ratios.reduce((sum, ratio) => sum + Math.abs(ratio), 0) / ratios.length
  const factor = share / mean ** 2
  return ratios.map((ratio) => 1 - share + factor * ratio * ratio)
}
