import { expectShape, type Floats } from './matrix.ts'

/**
 * Label quality after cleanlab 2.9 (Thyagarajan et al. 2022, "Identifying incorrect annotations in multi-label
 * classification data"): each genre is a binary problem with the class probabilities [1 - p, p]; 0 worst, 1 best.
 */
export const CELL_SCORES = {
  self_confidence: (q: number) => q,
  /** (q - (1 - q) + 1) / 2; with two classes it equals self-confidence. */
  normalized_margin: (q: number) => (q - (1 - q) + 1) / 2,
  confidence_weighted_entropy: (q: number) => {
    const certain = Math.min(Math.max(q, Number.EPSILON), 1)
    const entropy = -(xLogX(certain) + xLogX(1 - certain)) / Math.LN2
    const ratio = entropy / certain
    return ratio === 0 ? 1 : Math.log1p(ratio) / ratio
  },
} as const satisfies Record<string, (q: number) => number>
export type CellScore = keyof typeof CELL_SCORES

function xLogX(x: number): number {
  return x === 0 ? 0 : x * Math.log(x)
}

/**
 * Quality of every given label: a score of q, where q is p for a present label and 1 - p for an absent one.
 * @param y (n, k) labels, 0 or 1
 * @param p (n, k) out-of-fold probabilities
 * @returns (n, k)
 */
export function cellQuality(y: Uint8Array, p: Floats, n: number, k: number, score: CellScore = 'self_confidence'): Float64Array {
  expectShape('labels', y, n, k)
  expectShape('probabilities', p, n, k)
  const of = CELL_SCORES[score]
  const out = new Float64Array(n * k)
  for (let at = 0; at < out.length; at++) out[at] = of(y[at] === 1 ? p[at]! : 1 - p[at]!)
  return out
}

/**
 * Row score by exponential moving average over the cells sorted from the best to the worst, so that the worst weighs
 * most: s = alpha * cell + (1 - alpha) * s. Good at rows that are wrong in several places.
 * @param cells (n, k) cell scores
 * @param alpha weight of the worst cell, 0 to 1
 */
export function emaScores(cells: Float64Array, n: number, k: number, alpha = 0.8): Float64Array {
  expectShape('cell scores', cells, n, k)
  return Float64Array.from({ length: n }, (_, i) => {
    const sorted = cells.slice(i * k, (i + 1) * k).sort()
    let score = sorted[k - 1] ?? 1
    for (let g = k - 2; g >= 0; g--) score = alpha * sorted[g]! + (1 - alpha) * score
    return score
  })
}

/**
 * Row score by a soft minimum: cells weighed by softmax((1 - cell) / temperature). Good at single wrong cells.
 * @param temperature above 0; the smaller, the closer to the plain minimum
 */
export function softminScores(cells: Float64Array, n: number, k: number, temperature = 0.1): Float64Array {
  expectShape('cell scores', cells, n, k)
  return Float64Array.from({ length: n }, (_, i) => {
    const row = cells.subarray(i * k, (i + 1) * k)
    const least = row.reduce((a, b) => Math.min(a, b), 1)
    let weights = 0
    let sum = 0
    for (const cell of row) {
      const weight = Math.exp((least - cell) / temperature) // shifted by the largest exponent, which cancels
      weights += weight
      sum += weight * cell
    }
    return weights === 0 ? 1 : sum / weights
  })
}

/** Scores of movies as cleanlab computes them from self-confidences, 0 worst, 1 best. */
export const MOVIE_SCORES = {
  selfConfidence: (cells, n, k) =>
    Float64Array.from({ length: n }, (_, i) => cells.subarray(i * k, (i + 1) * k).reduce((a, b) => Math.min(a, b), 1)),
  ema: emaScores,
  softmin: softminScores,
} as const satisfies Readonly<Record<string, (cells: Float64Array, n: number, k: number) => Float64Array>>
export type MovieScore = keyof typeof MOVIE_SCORES

/**
 * `softminScores` of self-confidence in one pass: the score that orders the review list. Temperature and calibrated
 * probabilities are measured choices, see docs/decisions/0004-order-of-suspicion.md.
 * @param y (n, k) effective labels, 0 or 1
 * @param p (n, k) out-of-fold probabilities, comparable across genres (calibrated)
 * @returns (n), 0 worst, 1 best; a catalogue without genres scores 1
 */
export function rowQuality(y: Uint8Array, p: Floats, n: number, k: number, temperature = 0.05): Float32Array {
  expectShape('labels', y, n, k)
  expectShape('probabilities', p, n, k)
  const out = new Float32Array(n).fill(1)
  const q = new Float64Array(k)
  for (let i = 0; i < n && k > 0; i++) {
    let least = 1
    for (let g = 0; g < k; g++) {
      const at = i * k + g
      q[g] = y[at] === 1 ? p[at]! : 1 - p[at]!
      if (q[g]! < least) least = q[g]!
    }
    let weights = 0
    let sum = 0
    for (let g = 0; g < k; g++) {
      const weight = Math.exp((least - q[g]!) / temperature)
      weights += weight
      sum += weight * q[g]!
    }
    out[i] = sum / weights
  }
  return out
}
