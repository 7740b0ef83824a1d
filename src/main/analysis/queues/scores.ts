/**
 * Scores of movies for queues; the highest comes first. n movies, k genres; matrices are (n, k). Formulas and papers: docs/queues.md.
 * Where a run does not know a cell, its probability is its label, so that the cell counts as certain.
 */
export interface Scored {
  readonly p: Float32Array
  readonly predicted: Uint8Array
  readonly labels: Uint8Array
  /** (n) 1: the movie has probabilities. */
  readonly has: Uint8Array
  readonly n: number
  readonly k: number
}

/** Least confidence: 1 - P(the most probable set of genres), genres taken as independent. */
export function leastConfident({ p, n, k }: Scored): Float64Array {
  return Float64Array.from({ length: n }, (_, row) => {
    let most = 1
    for (let cell = row * k; cell < (row + 1) * k; cell++) most *= Math.max(p[cell]!, 1 - p[cell]!)
    return 1 - most
  })
}

/** Label cardinality inconsistency (Li and Guo 2013, section 3.3): how far the number of predicted genres is from the average. */
export function cardinalityInconsistency({ predicted, labels, n, k }: Scored): Float64Array {
  const mean = sum(labels, 0, n * k) / Math.max(1, n)
  return Float64Array.from({ length: n }, (_, row) => Math.abs(sum(predicted, row * k, (row + 1) * k) - mean))
}
/** Their separation margin (section 3.2): the smallest probability of a predicted genre minus the largest of the others; -1 to 1. */
export function separationMargin({ p, predicted, n, k }: Scored): Float64Array {
  return Float64Array.from({ length: n }, (_, row) => {
    let [inside, outside] = [1, 0]
    for (let cell = row * k; cell < (row + 1) * k; cell++)
      if (predicted[cell]) inside = Math.min(inside, p[cell]!)
      else outside = Math.max(outside, p[cell]!)
    return inside - outside
  })
}

/** Sum over genres of the mean Kullback-Leibler divergence of each run's probability from their mean, in nats (McCallum and Nigam 1998). */
export function disagreement(runs: readonly Float32Array[], n: number, k: number): Float64Array {
  const score = new Float64Array(n)
  const part = 1 / runs.length
  for (let row = 0, cell = 0; row < n; row++)
    for (const end = cell + k; cell < end; cell++) {
      let mean = 0
      for (const p of runs) {
        mean += part * p[cell]!
        score[row]! -= part * entropy(p[cell]!)
      }
      score[row]! += entropy(mean)
    }
  return score
}
const entropy = (p: number): number => (p <= 0 || p >= 1 ? 0 : -p * Math.log(p) - (1 - p) * Math.log(1 - p))

/** The largest imbalance ratio (Charte et al. 2015, IRLbl) of a genre that the movie has or is predicted to have; 0 without any. */
export function rarity(labels: Uint8Array, predicted: Uint8Array | null, n: number, k: number): Float64Array {
  const support = new Float64Array(k)
  for (let cell = 0; cell < n * k; cell++) support[cell % k]! += labels[cell]!
  const most = Math.max(1, ...support)
  return Float64Array.from({ length: n }, (_, row) => {
    let score = 0
    for (let j = 0, cell = row * k; j < k; j++, cell++)
      if (labels[cell] || predicted?.[cell]) score = Math.max(score, most / Math.max(1, support[j]!))
    return score
  })
}

/** Movies of which one nearly repeats the plot of the other. */
export interface SimilarPair {
  readonly row: number
  readonly other: number
  readonly cosine: number
}
/** The strongest conflict of each movie with a similar one; 0 where their genres are equal. `first`: (n) the lower row of that pair. */
export function conflicts(
  pairs: Iterable<SimilarPair>,
  labels: Uint8Array,
  n: number,
  k: number,
): { score: Float64Array; first: Int32Array } {
  const score = new Float64Array(n)
  const first = Int32Array.from(score.keys())
  for (const { row, other, cosine } of pairs) {
    let [both, either] = [0, 0]
    for (let j = 0; j < k; j++) {
      both += labels[row * k + j]! & labels[other * k + j]!
      either += labels[row * k + j]! | labels[other * k + j]!
    }
    const found = either === 0 ? 0 : cosine * (1 - both / either)
    for (const each of [row, other]) {
      if (found <= score[each]!) continue
      score[each] = found
      first[each] = Math.min(row, other)
    }
  }
  return { score, first }
}

function sum(of: Uint8Array, from: number, to: number): number {
  let total = 0
  for (let i = from; i < to; i++) total += of[i]!
  return total
}
