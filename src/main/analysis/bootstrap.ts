import type { CompareVerdict, Difference } from '../../contract/records.ts'
import { jaccardPerSample } from './confusion.ts'
import { columnSums, expectShape } from './matrix.ts'
import { seededDraws } from './random.ts'
import { runToEnd, type Steps } from './steps.ts'

export type Compared = Readonly<Record<'microF1' | 'macroF1' | 'jaccard', Difference>>
export interface BootstrapOptions {
  readonly resamples: number
  /** Integer; the same seed gives the same interval. */
  readonly seed: number
}

/** Old predictions against new ones under some labels; all (n, k), 0 or 1. */
export interface Pair {
  readonly y: Uint8Array
  readonly old: Uint8Array
  readonly new: Uint8Array
}

/**
 * Old predictions against new ones on the same movies: the figures, and the 95% percentile interval of new - old when
 * movies are drawn with replacement (Efron and Tibshirani 1993, chapter 13), both predictions of a movie together.
 * A genre without labels and predictions in a draw counts 0 in its macro-F1; Jaccard is `jaccard_samples`.
 * @throws RangeError when a matrix is not n x k or there is not at least one resample
 */
export function pairedBootstrap(pair: Pair, n: number, k: number, options: BootstrapOptions): Compared {
  return runToEnd(bootstrapSteps([pair], n, k, options))[0]!
}

/** {@link pairedBootstrap} for several pairs on the same draws, in steps of at most one resample: thousands of resamples take seconds. */
export function* bootstrapSteps(pairs: readonly Pair[], n: number, k: number, options: BootstrapOptions): Steps<Compared[]> {
  const { resamples, seed } = options
  for (const { y, old, new: now } of pairs) {
    expectShape('labels', y, n, k)
    expectShape('old predictions', old, n, k)
    expectShape('new predictions', now, n, k)
  }
  if (!(resamples >= 1)) throw new RangeError(`expected at least one resample, got ${resamples}`)
  const sides = pairs.flatMap(({ y, old, new: now }): [Uint8Array, Uint8Array][] => [
    [y, old],
    [y, now],
  ])
  const sparse = yield* sparsePairs(sides, n, k)
  const times = new Uint16Array(n) // how often the resample has drawn the movie
  const observed = yield* figures(sparse, times.fill(1), n)
  const draw = seededDraws(seed)
  const differences = pairs.map(() => FIGURES.map(() => new Float64Array(resamples)))
  for (let r = 0; r < resamples; r++) {
    times.fill(0)
    for (let i = 0; i < n; i++) {
      times[draw(n)]!++
      if (i % ROWS === ROWS - 1) yield
    }
    const drawn = yield* figures(sparse, times, n)
    differences.forEach((of, p) => FIGURES.forEach((name, at) => (of[at]![r] = drawn[2 * p + 1]![name] - drawn[2 * p]![name])))
    yield
  }
  return differences.map((of, p) => {
    const [old, now] = [observed[2 * p]!, observed[2 * p + 1]!]
    return Object.fromEntries(FIGURES.map((name, at) => [name, difference(old[name], now[name], of[at]!)])) as Compared
  })
}

/** Movies processed between two yields. */
const ROWS = 65_536

const FIGURES = ['microF1', 'macroF1', 'jaccard'] as const
type Figures = Record<(typeof FIGURES)[number], number>

/** Several pairs of labels and predictions in sparse form: what each movie adds to the counts of each pair. */
interface SparsePairs {
  readonly sides: number
  /** (n + 1) where each movie's entries start. */
  readonly start: Int32Array
  /** Slots of `tally`: from 2k times the side on, g for a true positive of genre g, k + g for a false positive or negative. */
  readonly slots: Uint16Array
  /** (n, sides) Jaccard index. */
  readonly jaccard: Float64Array
  /** (sides, 2k) working space. */
  readonly tally: Int32Array
}

function* sparsePairs(sides: readonly (readonly [y: Uint8Array, h: Uint8Array])[], n: number, k: number): Steps<SparsePairs> {
  const start = new Int32Array(n + 1)
  let entries = 0
  for (const [y, h] of sides) {
    for (let at = 0; at < n * k; at++) entries += y[at]! | h[at]!
    yield
  }
  const slots = new Uint16Array(entries)
  const jaccard = new Float64Array(n * sides.length)
  for (const [side, [y, h]] of sides.entries()) {
    const values = jaccardPerSample(y, h, n, k, 0)
    for (let i = 0; i < n; i++) jaccard[i * sides.length + side] = values[i]!
    yield
  }
  let size = 0
  for (let i = 0; i < n; i++) {
    sides.forEach(([y, h], side) => {
      for (let g = 0, at = i * k; g < k; g++, at++)
        if ((y[at]! | h[at]!) === 1) slots[size++] = 2 * k * side + (y[at] === h[at] ? g : k + g)
    })
    start[i + 1] = size
    if (i % ROWS === ROWS - 1) yield
  }
  return { sides: sides.length, start, slots, jaccard, tally: new Int32Array(2 * k * sides.length) }
}

/** The scores of each side when movie i counts times[i] times; the counts sum to n. */
function* figures({ sides, start, slots, jaccard, tally }: SparsePairs, times: Uint16Array, n: number): Steps<Figures[]> {
  tally.fill(0)
  const jaccards = new Float64Array(sides)
  for (let i = 0; i < n; i++) {
    if (i % ROWS === ROWS - 1) yield
    const weight = times[i]!
    if (weight === 0) continue
    for (let side = 0, at = i * sides; side < sides; side++, at++) jaccards[side]! += weight * jaccard[at]!
    for (let at = start[i]!; at < start[i + 1]!; at++) tally[slots[at]!]! += weight
  }
  const k = tally.length / sides / 2
  return Array.from(jaccards, (sum, side) => ({ ...f1Figures(tally.subarray(2 * k * side), k), jaccard: n === 0 ? 0 : sum / n }))
}

function f1Figures(tally: Int32Array, k: number): Pick<Figures, 'microF1' | 'macroF1'> {
  const f1 = (hits: number, errors: number) => (hits + errors === 0 ? 0 : (2 * hits) / (2 * hits + errors))
  let hits = 0
  let errors = 0
  let macro = 0
  for (let g = 0; g < k; g++) {
    hits += tally[g]!
    errors += tally[k + g]!
    macro += f1(tally[g]!, tally[k + g]!)
  }
  return { microF1: f1(hits, errors), macroF1: k === 0 ? 0 : macro / k }
}

function difference(old: number, now: number, resampled: Float64Array): Difference {
  resampled.sort()
  return { old, new: now, difference: now - old, low: quantile(resampled, 0.025), high: quantile(resampled, 0.975) }
}

/** Linear interpolation between the neighbouring order statistics (numpy's default). */
export function quantile(sorted: Float64Array, share: number): number {
  const place = share * (sorted.length - 1)
  const below = sorted[Math.floor(place)]!
  return below + (place - Math.floor(place)) * (sorted[Math.ceil(place)]! - below)
}

/**
 * Smaller differences are treated as no difference: retraining with one reviewed movie moves every score a little, in the same direction
 * on most resamples, and no analyst would call that worse.
 */
const MIN_DIFFERENCE = 0.002

/** Better or worse when the interval lies on one side of 0 and the difference is not negligible. */
export function verdict({ low, high, difference }: Pick<Difference, 'low' | 'high' | 'difference'>): CompareVerdict {
  if (Math.abs(difference) < MIN_DIFFERENCE) return 'undecided'
  return low > 0 ? 'better' : high < 0 ? 'worse' : 'undecided'
}

/** F1 of each genre for a table beside the comparison, (k); 0 where undefined. */
export function* f1PerGenre(y: Uint8Array, h: Uint8Array, n: number, k: number): Steps<{ support: Int32Array; f1: Float64Array }> {
  const { start, slots, tally } = yield* sparsePairs([[y, h]], n, k)
  for (let at = 0; at < start[n]!; at++) tally[slots[at]!]!++
  const support = columnSums(y, k)
  return { support, f1: Float64Array.from(support, (_, g) => (2 * tally[g]!) / (2 * tally[g]! + tally[k + g]! || 1)) }
}
