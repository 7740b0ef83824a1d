/** Weights of the genres in the loss, computed from the training labels. */
import type { LossName } from '../../../contract/models.ts'

/** (genres) each. The loss of a cell is `genre * (positive * loss if its label is 1, else loss)`. */
export interface ClassWeights {
  readonly positive: Float32Array
  readonly genre: Float32Array
}
/** Cells of each genre that count in the loss. */
export interface CellCounts {
  readonly positive: Float64Array
  readonly total: Float64Array
}

/** Upper bound, so that a genre of a handful of movies does not dominate every gradient. */
export const MAX_POSITIVE_WEIGHT = 20
/** Lower bound, so that a genre that nearly every movie has still counts (as in the linear family's log weights). */
const MIN_LOG_WEIGHT = 0.2

/**
 * Counts the cells of the given rows.
 * @param labels (n, k)
 * @param excluded (n, k) 1: not in the loss; null: none
 */
export function countCells(labels: Uint8Array, excluded: Uint8Array | null, rows: Int32Array, k: number): CellCounts {
  const [positive, total] = [new Float64Array(k), new Float64Array(k)]
  for (const row of rows)
    for (let g = 0; g < k; g++) {
      if (excluded?.[row * k + g] === 1) continue
      total[g]!++
      positive[g]! += labels[row * k + g]!
    }
  return { positive, total }
}

const ones = (k: number): Float32Array => new Float32Array(k).fill(1)

/** As published for DistilBERT on movie genres: log(total / (count + 1)), divided by its mean over the genres. */
function logWeights({ positive, total }: CellCounts): Float32Array {
  const rarity = Array.from(positive, (count, g) => Math.max(0, Math.log(Math.max(1, total[g]!) / (count + 1))))
  const mean = rarity.reduce((sum, each) => sum + each, 0) / rarity.length
  return Float32Array.from(rarity, (each) => (mean > 0 ? Math.max(MIN_LOG_WEIGHT, each / mean) : 1))
}

/** `negatives / positives`, as PyTorch's documentation of BCEWithLogitsLoss suggests, capped; 1 without positives. */
const positiveWeights = ({ positive, total }: CellCounts): Float32Array =>
  Float32Array.from(positive, (count, g) => (count === 0 ? 1 : Math.min(MAX_POSITIVE_WEIGHT, Math.max(1, (total[g]! - count) / count))))

const RULES: Record<LossName, (counts: CellCounts) => ClassWeights> = {
  bce: ({ positive }) => ({ positive: ones(positive.length), genre: ones(positive.length) }),
  'pos-weight': (counts) => ({ positive: positiveWeights(counts), genre: ones(counts.positive.length) }),
  'log-weight': (counts) => ({ positive: ones(counts.positive.length), genre: logWeights(counts) }),
  focal: ({ positive }) => ({ positive: ones(positive.length), genre: ones(positive.length) }),
  asymmetric: ({ positive }) => ({ positive: ones(positive.length), genre: ones(positive.length) }),
  'large-loss': ({ positive }) => ({ positive: ones(positive.length), genre: ones(positive.length) }),
}

/** The weights that a loss derives from the number of movies of each genre. */
export const classWeights = (loss: LossName, counts: CellCounts): ClassWeights => RULES[loss](counts)
