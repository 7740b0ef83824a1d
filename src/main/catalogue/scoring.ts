import { SPLITS, type LabelsKind, type Metrics, type MetricsPart } from '../../contract/records.ts'
import { bootstrapSteps, f1PerGenre, type BootstrapOptions, type Compared } from '../analysis/bootstrap.ts'
import { multilabelMetrics } from '../analysis/metrics.ts'
import { predict } from '../analysis/thresholds.ts'
import type { Catalogue } from './catalogue.ts'
import type { RunScores } from './run-scores.ts'

/** The cells that figures are made of: rows and columns of the catalogue, both ascending. */
export interface Scope {
  readonly part: MetricsPart
  readonly rows: Int32Array
  readonly columns: Int32Array
}

/**
 * The movies of a part that every one of the runs has predicted, and the genres that every one of them knows: what a run
 * has not seen it is not scored on. Out-of-fold scores are those of the training part.
 */
export function scopeOf(c: Catalogue, part: MetricsPart, ...runs: readonly RunScores[]): Scope {
  const split = SPLITS.indexOf(part === 'oof' ? 'train' : part)
  const where = (length: number, holds: (at: number) => boolean): Int32Array =>
    Int32Array.from(Array.from({ length }, (_, at) => at).filter(holds))
  return {
    part,
    rows: where(c.n, (row) => c.split[row] === split && runs.every((r) => r.has[row] === 1)),
    columns: where(c.k, (column) => runs.every((r) => r.known[column] === 1)),
  }
}

/** What runs are judged on: the frozen test part, or the out-of-fold scores where there is none. */
export function verdictScope(c: Catalogue, ...runs: readonly RunScores[]): Scope {
  const test = scopeOf(c, 'test', ...runs)
  return test.rows.length > 0 ? test : scopeOf(c, 'oof', ...runs)
}

/** The cells of a scope as a matrix of their own, rows x columns. */
function cut<T extends Uint8Array | Float32Array>(matrix: T, { rows, columns }: Scope, k: number): T {
  const out = new (matrix.constructor as new (length: number) => T)(rows.length * columns.length)
  let at = 0
  for (const row of rows) for (const column of columns) out[at++] = matrix[row * k + column]!
  return out
}

const labelsOf = (c: Catalogue, kind: LabelsKind): Uint8Array => (kind === 'source' ? c.source : c.labels)

/** Thresholded predictions of a scope's cells, at least one genre each; a number is one threshold for all genres. */
function predictionsAt(c: Catalogue, run: RunScores, scope: Scope, threshold: 'per-genre' | number): Uint8Array {
  const { rows, columns } = scope
  const thresholds = Float32Array.from(columns, (column) => (threshold === 'per-genre' ? run.thresholds[column]! : threshold))
  return predict(cut(run.p, scope, c.k), thresholds, rows.length, columns.length, { atLeastOne: true })
}

/** Every metric over the cells of a scope; lists that run over genres follow its columns. */
export function metricsOf(c: Catalogue, run: RunScores, scope: Scope, labels: LabelsKind, threshold: 'per-genre' | number): Metrics {
  const y = cut(labelsOf(c, labels), scope, c.k)
  const h = predictionsAt(c, run, scope, threshold)
  return multilabelMetrics(y, h, cut(run.p, scope, c.k), scope.rows.length, scope.columns.length)
}

/** Old against new on the same cells, each with its own per-genre thresholds, under both kinds of labels; step by step. */
export function* compareRuns(
  c: Catalogue,
  old: RunScores,
  fresh: RunScores,
  scope: Scope,
  options: BootstrapOptions,
): Generator<undefined, Record<LabelsKind, Compared>> {
  const sides = { old: predictionsAt(c, old, scope, 'per-genre'), new: predictionsAt(c, fresh, scope, 'per-genre') }
  const pairs = (['corrected', 'source'] as const).map((kind) => ({ y: cut(labelsOf(c, kind), scope, c.k), ...sides }))
  const [corrected, source] = yield* bootstrapSteps(pairs, scope.rows.length, scope.columns.length, options)
  return { corrected: corrected!, source: source! }
}

/** Support and F1 of each column of a scope, against the corrected labels. */
export function genreFigures(c: Catalogue, run: RunScores, scope: Scope): { support: Int32Array; f1: Float64Array } {
  const h = predictionsAt(c, run, scope, 'per-genre')
  return f1PerGenre(cut(c.labels, scope, c.k), h, scope.rows.length, scope.columns.length)
}
