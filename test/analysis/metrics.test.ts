import { describe, expect, test } from 'vitest'
import type { Metrics, RankingMetrics } from '../../src/contract/records.ts'
import { jaccardPerSample, cooccurrence } from '../../src/main/analysis/confusion.ts'
import { multilabelMetrics } from '../../src/main/analysis/metrics.ts'
import { predict } from '../../src/main/analysis/thresholds.ts'
import { readGoldenJson } from '../support/paths.ts'
import { bits, cells, matrix } from './support.ts'

type Figures = Omit<Metrics, 'ranking' | 'ece_10_equal_width' | 'undefined_ratios'> & { jaccard_per_sample: number[] }
interface Golden {
  labels: number[][]
  probabilities: number[][]
  per_label_thresholds: number[]
  'at_0.5': Figures
  at_per_label: Figures
  'at_0.5_at_least_one_genre': Figures
  ranking: RankingMetrics
  ece_10_equal_width: { per_label: number[]; pooled: number }
  cooccurrence_counts: number[][]
}

/** Expects every number in `expected`, at any depth, to be in `actual` to within 1e-6. */
function expectClose(actual: unknown, expected: unknown, path: string): void {
  if (typeof expected === 'number')
    return void expect(Math.abs((actual as number) - expected), `${path}: ${String(actual)}`).toBeLessThan(1e-6)
  if (Array.isArray(expected)) expect((actual as ArrayLike<unknown>).length, path).toBe(expected.length)
  for (const [key, value] of Object.entries(expected as Record<string, unknown>))
    expectClose((actual as Record<string, unknown>)[key], value, `${path}.${key}`)
}

describe('against scikit-learn', () => {
  const golden = readGoldenJson('metrics/multilabel_metrics.json') as Golden
  const k = 7
  const n = golden.labels.length
  const y = bits(golden.labels)
  const p = matrix(golden.probabilities)
  const half = new Float64Array(k).fill(0.5)

  test.each([
    ['at_0.5', () => half, false],
    ['at_per_label', () => Float64Array.from(golden.per_label_thresholds), false],
    ['at_0.5_at_least_one_genre', () => half, true],
  ] as const)('%s', (name, thresholds, atLeastOne) => {
    const h = predict(p, thresholds(), n, k, { atLeastOne })
    const { jaccard_per_sample, ...figures } = golden[name]
    expectClose(multilabelMetrics(y, h, p, n, k), figures, name)
    expectClose(jaccardPerSample(y, h, n, k), jaccard_per_sample, `${name}.jaccard_per_sample`)
  })

  test('ranking and calibration', () => {
    const metrics = multilabelMetrics(y, y, p, n, k)
    expectClose(metrics.ranking, golden.ranking, 'ranking')
    expectClose(metrics.ece_10_equal_width, golden.ece_10_equal_width, 'ece')
  })

  test('co-occurrence', () => {
    const counts = cooccurrence(y, n, k)
    expect([...counts]).toEqual(golden.cooccurrence_counts.flat())
  })
})

describe('undefined ratios', () => {
  test('are 0 and are listed by name', () => {
    const y = cells('10 00')
    const metrics = multilabelMetrics(y, cells('10 00'), matrix([[0.9, 0.1], [0.2, 0.1]]), 2, 2) // prettier-ignore
    expect(metrics.undefined_ratios).toEqual([
      'per_label.precision[1]',
      'per_label.recall[1]',
      'per_label.f1[1]',
      'jaccard_per_label[1]',
      'matthews_per_label[1]',
      'samples.precision',
      'samples.recall',
      'samples.f1',
      'jaccard_samples',
    ])
    expect(metrics.per_label.recall).toEqual([1, 0])
    expect(metrics.samples.recall).toBe(0.5)
  })

  test.each([
    ['no movie', 0],
    ['no label at all', 3],
  ])('%s gives numbers, not NaN', (_name, n) => {
    const metrics = multilabelMetrics(new Uint8Array(n * 2), new Uint8Array(n * 2), new Float32Array(n * 2).fill(0.3), n, 2)
    expect(metrics.ranking.live_labels).toEqual([])
    expect(JSON.stringify(metrics)).not.toContain('null')
  })

  test('a movie with every genre is ranked perfectly', () => {
    const { ranking } = multilabelMetrics(cells('11'), cells('11'), matrix([[0.2, 0.1]]), 1, 2)
    expect(ranking).toMatchObject({ label_ranking_average_precision: 1, label_ranking_loss: 0, coverage_error: 2 })
  })
})

test('equal probabilities: half a win in ROC AUC, a wrong order in the ranking loss', () => {
  const { ranking } = multilabelMetrics(cells('10 00'), cells('00 00'), matrix([[0.5, 0.5], [0.5, 0.1]]), 2, 2) // prettier-ignore
  expect(ranking.roc_auc_per_label).toEqual([0.5])
  expect(ranking.average_precision_per_label).toEqual([0.5])
  expect(ranking.label_ranking_loss).toBe(0.5)
})

test('a matrix of the wrong size is refused, and the error names it', () => {
  expect(() => multilabelMetrics(new Uint8Array(6), new Uint8Array(6), new Float32Array(5), 2, 3)).toThrow(
    'probabilities to hold 2 x 3 = 6',
  )
})
