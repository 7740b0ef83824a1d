import { sigmoid } from '../../analysis/matrix.ts'
import type { TrainingRows } from './problems.ts'

/** The threads' shared output; each problem writes its own cells. */
export interface FitOutput {
  readonly linear: FamilyOutput
  readonly bayes: FamilyOutput
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
  readonly weights: () => Float64Array
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

/** Writes one problem's results: held-out rows of a fold, or the final model's weights. */
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
  return { fold, genre, linear: (fit) => write(output.linear, fit), bayes: (fit) => write(output.bayes, fit) }
}
