/** Messages between the engine and a compute process. One process does one job and ends. */
import type { ErrorReply } from './errors.ts'
import type { LinearConfig } from './records.ts'

/** In place of a fold: the row trains no model (valid, test). */
export const NOT_TRAINING = 255

export interface TrainJob {
  readonly t: 'train'
  /** The project file, opened read-only by the compute process. */
  readonly project: string
  readonly run: number
  readonly config: LinearConfig
  /** Genre ids in the order of the run's columns. */
  readonly genres: Int32Array
  /** Movie ids, in the order of the rows below. */
  readonly movies: Int32Array
  /** Effective labels, movies x genres. */
  readonly labels: Uint8Array
  /** Cells left out of the loss (impossible), movies x genres. */
  readonly excluded: Uint8Array
  /** Weight of each row. */
  readonly rowWeight: Float32Array
  /** Fold of each training row; {@link NOT_TRAINING} for the others. */
  readonly fold: Uint8Array
}
export type ComputeRequest = TrainJob

export type ComputeReply =
  | { readonly t: 'progress'; readonly done: number; readonly total: number; readonly phase: string }
  /** Predictions of `movies.length` movies: out-of-fold probabilities and naive Bayes evidence, each movies x genres. */
  | { readonly t: 'predictions'; readonly movies: Int32Array; readonly probabilities: Float32Array; readonly evidence: Float32Array }
  | { readonly t: 'model'; readonly bytes: Uint8Array; readonly features: number }
  | { readonly t: 'done' }
  | { readonly t: 'error'; readonly error: ErrorReply }
