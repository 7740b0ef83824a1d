import { expectShape, type Floats, splitColumn } from './matrix.ts'

/**
 * The parameters of the estimate, chosen on the embedded sample, whose ground truth says which genres a plot hides.
 * `carried`: plots hardly carry a genre if less than this share of its labels is predicted out of fold. In the sample 15 of 27 missed
 * labels of such genres were hidden ones and none was a planted error (of all 293 missed labels 59 were hidden and 39 planted).
 * `shortPlot`: a plot of fewer UTF-16 code units (about 28 words) is too short to carry a genre. In the sample 22 of 24.
 * `background`: the other family's probability must not exceed this quantile of the movies without the genre. A quantile, not a number:
 * naive Bayes pushes everything to 0 or 1, but keeps the order of the movies.
 * `contradiction`: how far a missing genre's probability must lie above its threshold to count as a substitute for the present one. 0
 * admits every genre that is predicted on its own; a genre that is only predicted because every movie gets at least one lies below its
 * threshold and contradicts nothing.
 * A very low probability alone is not evidence: planted wrong labels have lower ones than hidden genres (sample: AUC 0.64).
 */
export const IMPOSSIBLE = { carried: 0.5, shortPlot: 160, background: 0.95, contradiction: 0 } as const
/** True for a plot that is too short to carry a genre. @param length in UTF-16 code units */
export const isShort = (length: number): boolean => length < IMPOSSIBLE.shortPlot
export type ImpossibleParameters = Readonly<Record<keyof typeof IMPOSSIBLE, number>>

/** The inputs of the estimate beside triage's own matrices. */
export interface EvidenceInput {
  readonly n: number
  readonly k: number
  /** (n, k) labels */
  readonly y: Uint8Array
  /** (n, k) thresholded out-of-fold predictions of the run */
  readonly h: Uint8Array
  /** (n, k) out-of-fold probabilities of the other family (naive Bayes) */
  readonly e: Floats
  /** (n) in UTF-16 code units */
  readonly plotLengths: ArrayLike<number>
}
/**
 * Cells that only another genre could support: the other family finds no evidence, and plots hardly carry the genre or this plot is too
 * short. Computed once per run; relabelling single movies does not change it.
 * @returns (n, k) as bits: cell c is bit c % 32 of word c / 32
 */
export function silentCells(input: EvidenceInput, parameters: ImpossibleParameters = IMPOSSIBLE): Uint32Array {
  const { n, k, y, h, e, plotLengths } = input
  expectShape('predictions', h, n, k)
  const quiet = backgroundLevels(y, e, n, k, parameters.background)
  const uncarried = Uint8Array.from({ length: k }, (_, g) => (recall(y, h, n, k, g) < parameters.carried ? 1 : 0))
  const bits = new Uint32Array(Math.ceil((n * k) / 32))
  for (let i = 0, at = 0; i < n; i++) {
    const short = plotLengths[i]! < parameters.shortPlot
    for (let g = 0; g < k; g++, at++) if (e[at]! <= quiet[g]! && (short || uncarried[g] === 1)) bits[at >>> 5]! |= 1 << (at & 31)
  }
  return bits
}

/** Share of a genre's labels that are predicted; 1 for a genre without labels, since nothing suggests that plots do not carry it. */
function recall(y: Uint8Array, h: Uint8Array, n: number, k: number, genre: number): number {
  let support = 0
  let found = 0
  for (let at = genre; at < n * k; at += k) {
    support += y[at]!
    found += y[at]! & h[at]!
  }
  return support === 0 ? 1 : found / support
}

/**
 * Quantile of each genre's probabilities over the movies without it, (k); nearest rank. -Infinity for a genre that every
 * movie has: there is no movie to compare with.
 */
export function backgroundLevels(y: Uint8Array, p: Floats, n: number, k: number, quantile: number): Float64Array {
  expectShape('labels', y, n, k)
  expectShape('probabilities', p, n, k)
  return p instanceof Float32Array ? countedLevels(y, p, n, k, quantile) : sortedLevels(y, p, n, k, quantile)
}

const rankOf = (quantile: number, length: number): number => Math.max(0, Math.ceil(quantile * length) - 1)

/** The plain implementation: every column sorted. */
export function sortedLevels(y: Uint8Array, p: Floats, n: number, k: number, quantile: number): Float64Array {
  return Float64Array.from({ length: k }, (_, g) => {
    const column = splitColumn(y, p, n, k, g).negatives
    return column[rankOf(quantile, column.length)] ?? -Infinity
  })
}

/**
 * The fast implementation, in two passes over the matrix: the bits of non-negative floats sort like their values, so the upper half of
 * the bits is counted first, then the lower half of those that share the upper half of the level.
 */
function countedLevels(y: Uint8Array, p: Float32Array, n: number, k: number, quantile: number): Float64Array {
  const bits = new Uint32Array(p.buffer, p.byteOffset, p.length)
  const counts = new Uint32Array(k * HALF)
  const negatives = new Uint32Array(k)
  for (let at = 0, g = 0; at < n * k; at++) {
    if (y[at] === 0) {
      counts[g * HALF + (bits[at]! >>> 16)]!++
      negatives[g]!++
    }
    if (++g === k) g = 0
  }
  const upper = new Uint32Array(k)
  const rank = new Uint32Array(k)
  const find = (g: number): number => {
    let value = 0
    for (let at = g * HALF; value < HALF - 1 && rank[g]! >= counts[at]!; value++) rank[g]! -= counts[at++]!
    return value
  }
  for (let g = 0; g < k; g++) {
    rank[g] = rankOf(quantile, negatives[g]!)
    upper[g] = find(g)
  }
  counts.fill(0)
  for (let at = 0, g = 0; at < n * k; at++) {
    if (y[at] === 0 && bits[at]! >>> 16 === upper[g]) counts[g * HALF + (bits[at]! & 0xffff)]!++
    if (++g === k) g = 0
  }
  const level = new Float32Array(1)
  return Float64Array.from({ length: k }, (_, g) => {
    if (negatives[g] === 0) return -Infinity
    new Uint32Array(level.buffer)[0] = upper[g]! * HALF + find(g)
    return level[0]!
  })
}
/** Number of values that half of a float's bits can have. */
const HALF = 65536

/** The inputs of an estimate. All matrices are (n, k); thresholds (k). */
export interface EstimateInput {
  readonly n: number
  readonly k: number
  /** Effective labels. */
  readonly y: Uint8Array
  /** Thresholded out-of-fold predictions. */
  readonly h: Uint8Array
  /** Out-of-fold probabilities of the run. */
  readonly p: Floats
  readonly thresholds: Floats
  /** Cells without any evidence, as bits (see `silentCells`); null: nothing is estimated impossible. */
  readonly silent: Uint32Array | null
}

/**
 * Estimates which of a movie's labels its plot does not carry (Animation is a visual fact): the label is present and no family supports
 * it; plots hardly carry the genre at all, or this plot is too short to carry it; and no other genre substitutes for it (a swap partner that
 * is predicted on its own says "mislabelled", not "impossible").
 * @param partner (k) as `triageRow` writes it
 * @param impossible (n, k) receives 1 for estimated impossible, else 0
 */
export function impossibleRow(input: EstimateInput, movie: number, partner: Int16Array, impossible: Uint8Array): void {
  const { y, h, p, thresholds, silent, k } = input
  const row = movie * k
  for (let g = 0; g < k; g++) {
    const at = row + g
    impossible[at] = 0
    if (silent === null || y[at] !== 1 || h[at] !== 0 || ((silent[at >>> 5]! >>> (at & 31)) & 1) === 0) continue
    const other = partner[g]!
    const contradicted = other >= 0 && p[row + other]! - thresholds[other]! >= IMPOSSIBLE.contradiction
    if (!contradicted) impossible[at] = 1
  }
}
