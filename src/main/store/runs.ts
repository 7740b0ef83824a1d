import { TEXT_COLUMNS, type TrainingLog } from '../../contract/models.ts'
import { MIN_SLOPE, type RunInfo, type RunSummary, type Scale } from '../../contract/records.ts'
import type { Db } from './database.ts'
import { z } from 'zod'
import { MetaTable } from './meta.ts'
import { RowType } from './rows.ts'
import { damagedValue, IDS, NUMBERS, objectWith, storedJson } from './values.ts'
import { bytesOf, float32Of, int32Of } from './views.ts'

/** A run as it is stored. The catalogue adds the names of its genres and its note, and whether it is current and can be resumed. */
export interface StoredRun extends Omit<RunInfo, 'current' | 'genres' | 'note' | 'resumable'> {
  /** Genre ids in column order. */
  readonly genres: readonly number[]
  /** Platt scales of the out-of-fold probabilities, one for each genre. */
  readonly scales: readonly Scale[]
}
export type NewRun = Pick<StoredRun, 'name' | 'createdAt' | 'config' | 'parent' | 'genres' | 'corrections' | 'lastBatch'>
export interface RunEnd {
  readonly elapsedMs: number
  readonly thresholds: readonly number[]
  readonly scales: StoredRun['scales']
  readonly summary: RunSummary | null
}
/** Predictions of some movies; matrices are movies x genres of the run. */
export interface PredictionChunk {
  readonly movies: Int32Array
  readonly probabilities: Float32Array
  readonly evidence: Float32Array
}
export type StoredModel =
  { readonly bytes: Uint8Array; readonly folder?: undefined } | { readonly folder: string; readonly bytes?: undefined }

const SCALES = z.array(z.object({ slope: z.number(), offset: z.number() }))
/** Scales that can be inverted. */
const CALIBRATION = z.array(z.object({ slope: z.number().min(MIN_SLOPE), offset: z.number() }))
export const RUN = new RowType<StoredRun>({
  table: 'run',
  json: {
    config: z.discriminatedUnion('family', [
      z.looseObject({ family: z.literal('linear'), columns: TEXT_COLUMNS.optional() }),
      z.looseObject({ family: z.literal('ensemble'), columns: TEXT_COLUMNS.optional(), runs: z.array(z.int()) }),
      z.looseObject({ family: z.literal('transformer'), columns: TEXT_COLUMNS.optional(), model: z.looseObject({ source: z.string() }) }),
    ]),
    genres: IDS,
    thresholds: NUMBERS,
    scales: SCALES,
    summary: objectWith({
      thresholds: z.object({ origin: z.string(), trained: NUMBERS }).optional(),
      calibration: z.object({ kind: z.enum(['platt', 'temperature']), scales: CALIBRATION, thresholds: NUMBERS }).optional(),
    }),
  },
})
const LOG = objectWith<TrainingLog>({ epochs: z.array(z.looseObject({})), device: z.string(), notes: z.array(z.string()) })
/** Probabilities from a file. In a damaged or hostile file, values outside of [0, 1] become 0, because sorting them might not terminate. */
function probabilitiesOf(bytes: Uint8Array): Float32Array {
  const values = float32Of(bytes)
  const isProbability = (p: number): boolean => p >= 0 && p <= 1
  return values.every(isProbability) ? values : values.map((p) => (isProbability(p) ? p : 0))
}
/** All columns except the log, which may be long. */
const COLUMNS = `id, name, status, created_at, elapsed_ms, config, parent, genres, thresholds, scales, corrections, last_batch,
  features, summary, error`

interface ChunkMovies {
  readonly chunk: number
  readonly movies: Uint8Array
}
/** Training runs with their recipes, models and predictions. */
export class RunTable {
  readonly #db
  readonly #meta
  readonly #predict
  constructor(db: Db) {
    this.#db = db
    this.#meta = new MetaTable(db)
    this.#predict = db.prepare(
      `insert into prediction (run, chunk, movies, probabilities, evidence)
       values (@run, (select coalesce(max(chunk), -1) + 1 from prediction where run = @run), @movies, @probabilities, @evidence)`,
    )
  }
  /** Adds a run without results, which is running. @returns its id */
  start(r: NewRun): number {
    const { lastInsertRowid } = this.#db
      .prepare(
        `insert into run (id, name, status, created_at, config, parent, genres, thresholds, scales, corrections, last_batch, features)
         values (?, ?, 'running', ?, ?, ?, ?, '[]', '[]', ?, ?, 0)`,
      )
      .run(this.#last() + 1, r.name, r.createdAt, JSON.stringify(r.config), r.parent, JSON.stringify(r.genres), r.corrections, r.lastBatch)
    return Number(lastInsertRowid)
  }
  /** Stores predictions of movies that have none of this run yet, in one short transaction. Matrices are movies x genres. */
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
    const unknown = movies.find((movie) => movie < 1 || movie > (last ?? 0))
    if (unknown !== undefined) throw new Error(`there is no movie ${unknown} to predict`)
  }
  /** @param folder name of the folder of a model that is too large for the project; `bytes` are empty then */
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
  /** Gives a finished run other thresholds, with the figures that follow from them. */
  setThresholds(run: number, thresholds: readonly number[], summary: RunSummary): void {
    this.#db
      .prepare('update run set thresholds = ?, summary = ? where id = ?')
      .run(JSON.stringify(thresholds), JSON.stringify(summary), run)
  }
  /** Ends a run without a result, and deletes the predictions and the model that it has stored. */
  abandon(run: number, status: 'cancelled' | 'failed' | 'interrupted', error: string): void {
    this.#db.transaction(() => {
      this.#removeResults(run)
      this.#db.prepare('update run set status = ?, error = ? where id = ?').run(status, error, run)
    })()
  }
  rename(run: number, name: string): void {
    this.#db.prepare('update run set name = ? where id = ?').run(name, run)
  }
  /** Deletes a run with everything that it stored. Its number, which decisions and names may mention, is not used again. */
  remove(run: number): void {
    this.#db.transaction(() => {
      this.#meta.set('lastRun', this.#last())
      this.#db.prepare('update run set parent = null where parent = ?').run(run)
      this.#removeResults(run)
      for (const key of ['faithfulness', 'runNotes'] as const) {
        const left = Object.entries(this.#meta.get(key) ?? {}).filter(([of]) => Number(of) !== run)
        this.#meta.set(key, Object.fromEntries(left))
      }
      this.#db.prepare('delete from run where id = ?').run(run)
    })()
  }
  /** The highest number that a run has had; 0 before the first run. */
  #last(): number {
    const there = this.#db.prepare('select max(id) from run').pluck().get() as number | null
    return Math.max(there ?? 0, this.#meta.get('lastRun') ?? 0)
  }
  #removeResults(run: number): void {
    for (const table of ['prediction', 'model']) this.#db.prepare(`delete from ${table} where run = ?`).run(run)
  }
  /** Marks an interrupted run as running again. */
  reopen(run: number): void {
    this.#db.prepare("update run set status = 'running', error = null where id = ?").run(run)
  }
  /** Stores the log of a run's training. */
  setLog(run: number, log: TrainingLog): void {
    this.#db.prepare('update run set log = ? where id = ?').run(JSON.stringify(log), run)
  }
  /** The log of a run's training; null if none was stored. */
  log(run: number): TrainingLog | null {
    const text = this.#db.prepare('select log from run where id = ?').pluck().get(run) as string | null | undefined
    return text == null ? null : storedJson(text, LOG, 'run.log')
  }
  all(): StoredRun[] {
    return this.#db
      .prepare(`select ${COLUMNS} from run order by id`)
      .all()
      .map((row) => RUN.read(row))
  }
  get(run: number): StoredRun | null {
    const row = this.#db.prepare(`select ${COLUMNS} from run where id = ?`).get(run)
    return row === undefined ? null : RUN.read(row)
  }
  /** The bytes of a run's model, or the name of its folder; null if the run has none. */
  model(run: number): StoredModel | null {
    const row = this.#db.prepare('select bytes, folder from model where run = ?').get(run) as
      { bytes: Uint8Array; folder: string | null } | undefined
    if (!row) return null
    return row.folder === null ? { bytes: row.bytes } : { folder: row.folder }
  }
  /** The predictions of a run, in the chunks in which they were added. No cursor is open between two chunks. */
  *predictions(run: number): Generator<PredictionChunk> {
    for (const r of this.#chunks(run, ['probabilities', 'evidence']))
      yield { movies: int32Of(r.movies), probabilities: probabilitiesOf(r.probabilities), evidence: float32Of(r.evidence) }
  }
  /** The predictions without their evidence. */
  *probabilities(run: number): Generator<Omit<PredictionChunk, 'evidence'>> {
    for (const r of this.#chunks(run, ['probabilities']))
      yield { movies: int32Of(r.movies), probabilities: probabilitiesOf(r.probabilities) }
  }
  /** The probabilities of one movie by the genres of the run; null if the run has not predicted it. */
  movieProbabilities(run: number, movie: number): Float32Array | null {
    const width = this.get(run)?.genres.length ?? 0
    // only the ids are read until the movie is found: 4 bytes for each movie of the run
    const chunks = this.#db.prepare('select chunk, movies from prediction where run = ? order by chunk').all(run) as ChunkMovies[]
    for (const { chunk, movies } of chunks) {
      const at = int32Of(movies).indexOf(movie)
      if (at < 0) continue
      const stored = this.#db
        .prepare('select probabilities from prediction where run = ? and chunk = ?')
        .pluck()
        .get(run, chunk) as Uint8Array
      if (stored.length !== movies.length * width) throw damagedValue('prediction.probabilities')
      return probabilitiesOf(stored).slice(at * width, (at + 1) * width)
    }
    return null
  }
  *#chunks(run: number, matrices: readonly ('probabilities' | 'evidence')[]): Generator<Record<keyof PredictionChunk, Uint8Array>> {
    const width = this.get(run)?.genres.length ?? 0
    const chunks = this.#db.prepare('select chunk from prediction where run = ? order by chunk').pluck().all(run) as number[]
    const one = this.#db.prepare(`select movies, ${matrices.join(', ')} from prediction where run = ? and chunk = ?`)
    for (const chunk of chunks) {
      const row = one.get(run, chunk) as Record<keyof PredictionChunk, Uint8Array>
      for (const matrix of matrices) if (row[matrix].length !== row.movies.length * width) throw damagedValue(`prediction.${matrix}`)
      yield row
    }
  }
}
