/** Reads the 9000+ Movies dataset as the peer does, and computes the scores of the linear family's measurements. */
import { nineThousand, type Movies as Catalogue } from './catalogues.ts'

/** With the number of genres. */
export interface Movies extends Catalogue {
  readonly k: number
}
export interface Scores {
  readonly micro: number
  readonly macro: number
  readonly jaccard: number
}

/** '9000+ Movies', in file order. */
export function loadMovies(path: string): Movies {
  const movies = nineThousand(path)
  return { ...movies, k: movies.genres.length }
}

/** A shuffled copy of 0 … n - 1 (mulberry32, Fisher and Yates). */
export function shuffled(n: number, seed: number): number[] {
  const order = Array.from({ length: n }, (_, i) => i)
  let state = seed
  const random = (): number => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32
  }
  for (let i = n - 1; i > 0; i--) {
    const j = Math.floor(random() * (i + 1))
    const held = order[i]!
    order[i] = order[j]!
    order[j] = held
  }
  return order
}

/** Thresholds (k) from labels and probabilities (n, k). */
export type ThresholdRule = (labels: Uint8Array, probabilities: Float32Array, n: number, k: number) => ArrayLike<number>

/** The peer's rule: for each genre the threshold of the best F1 on a grid of `step`, the lowest of equals. */
export const gridRule =
  (step: number): ThresholdRule =>
  (labels, probabilities, n, k) =>
    Array.from({ length: k }, (_, genre) => {
      let [best, at] = [-1, 0.5]
      for (let i = 1; i * step < 0.98; i++) {
        let [both, chosen, positives] = [0, 0, 0]
        for (let row = 0; row < n; row++) {
          const label = labels[row * k + genre]!
          const hit = probabilities[row * k + genre]! >= i * step ? 1 : 0
          both += hit & label
          chosen += hit
          positives += label
        }
        const f1 = (2 * both) / Math.max(1, chosen + positives)
        if (f1 > best) [best, at] = [f1, i * step]
      }
      return at
    })

/** Thresholds of every genre from the given rows. */
export function thresholdsOf({ labels, k }: Movies, probabilities: Float32Array, rows: readonly number[], rule: ThresholdRule): number[] {
  const y = new Uint8Array(rows.length * k)
  const p = new Float32Array(rows.length * k)
  rows.forEach((row, i) => {
    y.set(labels.subarray(row * k, row * k + k), i * k)
    p.set(probabilities.subarray(row * k, row * k + k), i * k)
  })
  return Array.from(rule(y, p, rows.length, k))
}

/** Labels predicted for a row: at or above the threshold, and at least the most probable genre. */
export function decide(probabilities: ArrayLike<number>, thresholds: readonly number[]): number[] {
  const hit = thresholds.map((threshold, genre) => (probabilities[genre]! >= threshold ? 1 : 0))
  if (!hit.includes(1)) hit[Array.from(probabilities).indexOf(Math.max(...Array.from(probabilities)))] = 1
  return hit
}

/** Micro- and macro-F1 and Jaccard by sample of decisions, one list of k for each of `rows`. */
export function score(
  { labels, k }: Pick<Movies, 'labels' | 'k'>,
  rows: readonly number[],
  decisions: readonly (readonly number[])[],
): Scores {
  const [both, chosen, true_] = [new Float64Array(k), new Float64Array(k), new Float64Array(k)]
  let jaccard = 0
  rows.forEach((row, i) => {
    let [shared, either] = [0, 0]
    decisions[i]!.forEach((hit, genre) => {
      const label = labels[row * k + genre]!
      both[genre]! += hit & label
      chosen[genre]! += hit
      true_[genre]! += label
      shared += hit & label
      either += hit | label
    })
    jaccard += shared / either
  })
  const sum = (values: Float64Array): number => values.reduce((total, value) => total + value, 0)
  const f1 = both.map((value, genre) => (2 * value) / Math.max(1, chosen[genre]! + true_[genre]!))
  return { micro: (2 * sum(both)) / (sum(chosen) + sum(true_)), macro: sum(f1) / k, jaccard: jaccard / rows.length }
}
