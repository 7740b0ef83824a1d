/**
 * Multinomial naive Bayes on n-gram counts, one genre against the rest (McCallum and Nigam 1998; numerically equal to scikit-learn's
 * MultinomialNB). It shares neither loss nor weighting with the logistic family, so it is a second opinion.
 */
import type { CountMatrix } from './matrix-space.ts'

/** Smoothing: added to each n-gram's count. */
export const ALPHA = 0.1

/** log P(genre | plot) - log P(rest | plot) = intercept + sum of counts * ratios. */
export interface BayesModel {
  /** (columns) log-likelihood ratio of each n-gram */
  readonly ratios: Float64Array
  /** Log-odds of the genre without any text. */
  readonly intercept: number
}

/**
 * Fits on the rows with a weight above 0, which must include both classes.
 * `counts`: (rows, columns); `labels`: (rows) 1 or 0; `weight`: (rows) how often a row counts.
 */
export function fitBayes(counts: CountMatrix, labels: Uint8Array, weight: ArrayLike<number>, alpha = ALPHA): BayesModel {
  const positive = new Float64Array(counts.columns).fill(alpha)
  const negative = new Float64Array(counts.columns).fill(alpha)
  let [positives, negatives, positiveSum, negativeSum] = [0, 0, alpha * counts.columns, alpha * counts.columns]
  for (let row = 0; row < counts.rows; row++) {
    const factor = weight[row]!
    if (factor === 0) continue
    const mine = labels[row] === 1 ? positive : negative
    let sum = 0
    for (let i = counts.indptr[row]!, at = counts.starts[row]!; i < counts.indptr[row + 1]!; i++, at++) {
      const added = factor * counts.values[i]!
      mine[counts.indices[at]!]! += added
      sum += added
    }
    if (labels[row] === 1) [positives, positiveSum] = [positives + factor, positiveSum + sum]
    else [negatives, negativeSum] = [negatives + factor, negativeSum + sum]
  }
  const shift = Math.log(negativeSum / positiveSum)
  const ratios = positive // reuses the memory
  for (let column = 0; column < ratios.length; column++) ratios[column] = Math.log(positive[column]! / negative[column]!) + shift
  return { ratios, intercept: Math.log(positives / negatives) }
}

/** The log-odds of one row of `counts`. */
export function bayesMargin(model: BayesModel, counts: CountMatrix, row: number): number {
  let margin = model.intercept
  for (let i = counts.indptr[row]!, at = counts.starts[row]!; i < counts.indptr[row + 1]!; i++, at++)
    margin += counts.values[i]! * model.ratios[counts.indices[at]!]!
  return margin
}
