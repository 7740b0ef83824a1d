import type { ErrorMatrices, Outcome, ScoreBin } from '../../contract/error-analysis.ts'
import {
  SPLITS,
  type AnswerableScores,
  type Genre,
  type Headline,
  type LabelsKind,
  type Metrics,
  type MetricsPart,
  type MetricsReport,
} from '../../contract/records.ts'
import { columnSums } from '../analysis/matrix.ts'
import { bootstrapSteps, f1PerGenre, type BootstrapOptions, type Compared } from '../analysis/bootstrap.ts'
import { cooccurrence } from '../analysis/confusion.ts'
import { clusteredOrder, confusions, predictedAlone } from '../analysis/matrices.ts'
import { headline, multilabelSteps } from '../analysis/metrics.ts'
import { rowBlocks, type Steps } from '../analysis/steps.ts'
import type { Cells } from '../analysis/strategies.ts'
import type { RowErrors } from '../analysis/slices.ts'
import { predictRows } from '../analysis/thresholds.ts'
import { VERDICT_IMPOSSIBLE } from '../analysis/triage.ts'
import type { Catalogue } from './catalogue.ts'
import type { RunScores } from './run-scores.ts'

/** Rows and columns of the catalogue, both ascending. */
export interface ScopeOfCells {
  readonly rows: Int32Array
  readonly columns: Int32Array
}
/** The cells that are scored. */
export interface Scope extends ScopeOfCells {
  readonly part: MetricsPart
}

/**
 * The movies of a part that all of the runs have predicted, and the genres that all of them know: a run is not scored on cells that it
 * has not predicted. Out-of-fold scores cover the training part.
 */
export function scopeOf(c: Catalogue, part: MetricsPart, ...runs: readonly RunScores[]): Scope {
  const split = SPLITS.indexOf(part === 'oof' ? 'train' : part)
  const { rows, columns } = scopeOfAll(c, ...runs)
  return { part, rows: rows.filter((row) => c.split[row] === split), columns }
}

/** {@link scopeOf} of all movies, whatever their part. */
export function scopeOfAll(c: Catalogue, ...runs: readonly RunScores[]): ScopeOfCells {
  const where = (length: number, holds: (at: number) => boolean): Int32Array => {
    const found = new Int32Array(length)
    let count = 0
    for (let at = 0; at < length; at++) if (holds(at)) found[count++] = at
    return found.slice(0, count)
  }
  return {
    rows: where(c.n, (row) => runs.every((r) => r.has[row] === 1)),
    columns: where(c.k, (column) => runs.every((r) => r.known[column] === 1)),
  }
}

/** The part that runs are scored on: the frozen test part, or the out-of-fold movies if there is none. */
export function verdictScope(c: Catalogue, ...runs: readonly RunScores[]): Scope {
  const test = scopeOf(c, 'test', ...runs)
  return test.rows.length > 0 ? test : scopeOf(c, 'oof', ...runs)
}

/** The cells of a scope as a matrix of its own, rows x columns. */
function* cut<T extends Uint8Array | Float32Array>(matrix: T, { rows, columns }: ScopeOfCells, k: number): Steps<T> {
  const out = new (matrix.constructor as new (length: number) => T)(rows.length * columns.length)
  let at = 0
  for (const [first, end] of rowBlocks(rows.length, columns.length)) {
    for (let i = first; i < end; i++) {
      const start = rows[i]! * k
      for (let j = 0; j < columns.length; j++) out[at++] = matrix[start + columns[j]!]!
    }
    yield
  }
  return out
}

/** Corrected labels and probabilities of a scope, in steps. */
export function* cellsIn(c: Catalogue, run: RunScores, scope: Scope): Steps<Cells> {
  const y = yield* cut(labelsOf(c, 'corrected'), scope, c.k)
  return { y, p: yield* cut(run.p, scope, c.k), n: scope.rows.length, k: scope.columns.length }
}

export const thresholdsIn = (run: RunScores, { columns }: ScopeOfCells): Float32Array =>
  Float32Array.from(columns, (column) => run.thresholds[column]!)
export const genresIn = (c: Catalogue, { columns }: Scope): Genre[] => Array.from(columns, (column) => c.genres[column]!)

/** The headline scores on the corrected labels, in steps. */
export function* headlineSteps(c: Catalogue, run: RunScores, scope: Scope): Steps<Headline> {
  const y = yield* cut(labelsOf(c, 'corrected'), scope, c.k)
  return headline(y, yield* predictionsAt(c, run, scope, 'per-genre'), scope.rows.length, scope.columns.length)
}

/** Errors of each row of a scope on the corrected labels, in steps. */
export function* rowErrorsSteps(c: Catalogue, run: RunScores, scope: Scope): Steps<RowErrors> {
  const k = scope.columns.length
  const y = yield* cut(labelsOf(c, 'corrected'), scope, c.k)
  const h = yield* predictionsAt(c, run, scope, 'per-genre')
  const errors = { error: new Float64Array(c.n), hits: new Uint16Array(c.n), wrong: new Uint16Array(c.n) }
  for (const [first, end] of rowBlocks(scope.rows.length, k)) {
    for (let i = first; i < end; i++) {
      const row = scope.rows[i]!
      for (let cell = i * k; cell < (i + 1) * k; cell++) {
        if (y[cell] !== h[cell]) errors.wrong[row]!++
        else errors.hits[row]! += y[cell]!
      }
      errors.error[row] = errors.wrong[row]! / Math.max(1, errors.wrong[row]! + errors.hits[row]!)
    }
    yield
  }
  return errors
}

/** Rows of a scope by the outcome of one genre (a column of the catalogue), at its threshold alone. */
export function outcomeRows(c: Catalogue, run: RunScores, { rows }: Scope, column: number, outcome: Outcome): Int32Array {
  const [given, predicted] = { hit: [1, true], 'false-alarm': [0, true], miss: [1, false] }[outcome]
  return rows.filter((row) => {
    const cell = row * c.k + column
    return c.labels[cell] === given && run.p[cell]! >= run.thresholds[column]! === predicted
  })
}

/** The matrices of genres against genres on the corrected labels, in steps. */
export function* matricesSteps(
  c: Catalogue,
  run: RunScores,
  scope: Scope,
): Steps<Pick<ErrorMatrices, 'confusion' | 'given' | 'predicted' | 'clustered' | 'alone'>> {
  const [n, k] = [scope.rows.length, scope.columns.length]
  const y = yield* cut(labelsOf(c, 'corrected'), scope, c.k)
  const h = yield* predictionsAt(c, run, scope, 'per-genre')
  const [confusion, given, predicted] = [new Int32Array((k + 1) ** 2), new Int32Array(k * k), new Int32Array(k * k)]
  const alone = new Int32Array((k + 1) * k)
  const add = (to: Int32Array, part: Int32Array): void => part.forEach((count, at) => (to[at]! += count))
  for (const [first, end] of rowBlocks(n, k)) {
    const [labels, predictions] = [y.subarray(first * k, end * k), h.subarray(first * k, end * k)]
    add(confusion, confusions(labels, predictions, end - first, k))
    add(given, cooccurrence(labels, end - first, k))
    add(predicted, cooccurrence(predictions, end - first, k))
    add(alone, predictedAlone(labels, predictions, end - first, k))
    yield
  }
  return { confusion, given, predicted, alone, clustered: clusteredOrder(given, k) }
}

/** A copy of the current labels: they may change between two steps. */
const labelsOf = (c: Catalogue, kind: LabelsKind): Uint8Array => (kind === 'source' ? c.source : c.labels.slice())

/** Thresholded predictions of a scope's cells, at least one genre each; a number is one threshold for all genres. */
export function* predictionsAt(c: Catalogue, run: RunScores, scope: ScopeOfCells, threshold: 'per-genre' | number): Steps<Uint8Array> {
  const { rows, columns } = scope
  const thresholds = threshold === 'per-genre' ? thresholdsIn(run, scope) : new Float32Array(columns.length).fill(threshold)
  const p = yield* cut(run.p, scope, c.k)
  const out = new Uint8Array(p.length)
  for (const [first, end] of rowBlocks(rows.length, columns.length)) {
    predictRows(p, thresholds, first, end, columns.length, { atLeastOne: true }, out)
    yield
  }
  return out
}

/** Calls `visit` for each cell that is not the same in two matrices of predictions (n, k), row by row, in steps. Returns in how many rows. */
export function* differencesIn(
  [a, b]: readonly [Uint8Array, Uint8Array],
  n: number,
  k: number,
  visit: (row: number, column: number) => void = () => undefined,
): Steps<number> {
  let differing = 0
  for (const [first, end] of rowBlocks(n, k)) {
    for (let i = first, at = first * k; i < end; i++) {
      let same = true
      for (let j = 0; j < k; j++, at++) {
        if (a[at] === b[at]) continue
        visit(i, j)
        same = false
      }
      if (!same) differing++
    }
    yield
  }
  return differing
}

/** How a run is scored. */
export interface Scoring {
  readonly labels: LabelsKind
  readonly threshold: 'per-genre' | number
  /** (n, k) 1: estimated impossible; null: this run has no estimates */
  readonly estimates: Uint8Array | null
  /** Options of the bootstrap intervals; null: no intervals. */
  readonly bootstrap: BootstrapOptions | null
}
/** The figures of a report, without the names of run and genres. */
export type Figures = Metrics & Pick<MetricsReport, 'answerable' | 'baselines' | 'intervals'>

/** Every figure over the cells of a scope, on the labels as they are at the first step; lists over genres follow the scope's columns. */
export function* figuresSteps(
  c: Catalogue,
  run: RunScores,
  scope: Scope,
  { labels, threshold, estimates, bootstrap }: Scoring,
): Steps<Figures> {
  const [n, k] = [scope.rows.length, scope.columns.length]
  const y = yield* cut(labelsOf(c, labels), scope, c.k)
  const h = yield* predictionsAt(c, run, scope, threshold)
  const metrics = yield* multilabelSteps(y, h, yield* cut(run.p, scope, c.k), n, k)
  const baselines = yield* baselineSteps(y, n, k)
  const intervals = bootstrap && (yield* intervalSteps(y, h, n, k, bootstrap))
  const verdicts = yield* cut(c.verdicts, scope, c.k)
  const answerable = yield* answerableSteps(y, h, verdicts, estimates && (yield* cut(estimates, scope, c.k)), n, k)
  return { ...metrics, answerable, baselines, intervals }
}

/**
 * Scores without cells that are marked or estimated impossible; overwrites these cells of both matrices. A cell that is left out counts as
 * a true negative, which these scores do not look at.
 */
function* answerableSteps(
  y: Uint8Array,
  h: Uint8Array,
  verdicts: Uint8Array,
  estimated: Uint8Array | null,
  n: number,
  k: number,
): Steps<AnswerableScores> {
  const left = { marked: 0, estimated: 0 }
  for (let cell = 0; cell < y.length; cell++) {
    const why = verdicts[cell] === VERDICT_IMPOSSIBLE ? 'marked' : verdicts[cell] === 0 && estimated?.[cell] === 1 ? 'estimated' : null
    if (why === null) continue
    left[why]++
    y[cell] = h[cell] = 0
  }
  yield
  const { microF1, macroF1, jaccard } = headline(y, h, n, k)
  return { micro_f1: microF1, macro_f1: macroF1, jaccard_samples: jaccard, ...left }
}

/** Scores of the baselines, which need no model. */
function* baselineSteps(y: Uint8Array, n: number, k: number): Steps<MetricsReport['baselines']> {
  const support = columnSums(y, k)
  const frequent = support.indexOf(Math.max(...support))
  yield
  const scoreOf = (given: (g: number) => boolean): Headline =>
    headline(
      y,
      Uint8Array.from(y, (_, at) => (given(at % k) ? 1 : 0)),
      n,
      k,
    )
  const never = scoreOf(() => false)
  yield
  const always = scoreOf(() => true)
  yield
  return { never, always, majority: scoreOf((g) => g === frequent) }
}

/** Bootstrap intervals of the headline scores: against predictions of nothing, whose scores are 0, the difference is the score itself. */
function* intervalSteps(
  y: Uint8Array,
  h: Uint8Array,
  n: number,
  k: number,
  options: BootstrapOptions,
): Steps<NonNullable<MetricsReport['intervals']>> {
  const [scores] = yield* bootstrapSteps([{ y, old: new Uint8Array(y.length), new: h }], n, k, options)
  return scores!
}

/** The headline scores with intervals, and the F1 of each genre, of a scope, in steps. */
export function* scoresSteps(
  c: Catalogue,
  run: RunScores,
  scope: ScopeOfCells,
  options: BootstrapOptions,
): Steps<Pick<ScoreBin, 'scores' | 'support' | 'f1'>> {
  const [n, k] = [scope.rows.length, scope.columns.length]
  const y = yield* cut(labelsOf(c, 'corrected'), scope, c.k)
  const h = yield* predictionsAt(c, run, scope, 'per-genre')
  const { support, f1 } = yield* f1PerGenre(y, h, n, k)
  const intervals = yield* intervalSteps(y, h, n, k, options)
  const values = headline(y, h, n, k)
  const of = (name: keyof Headline): ScoreBin['scores'][typeof name] => {
    const { low, high } = intervals[name]
    return { value: values[name], low, high }
  }
  return {
    scores: { microF1: of('microF1'), macroF1: of('macroF1'), jaccard: of('jaccard') },
    support: [...support],
    f1: Array.from(f1, (value, g) => (support[g] === 0 ? null : value)),
  }
}

/** Two runs compared on the same cells, each with its own thresholds per genre. */
export interface RunComparison extends Record<LabelsKind, Compared> {
  /** (columns) against the corrected labels */
  readonly support: Int32Array
  readonly oldF1: Float64Array
  readonly newF1: Float64Array
  /** (columns) movies for which the runs differ in a genre */
  readonly differing: Int32Array
  /** Movies for which they differ in any genre. */
  readonly movies: number
}

/** Compares an old run with a new one under both kinds of labels, in steps, with the labels as they are at the first step. */
export function* compareRuns(
  c: Catalogue,
  old: RunScores,
  fresh: RunScores,
  scope: Scope,
  options: BootstrapOptions,
): Steps<RunComparison> {
  const [rows, columns] = [scope.rows.length, scope.columns.length]
  const corrected = yield* cut(labelsOf(c, 'corrected'), scope, c.k)
  const source = yield* cut(labelsOf(c, 'source'), scope, c.k)
  const sides = { old: yield* predictionsAt(c, old, scope, 'per-genre'), new: yield* predictionsAt(c, fresh, scope, 'per-genre') }
  const before = yield* f1PerGenre(corrected, sides.old, rows, columns)
  const after = yield* f1PerGenre(corrected, sides.new, rows, columns)
  const differing = new Int32Array(columns)
  const movies = yield* differencesIn([sides.old, sides.new], rows, columns, (_, column) => differing[column]!++)
  const pairs = [corrected, source].map((y) => ({ y, ...sides }))
  const [underCorrected, underSource] = yield* bootstrapSteps(pairs, rows, columns, options)
  return { corrected: underCorrected!, source: underSource!, support: after.support, oldF1: before.f1, newF1: after.f1, differing, movies }
}
