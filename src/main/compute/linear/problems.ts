/** The problems of a training run: one for each fold (and the final model) and genre. */
import type { LinearConfig } from '../../../contract/records.ts'
import type { Problem } from './logistic.ts'

interface ClassWeight {
  readonly positive: number
  readonly negative: number
}
/** Sums of weights of one genre's cells in a fit. */
interface Counts {
  readonly positive: number
  readonly negative: number
}

/** Lower bound: `log` gives frequent genres next to nothing (and a genre in every row a negative weight). */
const MIN_LOG_WEIGHT = 0.2

type Rule = (genre: Counts, all: readonly Counts[]) => ClassWeight

const total = ({ positive, negative }: Counts): number => positive + negative
const logRarity = (counts: Counts): number => Math.log(total(counts) / (counts.positive + 1))

const RULES: Record<LinearConfig['classWeight'], Rule> = {
  none: () => ({ positive: 1, negative: 1 }),
  // scikit-learn: rows / (classes * rows of the class)
  balanced: (genre) => ({ positive: total(genre) / (2 * genre.positive), negative: total(genre) / (2 * genre.negative) }),
  // published for DistilBERT on movie genres: log(total / (count + 1)), divided by its mean over the genres
  log: (genre, all) => {
    const mean = all.reduce((sum, each) => sum + logRarity(each), 0) / all.length
    const weight = mean > 0 ? logRarity(genre) / mean : 1
    return { positive: Math.max(MIN_LOG_WEIGHT, weight), negative: 1 }
  },
}

/** @param all the counts of every genre that has both positives and negatives, including this one */
export const classWeight = (kind: LinearConfig['classWeight'], genre: Counts, all: readonly Counts[]): ClassWeight =>
  RULES[kind](genre, all)

/** The training rows, posted to every thread: n rows, k genres. */
export interface TrainingRows {
  readonly k: number
  /** (n, k) */
  readonly labels: Uint8Array
  /** (n, k) 1: the cell is excluded; null: none is */
  readonly excluded: Uint8Array | null
  /** (n) null: all 1 */
  readonly weight: Float32Array | null
  /** (n) 0 … folds - 1 */
  readonly fold: Uint8Array
}
/** `final`: fit a model of all rows as well. */
export type FitConfig = Pick<LinearConfig, 'c' | 'classWeight' | 'folds' | 'ratioShare' | 'bayesWeight'> & { readonly final: boolean }

/** Relative gradient norm at which a fit ends: probabilities are then within 5e-4 of the limit on the movies it was measured on. */
export const TOLERANCE = 5e-4

/** A genre with only positives or only negatives: the probability for every movie. */
export interface Constant {
  readonly constant: number
}

/** True if a row's cell belongs to the fit without `fold` (`fold` = folds: the final model, on all training rows). */
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

/** Creates the problems of one run; counts are computed once per fold. */
export function problemMaker(
  rows: TrainingRows,
  config: Pick<FitConfig, 'c' | 'classWeight'>,
): (fold: number, genre: number) => Omit<Problem, 'scale'> | Constant {
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
