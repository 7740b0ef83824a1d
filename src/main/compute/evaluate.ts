import { SPLITS, type Split } from '../../contract/records.ts'
import { type Conclusion, NOT_TRAINING, type TrainingData } from '../../contract/jobs.ts'
import { iterativeStratification } from '../analysis/stratify.ts'
import { plotGroups } from '../data/clean/plot-groups.ts'
import { gatherRows } from '../analysis/matrix.ts'
import { headline } from '../analysis/metrics.ts'
import { plattScales } from '../analysis/platt.ts'
import { runToEnd } from '../analysis/steps.ts'
import { chooseBy, type Cells } from '../analysis/strategies.ts'
import { chooseThresholds, predict } from '../analysis/thresholds.ts'

/** Rows of a part, ascending. */
export function rowsOf(split: Uint8Array, part: Split): Int32Array {
  const code = SPLITS.indexOf(part)
  let count = 0
  for (const each of split) if (each === code) count++
  const rows = new Int32Array(count)
  for (let row = 0, at = 0; row < split.length; row++) if (split[row] === code) rows[at++] = row
  return rows
}

/** A matrix of `length` cells with 1 at the given ones; null if there are none. */
export function cellMatrix(cells: Int32Array, length: number): Uint8Array | null {
  if (cells.length === 0) return null
  const out = new Uint8Array(length)
  for (const cell of cells) out[cell] = 1
  return out
}

type FoldJob = Pick<TrainingData, 'labels' | 'corrected' | 'split' | 'genres'> & {
  readonly config: { readonly folds: number; readonly seed: number }
}

/**
 * Fold of each row, {@link NOT_TRAINING} outside the training part: iterative stratification by the source labels, so that a retrain
 * keeps the folds of the run that it is compared with; near-duplicates are in one fold.
 * @param rows the training rows, ascending
 * @param groups of these rows, see {@link plotGroups}
 */
export function assignFolds({ labels, corrected, split, genres, config }: FoldJob, rows: Int32Array, groups: Int32Array): Uint8Array {
  const k = genres.length
  const source = labels.slice()
  for (const cell of corrected) source[cell] = 1 - source[cell]!
  const shares = Array.from({ length: config.folds }, () => 1 / config.folds)
  const part = iterativeStratification(gatherRows(source, rows, k), rows.length, k, shares, groups, config.seed)
  const fold = new Uint8Array(split.length).fill(NOT_TRAINING)
  rows.forEach((row, i) => (fold[row] = part[i]!))
  return fold
}

/** (n) groups of near-duplicates, see {@link plotGroups}. */
export const groupsOf = (plots: () => Iterable<string>, n: number): Int32Array => runToEnd(plotGroups(plots, n))

/** The groups with all rows of a movie in the group of its first one. @param movies (n) ids */
export function byMovie(groups: Int32Array, movies: Int32Array): Int32Array {
  const first = new Map<number, number>()
  return groups.map((group, i) => {
    const known = first.get(movies[i]!)
    if (known === undefined) first.set(movies[i]!, group)
    return known ?? group
  })
}

/** Divides `n` movies into folds by labels (n, k) and a seed, for several labellings; near-duplicates are in one fold. */
export function divider(
  plots: () => Iterable<string>,
  n: number,
  k: number,
  folds: number,
): (labels: Uint8Array, seed: number) => Uint8Array {
  const groups = groupsOf(plots, n)
  const shares = Array.from({ length: folds }, () => 1 / folds)
  return (labels, seed) => iterativeStratification(labels, n, k, shares, groups, seed)
}

/** Candidate thresholds: 0.05, 0.075, … 0.95. */
const THRESHOLDS: readonly number[] = Array.from({ length: 37 }, (_, i) => 0.05 + 0.025 * i)

interface ValidationScore {
  readonly microF1: number
  readonly macroF1: number
  /** The threshold for all genres with the best micro-F1. */
  readonly threshold: number
}

/**
 * Micro- and macro-F1 at the single threshold for all genres that has the best micro-F1 on these movies. A threshold of 0.5 would reward
 * calibration, because weighted losses shift every probability. One threshold per genre would overfit rare genres on a few hundred movies.
 * @param labels (n, k)
 * @param logits (n, k)
 */
export function validationScore(labels: Uint8Array, logits: Float32Array, n: number, k: number): ValidationScore {
  let best: ValidationScore = { microF1: -1, macroF1: 0, threshold: 0.5 }
  for (const threshold of THRESHOLDS) {
    const cut = Math.log(threshold / (1 - threshold))
    const { microF1, macroF1 } = headline(
      labels,
      Uint8Array.from(logits, (z) => (z >= cut ? 1 : 0)),
      n,
      k,
    )
    if (microF1 > best.microF1) best = { microF1, macroF1, threshold }
  }
  return best
}

/**
 * Numbers of movies for which micro-F1 and macro-F1 together choose better thresholds than each genre's own F1, which is smoothed for rare
 * genres (docs/linear-defaults.md). For more, the search would need too much memory, and the difference is small.
 */
const [TOGETHER_FROM, TOGETHER_TO] = [2_000, 100_000]

/** @param excluded (n, k) 1: the cell does not count */
export function trainedThresholds({ y, p, n, k }: Cells, excluded: Uint8Array | null): Float32Array {
  if (n < TOGETHER_FROM || n > TOGETHER_TO) return chooseThresholds(y, p, n, k, excluded)
  // a cell without the genre that is never predicted adds nothing to any F1
  const counted = <T extends Uint8Array | Float32Array>(cells: T): T =>
    (excluded === null ? cells : cells.map((value, cell) => (excluded[cell] === 1 ? 0 : value))) as T
  return runToEnd(chooseBy('micro-macro', { y: counted(y), p: counted(p), n, k }, null, 0))
}

/**
 * Thresholds and Platt scales from the out-of-fold probabilities, and the headline scores of the frozen test part, or of the out-of-fold
 * movies if there is none.
 * @param p (movies, genres) probabilities of the job's rows
 */
export function conclude(job: Pick<TrainingData, 'labels' | 'excluded' | 'split' | 'genres'>, p: Float32Array): Conclusion {
  const k = job.genres.length
  const excluded = cellMatrix(job.excluded, job.labels.length)
  const train = rowsOf(job.split, 'train')
  const [y, q] = [gatherRows(job.labels, train, k), gatherRows(p, train, k)]
  const thresholds = trainedThresholds({ y, p: q, n: train.length, k }, excluded && gatherRows(excluded, train, k))
  const scales = plattScales(y, q, train.length, k)
  const test = rowsOf(job.split, 'test')
  const scope = test.length > 0 ? { part: 'test' as const, rows: test } : { part: 'oof' as const, rows: train }
  const movies = scope.rows.length
  const predicted = predict(gatherRows(p, scope.rows, k), thresholds, movies, k, { atLeastOne: true })
  const summary = { part: scope.part, ...headline(gatherRows(job.labels, scope.rows, k), predicted, movies, k) }
  return { thresholds: [...thresholds], scales, summary, movies }
}
