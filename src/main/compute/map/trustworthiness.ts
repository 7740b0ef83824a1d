import type { Floats } from '../../analysis/matrix.ts'

/** Squared Euclidean distances of row i to all rows of a matrix (n, dim); infinite to itself. */
function distancesFrom(i: number, points: Floats, n: number, dim: number, out: Float64Array): void {
  for (let j = 0; j < n; j++) {
    let sum = 0
    for (let d = 0; d < dim; d++) sum += (points[i * dim + d]! - points[j * dim + d]!) ** 2
    out[j] = i === j ? Infinity : sum
  }
}

/**
 * How far the k nearest points of a map are near in the vectors, too: 1 - 2 / (n k (2n - 3k - 1)) * sum of max(0, rank - k) (Venna and Kaski,
 * 2001), as `sklearn.manifold.trustworthiness` computes it.
 * @param vectors (n, dim)
 * @param places (n, 2)
 * @param k below n / 2
 */
export function trustworthiness(vectors: Floats, dim: number, places: Floats, k: number): number {
  const n = places.length / 2
  const [far, flat] = [new Float64Array(n), new Float64Array(n)]
  let penalty = 0
  for (let i = 0; i < n; i++) {
    distancesFrom(i, vectors, n, dim, far)
    distancesFrom(i, places, n, 2, flat)
    const sorted = far.slice().sort()
    const cut = flat.slice().sort()[k - 1]!
    const nearest = [...flat.keys()].filter((j) => flat[j]! <= cut).slice(0, k)
    for (const j of nearest) penalty += Math.max(0, rankOf(far[j]!, sorted) - k)
  }
  return 1 - (2 * penalty) / (n * k * (2 * n - 3 * k - 1))
}

/** The place of a value in an ascending list, from 1 on. */
function rankOf(value: number, sorted: Float64Array): number {
  let [low, high] = [0, sorted.length]
  while (low < high) {
    const middle = (low + high) >> 1
    if (sorted[middle]! < value) low = middle + 1
    else high = middle
  }
  return low + 1
}
