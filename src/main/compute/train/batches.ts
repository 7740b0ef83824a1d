/**
 * Divides the movies of an epoch into batches. Texts of similar length share a batch, so that little of it is padding. The batches and
 * their order are drawn for each epoch from the seed alone.
 */
import { mixSeed, shuffled } from '../../analysis/random.ts'

/** Rows of one forward pass: `width` tokens per row, padding included. */
export interface Micro {
  readonly rows: Int32Array
  readonly width: number
}
/** Rows of one update of the weights, in micro-batches. */
export interface Update {
  readonly micros: readonly Micro[]
  /** Sum over all micro-batches. */
  readonly rows: number
}
export interface BatchSizes {
  /** Rows of an update. */
  readonly batch: number
  /** Tokens of a micro-batch, padding included; a single longer row is a micro-batch of its own. */
  readonly microTokens: number
}

/** Number of updates whose rows are sorted by length together: more updates mean more padding, fewer mean less mixing. */
const POOL = 32

/**
 * The updates of one epoch: every row occurs once, and every update has `batch` rows except the last one of the last pool.
 * @param rows the training rows
 * @param lengths tokens of every row of the job, special tokens included
 */
export function epochUpdates(
  rows: Int32Array,
  lengths: Int32Array,
  sizes: BatchSizes,
  draw: { readonly seed: number; readonly purpose: number; readonly epoch: number },
): Update[] {
  const order = shuffled(rows, mixSeed(draw.seed, draw.purpose, draw.epoch, 0))
  const updates: Update[] = []
  const pool = POOL * sizes.batch
  for (let at = 0; at < order.length; at += pool) {
    const sorted = byLength(order.subarray(at, at + pool), lengths)
    for (let i = 0; i < sorted.length; i += sizes.batch) {
      const own = sorted.subarray(i, i + sizes.batch)
      updates.push({ micros: microBatches(own, lengths, sizes.microTokens), rows: own.length })
    }
  }
  const places = shuffled(Int32Array.from(updates.keys()), mixSeed(draw.seed, draw.purpose, draw.epoch, 1))
  return Array.from(places, (place) => updates[place]!)
}

/** Rows in batches for prediction: every row once, the longest first, so that a lack of memory shows at once. */
export const evaluationBatches = (rows: Int32Array, lengths: Int32Array, microTokens: number): Micro[] =>
  microBatches(byLength(rows, lengths).reverse(), lengths, microTokens)

/** A copy in ascending order of length; rows of equal length keep their order. */
const byLength = (rows: Int32Array, lengths: Int32Array): Int32Array =>
  Int32Array.from(Array.from(rows).sort((a, b) => lengths[a]! - lengths[b]!))

/** Splits rows into groups of neighbours, each as large as `microTokens` allows. */
export function microBatches(rows: Int32Array, lengths: Int32Array, microTokens: number): Micro[] {
  const micros: Micro[] = []
  let start = 0
  let width = 0
  for (let i = 0; i < rows.length; i++) {
    const wider = Math.max(width, lengths[rows[i]!]!)
    if (i > start && wider * (i - start + 1) > microTokens) {
      micros.push({ rows: rows.slice(start, i), width })
      start = i
      width = lengths[rows[i]!]!
    } else width = wider
  }
  if (start < rows.length) micros.push({ rows: rows.slice(start), width })
  return micros
}
