/** The columns of an import, made in a thread of their own that is fed while movies are written. */
import { Worker } from 'node:worker_threads'
import { UserError, type ErrorReply } from '../../../contract/errors.ts'
import type { ChangedPlot } from '../../data/clean/cleaner.ts'
import type { Named, Names } from '../../data/clean/tally.ts'
import type { ColumnsHost, ColumnsInput, MovieBatch, MovieColumns } from './columns.ts'
import { threadEntry } from './thread-entry.ts'

/** Batches on their way at most. */
const MOST_WAITING = 32

export type ToColumns =
  | { readonly t: 'movies'; readonly batch: MovieBatch }
  /** The pass is over. */
  | { readonly t: 'end' }
  | { readonly t: 'names'; readonly names: Names }
  | { readonly t: 'genres'; readonly ids: readonly number[] }
export type FromColumns =
  /** Begin a pass. */
  | { readonly t: 'read' }
  | { readonly t: 'taken' }
  | { readonly t: 'describe'; readonly movies: readonly number[] }
  | { readonly t: 'genres'; readonly names: readonly string[] }
  | { readonly t: 'changed'; readonly plots: readonly ChangedPlot[] }
  | { readonly t: 'made'; readonly columns: MovieColumns }
  | { readonly t: 'error'; readonly error: ErrorReply }

/** Answers what the thread asks; `pages` are all movies, for passes after the first. */
export interface ThreadHost extends Pick<ColumnsHost, 'changed'> {
  readonly describe: (movies: readonly number[]) => ReadonlyMap<number, Named>
  readonly genreIds: (names: readonly string[]) => readonly number[]
  readonly pages: () => Iterable<MovieBatch>
}

export class ColumnThread {
  readonly #worker: Worker
  readonly #host: ThreadHost
  readonly #made = Promise.withResolvers<MovieColumns>()
  #waiting = 0
  #passes = 0
  #failed = false
  #wake = (): void => undefined

  constructor(input: ColumnsInput, host: ThreadHost) {
    this.#host = host
    this.#worker = new Worker(threadEntry('column-worker'), { workerData: input })
    this.#worker.on('message', (m: FromColumns) => this.#receive(m))
    this.#worker.on('error', (error) => this.#fail(error))
    this.#worker.on('exit', (code) => this.#fail(new Error(`the thread of the columns ended with exit code ${code}`)))
    // it may fail before anybody waits for it
    this.#made.promise.catch(() => undefined)
  }
  /** Whether another batch may be sent; a thread that has failed takes anything. */
  get ready(): boolean {
    return this.#waiting < MOST_WAITING || this.#failed
  }
  /** Settles when it is {@link ready}. */
  async whenReady(): Promise<void> {
    while (!this.ready) await new Promise<void>((resolve) => (this.#wake = resolve))
  }
  /** Movies of the first pass. */
  feed(batch: MovieBatch): void {
    this.#waiting++
    this.#post({ t: 'movies', batch })
  }
  /** The first pass is over. */
  end(): void {
    this.#post({ t: 'end' })
  }
  /** Throws what making them threw. */
  made(): Promise<MovieColumns> {
    return this.#made.promise
  }
  async close(): Promise<void> {
    await this.#worker.terminate()
  }
  #post(m: ToColumns): void {
    this.#worker.postMessage(m)
  }
  #fail(error: unknown): void {
    this.#failed = true
    this.#made.reject(error)
    this.#wake()
  }
  #receive(m: FromColumns): void {
    try {
      this.#answer(m)
    } catch (error) {
      this.#fail(error)
    }
  }
  #answer(m: FromColumns): void {
    if (m.t === 'taken') {
      this.#waiting--
      this.#wake()
    } else if (m.t === 'read') void (this.#passes++ > 0 && this.#again())
    else if (m.t === 'changed') this.#host.changed(m.plots)
    else if (m.t === 'describe') this.#post({ t: 'names', names: this.#host.describe(m.movies) })
    else if (m.t === 'genres') this.#post({ t: 'genres', ids: this.#host.genreIds(m.names) })
    else if (m.t === 'made') this.#made.resolve(m.columns)
    else this.#fail(new UserError(m.error.code, m.error.message, m.error.details))
  }
  async #again(): Promise<void> {
    try {
      for (const batch of this.#host.pages()) {
        await this.whenReady()
        if (this.#failed) return
        this.feed(batch)
      }
      this.end()
    } catch (error) {
      this.#fail(error)
    }
  }
}
