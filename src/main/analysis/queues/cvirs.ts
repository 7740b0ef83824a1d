/**
 * CVIRS: category vector inconsistency and ranking of scores (Reyes, Morell and Ventura 2018). A movie scores high if its predicted genres
 * are unlike the genres of other movies, and if the margins of its probabilities rank among the smallest of each genre.
 */
import { argsort } from '../argsort.ts'
import { ones } from '../popcount.ts'
import type { Scored } from './scores.ts'

/** Movies whose labels the predicted genres are compared with, spread evenly over the catalogue: more do not change the mean. */
const MAX_COMPARED = 2000

/** @returns (n) s * v; 0 for a movie without probabilities */
export function cvirs({ p, predicted, labels, has, n, k }: Scored): Float64Array {
  const score = rankingOfScores(p, has, n, k)
  const step = Math.max(1, Math.ceil(n / MAX_COMPARED))
  const given = labelSets(labels, n, k, step)
  const found = labelSets(predicted, n, k, 1)
  const inconsistency = Float64Array.from(found.counts, (_, set) => meanDistance(found, set, given, k))
  return score.map((s, row) => s * inconsistency[found.of[row]!]!)
}

/** Borda count of the movie's margins |2p - 1|: the smallest margin of a genre gets n - 1 points, the next one n - 2, …; 0 to 1. */
function rankingOfScores(p: Float32Array, has: Uint8Array, n: number, k: number): Float64Array {
  const ranked = has.reduce((sum, x) => sum + x, 0)
  const score = new Float64Array(n)
  const margin = new Float32Array(n)
  for (let j = 0; j < k; j++) {
    for (let row = 0; row < n; row++) margin[row] = has[row] ? Math.abs(2 * p[row * k + j]! - 1) : NaN
    const order = argsort(margin)
    for (let at = 0; at < ranked; at++) score[order[at]!]! += (ranked - 1 - at) / Math.max(1, k * (ranked - 1))
  }
  return score
}

/** The different rows of a matrix of bits. */
interface LabelSets {
  /** (sets, width) 32 genres a word */
  readonly words: Uint32Array
  readonly width: number
  /** (sets) */
  readonly counts: readonly number[]
  /** (rows) set of each row */
  readonly of: Int32Array
}
function labelSets(matrix: Uint8Array, n: number, k: number, step: number): LabelSets {
  const width = Math.max(1, Math.ceil(k / 32))
  const index = new Map<number | string, number>()
  const counts: number[] = []
  const words: number[] = []
  const of = new Int32Array(Math.ceil(n / step))
  const set = new Uint32Array(width)
  for (let row = 0, i = 0; row < n; row += step, i++) {
    set.fill(0)
    for (let j = 0; j < k; j++) if (matrix[row * k + j]) set[j >>> 5]! |= 1 << (j & 31)
    const key = width === 1 ? set[0]! : set.join()
    const at = index.get(key) ?? counts.length
    if (at === counts.length) {
      index.set(key, at)
      counts.push(0)
      words.push(...set)
    }
    counts[at]!++
    of[i] = at
  }
  return { words: Uint32Array.from(words), width, counts, of }
}

function meanDistance(found: LabelSets, set: number, given: LabelSets, k: number): number {
  const { width } = found
  const start = set * width
  let own = 0
  for (let w = 0; w < width; w++) own += ones(found.words[start + w]!)
  let sum = 0
  for (let other = 0; other < given.counts.length; other++) {
    let [both, theirs] = [0, 0]
    for (let w = 0; w < width; w++) {
      const word = given.words[other * width + w]!
      both += ones(found.words[start + w]! & word)
      theirs += ones(word)
    }
    sum += given.counts[other]! * distance(both, own - both, theirs - both, k)
  }
  return sum / Math.max(1, given.of.length)
}

/**
 * Their f_u of two sets: the Hamming distance over k, but 1 where the entropy distance (2 H(X, Y) - H(X) - H(Y)) / H(X, Y) is 1. That is so
 * if the sets are independent, and so if the counts of the genres in both, in one and in none of them satisfy both * none = one * other.
 */
function distance(both: number, one: number, other: number, k: number): number {
  const none = k - both - one - other
  const isConstant = both === k || none === k
  return both * none === one * other && !isConstant ? 1 : (one + other) / k
}
