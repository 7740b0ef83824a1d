/** Parts of a catalogue in which a model errs more than elsewhere. */
import type { SliceFigures } from '../../contract/slices.ts'
import { benjaminiHochberg, varianceOf, welch, type Moments } from './t-test.ts'
import type { Steps } from './steps.ts'

/** A set of rows, such as one bit for each. */
export interface RowSet {
  readonly words: Uint32Array
}
/** Errors by row of the catalogue; rows that are not scored have zeros. */
export interface RowErrors {
  /** 1 - Jaccard index of labels and predictions. */
  readonly error: Float64Array
  /** Genres that are rightly predicted, and genres that are missed or wrongly given. */
  readonly hits: Uint16Array
  readonly wrong: Uint16Array
}
/** Moments of the errors of some rows, and sums of their right and wrong genres. */
export interface ErrorSums extends Moments {
  readonly hits: number
  readonly wrong: number
}

/** Sums over the rows that are in both sets. */
export function errorSums({ error, hits, wrong }: RowErrors, a: RowSet, b: RowSet): ErrorSums {
  const sums = { count: 0, sum: 0, squares: 0, hits: 0, wrong: 0 }
  for (let w = 0; w < a.words.length; w++)
    for (let word = a.words[w]! & b.words[w]!; word !== 0; word &= word - 1) {
      const row = 32 * w + 31 - Math.clz32(word & -word)
      const value = error[row]!
      sums.count++
      sums.sum += value
      sums.squares += value * value
      sums.hits += hits[row]!
      sums.wrong += wrong[row]!
    }
  return sums
}

const microF1 = ({ hits, wrong }: ErrorSums): number => (2 * hits) / (2 * hits + wrong)

/** @param alpha weight of the error against the size, from 0 to 1 */
export function figuresOf(slice: ErrorSums, all: ErrorSums, alpha: number): SliceFigures {
  const minus = (key: keyof ErrorSums): number => all[key] - slice[key]
  const rest = { count: minus('count'), sum: minus('sum'), squares: minus('squares'), hits: minus('hits'), wrong: minus('wrong') }
  const [error, restError] = [slice.sum / slice.count, rest.sum / rest.count]
  const spread = Math.sqrt((varianceOf(slice) + varianceOf(rest)) / 2)
  return {
    movies: slice.count,
    error,
    restError,
    microF1: microF1(slice),
    restMicroF1: microF1(rest),
    score: alpha * (all.sum > 0 ? (error * all.count) / all.sum - 1 : 0) - (1 - alpha) * (all.count / slice.count - 1),
    effect: spread > 0 ? (error - restError) / spread : 0,
    p: welch(slice, rest),
  }
}

export interface Predicate {
  /** The condition, in the filter language. */
  readonly where: string
  /** The scored rows that fulfil it. */
  readonly rows: RowSet
}
interface Unadjusted extends SliceFigures {
  readonly where: string
}
export interface FoundSlice extends Unadjusted {
  readonly q: number
}
/** By score, then by their text, so that the order is always the same. */
const byScore = (a: Unadjusted, b: Unadjusted): number => b.score - a.score || (a.where < b.where ? -1 : 1)
export interface SliceOptions {
  readonly alpha: number
  /** Movies of a slice at least. */
  readonly least: number
  readonly top: number
  /** Predicates that were looked at in advance and left out: they count as tests. */
  readonly leftOut: number
}

/** Predicates that are combined in pairs. */
const PARENTS = 64
/** Slices are listed up to this adjusted p-value. */
const SIGNIFICANT = 0.05

/**
 * The slices, of one predicate or a pair, that do worse than the rest by more than chance; those with the highest score first. The best
 * {@link PARENTS} predicates are combined; a pair is listed if it scores higher than both of its predicates. Every predicate and every
 * possible pair counts as a test, also those that are pruned.
 * @param scored the scored rows
 */
export function* findSlices(
  errors: RowErrors,
  scored: RowSet,
  predicates: readonly Predicate[],
  { alpha, least, top, leftOut }: SliceOptions,
): Steps<{ readonly tests: number; readonly slices: FoundSlice[] }> {
  const all = errorSums(errors, scored, scored)
  const found: Unadjusted[] = []
  const singles: { readonly slice: Unadjusted; readonly rows: RowSet }[] = []
  for (const { where, rows } of predicates) {
    const sums = errorSums(errors, rows, rows)
    if (sums.count >= least && sums.count < all.count) singles.push({ slice: { where, ...figuresOf(sums, all, alpha) }, rows })
    yield
  }
  singles.sort((a, b) => byScore(a.slice, b.slice))
  found.push(...singles.map(({ slice }) => slice))
  const parents = singles.slice(0, PARENTS)
  for (const [i, { slice: a, rows: ofA }] of parents.entries())
    for (const { slice: b, rows: ofB } of parents.slice(0, i)) {
      const sums = errorSums(errors, ofA, ofB)
      yield
      if (sums.count < least || sums.count === Math.min(a.movies, b.movies)) continue
      const pair = figuresOf(sums, all, alpha)
      if (pair.score > Math.max(a.score, b.score)) found.push({ where: `${b.where} ${a.where}`, ...pair })
    }
  const asked = predicates.length + leftOut
  const tests = (asked * (asked + 1)) / 2
  const q = benjaminiHochberg(
    found.map(({ p }) => p),
    tests,
  )
  const slices = found
    .map((slice, i) => ({ ...slice, q: q[i]! }))
    .filter((slice) => slice.q <= SIGNIFICANT && slice.error > slice.restError)
    .sort(byScore)
  return { tests, slices: slices.slice(0, top) }
}
