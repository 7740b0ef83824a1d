import type { Floats } from './floats.ts'
import { expectShape, splitColumn } from './floats.ts'
import type { Triage, TriageInput } from './triage.ts'

/**
 * The parameters of the estimate.
 * `background`: a family finds nothing for a genre when its probability is at or below this quantile of the movies that
 *   do not carry the genre. At 0.5 the text speaks for the genre no more than the text of a typical movie without it.
 *   A quantile, not a number: balanced class weights lift the probabilities of a rare genre far above its share, and
 *   naive Bayes pushes everything to 0 or 1, but neither changes the order of the movies.
 * `contradiction`: how far above its threshold the probability of a genre that the movie lacks must be to count as a
 *   genre standing in for the missing one. 0: every genre that is predicted by itself; one that is only predicted because
 *   every movie gets at least one genre lies below its threshold and contradicts nothing.
 * Measured on mymoviedb with labels added at random (no plot carries them) and labels exchanged at random (another genre
 * stands in): of the unpredicted ones 15 % and 5 % are estimated impossible, and 6 % of the catalogue's own. A background
 * of 0.7 gives 20, 6 and 14 %; a contradiction of 0.1 gives 22, 9 and 9 %. The estimate is meant to be rare and careful.
 */
export const IMPOSSIBLE = { background: 0.5, contradiction: 0 } as const
export type ImpossibleParameters = Readonly<Record<keyof typeof IMPOSSIBLE, number>>

/** A second family's view, and the levels at or below which each family finds nothing for a genre. */
export interface Evidence {
  /** (n, k) out-of-fold probabilities of the other family (naive Bayes). */
  readonly e: Floats
  /** (k) for p. */
  readonly quietP: Float64Array
  /** (k) for e. */
  readonly quietE: Float64Array
  readonly parameters: ImpossibleParameters
}

/**
 * Prepares the estimate once for a run: the levels stay as they are while single movies are relabelled.
 * @param y (n, k) labels
 * @param p (n, k) out-of-fold probabilities of the run
 * @param e (n, k) out-of-fold probabilities of the other family
 */
export function gatherEvidence(
  y: Uint8Array,
  p: Floats,
  e: Floats,
  n: number,
  k: number,
  parameters: ImpossibleParameters = IMPOSSIBLE,
): Evidence {
  return {
    e,
    quietP: backgroundLevels(y, p, n, k, parameters.background),
    quietE: backgroundLevels(y, e, n, k, parameters.background),
    parameters,
  }
}

/**
 * Quantile of each genre's probabilities over the movies without it, (k); nearest rank. -Infinity for a genre that every
 * movie has: there is no movie to compare with.
 */
export function backgroundLevels(y: Uint8Array, p: Floats, n: number, k: number, quantile: number): Float64Array {
  expectShape('labels', y, n, k)
  expectShape('probabilities', p, n, k)
  return Float64Array.from({ length: k }, (_, g) => {
    const column = splitColumn(y, p, n, k, g).negatives
    return column[Math.max(0, Math.ceil(quantile * column.length) - 1)] ?? -Infinity
  })
}

/**
 * First estimate of the cells that the plot does not carry (Animation is a visual fact): the label is present and not
 * predicted; both families find nothing for it, that is, no more than in a typical movie without the genre; and no other
 * genre stands in for it (a swap partner that is predicted by itself says "mislabelled", not "impossible").
 * @returns (n, k), 1: estimated impossible
 */
export function impossibleEstimate(input: TriageInput, cells: Pick<Triage, 'kinds' | 'partner'>): Uint8Array {
  const out = { ...cells, impossible: new Uint8Array(input.n * input.k) }
  for (let i = 0; i < input.n; i++) impossibleRow(input, i, out)
  return out.impossible
}

/** The estimate for one movie, written to `impossible`. */
export function impossibleRow(input: TriageInput, movie: number, out: Pick<Triage, 'partner' | 'impossible'>): void {
  const { y, h, p, thresholds, evidence, k } = input
  const row = movie * k
  for (let g = 0; g < k; g++) {
    const at = row + g
    out.impossible[at] = 0
    if (evidence === null || y[at] !== 1 || h[at] !== 0) continue
    if (p[at]! > evidence.quietP[g]! || evidence.e[at]! > evidence.quietE[g]!) continue
    const other = out.partner[at]!
    const contradicted = other >= 0 && p[row + other]! - thresholds[other]! >= evidence.parameters.contradiction
    if (!contradicted) out.impossible[at] = 1
  }
}
