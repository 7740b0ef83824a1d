import type { CalibrationKind, Scale } from '../../contract/records.ts'
import type { PredictionChunk, StoredRun } from '../store/runs.ts'
import type { Store } from '../store/store.ts'
import type { Catalogue } from './catalogue.ts'
import { columnSums, logit } from '../analysis/matrix.ts'
import { calibrated, IDENTITY, scaled, unscaled } from '../analysis/platt.ts'
import { runToEnd } from '../analysis/steps.ts'

/** A run's probabilities for the catalogue's cells, without triage: all that scoring needs. Matrices are n x k. */
export interface RunScores {
  readonly run: number
  /** Meaningful only where `has` and `known` are set. */
  readonly p: Float32Array
  readonly thresholds: Float32Array
  /** Columns that the run knows. */
  readonly known: Uint8Array
  /** Rows that the run has predicted; cleaning may have brought back others since. */
  readonly has: Uint8Array
}

/** The scale of a genre by its place in the run: the one that makes the model's probabilities those of the run. */
export const scaleOf = ({ summary }: StoredRun, j: number): Scale => summary?.calibration?.scales[j] ?? IDENTITY

/** A run as its model has it: without calibration, and with the thresholds that make the same predictions. */
export function onModelScale(run: StoredRun): StoredRun {
  const { calibration, ...summary } = run.summary ?? { calibration: undefined }
  if (!calibration || !('part' in summary)) return run
  const thresholds = run.thresholds.map((threshold, j) => {
    const before = calibration.thresholds[j]
    // return the stored number if it is unchanged, because the window sends single precision
    if (before !== undefined && Math.fround(scaledThreshold(before, scaleOf(run, j))) === Math.fround(threshold)) return before
    return unscaled(threshold, scaleOf(run, j))
  })
  return { ...run, thresholds, summary }
}
/** A run on the scale of its model, calibrated: probabilities are at or above their thresholds as before. @param scales by the run's genres */
export function calibratedRun(run: StoredRun, kind: Exclude<CalibrationKind, 'none'>, scales: readonly Scale[]): StoredRun {
  const { thresholds, summary } = run
  if (!summary) return run
  const calibration = { kind, scales, thresholds }
  return { ...run, summary: { ...summary, calibration }, thresholds: thresholds.map((t, j) => scaledThreshold(t, scales[j] ?? IDENTITY)) }
}
/** Thresholds are compared in single precision. */
export const scaledThreshold = (threshold: number, scale: Scale): number => scaled(Math.fround(threshold), scale)

/** Reads a run's predictions, and its evidence if a matrix is given for it. */
export function readScores(catalogue: Catalogue, store: Store, run: StoredRun, evidence: Float32Array | null = null): RunScores {
  return runToEnd(readScoresInSteps(catalogue, store, run, evidence))
}

/** {@link readScores} in steps of one stored chunk. */
export function* readScoresInSteps(
  catalogue: Catalogue,
  store: Store,
  run: StoredRun,
  evidence: Float32Array | null,
): Generator<undefined, RunScores> {
  const { n, k } = catalogue
  const p = new Float32Array(n * k)
  const thresholds = new Float32Array(k).fill(0.5)
  const known = new Uint8Array(k)
  const has = new Uint8Array(n)
  const columns = Int32Array.from(run.genres, (g) => catalogue.column(g))
  columns.forEach((column, j) => {
    if (column < 0) return
    known[column] = 1
    thresholds[column] = run.thresholds[j] ?? 0.5
  })
  const stored: Iterable<Partial<PredictionChunk> & Omit<PredictionChunk, 'evidence'>> =
    evidence === null ? store.runs.probabilities(run.id) : store.runs.predictions(run.id)
  const scales = run.summary?.calibration && run.genres.map((_, j) => scaleOf(run, j))
  for (const chunk of stored) {
    const rows = chunk.movies.map((movie) => catalogue.row(movie))
    for (const row of rows) if (row >= 0) has[row] = 1
    const { probabilities } = chunk
    place(p, k, columns, rows, scales ? calibrated(probabilities, scales, rows.length, columns.length) : probabilities)
    if (evidence && chunk.evidence) place(evidence, k, columns, rows, chunk.evidence)
    yield
  }
  return { run: run.id, p, thresholds, known, has }
}

/** (n, k) logits of a run's model. A cell that it does not know has the frequency of the genre. */
export function* logitsInSteps(catalogue: Catalogue, store: Store, run: StoredRun): Generator<undefined, Float32Array> {
  const { n, k, labels } = catalogue
  const { p, has, known } = yield* readScoresInSteps(catalogue, store, onModelScale(run), null)
  const support = columnSums(labels, k)
  return p.map((value, cell) => logit(has[Math.floor(cell / k)] && known[cell % k] ? value : support[cell % k]! / n, 1e-6))
}

/** Writes values (rows x columns of the run) to their cells of a matrix of the catalogue. */
function place(matrix: Float32Array, k: number, columns: Int32Array, rows: Int32Array, values: Float32Array): void {
  const width = columns.length
  const first = rows[0] ?? -1
  // if nothing has changed since the training, the chunk is a contiguous part of the matrix
  if (width === k && first >= 0 && columns.every((column, j) => column === j) && rows.every((row, i) => row === first + i))
    return void matrix.set(values, first * k)
  for (let i = 0; i < rows.length; i++) {
    if (rows[i]! < 0) continue
    for (let j = 0; j < width; j++) if (columns[j]! >= 0) matrix[rows[i]! * k + columns[j]!] = values[i * width + j]!
  }
}
