import type { CompareVerdict, Difference } from '../../contract/records.ts'
import { jaccardPerSample } from './confusion.ts'
import { expectShape } from './floats.ts'
import { seededDraws } from './random.ts'

export type Compared = Readonly<Record<'microF1' | 'macroF1' | 'jaccard', Difference>>
export interface BootstrapOptions {
  readonly resamples: number
  /** Integer; the same seed gives the same interval. */
  readonly seed: number
}

/**
 * Old predictions against new ones on the same movies: the figures, and the 95 % percentile interval of new - old when
 * movies are drawn with replacement (Efron and Tibshirani 1993, chapter 13), both predictions of a movie together.
 * A genre without labels and predictions in a draw counts 0 in its macro-F1; Jaccard is `jaccard_samples`.
 * @param y (n, k) labels, 0 or 1
 * @param hOld (n, k) predictions of the old run
 * @param hNew (n, k) predictions of the new run
 * @throws RangeError when a matrix is not n x k or there is not at least one resample
 */
export function pairedBootstrap(
  y: Uint8Array,
  hOld: Uint8Array,
  hNew: Uint8Array,
  n: number,
  k: number,
  { resamples, seed }: BootstrapOptions,
): Compared {
  expectShape('labels', y, n, k)
  expectShape('old predictions', hOld, n, k)
  expectShape('new predictions', hNew, n, k)
  if (!(resamples >= 1)) throw new RangeError(`expected at least one resample, got ${resamples}`)
  const sides = [openSide(y, hOld, n, k), openSide(y, hNew, n, k)] as const
  const times = new Uint16Array(n) // how often the resample has drawn the movie
  const observed = sides.map((side) => figures(side, times.fill(1), n))
  const draw = seededDraws(seed)
  const differences = FIGURES.map(() => new Float64Array(resamples))
  for (let r = 0; r < resamples; r++) {
    times.fill(0)
    for (let i = 0; i < n; i++) times[draw(n)]!++
    const [old, now] = [figures(sides[0], times, n), figures(sides[1], times, n)]
    FIGURES.forEach((name, at) => (differences[at]![r] = now[name] - old[name]))
  }
  const entries = FIGURES.map((name, at) => [name, difference(observed[0]![name], observed[1]![name], differences[at]!)])
  return Object.fromEntries(entries) as Compared
}

const FIGURES = ['microF1', 'macroF1', 'jaccard'] as const
type Figures = Record<(typeof FIGURES)[number], number>

/** One prediction, sparse: what each movie adds to the tallies. */
interface Side {
  /** (n + 1) where each movie's entries start. */
  readonly start: Int32Array
  /** Slots of `tally`: g for a true positive of genre g, k + g for a false positive or negative. */
  readonly slots: Uint16Array
  /** (n) Jaccard index. */
  readonly jaccard: Float64Array
  /** (2k) working space. */
  readonly tally: Int32Array
}

function openSide(y: Uint8Array, h: Uint8Array, n: number, k: number): Side {
  const start = new Int32Array(n + 1)
  const slots = new Uint16Array(y.reduce((total, label, at) => total + (label | h[at]!), 0))
  let size = 0
  for (let i = 0, at = 0; i < n; i++) {
    for (let g = 0; g < k; g++, at++) if ((y[at]! | h[at]!) === 1) slots[size++] = y[at] === h[at] ? g : k + g
    start[i + 1] = size
  }
  return { start, slots, jaccard: jaccardPerSample(y, h, n, k, 0), tally: new Int32Array(2 * k) }
}

/** The figures when movie i counts times[i] times; the counts sum to n. */
function figures({ start, slots, jaccard, tally }: Side, times: Uint16Array, n: number): Figures {
  tally.fill(0)
  let jaccards = 0
  for (let i = 0; i < n; i++) {
    const weight = times[i]!
    if (weight === 0) continue
    jaccards += weight * jaccard[i]!
    for (let at = start[i]!; at < start[i + 1]!; at++) tally[slots[at]!]! += weight
  }
  const k = tally.length / 2
  const f1 = (hits: number, errors: number) => (hits + errors === 0 ? 0 : (2 * hits) / (2 * hits + errors))
  let hits = 0
  let errors = 0
  let macro = 0
  for (let g = 0; g < k; g++) {
    hits += tally[g]!
    errors += tally[k + g]!
    macro += f1(tally[g]!, tally[k + g]!)
  }
  return { microF1: f1(hits, errors), macroF1: k === 0 ? 0 : macro / k, jaccard: n === 0 ? 0 : jaccards / n }
}

function difference(old: number, now: number, resampled: Float64Array): Difference {
  resampled.sort()
  return { old, new: now, difference: now - old, low: quantile(resampled, 0.025), high: quantile(resampled, 0.975) }
}

/** Linear interpolation between the neighbouring order statistics (numpy's default). */
function quantile(sorted: Float64Array, share: number): number {
  const place = share * (sorted.length - 1)
  const below = sorted[Math.floor(place)]!
  return below + (place - Math.floor(place)) * (sorted[Math.ceil(place)]! - below)
}

/** Better or worse when the interval lies on one side of 0. */
export function verdict({ low, high }: Pick<Difference, 'low' | 'high'>): CompareVerdict {
  return low > 0 ? 'better' : high < 0 ? 'worse' : 'undecided'
}

/** F1 of each genre for a table beside the comparison, (k); 0 where undefined. */
export function f1PerGenre(y: Uint8Array, h: Uint8Array, n: number, k: number): { support: Int32Array; f1: Float64Array } {
  const { start, slots, tally } = openSide(y, h, n, k)
  for (let at = 0; at < start[n]!; at++) tally[slots[at]!]!++
  const support = new Int32Array(k)
  for (let at = 0; at < n * k; at++) support[at % k]! += y[at]!
  return { support, f1: Float64Array.from(support, (_, g) => (2 * tally[g]!) / (2 * tally[g]! + tally[k + g]! || 1)) }
}
