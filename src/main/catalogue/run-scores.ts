import type { StoredPrediction, StoredRun } from '../store/runs.ts'
import type { Store } from '../store/store.ts'
import type { Catalogue } from './catalogue.ts'

/** What a run has said of the catalogue's cells, without any triage: all that scoring needs. Matrices are n x k. */
export interface RunScores {
  readonly run: number
  /** Says something only where `has` and `known` do. */
  readonly p: Float32Array
  readonly thresholds: Float32Array
  /** Columns that the run knows. */
  readonly known: Uint8Array
  /** Rows that the run has predicted: not those that cleaning brought back since. */
  readonly has: Uint8Array
}

/** Reads what a run has predicted; its evidence too, where there is a matrix to take it. */
export function readScores(catalogue: Catalogue, store: Store, run: StoredRun, evidence: Float32Array | null = null): RunScores {
  const { n, k } = catalogue
  const p = new Float32Array(n * k)
  const thresholds = new Float32Array(k).fill(0.5)
  const known = new Uint8Array(k)
  const has = new Uint8Array(n)
  const columns = run.genres.map((g) => catalogue.column(g))
  columns.forEach((column, j) => {
    if (column < 0) return
    known[column] = 1
    thresholds[column] = run.thresholds[j] ?? 0.5
  })
  const put = (matrix: Float32Array, row: number, values: Float32Array): void =>
    columns.forEach((column, j) => {
      if (column >= 0) matrix[row * k + column] = values[j]!
    })
  const stored: Iterable<Partial<StoredPrediction> & { movie: number; probabilities: Float32Array }> =
    evidence === null ? store.runs.probabilities(run.id) : store.runs.predictions(run.id)
  for (const m of stored) {
    const row = catalogue.row(m.movie)
    if (row < 0) continue
    has[row] = 1
    put(p, row, m.probabilities)
    if (evidence && m.evidence) put(evidence, row, m.evidence)
  }
  return { run: run.id, p, thresholds, known, has }
}
