/** Draws the movies of an audit: a stratified random sample, of which any first part is one too. */
import { seededDraws, shuffle } from '../random.ts'

/** Shares of the movies in the strata, the most suspicious first. */
const SHARES = [0.05, 0.15, 0.3, 0.5]
/** Fewer movies are one stratum. */
const MIN_FOR_STRATA = 100
/** Draws whose order is shuffled, so that the place of a movie does not tell how suspicious it is. */
const BLOCK = 20

export interface Sample {
  /** (n) */
  readonly stratum: Uint8Array
  /** Movies of each stratum. */
  readonly sizes: readonly number[]
  /** Rows in the order of asking. */
  readonly order: Int32Array
}

/**
 * Draws `most` of `n` movies without replacement. Half of the draws are spread over the strata by their sizes, the other half by size times
 * the standard deviation that the suspicion predicts (Neyman, 1934), so that a misleading suspicion costs little. At every end of the
 * order, the movies drawn from a stratum are a simple random sample of it.
 * @param suspicion (n) from 0 to 1, such as P(a label is wrong); null: one stratum
 */
export function drawSample(n: number, suspicion: Float64Array | null, most: number, seed: number): Sample {
  const draw = seededDraws(seed)
  const shuffled = shuffle(
    Int32Array.from({ length: n }, (_, row) => row),
    draw,
  )
  const shares = suspicion && n >= MIN_FOR_STRATA ? SHARES : [1]
  const ranked = suspicion ? shuffled.toSorted((a, b) => suspicion[b]! - suspicion[a]!) : shuffled
  const stratum = new Uint8Array(n)
  let end = 0
  const sizes = shares.map((share, h) => {
    const start = end
    end = h === shares.length - 1 ? n : start + Math.round(share * n)
    for (const row of ranked.subarray(start, end)) stratum[row] = h
    return end - start
  })
  const members = sizes.map((_, h) => shuffled.filter((row) => stratum[row] === h))
  const spread = members.map((rows, h) => {
    const mean = suspicion ? rows.reduce((sum, row) => sum + suspicion[row]!, 0) / Math.max(1, rows.length) : 0
    return sizes[h]! * Math.sqrt(Math.max(0, mean * (1 - mean)))
  })
  const all = spread.reduce((a, b) => a + b, 0)
  const parts = sizes.map((size, h) => size / n + (all > 0 ? spread[h]! / all : 0))
  const order = new Int32Array(Math.min(n, most))
  const taken = sizes.map(() => 0)
  // as seats are given to parties (Sainte-Laguë), two to each stratum first: a variance needs two
  const claim = (h: number): number => (taken[h]! >= sizes[h]! ? Infinity : taken[h]! < 2 ? taken[h]! - 2 : (taken[h]! + 0.5) / parts[h]!)
  for (let i = 0; i < order.length; i++) {
    const h = sizes.reduce((best, _, other) => (claim(other) < claim(best) ? other : best), 0)
    order[i] = members[h]![taken[h]!++]!
  }
  for (let start = 0; start < order.length; start += BLOCK) shuffle(order.subarray(start, start + BLOCK), draw)
  return { stratum, sizes, order }
}
