import { UserError } from '../../../contract/errors.ts'
import type { ImportPlan, ImportReport } from '../../../contract/importing.ts'
import { mergeRule } from '../../data/import/read.ts'
import type { Filling } from '../../store/filling.ts'
import type { Store } from '../../store/store.ts'
import { asSplit, splitCode } from '../split.ts'
import { unpackBatch, type BatchedRecord, type RecordBatch } from './batches.ts'
import type { GenreList, GenreLists } from './genre-lists.ts'
import { Keys } from './keys.ts'

/** rejected records that the report shows. */
const SHOWN_REJECTED = 200
const EXCERPT = 500
/** Movies that are read back at once. */
const PAGE = 500

/** A movie's source, as it was written. */
export interface GatheredMovie {
  readonly id: number
  readonly title: string
  readonly plot: string
  readonly genres: GenreList
}

/** Joins records into movies and writes both; no movie is kept in memory. */
export class Gathering {
  readonly #store
  readonly #rows
  readonly #plan
  readonly #import
  readonly #lists
  readonly #keys
  readonly #perFile: { records: number; rejected: number }[]
  readonly #rejected: ImportReport['rejected'][number][] = []
  /** Parts by movie id, where the catalogue brings them. */
  #parts = new Uint8Array(1024)
  /** Whether a later record may still change a movie. */
  readonly joins: boolean
  movies = 0
  records = 0
  /** Movies of the batch under way. */
  #fresh: GatheredMovie[] = []

  constructor(store: Store, rows: Filling, plan: ImportPlan, importId: number, lists: GenreLists) {
    this.#store = store
    this.#rows = rows
    this.#plan = plan
    this.#import = importId
    this.#lists = lists
    this.#keys = new Keys((movie, key) => rows.movie(movie)?.key === key)
    this.joins = mergeRule(plan) === 'by-id'
    this.#perFile = plan.files.map(() => ({ records: 0, rejected: 0 }))
  }
  /** Writes records; answers the movies that are new. Where records join movies, they are not final. */
  take(batch: RecordBatch): readonly GatheredMovie[] {
    this.#fresh = []
    for (const record of unpackBatch(batch)) this.#record(record)
    for (const { file, entry } of batch.log) this.#store.importLog.add({ ...entry, file: file + 1 })
    return this.#fresh
  }
  /** Movies that are written, after one; for those that records have joined. */
  page(after: number): readonly GatheredMovie[] {
    return this.#rows.page(after, PAGE).map((m) => ({ ...m, genres: this.#lists.of(m.genres) }))
  }
  #record(r: BatchedRecord): void {
    this.records++
    const file = this.#perFile[r.file]!
    file.records++
    let movie: number | null = null
    if (r.rejected === null) {
      movie = this.#movieOf(r, this.#lists.of(r.genres))
      if (r.split !== '') this.#setPart(movie, this.#splitCode(r))
    } else {
      file.rejected++
      if (this.#rejected.length < SHOWN_REJECTED)
        this.#rejected.push({ file: this.#plan.files[r.file]!.name, line: r.line, why: r.rejected, raw: r.raw.slice(0, EXCERPT) })
    }
    this.#rows.addRecord(r.file + 1, r.number, r.line, movie, r.raw, r.rejected)
  }
  #movieOf(r: BatchedRecord, genres: GenreList): number {
    const known = this.joins && r.key !== '' ? this.#keys.find(r.key) : 0
    if (known !== 0) return this.#join(known, r)
    const id = ++this.movies
    this.#rows.addMovie(id, this.#keys.assign(r.key || `row-${r.number}`, id), r.title, r.plot, r.genres, this.#import)
    this.#fresh.push({ id, title: r.title, plot: r.plot, genres })
    return id
  }
  #join(id: number, r: BatchedRecord): number {
    const movie = this.#rows.movie(id)!
    const title = movie.title || r.title
    const plot = movie.plot || r.plot
    const genres = united(movie.genres, r.genres)
    if (title !== movie.title || plot !== movie.plot || genres !== movie.genres) this.#rows.changeMovie(id, title, plot, genres)
    return id
  }
  #splitCode(r: BatchedRecord): number {
    const split = asSplit(r.split)
    if (split) return splitCode(split)
    throw new UserError(
      'bad-split',
      `${this.#plan.files[r.file]!.name}, line ${r.line}: the split is "${r.split}"; write train, valid or test, or leave the split column unmapped.`,
    )
  }
  #setPart(movie: number, part: number): void {
    if (movie >= this.#parts.length) {
      const grown = new Uint8Array(2 * movie)
      grown.set(this.#parts)
      this.#parts = grown
    }
    this.#parts[movie] = part
  }
  /** The catalogue's own parts by movie id; movies without a value train. */
  parts(): Uint8Array {
    const parts = new Uint8Array(this.movies + 1)
    parts.set(this.#parts.subarray(0, this.movies + 1))
    return parts
  }
  report(): Pick<ImportReport, 'format' | 'files' | 'records' | 'rejected'> {
    return {
      format: this.#plan.format,
      files: this.#plan.files.map((f, i) => ({ name: f.name, ...this.#perFile[i]! })),
      records: this.records,
      rejected: this.#rejected,
    }
  }
}

/** Both lists as JSON, each name once; the first as it is where the second brings nothing. */
function united(first: string, second: string): string {
  if (second === '[]' || second === first) return first
  const names = JSON.parse(first) as string[]
  const added = (JSON.parse(second) as string[]).filter((name) => !names.includes(name))
  return added.length === 0 ? first : JSON.stringify([...new Set([...names, ...added])])
}
