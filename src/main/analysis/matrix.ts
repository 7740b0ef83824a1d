import { BLOCK_CELLS, type Steps } from './steps.ts'

/**
 * Matrices of this folder are row-major, movies x genres: the cell of movie i and genre g is at i * k + g.
 * y: labels, h: thresholded predictions (0 or 1), p: probabilities in [0, 1], n: movies, k: genres.
 */
export type Floats = Float32Array | Float64Array

/** Checks that a matrix is n x k (a list has k = 1). @throws RangeError that names the matrix */
export function expectShape(name: string, array: { readonly length: number }, n: number, k: number): void {
  if (array.length === n * k) return
  throw new RangeError(`expected ${name} to hold ${n} x ${k} = ${n * k} values, got ${array.length}`)
}

/** Sums of the k columns of a matrix of 0 and 1: the movies of each genre. */
export function columnSums(y: Uint8Array, k: number): Int32Array {
  const sums = new Int32Array(k)
  for (let cell = 0; cell < y.length; cell++) sums[cell % k]! += y[cell]!
  return sums
}

/** The given rows of a matrix with k columns, in their order, as a new matrix. */
export function gatherRows<T extends Uint8Array | Float32Array>(matrix: T, rows: Int32Array, k: number): T {
  const out = new (matrix.constructor as new (length: number) => T)(rows.length * k)
  rows.forEach((row, i) => out.set(matrix.subarray(row * k, row * k + k), i * k))
  return out
}

/** Writes row i of `from` to row rows[i] of `to`; both have k columns. */
export const scatterRows = (to: Float32Array, from: Float32Array, rows: Int32Array, k: number): void =>
  rows.forEach((row, i) => to.set(from.subarray(i * k, i * k + k), row * k))

/** The logistic function, 1 / (1 + e^-z). */
export const sigmoid = (z: number): number => 1 / (1 + Math.exp(-z))

/** Log-odds of a probability, which is kept `least` away from 0 and 1: a float32 probability can round to either. */
export function logit(p: number, least = 1e-7): number {
  const inside = Math.min(1 - least, Math.max(least, p))
  return Math.log(inside / (1 - inside))
}

/** One genre's probabilities, separated into movies with and without it, each in ascending order. */
export interface SplitColumn {
  readonly positives: Floats
  readonly negatives: Floats
}

/**
 * Column g of p, split by label and sorted: two native sorts of plain numbers instead of one sort of pairs.
 * @param mask (n) 1 leaves the movie out; null keeps all
 */
export function splitColumn(y: Uint8Array, p: Floats, n: number, k: number, g: number, mask: Uint8Array | null = null): SplitColumn {
  const { positives, negatives } = partColumn(y, p, n, k, g, mask)
  return { positives: positives.sort(), negatives: negatives.sort() }
}

/** {@link splitColumn} in steps. */
export function* splitColumnSteps(
  y: Uint8Array,
  p: Floats,
  n: number,
  k: number,
  g: number,
  mask: Uint8Array | null = null,
): Steps<SplitColumn> {
  const { positives, negatives } = partColumn(y, p, n, k, g, mask)
  return { positives: yield* sortSteps(positives), negatives: yield* sortSteps(negatives) }
}

/** The column split by label, not sorted yet. */
function partColumn(y: Uint8Array, p: Floats, n: number, k: number, g: number, mask: Uint8Array | null): SplitColumn {
  const buffer = p instanceof Float32Array ? new Float32Array(n) : new Float64Array(n)
  let front = 0
  let back = n
  for (let i = 0, at = g; i < n; i++, at += k) {
    if (mask?.[i] === 1) continue
    if (y[at] === 1) buffer[front++] = p[at]!
    else buffer[--back] = p[at]!
  }
  return { positives: buffer.subarray(0, front), negatives: buffer.subarray(back) }
}

/**
 * Walks the distinct probabilities from the largest to the smallest: `visit(value, truePositives, falsePositives)` with
 * the counts of everything at or above `value`.
 */
export function walkDown({ positives, negatives }: SplitColumn, visit: (value: number, tp: number, fp: number) => void): void {
  let i = positives.length - 1
  let j = negatives.length - 1
  while (i >= 0 || j >= 0) {
    const value = i < 0 ? negatives[j]! : j < 0 ? positives[i]! : Math.max(positives[i]!, negatives[j]!)
    while (i >= 0 && positives[i]! >= value) i--
    while (j >= 0 && negatives[j]! >= value) j--
    visit(value, positives.length - 1 - i, negatives.length - 1 - j)
  }
}

/** Sorts in ascending order, in place: native sorts of blocks, then merges of neighbours. For numbers without NaN. */
export function* sortSteps<T extends Floats>(values: T): Steps<T> {
  for (let first = 0; first < values.length; first += BLOCK_CELLS) {
    values.subarray(first, first + BLOCK_CELLS).sort()
    yield
  }
  const other = new (values.constructor as new (length: number) => T)(values.length <= BLOCK_CELLS ? 0 : values.length)
  let [from, to] = [values, other]
  for (let width = BLOCK_CELLS; width < values.length; width *= 2) {
    for (let first = 0; first < values.length; first += 2 * width) yield* mergeSteps(from, to, first, first + width, first + 2 * width)
    ;[from, to] = [to, from]
  }
  if (from !== values) values.set(from)
  return values
}

/** Merges the ascending ranges [first, middle) and [middle, end) of `from` into the same positions of `to`. */
function* mergeSteps(from: Floats, to: Floats, first: number, middle: number, end: number): Steps<void> {
  const stop = Math.min(middle, from.length)
  const last = Math.min(end, from.length)
  let [left, right] = [first, stop]
  for (let at = first; at < last; at++) {
    if (right >= last || (left < stop && from[left]! <= from[right]!)) to[at] = from[left++]!
    else to[at] = from[right++]!
    if (at % BLOCK_CELLS === 0) yield
  }
}
