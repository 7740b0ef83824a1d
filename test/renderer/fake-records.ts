/** The fake catalogue as the contract's records. */
import type { Cell, LinearConfig, Metrics, MetricsReport, MovieDetail, MovieRow, RunConfig, RunInfo } from '../../src/contract/records.ts'
import { GENRES, type FakeMovie } from './fake-data.ts'

export const THRESHOLD = 0.4
export const DEFAULTS: LinearConfig = {
  family: 'linear',
  folds: 5,
  seed: 42,
  c: 5,
  classWeight: 'balanced',
  wordNgrams: 2,
  charNgrams: null,
  maxFeatures: null,
  minDf: 2,
  sublinearTf: true,
  stopWords: 'none',
  reviewedWeight: 2,
}

export function cells(m: FakeMovie, trained: boolean): Cell[] {
  return GENRES.map((g, i) => {
    const label = m.labels[i] === true
    const probability = trained ? (m.probability[i] ?? 0) : null
    const predicted = probability === null ? null : probability >= THRESHOLD
    return {
      genre: g.id,
      name: g.name,
      label,
      source: m.source[i] === true,
      probability,
      threshold: trained ? THRESHOLD : null,
      predicted,
      kind: predicted === null ? null : predicted === label ? 'good' : label ? 'spurious' : 'missing',
      partner: null,
      impossibleEstimate: label && g.name === 'Animation' && predicted === false,
      verdict: m.verdicts[i] ?? null,
    }
  })
}
export function row(m: FakeMovie, trained: boolean): MovieRow {
  const all = cells(m, trained)
  const bad = all.filter((c) => c.kind !== 'good' && c.kind !== null && c.verdict === null)
  const impossible = all.some((c) => c.verdict === 'impossible' || (c.impossibleEstimate && c.verdict === null))
  return {
    movie: m.id,
    key: `tt${String(m.id).padStart(4, '0')}`,
    title: m.title,
    excerpt: m.plot.slice(0, 160),
    split: m.id % 5 === 0 ? 'test' : 'train',
    buckets: [...(bad.length > 0 ? (['bad'] as const) : (['good'] as const)), ...(impossible ? (['impossible'] as const) : [])],
    score: trained ? Math.min(...all.map((c) => (c.label ? (c.probability ?? 0) : 1 - (c.probability ?? 0)))) : null,
    reviewed: m.reviewed,
    labels: all.filter((c) => c.label).map((c) => c.name),
    predicted: all.filter((c) => c.predicted).map((c) => c.name),
    cells: all.filter((c) => (c.kind !== null && c.kind !== 'good') || c.verdict !== null),
  }
}
export const detail = (m: FakeMovie, trained: boolean): MovieDetail => ({
  ...row(m, trained),
  plot: m.plot,
  note: m.note,
  allCells: cells(m, trained),
  columns: [
    { name: 'id', value: `tt${m.id}` },
    { name: 'title', value: m.title },
    {
      name: 'genres',
      value: GENRES.filter((_, i) => m.source[i])
        .map((g) => g.name)
        .join(', '),
    },
    { name: 'release', value: '1999-03-01' },
  ],
  history: [],
})

const ranking: Metrics['ranking'] = {
  live_labels: [],
  roc_auc_per_label: [],
  average_precision_per_label: [],
  average_precision_micro: 0.6,
  label_ranking_average_precision: 0.7,
  label_ranking_loss: 0.1,
  coverage_error: 4,
  brier_per_label: [],
  log_loss_mean: 0.3,
}
export function metrics(
  all: readonly FakeMovie[],
  run: number,
  part: MetricsReport['part'],
  labels: MetricsReport['labels'],
): MetricsReport {
  const of = GENRES.map((_, i) => {
    const pairs = all.map((m) => ({
      y: (labels === 'source' ? m.source[i] : m.labels[i]) === true,
      p: (m.probability[i] ?? 0) >= THRESHOLD,
    }))
    const n = (y: boolean, p: boolean) => pairs.filter((c) => c.y === y && c.p === p).length
    return { tp: n(true, true), fp: n(false, true), fn: n(true, false) }
  })
  const ratio = (a: number, b: number) => (b === 0 ? 0 : a / b)
  const sum = (f: (c: (typeof of)[number]) => number) => of.reduce((s, c) => s + f(c), 0)
  const f1 = of.map((c) => ratio(2 * c.tp, 2 * c.tp + c.fp + c.fn))
  const micro = ratio(
    2 * sum((c) => c.tp),
    sum((c) => 2 * c.tp + c.fp + c.fn),
  )
  const average = { precision: micro, recall: micro, f1: micro }
  const macro = f1.reduce((s, x) => s + x, 0) / f1.length
  return {
    run,
    part,
    labels,
    threshold: 'per-genre',
    genres: GENRES.map((g) => g.name),
    movies: all.length,
    micro: average,
    macro: { ...average, f1: macro },
    weighted: average,
    samples: average,
    per_label: {
      precision: of.map((c) => ratio(c.tp, c.tp + c.fp)),
      recall: of.map((c) => ratio(c.tp, c.tp + c.fn)),
      f1,
      support: of.map((c) => c.tp + c.fn),
    },
    hamming_loss: 0.08,
    subset_accuracy: 0.31,
    jaccard_samples: 0.55,
    jaccard_micro: 0.5,
    jaccard_macro: 0.45,
    multilabel_confusion_matrix: [],
    at_least_one: 0.9,
    at_least_two: 0.4,
    elementwise_accuracy: 0.92,
    score_3tp_1tn: 0.8,
    matthews_per_label: [],
    ranking,
    ece_10_equal_width: { per_label: [], pooled: 0.03 },
    undefined_ratios: [],
  }
}
export const runInfo = (id: number, parent: number | null, corrections: number, config: RunConfig = DEFAULTS): RunInfo => ({
  id,
  name: `Run ${id}`,
  status: 'done',
  createdAt: `2026-01-0${id}T10:00:00.000Z`,
  elapsedMs: 12_000,
  config,
  parent,
  current: true,
  genres: GENRES,
  thresholds: GENRES.map(() => THRESHOLD),
  corrections,
  lastBatch: 0,
  features: 12_345,
  summary: { part: 'test', microF1: 0.6 + id / 100, macroF1: 0.5 + id / 100, jaccard: 0.45 + id / 100 },
  error: null,
  resumable: false,
})
