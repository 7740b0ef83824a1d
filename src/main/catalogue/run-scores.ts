import type { PredictionChunk, StoredRun } from '../store/runs.ts'
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
  const from = Int32Array.from(run.genres.keys()).filter((j) => columns[j]! >= 0)
  const to = Int32Array.from(from, (j) => columns[j]!)
  const put = (matrix: Float32Array, row: number, values: Float32Array, at: number): void => {
    for (let j = 0; j < from.length; j++) matrix[row * k + to[j]!] = values[at + from[j]!]!
  }
  const stored: Iterable<Partial<PredictionChunk> & Omit<PredictionChunk, 'evidence'>> =
    evidence === null ? store.runs.probabilities(run.id) : store.runs.predictions(run.id)
  for (const chunk of stored) {
    const width = chunk.probabilities.length / Math.max(1, chunk.movies.length)
    for (let i = 0; i < chunk.movies.length; i++) {
      const row = catalogue.row(chunk.movies[i]!)
      if (row < 0) continue
      has[row] = 1
      put(p, row, chunk.probabilities, i * width)
      if (evidence && chunk.evidence) put(evidence, row, chunk.evidence, i * width)
    }
  }
  return { run: run.id, p, thresholds, known, has }
}
