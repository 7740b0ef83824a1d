import type { TrainingLog } from '../../contract/models.ts'
import type { RunConfig, RunInfo, RunStatus } from '../../contract/records.ts'
import type { Db } from './database.ts'
import { bytesOf, float32Of, int32Of } from './views.ts'

export type RunSummary = RunInfo['summary']
/** A run as the store keeps it: what of it is current, and the names of its genres, the catalogue knows. */
export interface StoredRun extends Omit<RunInfo, 'current' | 'genres' | 'resumable'> {
  /** Genre ids in column order. */
  readonly genres: readonly number[]
  /** Platt scales of the out-of-fold probabilities, one for each genre. */
  readonly scales: readonly { readonly slope: number; readonly offset: number }[]
}
export type NewRun = Pick<StoredRun, 'name' | 'createdAt' | 'config' | 'parent' | 'genres' | 'corrections' | 'lastBatch'>
export interface RunEnd {
  readonly elapsedMs: number
  readonly thresholds: readonly number[]
  readonly scales: StoredRun['scales']
  readonly summary: RunSummary
}
/** Predictions of some movies; matrices are movies x genres of the run. */
export interface PredictionChunk {
  readonly movies: Int32Array
  readonly probabilities: Float32Array
  readonly evidence: Float32Array
}
export type StoredModel =
  { readonly bytes: Uint8Array; readonly folder?: undefined } | { readonly folder: string; readonly bytes?: undefined }

/** All but the log, which may be long. */
const COLUMNS = `id, name, status, created_at, elapsed_ms, config, parent, genres, thresholds, scales, corrections, last_batch,
  features, summary, error`
interface Row {
  id: number
  name: string
  status: RunStatus
  created_at: string
  elapsed_ms: number | null
  config: string
  parent: number | null
  genres: string
  thresholds: string
  scales: string
  corrections: number
  last_batch: number
  features: number
  summary: string | null
  error: string | null
}
const fromRow = (r: Row): StoredRun => ({
  id: r.id,
  name: r.name,
  status: r.status,
  createdAt: r.created_at,
  elapsedMs: r.elapsed_ms,
  config: JSON.parse(r.config) as RunConfig,
  parent: r.parent,
  genres: JSON.parse(r.genres) as number[],
  thresholds: JSON.parse(r.thresholds) as number[],
  scales: JSON.parse(r.scales) as StoredRun['scales'],
  corrections: r.corrections,
  lastBatch: r.last_batch,
  features: r.features,
  summary: r.summary === null ? null : (JSON.parse(r.summary) as RunSummary),
  error: r.error,
})

/** Training runs with their recipe, model and predictions. */
export class RunTable {
  readonly #db
  readonly #predict
  constructor(db: Db) {
    this.#db = db
    this.#predict = db.prepare(
      `insert into prediction (run, chunk, movies, probabilities, evidence)
       values (@run, (select coalesce(max(chunk), -1) + 1 from prediction where run = @run), @movies, @probabilities, @evidence)`,
    )
  }
  start(r: NewRun): number {
    const { lastInsertRowid } = this.#db
      .prepare(
        `insert into run (name, status, created_at, config, parent, genres, thresholds, scales, corrections, last_batch, features)
         values (?, 'running', ?, ?, ?, ?, '[]', '[]', ?, ?, 0)`,
      )
      .run(r.name, r.createdAt, JSON.stringify(r.config), r.parent, JSON.stringify(r.genres), r.corrections, r.lastBatch)
    return Number(lastInsertRowid)
  }
  /** One short transaction for any number of movies, each of which comes once. Matrices are movies x genres. */
  addPredictions(run: number, movies: Int32Array, probabilities: Float32Array, evidence: Float32Array): void {
    if (movies.length === 0) return
    this.#assertShape(run, movies, probabilities, evidence)
    this.#predict.run({ run, movies: bytesOf(movies), probabilities: bytesOf(probabilities), evidence: bytesOf(evidence) })
  }
  #assertShape(run: number, movies: Int32Array, probabilities: Float32Array, evidence: Float32Array): void {
    const { genres } = this.get(run) ?? { genres: [] }
    const wanted = movies.length * genres.length
    if (probabilities.length !== wanted || evidence.length !== wanted)
      throw new Error(`expected ${wanted} probabilities of ${movies.length} movies, got ${probabilities.length} and ${evidence.length}`)
    const last = this.#db.prepare('select max(id) from movie').pluck().get() as number | null
    const stranger = movies.find((movie) => movie < 1 || movie > (last ?? 0))
    if (stranger !== undefined) throw new Error(`there is no movie ${stranger} to predict`)
  }
  /** @param folder where it lies, of a model that is too large for the project: `bytes` are empty then */
  addModel(run: number, bytes: Uint8Array, features: number, folder: string | null = null): void {
    this.#db.transaction(() => {
      this.#db.prepare('insert or replace into model (run, bytes, folder) values (?, ?, ?)').run(run, bytes, folder)
      this.#db.prepare('update run set features = ? where id = ?').run(features, run)
    })()
  }
  finish(run: number, end: RunEnd): void {
    this.#db
      .prepare("update run set status = 'done', elapsed_ms = ?, thresholds = ?, scales = ?, summary = ? where id = ?")
      .run(end.elapsedMs, JSON.stringify(end.thresholds), JSON.stringify(end.scales), JSON.stringify(end.summary), run)
  }
  /** Ends a run that gave no result; what it had written so far goes. */
  abandon(run: number, status: 'cancelled' | 'failed' | 'interrupted', error: string): void {
    this.#db.transaction(() => {
      this.#db.prepare('delete from prediction where run = ?').run(run)
      this.#db.prepare('delete from model where run = ?').run(run)
      this.#db.prepare('update run set status = ?, error = ? where id = ?').run(status, error, run)
    })()
  }
  /** An interrupted run goes on. */
  reopen(run: number): void {
    this.#db.prepare("update run set status = 'running', error = null where id = ?").run(run)
  }
  /** Notes how the training goes. */
  setLog(run: number, log: TrainingLog): void {
    this.#db.prepare('update run set log = ? where id = ?').run(JSON.stringify(log), run)
  }
  /** The log of its training; null if there is none. */
  log(run: number): TrainingLog | null {
    const text = this.#db.prepare('select log from run where id = ?').pluck().get(run) as string | null | undefined
    return text == null ? null : (JSON.parse(text) as TrainingLog)
  }
  all(): StoredRun[] {
    return (this.#db.prepare(`select ${COLUMNS} from run order by id`).all() as Row[]).map(fromRow)
  }
  get(run: number): StoredRun | null {
    const row = this.#db.prepare(`select ${COLUMNS} from run where id = ?`).get(run) as Row | undefined
    return row ? fromRow(row) : null
  }
  /** Its model's bytes, or the name of the folder in which they lie; null where it has none. */
  model(run: number): StoredModel | null {
    const row = this.#db.prepare('select bytes, folder from model where run = ?').get(run) as
      { bytes: Uint8Array; folder: string | null } | undefined
    if (!row) return null
    return row.folder === null ? { bytes: row.bytes } : { folder: row.folder }
  }
  /** As they were written, chunk by chunk; no cursor stays open in between. */
  *predictions(run: number): Generator<PredictionChunk> {
    for (const r of this.#chunks(run, 'movies, probabilities, evidence'))
      yield { movies: int32Of(r.movies), probabilities: float32Of(r.probabilities), evidence: float32Of(r.evidence) }
  }
  /** The predictions without their evidence. */
  *probabilities(run: number): Generator<Omit<PredictionChunk, 'evidence'>> {
    for (const r of this.#chunks(run, 'movies, probabilities'))
      yield { movies: int32Of(r.movies), probabilities: float32Of(r.probabilities) }
  }
  *#chunks(run: number, columns: string): Generator<Record<keyof PredictionChunk, Uint8Array>> {
    const chunks = this.#db.prepare('select chunk from prediction where run = ? order by chunk').pluck().all(run) as number[]
    const one = this.#db.prepare(`select ${columns} from prediction where run = ? and chunk = ?`)
    for (const chunk of chunks) yield one.get(run, chunk) as Record<keyof PredictionChunk, Uint8Array>
  }
}
