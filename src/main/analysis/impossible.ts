import type { Floats } from './floats.ts'
import { expectShape, splitColumn } from './floats.ts'
import type { Triage, TriageInput } from './triage.ts'

/**
 * The parameters of the estimate, chosen on the embedded sample, whose truth says which genres a plot hides.
 * `carried`: a genre is hardly carried by plots when less than this share of its labels is predicted out of fold. In the
 *   sample 15 of 27 missed labels of such genres were hidden ones and none was a planted error (of all 293 missed labels
 *   59 were hidden and 39 planted).
 * `shortPlot`: a plot of fewer UTF-16 code units (some 28 words) is too short to carry a genre. In the sample 22 of 24.
 * `background`: the other family may speak for the genre no more than for this quantile of the movies without it. A
 *   quantile, not a number: naive Bayes pushes everything to 0 or 1, but keeps the order of the movies.
 * `contradiction`: how far above its threshold the probability of a genre that the movie lacks must be to count as a
 *   genre standing in for the missing one. 0: every genre that is predicted by itself; one that is only predicted because
 *   every movie gets at least one genre lies below its threshold and contradicts nothing.
 * A very low probability is no sign of its own: planted wrong labels have lower ones than hidden genres (sample: AUC 0.64).
 */
export const IMPOSSIBLE = { carried: 0.5, shortPlot: 160, background: 0.95, contradiction: 0 } as const
export type ImpossibleParameters = Readonly<Record<keyof typeof IMPOSSIBLE, number>>

/** What the estimate looks at beside triage's own matrices. */
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
/** Prepared once for a run: it stays as it is while single movies are relabelled. */
export interface Evidence {
  readonly e: Floats
  /** (k) level of e at or below which the other family finds nothing for the genre. */
  readonly quiet: Float64Array
  /** (k) 1: plots hardly carry the genre. */
  readonly uncarried: Uint8Array
  /** (n) 1: the plot is too short to carry any. */
  readonly short: Uint8Array
  readonly parameters: ImpossibleParameters
}

export function gatherEvidence({ n, k, y, h, e, plotLengths }: EvidenceInput, parameters: ImpossibleParameters = IMPOSSIBLE): Evidence {
  expectShape('predictions', h, n, k)
  return {
    e,
    quiet: backgroundLevels(y, e, n, k, parameters.background),
    uncarried: Uint8Array.from({ length: k }, (_, g) => (recall(y, h, n, k, g) < parameters.carried ? 1 : 0)),
    short: Uint8Array.from({ length: n }, (_, i) => (plotLengths[i]! < parameters.shortPlot ? 1 : 0)),
    parameters,
  }
}

/** Share of a genre's labels that are predicted; 1 for a genre without labels: nothing says that it is not carried. */
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
  return Float64Array.from({ length: k }, (_, g) => {
    const column = splitColumn(y, p, n, k, g).negatives
    return column[Math.max(0, Math.ceil(quantile * column.length) - 1)] ?? -Infinity
  })
}

/**
 * First estimate of the cells that the plot does not carry (Animation is a visual fact): the label is present and no family
 * speaks for it; the genre is hardly carried by plots at all, or this plot is too short to carry it; and no other genre
 * stands in for it (a swap partner that is predicted by itself says "mislabelled", not "impossible").
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
    if (evidence.e[at]! > evidence.quiet[g]! || !(evidence.uncarried[g] || evidence.short[movie])) continue
    const other = out.partner[at]!
    const contradicted = other >= 0 && p[row + other]! - thresholds[other]! >= evidence.parameters.contradiction
    if (!contradicted) out.impossible[at] = 1
  }
}
