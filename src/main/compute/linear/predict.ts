import type { LinearConfig } from '../../../contract/records.ts'
import type { Csr } from './csr.ts'
import { sigmoid } from '../../analysis/matrix.ts'
import type { FoldWeights } from './output.ts'
import { transform, type Vectoriser } from './vectorise.ts'

/** A trained model: TF-IDF features and, for each genre, one weight per feature and an intercept. */
export interface LinearModel {
  readonly config: LinearConfig
  /** Number of genres, k. */
  readonly genres: number
  readonly vectoriser: Vectoriser
  /** (columns) the n-gram of each column; the blocks follow one another */
  readonly vocabulary: readonly string[]
  /** (k, columns) */
  readonly weights: Float32Array
  /** (k) */
  readonly intercepts: Float64Array
  /** The models of the folds, which made the out-of-fold predictions; null if they are not stored. */
  readonly folds: FoldModels | null
}
export interface FoldModels extends FoldWeights {
  /** (training rows) ascending; the movies' ids in a stored model */
  readonly rows: Int32Array
  /** (training rows) the fold whose model did not learn from the row */
  readonly fold: Uint8Array
}

/** Assembles a model. @throws RangeError if the sizes do not match */
export function createModel(config: LinearConfig, vectoriser: Vectoriser, weights: Float32Array, intercepts: Float64Array): LinearModel {
  const vocabulary = vectoriser.blocks.flatMap((block) => [...block.ids.keys()])
  const genres = intercepts.length
  if (vocabulary.length !== vectoriser.columns || weights.length !== genres * vectoriser.columns)
    throw new RangeError(`expected ${genres} x ${vectoriser.columns} weights, got ${weights.length}`)
  return { config, genres, vectoriser, vocabulary, weights, intercepts, folds: null }
}

/** Probabilities (plots.length, k) of plots the model has not been trained on. */
export const predictProba = (model: LinearModel, plots: readonly string[]): Float32Array =>
  probabilities(transform(model.vectoriser, plots), model.weights, model.intercepts)

/** sigmoid(matrix . weights' + intercepts): (matrix.rows, k). `weights`: (k, columns). */
export function probabilities(matrix: Csr, weights: Float32Array, intercepts: Float64Array): Float32Array {
  const k = intercepts.length
  const out = new Float32Array(matrix.rows * k)
  for (let genre = 0; genre < k; genre++) {
    const offset = genre * matrix.columns
    for (let row = 0; row < matrix.rows; row++) {
      let margin = intercepts[genre]!
      for (let i = matrix.indptr[row]!; i < matrix.indptr[row + 1]!; i++)
        margin += matrix.values[i]! * weights[offset + matrix.indices[i]!]!
      out[row * k + genre] = sigmoid(margin)
    }
  }
  return out
}
