import { sigmoid } from '../../analysis/matrix.ts'
import type { TrainingRows } from './problems.ts'

/** The threads' shared output; each problem writes its own cells. */
export interface FitOutput {
  readonly linear: FamilyOutput
  readonly bayes: FamilyOutput
  /** Null if the linear models of the folds would take more than {@link MAX_FOLD_BYTES}. */
  readonly folds: FoldWeights | null
}
/** The linear models of the folds, in half precision: they only explain, and the final model predicts. */
export interface FoldWeights {
  /** (folds, k, columns) */
  readonly weights: Float16Array
  /** (folds, k) */
  readonly intercepts: Float64Array
}
export interface FamilyOutput {
  /** (n, k) out-of-fold probabilities */
  readonly probabilities: Float32Array
  /** (k, columns) the final model's */
  readonly weights: Float32Array
  /** (k) the final model's */
  readonly intercepts: Float64Array
}
/** A fitted model of one fold and genre. */
export interface Fit {
  readonly weights: () => Float32Array | Float64Array
  readonly intercept: number
  /** The log-odds of a training row. */
  readonly margin: (row: number) => number
}
export interface Writer {
  readonly fold: number
  readonly genre: number
  readonly linear: (fit: Fit) => void
  readonly bayes: (fit: Fit) => void
}

const shared = (length: number): SharedArrayBuffer => new SharedArrayBuffer(length)

/** Allocates the results of `n` rows and `k` genres. */
export function allocateFamily(n: number, k: number, columns: number): FamilyOutput {
  return {
    probabilities: new Float32Array(shared(n * k * 4)),
    weights: new Float32Array(shared(k * columns * 4)),
    intercepts: new Float64Array(shared(k * 8)),
  }
}

/** Limit of the weights of all folds: the model would be larger than the rest of the project. */
export const MAX_FOLD_BYTES = 128 << 20

export function allocateFolds(folds: number, k: number, columns: number): FoldWeights | null {
  const bytes = folds * k * columns * Float16Array.BYTES_PER_ELEMENT
  if (bytes > MAX_FOLD_BYTES) return null
  return { weights: new Float16Array(shared(bytes)), intercepts: new Float64Array(shared(folds * k * 8)) }
}

/** Writes one problem's results: a fold's model and its predictions of the held-out rows, or the final model. */
export function openWriter(problem: number, rows: TrainingRows, folds: number, output: FitOutput): Writer {
  const fold = Math.floor(problem / rows.k)
  const genre = problem % rows.k
  const write = (to: FamilyOutput, fit: Fit): void => {
    if (fold === folds) {
      to.weights.set(fit.weights(), (genre * to.weights.length) / rows.k)
      to.intercepts[genre] = fit.intercept
      return
    }
    for (let row = 0; row < rows.fold.length; row++)
      if (rows.fold[row] === fold) to.probabilities[row * rows.k + genre] = sigmoid(fit.margin(row))
  }
  const keep = (fit: Fit): void => {
    if (fold === folds || output.folds === null) return
    output.folds.weights.set(fit.weights(), (problem * output.folds.weights.length) / (folds * rows.k))
    output.folds.intercepts[problem] = fit.intercept
  }
  const linear = (fit: Fit): void => {
    write(output.linear, fit)
    keep(fit)
  }
  return { fold, genre, linear, bayes: (fit) => write(output.bayes, fit) }
}
