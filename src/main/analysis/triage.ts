import type { Floats } from './matrix.ts'
import { impossibleRow, type EstimateInput } from './impossible.ts'

/** Values of a kinds matrix: how the label relates to the thresholded out-of-fold prediction; a cell with a verdict is good. */
export const GOOD = 0
export const MISSING = 1
export const SPURIOUS = 2
export const SWAPPED = 3
/** Names by value. */
export const KIND_NAMES = ['good', 'missing', 'spurious', 'swapped'] as const

/** Values of a verdict matrix; 0: no verdict. */
export const VERDICT_KEEP = 1
export const VERDICT_IMPOSSIBLE = 2
export const VERDICT_NAMES = [null, 'keep', 'impossible'] as const

/** Bits of a movie's buckets: bad and impossible may occur together, good occurs alone. */
export const BUCKET_BITS = { good: 1, bad: 2, impossible: 4 } as const

/** The input of triage. */
export interface TriageInput extends EstimateInput {
  /** (n, k) values of a verdict matrix. */
  readonly verdicts: Uint8Array
}

/** The result of triage. `kinds`, `impossible`: (n, k); `buckets`: (n). */
export interface Triage {
  readonly kinds: Uint8Array
  readonly impossible: Uint8Array
  readonly buckets: Uint8Array
}

/**
 * Computes the triage of one movie, or again after a change to it, in place. Most movies agree with their predictions.
 * @param partner (k) is overwritten: for each cell the column of the genre it is swapped with, or -1
 */
export function triageRow(input: TriageInput, movie: number, out: Triage, partner: Int16Array): void {
  const { y, h, k } = input
  const row = movie * k
  let differs = 0
  for (let at = row; at < row + k; at++) differs |= y[at]! ^ h[at]!
  if (differs === 0) {
    partner.fill(-1)
    out.kinds.fill(GOOD, row, row + k)
    out.impossible.fill(0, row, row + k)
  } else {
    kindsRow(input, movie, out.kinds, partner)
    impossibleRow(input, movie, partner, out.impossible)
  }
  out.buckets[movie] = movieBuckets(out.kinds, out.impossible, input.verdicts, k, movie)
}

/**
 * Kinds of one movie's cells, and the partners of swapped ones. In a movie with missing and spurious cells the strongest missing
 * (largest p - threshold) is paired with the strongest spurious (smallest p), then the next; both halves are `swapped`.
 * What is left over stays missing or spurious. A cell with a verdict is decided: it is good, and nothing is paired with it.
 */
function kindsRow({ y, h, p, thresholds, verdicts, k }: TriageInput, movie: number, kinds: Uint8Array, partner: Int16Array): void {
  const row = movie * k
  let missing = 0
  let spurious = 0
  for (let g = 0; g < k; g++) {
    const at = row + g
    const kind = y[at] === h[at] || verdicts[at] !== 0 ? GOOD : y[at] === 1 ? SPURIOUS : MISSING
    kinds[at] = kind
    partner[g] = -1
    if (kind === MISSING) missing++
    else if (kind === SPURIOUS) spurious++
  }
  for (let pairs = Math.min(missing, spurious); pairs > 0; pairs--) {
    const gained = strongestMissing(kinds, p, thresholds, k, row)
    const lost = strongestSpurious(kinds, p, k, row)
    kinds[row + gained] = kinds[row + lost] = SWAPPED
    partner[gained] = lost
    partner[lost] = gained
  }
}

/** Column of the missing cell with the largest p - threshold (the first of equals). */
function strongestMissing(kinds: Uint8Array, p: Floats, thresholds: Floats, k: number, row: number): number {
  let best = -1
  for (let g = 0; g < k; g++) {
    if (kinds[row + g] !== MISSING) continue
    if (best < 0 || p[row + g]! - thresholds[g]! > p[row + best]! - thresholds[best]!) best = g
  }
  return best
}

/** Column of the spurious cell with the smallest p (the first of equals). */
function strongestSpurious(kinds: Uint8Array, p: Floats, k: number, row: number): number {
  let best = -1
  for (let g = 0; g < k; g++) {
    if (kinds[row + g] !== SPURIOUS) continue
    if (best < 0 || p[row + g]! < p[row + best]!) best = g
  }
  return best
}

/**
 * Bits of a movie's buckets. A cell is impossible by verdict or, without a verdict, by estimate; it is bad if its kind is not good and it
 * is neither impossible nor kept. A movie is good if it has no such cell.
 * @param kinds (n, k)
 * @param impossible (n, k) 1: estimated impossible
 * @param verdicts (n, k) values of a verdict matrix
 */
export function movieBuckets(kinds: Uint8Array, impossible: Uint8Array, verdicts: Uint8Array, k: number, movie: number): number {
  let bits = 0
  for (let at = movie * k; at < (movie + 1) * k; at++) {
    const verdict = verdicts[at]!
    if (verdict === VERDICT_IMPOSSIBLE || (verdict === 0 && impossible[at] === 1)) bits |= BUCKET_BITS.impossible
    else if (verdict === 0 && kinds[at] !== GOOD) bits |= BUCKET_BITS.bad
  }
  return bits === 0 ? BUCKET_BITS.good : bits
}
