/** The problems of a training run: one for each fold (and the final model) and genre. */
import type { LinearConfig } from '../../../contract/records.ts'
import { classWeight, type Counts } from './class-weights.ts'
import type { Problem } from './logistic.ts'

/** The training rows, posted to every thread: n rows, k genres. */
export interface TrainingRows {
  readonly k: number
  /** (n, k) */
  readonly labels: Uint8Array
  /** (n, k) 1: the cell takes no part; null: all do */
  readonly excluded: Uint8Array | null
  /** (n) null: all 1 */
  readonly weight: Float32Array | null
  /** (n) 0 … folds - 1 */
  readonly fold: Uint8Array
}
export type FitConfig = Pick<LinearConfig, 'c' | 'classWeight' | 'folds'>

/** Gradient norm, against its start, at which a genre's fit ends: probabilities within 5e-4 of the limit on the movies it was measured on. */
export const TOLERANCE = 5e-4

/** A genre that has only positives or only negatives: what to answer for everyone. */
export interface Constant {
  readonly constant: number
}

/** Is a row's cell part of the fit without `fold`? (`fold` = folds: the final model, on all training rows.) */
const takesPart = (rows: TrainingRows, row: number, genre: number, fold: number): boolean =>
  rows.fold[row] !== fold && rows.excluded?.[row * rows.k + genre] !== 1

function count(rows: TrainingRows, genre: number, fold: number): Counts {
  let [positive, negative] = [0, 0]
  for (let row = 0; row < rows.fold.length; row++) {
    if (!takesPart(rows, row, genre, fold)) continue
    const weight = rows.weight?.[row] ?? 1
    if (rows.labels[row * rows.k + genre] === 1) positive += weight
    else negative += weight
  }
  return { positive, negative }
}

const solvable = ({ positive, negative }: Counts): boolean => positive > 0 && negative > 0

/** Rows by weight, 0 for those left out: what naive Bayes takes. */
export function rowWeights(rows: TrainingRows, fold: number, genre: number): Float64Array {
  const weights = new Float64Array(rows.fold.length)
  for (let row = 0; row < weights.length; row++) if (takesPart(rows, row, genre, fold)) weights[row] = rows.weight?.[row] ?? 1
  return weights
}

/** Makes the problems of one run; counts are taken once per fold. */
export function problemMaker(rows: TrainingRows, config: FitConfig): (fold: number, genre: number) => Problem | Constant {
  const counted = new Map<number, readonly Counts[]>()
  const countsOf = (fold: number): readonly Counts[] => {
    const known = counted.get(fold) ?? Array.from({ length: rows.k }, (_, genre) => count(rows, genre, fold))
    counted.set(fold, known)
    return known
  }
  return (fold, genre) => {
    const all = countsOf(fold)
    const counts = all[genre]!
    // Laplace's rule of succession
    if (!solvable(counts)) return { constant: (counts.positive + 1) / (counts.positive + counts.negative + 2) }
    const weights = classWeight(config.classWeight, counts, all.filter(solvable))
    const labels = new Uint8Array(rows.fold.length)
    const cost = new Float64Array(rows.fold.length)
    for (let row = 0; row < labels.length; row++) {
      labels[row] = rows.labels[row * rows.k + genre]!
      if (!takesPart(rows, row, genre, fold)) continue
      cost[row] = config.c * (rows.weight?.[row] ?? 1) * (labels[row] === 1 ? weights.positive : weights.negative)
    }
    return { labels, cost, tolerance: TOLERANCE }
  }
}
