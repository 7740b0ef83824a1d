/** Areas of a map, and the words that distinguish them. */
import type { MapArea } from '../../../contract/map.ts'
import type { Csr } from '../linear/csr.ts'

/** Areas of each level, from coarse to fine, and movies that an area has on average at least. */
const [LEVELS, MIN_MOVIES] = [[6, 20, 60], 15] as const
/** Rounds of k-means. */
const ROUNDS = 25
/** Number of words of an area, and the least number of its movies that must have each. */
const [WORDS, MIN_WITH_WORD] = [6, 3]
/** Weight of the prior: as many movies as this are added, with the words of the whole catalogue. */
const PRIOR = 50
const WORD = /^\p{L}{3,}$/u

/** The nearest centre of each point; points without a place are in none (-1). */
export function nearestCentres(places: Float32Array, centres: Float64Array): Int16Array {
  const k = centres.length / 2
  return Int16Array.from({ length: places.length / 2 }, (_, i) => {
    const [x, y] = [places[2 * i]!, places[2 * i + 1]!]
    let [best, least] = [-1, Infinity]
    for (let c = 0; c < k; c++) {
      const distance = (x - centres[2 * c]!) ** 2 + (y - centres[2 * c + 1]!) ** 2
      if (distance < least) [best, least] = [c, distance]
    }
    return best
  })
}

/** k-means with seeds by k-means++ (Arthur and Vassilvitskii, 2007). Returns the centres (k, 2). */
export function clusterCentres(places: Float32Array, k: number, random: () => number): Float64Array {
  const placed = Array.from({ length: places.length / 2 }, (_, i) => i).filter((i) => !Number.isNaN(places[2 * i]!))
  const centres = new Float64Array(2 * k)
  const far = new Float64Array(placed.length).fill(Infinity)
  for (let c = 0; c < k; c++) {
    let left = random() * (c === 0 ? placed.length : far.reduce((a, b) => a + b, 0))
    const chosen =
      c === 0
        ? Math.floor(left)
        : Math.max(
            0,
            far.findIndex((distance) => (left -= distance) < 0),
          )
    const at = placed[chosen] ?? 0
    centres.set(places.subarray(2 * at, 2 * at + 2), 2 * c)
    placed.forEach((i, j) => {
      far[j] = Math.min(far[j]!, (places[2 * i]! - centres[2 * c]!) ** 2 + (places[2 * i + 1]! - centres[2 * c + 1]!) ** 2)
    })
  }
  for (let round = 0; round < ROUNDS; round++) {
    const [sums, counts] = [new Float64Array(2 * k), new Float64Array(k)]
    nearestCentres(places, centres).forEach((c, i) => {
      if (c < 0) return
      counts[c]!++
      sums[2 * c]! += places[2 * i]!
      sums[2 * c + 1]! += places[2 * i + 1]!
    })
    sums.forEach((sum, at) => (centres[at] = counts[at >> 1]! > 0 ? sum / counts[at >> 1]! : centres[at]!))
  }
  return centres
}

/**
 * The words of each area, by the z-score of their log-odds against the other areas with an informative Dirichlet prior (Monroe, Colaresi and
 * Quinn, 2008). A word counts once for each movie.
 * @param matrix (movies, words)
 * @param of (movies) the area of each, or -1
 */
export function areaWords(matrix: Csr, names: readonly string[], of: Int16Array, areas: number): string[][] {
  const counts = Array.from({ length: areas }, () => new Float64Array(names.length))
  const all = new Float64Array(names.length)
  for (let row = 0; row < matrix.rows; row++) {
    const own = counts[of[row]!]
    if (!own) continue
    for (let i = matrix.indptr[row]!; i < matrix.indptr[row + 1]!; i++) {
      own[matrix.indices[i]!]!++
      all[matrix.indices[i]!]!++
    }
  }
  const sum = (values: Float64Array): number => values.reduce((a, b) => a + b, 0)
  const total = sum(all)
  const weight = PRIOR / Math.max(1, matrix.rows)
  const [allowed, before] = [names.map((name) => WORD.test(name)), total * weight]
  return counts.map((own) => {
    const inside = sum(own)
    const scored: { readonly word: string; readonly z: number }[] = []
    own.forEach((y, w) => {
      if (y < MIN_WITH_WORD || !allowed[w]) return
      const prior = all[w]! * weight
      const [a, b] = [y + prior, all[w]! - y + prior]
      const odds = Math.log(a / (inside + before - a)) - Math.log(b / (total - inside + before - b))
      scored.push({ word: names[w]!, z: odds / Math.sqrt(1 / a + 1 / b) })
    })
    return scored.sort((a, b) => b.z - a.z || (a.word < b.word ? -1 : 1)).slice(0, WORDS).map(({ word }) => word) // prettier-ignore
  })
}

/** All levels of a map that has enough movies for them; the coarsest in any case. */
export function areasOf(places: Float32Array, matrix: Csr, names: readonly string[], random: () => number): MapArea[][] {
  const most = Math.max(2, Math.floor(matrix.rows / MIN_MOVIES))
  let number = 0
  return LEVELS.filter((count, i) => i === 0 || count <= most).map((count) => {
    const k = Math.min(count, most)
    const centres = clusterCentres(places, k, random)
    const words = areaWords(matrix, names, nearestCentres(places, centres), k)
    return words.map((found, c) => ({ area: ++number, x: centres[2 * c]!, y: centres[2 * c + 1]!, words: found }))
  })
}
