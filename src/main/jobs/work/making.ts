import type { CleaningReport } from '../../../contract/cleaning.ts'
import { COSTLY_BELOW } from '../../data/clean/cleaner.ts'
import { CHUNK_MOVIES, OF_THE_SOURCE, packLabels } from '../../store/columns.ts'
import type { Filling } from '../../store/filling.ts'
import type { Store } from '../../store/store.ts'
import { startColumns, type ColumnThread, type ThreadHost } from './column-thread.ts'
import { makeColumns, type ColumnsInput, type MovieBatch, type MovieColumns } from './columns.ts'
import { FedThread } from './fed-thread.ts'
import type { GatheredMovie, Gathering } from './gathering.ts'
import type { WordInput } from './word-worker.ts'

/** Below so many movies an import counts costly rules that are off, too: it takes no second. */
const COUNTED_BELOW = 2000
/** The number of movies that cleaning is told, which makes it count costly rules or not. */
const counted = (movies: number): number => (movies < COUNTED_BELOW ? movies : Math.max(movies, COSTLY_BELOW))

interface MakingOptions {
  readonly store: Store
  readonly rows: Filling
  /** The movies after one. */
  readonly page: Gathering['page']
  readonly input: Omit<ColumnsInput, 'movies'>
  /** Whether threads are worth their start. */
  readonly threaded: boolean
  readonly signal: AbortSignal
}

/**
 * What follows once a movie's source is final: the text index and the columns. Of large imports each is made in a thread that
 * is fed as movies are written, of small ones in turns with the writing.
 */
export class Making {
  readonly #store
  readonly #input
  readonly #generation: number
  readonly #host: ThreadHost
  readonly #signal
  readonly #threaded: boolean
  readonly #rows
  /** Made by another thread. */
  readonly #wordFile: string
  #columns: ColumnThread | null = null
  #words: FedThread<null> | null = null
  /** Lists of genres that have been told. */
  readonly #sent = new Set<number>()
  readonly #page: Gathering['page']

  constructor({ store, rows, page, input, threaded, signal }: MakingOptions) {
    this.#store = store
    this.#rows = rows
    this.#wordFile = `${store.path}-words`
    this.#page = page
    this.#input = input
    this.#threaded = threaded
    this.#signal = signal
    this.#generation = store.cleanings.begin(input.ruleSet)
    this.#host = {
      describe: (movies) => new Map(movies.map((id) => [id, rows.movie(id)!])),
      genreIds: (names) => names.map((name) => store.movies.genreId(name)),
      changed: (plots) => plots.forEach((c) => rows.addCleanedPlot(this.#generation, c.movie, c.plot)),
      pages: () => this.#pages(),
    }
  }
  /** Settles when more may be fed. Throws what a thread threw. */
  async whenReady(): Promise<void> {
    await this.#columns?.whenReady()
    await this.#words?.whenReady()
    if (this.#columns?.failed) await this.#columns.made()
    if (this.#words?.failed) await this.#words.made()
  }
  /** Movies as they are written, in the order of their ids. @param movies about how many there will be in all */
  feed(batch: readonly GatheredMovie[], movies: number): void {
    if (!this.#threaded) for (const { id, title, plot } of batch) this.#rows.index(id, title, plot)
    if (!this.#threaded || batch.length === 0) return
    this.#words ??= new FedThread('word-worker', { path: this.#wordFile, sql: this.#rows.wordIndexSql() } satisfies WordInput)
    this.#columns ??= startColumns({ ...this.#input, movies: counted(movies) }, this.#host)
    const flat = this.#batchOf(batch)
    this.#words.feed(flat)
    this.#columns.feed(flat)
  }
  /** All movies are written, and fed. */
  end(): void {
    this.#words?.end()
    this.#columns?.end()
  }
  /** Waits for the columns and writes them. */
  async writeColumns(movies: number): Promise<CleaningReport> {
    const columns = await (this.#columns ? this.#columns.made() : this.#makeHere(movies))
    this.#store.transaction(() => this.#write(columns))
    return columns.report
  }
  #write(columns: MovieColumns): void {
    const { report, targets, out, length, duplicate, titles, split } = columns
    this.#store.columns.putWhole(OF_THE_SOURCE, 'title', titles)
    if (split) this.#store.columns.putWhole(OF_THE_SOURCE, 'split', split)
    this.#store.columns.putWhole(this.#generation, 'out', out)
    this.#store.columns.putWhole(this.#generation, 'length', length)
    this.#store.columns.putWhole(this.#generation, 'duplicate', duplicate)
    for (let chunk = 0; chunk * CHUNK_MOVIES < out.length; chunk++)
      this.#store.columns.putBytes(this.#generation, 'labels', chunk, labelsOf(columns, chunk))
    this.#store.cleanings.finish(this.#generation, report, Object.fromEntries(targets))
  }
  /** Waits for the text index and takes it over; the rows are committed. */
  async writeWords(): Promise<void> {
    if (!this.#words) return
    await this.#words.made()
    this.#rows.adoptWords(this.#wordFile)
  }
  #makeHere(movies: number): Promise<MovieColumns> {
    const { describe, genreIds, changed } = this.#host
    // eslint-disable-next-line @typescript-eslint/require-await -- a source may have to wait for its rows; this one has them
    const read = async function* (this: Making): AsyncGenerator<MovieBatch> {
      yield* this.#pages()
    }.bind(this)
    return makeColumns({ ...this.#input, movies: counted(movies) }, { describe, genreIds, changed, read }, this.#signal)
  }
  *#pages(): Generator<MovieBatch> {
    for (let page = this.#page(0); page.length > 0; page = this.#page(page.at(-1)!.id)) yield this.#batchOf(page)
  }
  #batchOf(movies: readonly GatheredMovie[]): MovieBatch {
    const texts: string[] = []
    const newLists: [number, string][] = []
    for (const { title, plot, genres } of movies) {
      texts.push(title, plot)
      if (this.#sent.has(genres.at)) continue
      this.#sent.add(genres.at)
      newLists.push([genres.at, genres.json])
    }
    return { ids: Int32Array.from(movies, (m) => m.id), lists: Int32Array.from(movies, (m) => m.genres.at), texts, newLists }
  }
  async close(): Promise<void> {
    await Promise.all([this.#words?.close(), this.#columns?.close()])
  }
}

function labelsOf({ list, lists }: Pick<MovieColumns, 'list' | 'lists'>, chunk: number): Uint8Array {
  const slots = list.subarray(chunk * CHUNK_MOVIES, (chunk + 1) * CHUNK_MOVIES)
  const genres: number[] = []
  const counts = new Uint8Array(slots.length)
  slots.forEach((at, slot) => {
    // slot 0 of the first chunk is nobody's; more genres than a byte counts is no catalogue of genres: the rest is dropped
    const ids = chunk === 0 && slot === 0 ? [] : lists[at]!.slice(0, 255)
    counts[slot] = ids.length
    for (const id of ids) genres.push(id)
  })
  return packLabels({ counts, genres: Uint16Array.from(genres) })
}
