import { NOT_TRAINING, type TrainingData } from '../../../contract/jobs.ts'
import { iterativeStratification } from '../../analysis/stratify.ts'
import { plotKey } from '../../data/clean/plots.ts'
import { gatherRows } from './rows.ts'

type FoldJob = Pick<TrainingData, 'labels' | 'corrected' | 'split' | 'genres'> & {
  readonly config: { readonly folds: number; readonly seed: number }
}

/**
 * Fold of each row, {@link NOT_TRAINING} outside the training part: iterative stratification by the source labels, so that a
 * retrain keeps the folds of the run it is compared with, and equal plots in one fold.
 * @param rows the training rows, ascending
 * @param plots theirs, in that order
 */
export function assignFolds({ labels, corrected, split, genres, config }: FoldJob, rows: Int32Array, plots: Iterable<string>): Uint8Array {
  const k = genres.length
  const source = labels.slice()
  for (const cell of corrected) source[cell] = 1 - source[cell]!
  const shares = Array.from({ length: config.folds }, () => 1 / config.folds)
  const part = iterativeStratification(gatherRows(source, rows, k), rows.length, k, shares, groupsOf(plots, rows.length), config.seed)
  const fold = new Uint8Array(split.length).fill(NOT_TRAINING)
  rows.forEach((row, i) => (fold[row] = part[i]!))
  return fold
}

/** (count) the first row with the same plot. */
function groupsOf(plots: Iterable<string>, count: number): Int32Array {
  const first = new Map<string, number>()
  const groups = new Int32Array(count)
  let row = 0
  for (const plot of plots) {
    const key = plotKey(plot)
    const group = first.get(key) ?? row
    if (group === row) first.set(key, row)
    groups[row++] = group
  }
  return groups
}
