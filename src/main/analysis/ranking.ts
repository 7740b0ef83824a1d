import type { RankingMetrics } from '../../contract/records.ts'
import { type Floats, sortSteps, type SplitColumn, splitColumnSteps } from './matrix.ts'
import { mean, type Ratios } from './ratios.ts'
import { BLOCK_CELLS, type Steps } from './steps.ts'

/** scikit-learn clips probabilities to [1e-15, 1 - 1e-15] before the logarithm (log_loss, version 1.2). */
const LOG_LOSS_CLIP = 1e-15
/** Movies processed between two yields. */
const ROWS = 8192

/**
 * Metrics of the probabilities themselves, without a threshold; scikit-learn's definitions.
 * `average_precision_micro` pools the cells of the live labels (genres with positives and negatives). Without a live label
 * it is 0 and the lists are empty.
 * @param y (n, k) labels, 0 or 1
 * @param p (n, k) probabilities
 */
export function* rankingSteps(y: Uint8Array, p: Floats, n: number, k: number, ratios: Ratios): Steps<RankingMetrics> {
  const columns: SplitColumn[] = []
  for (let g = 0; g < k; g++) columns.push(yield* splitColumnSteps(y, p, n, k, g))
  const live = columns.flatMap(({ positives, negatives }, g) => (positives.length > 0 && negatives.length > 0 ? [g] : []))
  const areas: number[] = []
  const precisions: number[] = []
  for (const g of live) {
    areas.push(yield* rocAuc(columns[g]!))
    precisions.push(yield* averagePrecision(columns[g]!))
  }
  const pooled = yield* pool(live.map((g) => columns[g]!))
  if (pooled.positives.length === 0) ratios.undefined.push('ranking.average_precision_micro')
  const errors = yield* probabilityErrors(y, p, n, k)
  return {
    live_labels: live,
    roc_auc_per_label: areas,
    average_precision_per_label: precisions,
    average_precision_micro: yield* averagePrecision(pooled),
    ...(yield* rowRanking(y, p, n, k, ratios)),
    brier_per_label: errors.brier,
    log_loss_mean: errors.logLoss,
  }
}

/** The cells of several columns as one column. */
function* pool(columns: readonly SplitColumn[]): Steps<SplitColumn> {
  const join = (parts: readonly Floats[]): Floats => {
    const all = parts.every((part) => part instanceof Float32Array) ? new Float32Array(total(parts)) : new Float64Array(total(parts))
    let at = 0
    for (const part of parts) {
      all.set(part, at)
      at += part.length
    }
    return all
  }
  const positives = yield* sortSteps(join(columns.map((c) => c.positives)))
  return { positives, negatives: yield* sortSteps(join(columns.map((c) => c.negatives))) }
}

const total = (parts: readonly Floats[]): number => parts.reduce((sum, part) => sum + part.length, 0)

/** Probability that a positive outranks a negative, ties counting half (Mann-Whitney). Both sides non-empty. */
function* rocAuc({ positives, negatives }: SplitColumn): Steps<number> {
  let below = 0 // negatives < the current positive
  let upTo = 0 // negatives <= the current positive
  let wins = 0
  for (const value of positives) {
    while (below < negatives.length && negatives[below]! < value) below++
    while (upTo < negatives.length && negatives[upTo]! <= value) upTo++
    wins += (below + upTo) / 2
  }
  yield
  return wins / (positives.length * negatives.length)
}

/** Sum of (recall_i - recall_{i-1}) * precision_i over the distinct probabilities, descending; 0 without positives. */
function* averagePrecision({ positives, negatives }: SplitColumn): Steps<number> {
  const total = positives.length
  if (total === 0) return 0
  let [i, j] = [total - 1, negatives.length - 1]
  let sum = 0
  let before = 0
  for (let distinct = 1; i >= 0 || j >= 0; distinct++) {
    const value = i < 0 ? negatives[j]! : j < 0 ? positives[i]! : Math.max(positives[i]!, negatives[j]!)
    while (i >= 0 && positives[i]! >= value) i--
    while (j >= 0 && negatives[j]! >= value) j--
    const hits = total - 1 - i
    sum += ((hits - before) / total) * (hits / (hits + negatives.length - 1 - j))
    before = hits
    if (distinct % BLOCK_CELLS === 0) yield
  }
  return sum
}

type RowRanking = Pick<RankingMetrics, 'label_ranking_average_precision' | 'label_ranking_loss' | 'coverage_error'>

/**
 * Averages over movies. A movie with no genre or with every genre has a precision of 1 and a loss of 0; the coverage of a movie without a
 * genre is 0 (scikit-learn). Ties count as ranked wrongly.
 */
function* rowRanking(y: Uint8Array, p: Floats, n: number, k: number, ratios: Ratios): Steps<RowRanking> {
  let precision = 0
  let loss = 0
  let coverage = 0
  for (let row = 0, i = 0; row < n * k; row += k, i++) {
    if (i % ROWS === ROWS - 1) yield
    let labels = 0
    for (let g = row; g < row + k; g++) labels += y[g]!
    let rowPrecision = 0
    let misordered = 0 // (label, other) pairs with p(other) >= p(label)
    let deepest = 0
    for (let g = row; g < row + k; g++) {
      if (y[g] === 0) continue
      const value = p[g]!
      let rank = 0 // genres at or above this one
      let hits = 0 // labels among them
      for (let o = row; o < row + k; o++) {
        if (p[o]! < value) continue
        rank++
        hits += y[o]!
      }
      rowPrecision += hits / rank
      misordered += rank - hits
      if (rank > deepest) deepest = rank
    }
    const trivial = labels === 0 || labels === k
    precision += trivial ? 1 : rowPrecision / labels
    loss += trivial ? 0 : misordered / (labels * (k - labels))
    coverage += deepest
  }
  return {
    label_ranking_average_precision: ratios.of('ranking.label_ranking_average_precision', precision, n),
    label_ranking_loss: ratios.of('ranking.label_ranking_loss', loss, n),
    coverage_error: ratios.of('ranking.coverage_error', coverage, n),
  }
}

/** Brier score of each genre, and the log loss averaged over all cells (natural logarithm). */
function* probabilityErrors(y: Uint8Array, p: Floats, n: number, k: number): Steps<{ brier: number[]; logLoss: number }> {
  const squares = new Float64Array(k)
  const logs = new Float64Array(k)
  for (let i = 0, at = 0; i < n; i++) {
    if (i % ROWS === ROWS - 1) yield
    for (let g = 0; g < k; g++, at++) {
      const q = y[at] === 1 ? p[at]! : 1 - p[at]! // probability given to the label as it stands
      squares[g]! += (1 - q) * (1 - q)
      logs[g]! -= Math.log(Math.min(Math.max(q, LOG_LOSS_CLIP), 1 - LOG_LOSS_CLIP))
    }
  }
  const perMovie = (value: number) => (n === 0 ? 0 : value / n)
  return { brier: Array.from(squares, perMovie), logLoss: mean(logs.map(perMovie)) }
}
