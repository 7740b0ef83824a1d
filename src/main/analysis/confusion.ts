import { expectShape } from './matrix.ts'
/** Tallies of one genre each: (k) true and false positives and negatives. */
export interface LabelCounts {
  readonly tp: Int32Array
  readonly fp: Int32Array
  readonly fn: Int32Array
  readonly tn: Int32Array
}

/** Tallies of one movie each: (n) genres it has, genres predicted, and both. */
export interface SampleCounts {
  readonly labels: Uint16Array
  readonly predicted: Uint16Array
  readonly both: Uint16Array
}

export function labelCounts(y: Uint8Array, h: Uint8Array, n: number, k: number): LabelCounts {
  const [tp, fp, fn, tn] = [new Int32Array(k), new Int32Array(k), new Int32Array(k), new Int32Array(k)]
  for (let i = 0, at = 0; i < n; i++) {
    for (let g = 0; g < k; g++, at++) {
      const label = y[at]!
      const predicted = h[at]!
      tp[g]! += label & predicted
      fp[g]! += (1 - label) & predicted
      fn[g]! += label & (1 - predicted)
    }
  }
  for (let g = 0; g < k; g++) tn[g] = n - tp[g]! - fp[g]! - fn[g]!
  return { tp, fp, fn, tn }
}

export function sampleCounts(y: Uint8Array, h: Uint8Array, n: number, k: number): SampleCounts {
  const [labels, predicted, both] = [new Uint16Array(n), new Uint16Array(n), new Uint16Array(n)]
  for (let i = 0, at = 0; i < n; i++) {
    for (let g = 0; g < k; g++, at++) {
      labels[i]! += y[at]!
      predicted[i]! += h[at]!
      both[i]! += y[at]! & h[at]!
    }
  }
  return { labels, predicted, both }
}

/**
 * Jaccard index of each movie: shared genres over all genres, (n).
 * @param whenEmpty value for a movie with neither genres nor predictions: 1 (nothing to find, nothing claimed) when a movie is shown
 *   alone; scikit-learn's average, `jaccard_samples`, uses 0
 */
export function jaccardPerSample(y: Uint8Array, h: Uint8Array, n: number, k: number, whenEmpty: 0 | 1 = 1): Float64Array {
  const { labels, predicted, both } = sampleCounts(y, h, n, k)
  const out = new Float64Array(n)
  for (let i = 0; i < n; i++) {
    const union = labels[i]! + predicted[i]! - both[i]!
    out[i] = union === 0 ? whenEmpty : both[i]! / union
  }
  return out
}

/**
 * How many movies have both genres: (k, k), symmetric; the diagonal counts each genre.
 * @param y (n, k) labels, 0 or 1
 * @throws RangeError when y is not n x k
 */
export function cooccurrence(y: Uint8Array, n: number, k: number): Int32Array {
  expectShape('labels', y, n, k)
  const counts = new Int32Array(k * k)
  const present = new Uint16Array(k) // the movie's genres, `size` of them
  for (let i = 0, at = 0; i < n; i++) {
    let size = 0
    for (let g = 0; g < k; g++, at++) if (y[at] === 1) present[size++] = g
    for (let a = 0; a < size; a++) {
      for (let b = 0; b < size; b++) counts[present[a]! * k + present[b]!]!++
    }
  }
  return counts
}
