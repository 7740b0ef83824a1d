/**
 * P(label is wrong) of every cell, learnt from planted errors: with errors planted on top of the given labels it is known which cells are
 * wrong, so a logistic regression can learn what the evidence says about wrong cells; applied to the given labels it says which of them
 * look like that.
 */
import type { SuspectModel } from '../../../contract/jobs.ts'
import { expectShape, logit, sigmoid } from '../matrix.ts'
import { shuffled } from '../random.ts'
import { fitRows, rowMargin, type FeatureRows } from '../rows-logistic.ts'
import type { Evidence } from './evidence.ts'
import { bootstrapWrong } from './interval.ts'

/** Facts about a cell, which follow the sources among the features. */
const FACTS = ['present', 'frequency', 'labels', 'aboveWorst'] as const
/** Names of a cell's features: each source's logit for the label as it is (negative if it contradicts the label), then {@link FACTS}. */
export const featuresOf = (sources: readonly string[]): readonly string[] => [...sources, ...FACTS]

/** Movies that the regression learns from: more do not change its ten weights. */
const MAX_LEARNT = 20_000

/** Cells under one labelling. */
export interface Cells {
  readonly evidence: Evidence
  /** (n, k) */
  readonly labels: Uint8Array
  /** (n, k) the labels whose correctness is asked, where that are others: those from before a person decided. */
  readonly judged?: Uint8Array
  readonly k: number
}

/**
 * Learns from planted errors. The regression is averaged, in log-odds, with the surprise of the context of all opinions: learnt weights
 * know the planted kinds of errors, surprise does not depend on them. The average is then calibrated on the planted errors, and shifted to
 * the share of wrong cells that the given labels seem to have.
 * @param planted the labels with planted errors, and the evidence computed from them
 * @param wrong (n, k) 1: a planted error
 * @param given the labels as they are, for the means
 */
export function learnWrong(planted: Cells, wrong: Uint8Array, given: Cells, seed: number): Omit<SuspectModel, 'partMeans'> {
  const { k } = planted
  const n = wrong.length / k
  const sources = Object.keys(planted.evidence)
  const movies = shuffled(
    Int32Array.from({ length: n }, (_, i) => i),
    seed,
  )
    .slice(0, MAX_LEARNT)
    .sort()
  const x = featureRows(planted, movies)
  const y = new Uint8Array(movies.length * k)
  movies.forEach((movie, i) => y.set(wrong.subarray(movie * k, (movie + 1) * k), i * k))
  const surprise = sources.indexOf('contextOfAll')
  const scorer = fitScorer(x, y, new Float64Array(y.length).fill(1), surprise)
  // so far the share of wrong cells is that of the planted ones, whatever it really is
  const scores = wrongProbabilities(given, { ...scorer, sources })
  const plantedScores = wrongProbabilities(planted, { ...scorer, sources })
  const { share, low, high, threshold } = wrongShare(scores, plantedScores.filter((_, cell) => wrong[cell] === 1)) // prettier-ignore
  const count = (part: number): number => part * scores.length
  const shift = shiftTo(scores, share)
  const probabilities = scores.map((p) => sigmoid(logit(p) + shift))
  return {
    sources,
    weights: scorer.weights,
    intercept: scorer.intercept + shift,
    means: featureMeans(given, sources.length),
    estimate: { expected: count(share), low: count(low), high: count(high) },
    intervals: bootstrapWrong({ given: scores, planted: plantedScores, wrong, threshold, probabilities }, k, MAX_WRONG, seed),
    planted: foundOfPlanted(x, y, k, surprise),
  }
}

/** The weights and intercept that separate wrong cells (y 1) of the rows with a cost. @param surprise column of `contextOfAll` */
function fitScorer(
  x: FeatureRows,
  y: Uint8Array,
  cost: Float64Array,
  surprise: number,
): { readonly weights: number[]; readonly intercept: number } {
  const averaged = fitRows(x, y, cost).map((weight, i) => (weight - (i === surprise ? 1 : 0)) / 2)
  const [slope = 1, offset = 0] = fitRows(oneColumn(x, averaged, y.length), y, cost)
  return {
    weights: [...averaged.subarray(0, x.columns)].map((weight) => slope * weight),
    intercept: slope * averaged[x.columns]! + offset,
  }
}

/** Counts the cells with P(wrong) >= 0.5 among planted errors and others; each half of the movies is scored by a regression fitted on the other half. */
function foundOfPlanted(x: FeatureRows, y: Uint8Array, k: number, surprise: number): SuspectModel['planted'] {
  let [called, found] = [0, 0]
  for (const half of [0, 1]) {
    const isHere = (row: number): boolean => Math.floor(row / k) % 2 === half
    const cost = Float64Array.from(y, (_, row) => (isHere(row) ? 0 : 1))
    const { weights, intercept } = fitScorer(x, y, cost, surprise)
    const w = Float64Array.of(...weights, intercept)
    for (let row = 0; row < y.length; row++) {
      if (!isHere(row) || rowMargin(x, w, row) < 0) continue
      called++
      found += y[row]!
    }
  }
  return { errors: y.reduce((a, b) => a + b, 0), called, found }
}

/** Shares of the planted errors with the highest scores at which {@link wrongShare} is measured; the second is the estimate. */
const TAILS = [0.05, 0.1, 0.15, 0.2]
/** A larger share is not label noise: the labels are those of another catalogue. */
const MAX_WRONG = 0.5

/**
 * Estimates the share of wrong cells from scores of all cells and of planted errors. If wrong cells score like planted ones, then where
 * right cells hardly occur the given cells are `share` times as dense as planted errors: the mixture proportion estimate of Blanchard,
 * Lee and Scott, "Semi-supervised novelty detection" (2010), at fixed tails. Right cells in a tail raise it, wrong cells that look unlike
 * the planted ones lower it: `low` and `high` are the smallest and the largest over the tails, not a confidence interval. `threshold` is the
 * score from which the estimate counts.
 */
export function wrongShare(given: Float32Array, planted: Float32Array): { share: number; low: number; high: number; threshold: number } {
  if (planted.length === 0 || given.length === 0) return { share: 0, low: 0, high: 0, threshold: Infinity }
  const [cells, errors] = [given.toSorted(), planted.toSorted()]
  const thresholds = TAILS.map((tail) => errors[Math.floor(errors.length * (1 - tail))]!)
  const shares = thresholds.map((threshold) =>
    Math.min(MAX_WRONG, countFrom(cells, threshold) / cells.length / (countFrom(errors, threshold) / errors.length)),
  )
  return { share: shares[1]!, low: Math.min(...shares), high: Math.max(...shares), threshold: thresholds[1]! }
}

/** Number of values of an ascending list from `least` on. */
function countFrom(ascending: Float32Array, least: number): number {
  let [low, high] = [0, ascending.length]
  while (low < high) {
    const middle = (low + high) >> 1
    if (ascending[middle]! >= least) high = middle
    else low = middle + 1
  }
  return ascending.length - low
}

/** The change of all log-odds after which the probabilities have this mean. */
function shiftTo(probabilities: Float32Array, mean: number): number {
  const odds = probabilities.map((p) => logit(p))
  let [low, high] = [-20, 20]
  for (let step = 0; step < 50; step++) {
    const middle = (low + high) / 2
    if (odds.reduce((sum, z) => sum + sigmoid(z + middle), 0) > mean * odds.length) high = middle
    else low = middle
  }
  return low
}

/** The margins under `w` as the only feature. */
function oneColumn(x: FeatureRows, w: Float64Array, rows: number): FeatureRows {
  return {
    columns: 1,
    indptr: Int32Array.from({ length: rows + 1 }, (_, i) => i),
    indices: new Uint16Array(rows),
    values: Float64Array.from({ length: rows }, (_, row) => rowMargin(x, w, row)),
  }
}

/** P(wrong) (n, k) of all cells. */
export function wrongProbabilities(cells: Cells, model: Pick<SuspectModel, 'sources' | 'weights' | 'intercept'>): Float32Array {
  const { labels, k } = cells
  const d = model.weights.length
  const out = new Float32Array(labels.length)
  const features = new Float64Array(k * d)
  const read = featureReader(cells)
  for (let movie = 0; movie * k < labels.length; movie++) {
    read(movie, features)
    for (let g = 0; g < k; g++) {
      let sum = model.intercept
      for (let i = 0; i < d; i++) sum += model.weights[i]! * features[g * d + i]!
      out[movie * k + g] = sigmoid(sum)
    }
  }
  return out
}

/** The features of some movies' cells as a matrix (movies * k, features). */
function featureRows(cells: Cells, movies: Int32Array): FeatureRows {
  const d = featuresOf(Object.keys(cells.evidence)).length
  const rows = movies.length * cells.k
  const values = new Float64Array(rows * d)
  const read = featureReader(cells)
  movies.forEach((movie, i) => read(movie, values.subarray(i * cells.k * d, (i + 1) * cells.k * d)))
  return {
    columns: d,
    indptr: Int32Array.from({ length: rows + 1 }, (_, i) => i * d),
    indices: Uint16Array.from({ length: rows * d }, (_, i) => i % d),
    values,
  }
}

function featureMeans(cells: Cells, sources: number): number[] {
  const d = sources + FACTS.length
  const n = cells.labels.length / cells.k
  const sums = new Float64Array(d)
  const features = new Float64Array(cells.k * d)
  const read = featureReader(cells)
  for (let movie = 0; movie < n; movie++) {
    read(movie, features)
    features.forEach((value, i) => (sums[i % d]! += value))
  }
  return [...sums].map((sum) => sum / Math.max(1, cells.labels.length))
}

/** Returns a function that writes the features (k, features) of one movie. */
function featureReader({ evidence, labels, judged = labels, k }: Cells): (movie: number, to: Float64Array) => void {
  const matrices = Object.values(evidence)
  for (const matrix of matrices) expectShape('evidence', matrix, labels.length, 1)
  const context = evidence['context']!
  const support = new Float64Array(k)
  labels.forEach((label, cell) => (support[cell % k]! += label))
  const n = Math.max(1, labels.length / k)
  const frequency = support.map((count) => logit(count / n))
  return (movie, to) => {
    let [count, worst] = [0, Infinity]
    for (let cell = movie * k; cell < (movie + 1) * k; cell++) {
      count += labels[cell]!
      worst = Math.min(worst, sign(judged[cell]!) * context[cell]!)
    }
    for (let g = 0, at = 0; g < k; g++) {
      const cell = movie * k + g
      const turn = sign(judged[cell]!)
      for (const matrix of matrices) to[at++] = turn * matrix[cell]!
      to[at++] = judged[cell]!
      to[at++] = frequency[g]!
      to[at++] = count
      to[at++] = turn * context[cell]! - worst
    }
  }
}
const sign = (label: number): 1 | -1 => (label === 1 ? 1 : -1)

/** P(at least one of `count` labels is wrong), which are taken as independent. @param wrong P(wrong) of each */
export function anyWrong(count: number, wrong: (label: number) => number): number {
  let right = 1
  for (let label = 0; label < count; label++) right *= 1 - wrong(label)
  return 1 - right
}
