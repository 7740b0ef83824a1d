import type { Averages, Metrics } from '../../contract/records.ts'
import { labelCounts, type LabelCounts, type SampleCounts, sampleCounts } from './confusion.ts'
import { expectShape, type Floats } from './matrix.ts'
import { rankingSteps } from './ranking.ts'
import { mean, Ratios } from './ratios.ts'
import { runToEnd, type Steps } from './steps.ts'

/**
 * Every multi-label metric of a prediction, named and defined as in scikit-learn (`zero_division=0`).
 * Besides those: `at_least_one` and `at_least_two` (share of movies with so many correct genres), `elementwise_accuracy`
 * (1 - Hamming loss), `score_3tp_1tn` (3 for a true positive, 1 for a true negative, over the maximum; Balete and Ducay).
 * `undefined_ratios`: names of ratios without a denominator; a samples average is named once when any movie lacks it.
 * @param y (n, k) labels, 0 or 1
 * @param h (n, k) thresholded predictions, 0 or 1
 * @param p (n, k) probabilities
 * @throws RangeError when a matrix is not n x k
 */
export function multilabelMetrics(y: Uint8Array, h: Uint8Array, p: Floats, n: number, k: number): Metrics {
  return runToEnd(multilabelSteps(y, h, p, n, k))
}

/** {@link multilabelMetrics} in steps. */
export function* multilabelSteps(y: Uint8Array, h: Uint8Array, p: Floats, n: number, k: number): Steps<Metrics> {
  expectShape('labels', y, n, k)
  expectShape('predictions', h, n, k)
  expectShape('probabilities', p, n, k)
  const ratios = new Ratios()
  const counts = labelCounts(y, h, n, k)
  yield
  const samples = sampleCounts(y, h, n, k)
  yield
  const figures = {
    ...labelFigures(counts, ratios),
    ...sampleFigures(samples, ratios),
    ...cellFigures(counts, n * k, ratios),
  }
  yield
  const ranking = yield* rankingSteps(y, p, n, k, ratios)
  const ece = expectedCalibrationErrors(y, p, n, k)
  return { ...figures, ranking, ece_10_equal_width: ece, undefined_ratios: ratios.undefined }
}

/** The headline scores of a run, equal to those of {@link multilabelMetrics} at a fraction of the work. */
export function headline(y: Uint8Array, h: Uint8Array, n: number, k: number): { microF1: number; macroF1: number; jaccard: number } {
  expectShape('labels', y, n, k)
  expectShape('predictions', h, n, k)
  const ratios = new Ratios()
  const counts = labelCounts(y, h, n, k)
  const { micro } = cellFigures(counts, n * k, ratios)
  const { macro } = labelFigures(counts, ratios)
  return { microF1: micro.f1, macroF1: macro.f1, jaccard: sampleFigures(sampleCounts(y, h, n, k), ratios).jaccard_samples }
}

function averages(name: string, tp: number, fp: number, fn: number, ratios: Ratios): Averages {
  return {
    precision: ratios.of(`${name}.precision`, tp, tp + fp),
    recall: ratios.of(`${name}.recall`, tp, tp + fn),
    f1: ratios.of(`${name}.f1`, 2 * tp, 2 * tp + fp + fn),
  }
}

/** Scores that average over genres. Averages count an undefined ratio as 0. */
function labelFigures({ tp, fp, fn, tn }: LabelCounts, ratios: Ratios) {
  const genres = Array.from(tp, (_, g) => g)
  const each = (name: string, value: (g: number) => readonly [number, number]) => genres.map((g) => ratios.of(`${name}[${g}]`, ...value(g)))
  const precision = each('per_label.precision', (g) => [tp[g]!, tp[g]! + fp[g]!])
  const recall = each('per_label.recall', (g) => [tp[g]!, tp[g]! + fn[g]!])
  const f1 = each('per_label.f1', (g) => [2 * tp[g]!, 2 * tp[g]! + fp[g]! + fn[g]!])
  const jaccard = each('jaccard_per_label', (g) => [tp[g]!, tp[g]! + fp[g]! + fn[g]!])
  const matthews = each('matthews_per_label', (g) => matthewsTerms(tp[g]!, fp[g]!, fn[g]!, tn[g]!))
  const support = genres.map((g) => tp[g]! + fn[g]!)
  const total = sum(support)
  const weigh = (name: string, values: readonly number[]) => ratios.of(name, sum(values.map((v, g) => v * support[g]!)), total)
  return {
    macro: { precision: mean(precision), recall: mean(recall), f1: mean(f1) },
    weighted: {
      precision: weigh('weighted.precision', precision),
      recall: weigh('weighted.recall', recall),
      f1: weigh('weighted.f1', f1),
    },
    per_label: { precision, recall, f1, support },
    jaccard_macro: mean(jaccard),
    matthews_per_label: matthews,
    multilabel_confusion_matrix: genres.map((g) => confusionMatrix(tn[g]!, fp[g]!, fn[g]!, tp[g]!)),
  }
}

function matthewsTerms(tp: number, fp: number, fn: number, tn: number): readonly [number, number] {
  return [tp * tn - fp * fn, Math.sqrt((tp + fp) * (tp + fn) * (tn + fp) * (tn + fn))]
}

function confusionMatrix(tn: number, fp: number, fn: number, tp: number): Metrics['multilabel_confusion_matrix'][number] {
  return [
    [tn, fp],
    [fn, tp],
  ]
}

/** Scores that pool all cells of the matrix. */
function cellFigures(counts: LabelCounts, cells: number, ratios: Ratios) {
  const [tp, fp, fn, tn] = [sum(counts.tp), sum(counts.fp), sum(counts.fn), sum(counts.tn)]
  return {
    micro: averages('micro', tp, fp, fn, ratios),
    jaccard_micro: ratios.of('jaccard_micro', tp, tp + fp + fn),
    hamming_loss: ratios.of('hamming_loss', fp + fn, cells),
    elementwise_accuracy: ratios.of('elementwise_accuracy', tp + tn, cells),
    score_3tp_1tn: ratios.of('score_3tp_1tn', 3 * tp + tn, 3 * (tp + fn) + (tn + fp)),
  }
}

/** The ratios of one movie: numerator and denominator from its genres, its predictions, and their overlap. */
const SAMPLE_RATIOS = {
  'samples.precision': (_labels: number, predicted: number, both: number) => [both, predicted],
  'samples.recall': (labels: number, _predicted: number, both: number) => [both, labels],
  'samples.f1': (labels: number, predicted: number, both: number) => [2 * both, labels + predicted],
  jaccard_samples: (labels: number, predicted: number, both: number) => [both, labels + predicted - both],
  subset_accuracy: (labels: number, predicted: number, both: number) => [labels === both && predicted === both ? 1 : 0, 1],
  at_least_one: (_labels: number, _predicted: number, both: number) => [both >= 1 ? 1 : 0, 1],
  at_least_two: (_labels: number, _predicted: number, both: number) => [both >= 2 ? 1 : 0, 1],
} as const satisfies Record<string, (labels: number, predicted: number, both: number) => [number, number]>

/** Scores that average over movies: each distinct (genres, predictions, overlap) is evaluated once and weighted by its count. */
function sampleFigures(samples: SampleCounts, ratios: Ratios) {
  const n = samples.labels.length
  const average = (name: keyof typeof SAMPLE_RATIOS): number => {
    let total = 0
    let missing = n === 0
    for (const [labels, predicted, both, movies] of distinctSamples) {
      const [numerator, denominator] = SAMPLE_RATIOS[name](labels, predicted, both)
      if (denominator > 0) total += (movies * numerator) / denominator
      else missing = true
    }
    if (missing) ratios.undefined.push(name)
    return n === 0 ? 0 : total / n
  }
  const distinctSamples = groupSamples(samples)
  return {
    samples: { precision: average('samples.precision'), recall: average('samples.recall'), f1: average('samples.f1') },
    jaccard_samples: average('jaccard_samples'),
    subset_accuracy: average('subset_accuracy'),
    at_least_one: average('at_least_one'),
    at_least_two: average('at_least_two'),
  }
}

/** Each distinct (genres, predictions, overlap) with the number of movies that have it. */
function groupSamples({ labels, predicted, both }: SampleCounts): [number, number, number, number][] {
  const groups = new Map<number, [number, number, number, number]>()
  for (let i = 0; i < labels.length; i++) {
    const key = (labels[i]! * 65536 + predicted[i]!) * 65536 + both[i]!
    const group = groups.get(key)
    if (group) group[3]++
    else groups.set(key, [labels[i]!, predicted[i]!, both[i]!, 1])
  }
  return [...groups.values()]
}

function sum(values: ArrayLike<number>): number {
  let total = 0
  for (let i = 0; i < values.length; i++) total += values[i]!
  return total
}

const BINS = 10

/**
 * Expected calibration error with ten bins of equal width: the mean over cells of |share of positives - mean
 * probability| of the cell's bin (Guo et al. 2017, eq. 3, for binary outcomes). Bin b holds b/10 <= p < (b+1)/10; 1
 * belongs to the last.
 * @returns `per_label` (k); `pooled`: all cells in the same ten bins. 0 without movies.
 */
function expectedCalibrationErrors(y: Uint8Array, p: Floats, n: number, k: number): { per_label: number[]; pooled: number } {
  const gaps = new Float64Array(k * BINS) // (k, BINS): sum of label - probability over the bin's cells
  for (let i = 0, at = 0; i < n; i++) {
    for (let g = 0; g < k; g++, at++) {
      const bin = Math.min(BINS - 1, Math.floor(p[at]! * BINS))
      gaps[g * BINS + bin]! += y[at]! - p[at]!
    }
  }
  // |positives / m - sum(p) / m| * m / n: the bin's size m cancels
  const share = (value: number, cells: number) => (cells === 0 ? 0 : Math.abs(value) / cells)
  const per_label = Array.from({ length: k }, () => 0)
  let pooled = 0
  for (let bin = 0; bin < BINS; bin++) {
    let all = 0
    for (let g = 0; g < k; g++) {
      per_label[g]! += share(gaps[g * BINS + bin]!, n)
      all += gaps[g * BINS + bin]!
    }
    pooled += share(all, n * k)
  }
  return { per_label, pooled }
}
