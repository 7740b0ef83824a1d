import { expectShape } from './matrix.ts'

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

/**
 * Share of the row genre's movies that also have the column genre: (k, k); a row without movies is 0.
 * @param counts (k, k) from `cooccurrence`
 */
export function conditional(counts: Int32Array, k: number): Float64Array {
  expectShape('co-occurrence counts', counts, k, k)
  return Float64Array.from(counts, (count, at) => {
    const row = counts[Math.floor(at / k) * (k + 1)]!
    return row === 0 ? 0 : count / row
  })
}
