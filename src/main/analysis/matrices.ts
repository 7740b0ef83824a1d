/** Matrices of genres against genres. */
import { expectShape } from './matrix.ts'

/**
 * How many movies miss one genre and are given another in its place: (k + 1, k + 1). Cell (i, j): movies that have genre i, which is not
 * predicted, and are predicted genre j, which they do not have. The last row and column stand for none: movies that miss nothing, or are
 * given nothing wrong. The diagonal counts movies whose genre is predicted, its end those with every genre right. A movie that misses two
 * genres counts in two rows.
 * @param y (n, k) labels @param h (n, k) thresholded predictions
 */
export function confusions(y: Uint8Array, h: Uint8Array, n: number, k: number): Int32Array {
  expectShape('labels', y, n, k)
  expectShape('predictions', h, n, k)
  const width = k + 1
  const counts = new Int32Array(width * width)
  const [missed, wrong] = [new Uint16Array(width), new Uint16Array(width)]
  for (let i = 0, at = 0; i < n; i++) {
    let [misses, wrongs] = [0, 0]
    for (let g = 0; g < k; g++, at++) {
      if (y[at] === 1 && h[at] === 0) missed[misses++] = g
      else if (y[at] === 0 && h[at] === 1) wrong[wrongs++] = g
      else if (y[at] === 1) counts[g * width + g]!++
    }
    if (misses === 0) missed[misses++] = k
    if (wrongs === 0) wrong[wrongs++] = k
    for (let a = 0; a < misses; a++) for (let b = 0; b < wrongs; b++) counts[missed[a]! * width + wrong[b]!]!++
  }
  return counts
}

/**
 * How often one genre is predicted and no other: (k + 1, k). Cell (i, j), i below k: movies that are predicted genre j alone, do not have it and
 * have genre i; on the diagonal those that have it. The last row counts all that do not have genre j, once each.
 * @param y (n, k) labels @param h (n, k) thresholded predictions
 */
export function predictedAlone(y: Uint8Array, h: Uint8Array, n: number, k: number): Int32Array {
  expectShape('labels', y, n, k)
  expectShape('predictions', h, n, k)
  const counts = new Int32Array((k + 1) * k)
  for (let i = 0; i < n; i++) {
    const [labels, predictions] = [y.subarray(i * k, (i + 1) * k), h.subarray(i * k, (i + 1) * k)]
    const genre = predictions.indexOf(1)
    if (genre < 0 || genre !== predictions.lastIndexOf(1)) continue
    if (labels[genre] === 1) counts[genre * k + genre]!++
    else {
      labels.forEach((has, other) => (counts[other * k + genre]! += has))
      counts[k * k + genre]!++
    }
  }
  return counts
}

/**
 * An order of the genres in which those that stand together are neighbours: average linkage (Sokal and Michener 1958) on 1 - Jaccard of
 * their movies; of two clusters the one with more movies comes first.
 * @param together (k, k) movies that have both genres; the diagonal counts each
 * @returns (k) columns
 */
export function clusteredOrder(together: Int32Array, k: number): Int32Array {
  expectShape('counts', together, k, k)
  const distance = (i: number, j: number): number => {
    const either = together[i * k + i]! + together[j * k + j]! - together[i * k + j]!
    return either === 0 ? 1 : 1 - together[i * k + j]! / either
  }
  interface Cluster {
    readonly genres: readonly number[]
    readonly movies: number
  }
  const clusters: Cluster[] = Array.from({ length: k }, (_, g) => ({ genres: [g], movies: together[g * k + g]! }))
  // between clusters, by place in the list
  const between = clusters.map((_, i) => clusters.map((_c, j) => distance(i, j)))
  while (clusters.length > 1) {
    let [first, second] = [0, 1]
    for (let i = 0; i < clusters.length; i++)
      for (let j = i + 1; j < clusters.length; j++) if (between[i]![j]! < between[first]![second]!) [first, second] = [i, j]
    const [a, b] = [clusters[first]!, clusters[second]!]
    const size = a.genres.length + b.genres.length
    for (let i = 0; i < clusters.length; i++) {
      const mean = (a.genres.length * between[first]![i]! + b.genres.length * between[second]![i]!) / size
      between[first]![i] = between[i]![first] = mean
    }
    const [large, small] = a.movies >= b.movies ? [a, b] : [b, a]
    clusters[first] = { genres: [...large.genres, ...small.genres], movies: a.movies + b.movies }
    clusters.splice(second, 1)
    between.splice(second, 1)
    for (const row of between) row.splice(second, 1)
  }
  return Int32Array.from(clusters[0]?.genres ?? [])
}
