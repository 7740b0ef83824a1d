import type { Difference, LabelsKind, Metrics, MetricsPart } from '../../contract/records.ts'
import { pairedBootstrap } from '../analysis/bootstrap.ts'
import { multilabelMetrics } from '../analysis/metrics.ts'
import { predict } from '../analysis/thresholds.ts'
import type { Catalogue } from './catalogue.ts'
import { gather, type Predictions } from './predictions.ts'

/** Rows that a part's scores are made of; out-of-fold scores are those of the training part. */
export const rowsOfPart = (c: Catalogue, part: MetricsPart): Int32Array => c.rowsOf(part === 'oof' ? 'train' : part)

const labelsOf = (c: Catalogue, kind: LabelsKind): Uint8Array => (kind === 'source' ? c.source : c.labels)

/** Thresholded predictions of the given rows, at least one genre each; a number is one threshold for all genres. */
export function predictionsAt(c: Catalogue, p: Predictions, rows: Int32Array, threshold: 'per-genre' | number): Uint8Array {
  const thresholds = threshold === 'per-genre' ? p.thresholds : new Float32Array(c.k).fill(threshold)
  return predict(gather(p.p, rows, c.k), thresholds, rows.length, c.k, { atLeastOne: true })
}

export function metricsOf(c: Catalogue, p: Predictions, rows: Int32Array, labels: LabelsKind, threshold: 'per-genre' | number): Metrics {
  const y = gather(labelsOf(c, labels), rows, c.k)
  return multilabelMetrics(y, predictionsAt(c, p, rows, threshold), gather(p.p, rows, c.k), rows.length, c.k)
}

export type Differences = Readonly<Record<'microF1' | 'macroF1' | 'jaccard', Difference>>

/** Old against new on the same rows, each with its own per-genre thresholds. */
export function compareRuns(
  c: Catalogue,
  old: Predictions,
  fresh: Predictions,
  rows: Int32Array,
  labels: LabelsKind,
  options: { resamples: number; seed: number },
): Differences {
  const y = gather(labelsOf(c, labels), rows, c.k)
  const at = (p: Predictions): Uint8Array => predictionsAt(c, p, rows, 'per-genre')
  return pairedBootstrap(y, at(old), at(fresh), rows.length, c.k, options)
}
