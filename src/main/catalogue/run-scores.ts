import type { PredictionChunk, StoredRun } from '../store/runs.ts'
import type { Store } from '../store/store.ts'
import type { Catalogue } from './catalogue.ts'
import { logit } from '../analysis/matrix.ts'
import { toTheEnd } from '../analysis/steps.ts'

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

/** Reads a run's predictions, and its evidence if a matrix is given for it. */
export function readScores(catalogue: Catalogue, store: Store, run: StoredRun, evidence: Float32Array | null = null): RunScores {
  return toTheEnd(readScoresInSteps(catalogue, store, run, evidence))
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
  for (const chunk of stored) {
    const rows = chunk.movies.map((movie) => catalogue.row(movie))
    for (const row of rows) if (row >= 0) has[row] = 1
    place(p, k, columns, rows, chunk.probabilities)
    if (evidence && chunk.evidence) place(evidence, k, columns, rows, chunk.evidence)
    yield
  }
  return { run: run.id, p, thresholds, known, has }
}

/** (n, k) logits of a run. A cell that it does not know has the frequency of the genre. */
export function* logitsInSteps(catalogue: Catalogue, store: Store, run: StoredRun): Generator<undefined, Float32Array> {
  const { n, k, labels } = catalogue
  const { p, has, known } = yield* readScoresInSteps(catalogue, store, run, null)
  const support = new Float64Array(k)
  for (let cell = 0; cell < labels.length; cell++) support[cell % k]! += labels[cell]!
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
