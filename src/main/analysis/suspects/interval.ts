import { quantile } from '../bootstrap.ts'
import { seededDraws } from '../random.ts'

const RESAMPLES = 200

/** Bounds of a 95% interval. */
export type Bounds = readonly [low: number, high: number]

/** The inputs from which the number of wrong cells is estimated. (n, k) each */
export interface Scored {
  /** Scores under the given labels, and under the labels with planted errors. */
  readonly given: Float32Array
  readonly planted: Float32Array
  /** 1: a planted error */
  readonly wrong: Uint8Array
  /** From this score on, cells are counted. */
  readonly threshold: number
  /** P(wrong), which says how the wrong cells are spread over the genres. */
  readonly probabilities: Float32Array
}

/**
 * 95% percentile intervals of the number of wrong cells when movies are drawn with replacement, each with its planted errors (Efron and
 * Tibshirani 1993, chapter 13), as multiples of the estimate: (k + 1) of each genre, and of all. They cover which movies the catalogue
 * happens to have and which of them got planted errors; not that wrong labels may look unlike the planted ones.
 * @param most the largest share of wrong cells that is believed
 */
export function bootstrapWrong(
  { given, planted, wrong, threshold, probabilities }: Scored,
  k: number,
  most: number,
  seed: number,
): Bounds[] {
  const n = given.length / k
  const [counted, found, errors] = [new Uint16Array(n), new Uint16Array(n), new Uint16Array(n)]
  for (let cell = 0; cell < given.length; cell++) {
    const movie = Math.floor(cell / k)
    if (given[cell]! >= threshold) counted[movie]!++
    if (wrong[cell] === 0) continue
    errors[movie]!++
    if (planted[cell]! >= threshold) found[movie]!++
  }
  /** (k + 1) The estimates from n movies. */
  const estimates = (next: (i: number) => number): Float64Array => {
    const sums = new Float64Array(k + 1)
    let [cells, seen, there] = [0, 0, 0]
    for (let i = 0; i < n; i++) {
      const movie = next(i)
      cells += counted[movie]!
      seen += found[movie]!
      there += errors[movie]!
      for (let g = 0; g < k; g++) sums[g]! += probabilities[movie * k + g]!
    }
    const all = cells === 0 || there === 0 ? 0 : Math.min(most * n * k, (cells * there) / seen)
    const total = sums.reduce((a, b) => a + b, 0)
    sums[k] = total
    return sums.map((sum) => (total > 0 ? (all * sum) / total : 0))
  }
  const draw = seededDraws(seed)
  const observed = estimates((i) => i)
  const resampled = Array.from({ length: RESAMPLES }, () => estimates(() => draw(n)))
  return Array.from(observed, (estimate, j): Bounds => {
    const multiples = Float64Array.from(resampled, (of) => (estimate > 0 ? of[j]! / estimate : 0)).sort()
    return [quantile(multiples, 0.025), quantile(multiples, 0.975)]
  })
}
