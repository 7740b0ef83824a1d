/** Joins the records of an import into movies. */
import { UserError } from '../../../contract/errors.ts'
import type { ImportPlan, ImportReport } from '../../../contract/importing.ts'
import { SPLITS } from '../../../contract/records.ts'
import { hashText, HashNumbers, type Hash64 } from '../../data/clean/hashing.ts'
import { readUndecoded } from '../../data/import/files/encodings.ts'
import { mergeRule, needsMovie, sharedKey, splitOf, textKey, UNMATCHED } from '../../data/import/records/read.ts'
import type { Store } from '../../store/store.ts'
import { BatchUnpacker, type BatchedRecord, type RecordBatch } from './record-batches.ts'

/** Rejected records that the report shows. */
const SHOWN_REJECTED = 200
const EXCERPT = 500
/** Different genres that a catalogue may have: the columns in memory are movies x genres. */
const MAX_GENRES = 1000

/** Writes records and the movies that they make; no movie is kept in memory. */
export class MovieMerger {
  readonly #store
  readonly #plan
  readonly #import
  readonly #unpacker = new BatchUnpacker()
  readonly #keys: Keys
  /** The movies that records can join: by key, or by text where the table has no ids. */
  readonly #joinable: Keys
  readonly #sharedKey
  readonly #perFile: { records: number; rejected: number }[]
  readonly #rejected: ImportReport['rejected'][number][] = []
  /** Codes of parts by movie id, where the catalogue has a split column. */
  #parts = new Uint8Array(1024)
  /** True if records of the same id are one movie, so that a movie's text is final only when all records are read. */
  readonly joins: boolean
  movies = 0
  records = 0

  constructor(store: Store, plan: ImportPlan, importId: number) {
    this.#store = store
    this.#plan = plan
    this.#import = importId
    this.#keys = new Keys((movie, key) => store.movies.source(movie)?.key === key)
    const byText = (movie: number, key: string): boolean => {
      const source = store.movies.source(movie)
      return source !== null && textKey(source.title, source.plot) === key
    }
    this.#joinable = plan.mapping.id === null ? new Keys(byText) : this.#keys
    this.#sharedKey = sharedKey(plan)
    this.joins = mergeRule(plan) === 'by-id'
    this.#perFile = plan.files.map(() => ({ records: 0, rejected: 0 }))
  }
  /** Writes the records of a batch, and indexes the text of movies that no later record can change. */
  add(batch: RecordBatch): void {
    for (const record of this.#unpacker.records(batch)) this.#record(record)
    for (const { file, entry } of batch.log) this.#store.importLog.add({ ...entry, file: file + 1 })
  }
  #record(r: BatchedRecord): void {
    this.records++
    const file = this.#perFile[r.file]
    if (file) file.records++
    let movie: number | null = null
    const exact = r.raw.isWellFormed() ? null : r.raw
    const raw = exact === null ? r.raw : readUndecoded(exact).text
    const rejected = r.rejected ?? (this.#isUnmatched(r) ? UNMATCHED : null)
    if (rejected === null) {
      movie = this.#movieOf(r)
      if (r.split !== '') this.#setPart(movie, this.#splitCode(r))
    } else {
      if (file) file.rejected++
      if (this.#rejected.length < SHOWN_REJECTED)
        this.#rejected.push({ file: this.#nameOf(r), line: r.line, why: rejected, raw: raw.slice(0, EXCERPT) })
    }
    this.#store.sources.add({ file: r.file + 1, number: r.number, line: r.line, movie, raw, exact, rejected })
  }
  #isUnmatched(r: BatchedRecord): boolean {
    const shared = needsMovie(this.#plan, r.file) ? this.#sharedKey(r) : null
    return shared !== null && this.#joinable.find(shared) === 0
  }
  #movieOf(r: BatchedRecord): number {
    const shared = this.#sharedKey(r)
    const known = shared === null ? 0 : this.#joinable.find(shared)
    if (known !== 0) return this.#join(known, r)
    const key = this.#keys.assign(r.key || `row-${r.number}`, ++this.movies)
    if (shared !== null && this.#joinable !== this.#keys) this.#joinable.assign(shared, this.movies)
    const { title, plot, genres } = r
    const id = this.#store.movies.add({ key, title, plot, genres, import: this.#import })
    if (id !== this.movies) throw new Error(`movie ${this.movies} was written as ${id}`)
    if (!this.joins) this.#store.movies.index(id, title, plot)
    this.#assertGenres(genres)
    return id
  }
  /** Completes a movie: the first title and plot that are not empty count, genres are united. */
  #join(id: number, r: BatchedRecord): number {
    const movie = this.#store.movies.source(id)
    if (!movie) throw new Error(`movie ${id} is missing`)
    const title = movie.title || r.title
    const plot = movie.plot || r.plot
    const added = r.genres.filter((name) => !movie.genres.includes(name))
    if (title === movie.title && plot === movie.plot && added.length === 0) return id
    const genres = added.length === 0 ? movie.genres : [...new Set([...movie.genres, ...added])]
    this.#store.movies.update(id, title, plot, genres)
    this.#assertGenres(genres)
    return id
  }
  /** @throws UserError `too-many-genres`: a column that was mistaken for genres, such as keywords, would fill the memory */
  #assertGenres(names: readonly string[]): void {
    if (this.#store.movies.genreCount <= MAX_GENRES) return
    const examples = names.slice(0, 2).map((g) => `"${g.slice(0, 40)}"`)
    throw new UserError(
      'too-many-genres',
      `The column "${this.#plan.mapping.genres ?? ''}" holds more than ${MAX_GENRES.toLocaleString('en')} different genres, such as ${examples.join(' and ')}: choose the column that holds the genres, or how it writes them.`,
    )
  }
  #nameOf(r: BatchedRecord): string {
    return this.#plan.files[r.file]?.name ?? ''
  }
  #splitCode(r: BatchedRecord): number {
    const split = splitOf(r.split)
    if (split) return SPLITS.indexOf(split)
    throw new UserError(
      'bad-split',
      `${this.#nameOf(r)}, line ${r.line}: the split is "${r.split}"; write train, valid or test, or leave the split column unmapped.`,
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
      files: this.#plan.files.map((f, i) => ({ name: f.name, records: 0, rejected: 0, ...this.#perFile[i] })),
      records: this.records,
      rejected: this.#rejected,
    }
  }
}

/** True if a movie has this key. */
export type HasKey = (movie: number, key: string) => boolean

/** Finds movies by key: 64-bit hashes in typed arrays, checked against the store, 24 to 48 bytes per movie. */
export class Keys {
  readonly #has: HasKey
  readonly #movies = new HashNumbers()
  readonly #hash: Hash64 = { high: 0, low: 0 }
  /** How often the id of a movie was repeated. */
  readonly #repeats = new HashNumbers()

  constructor(has: HasKey) {
    this.#has = has
  }
  /** The movie with this key; 0 if there is none. */
  find(key: string): number {
    for (let seed = 0; ; seed++) {
      const movie = this.#movies.get(hashText(key, this.#hash, seed))
      // where another key has the same hash, the next seed tells them apart
      if (movie === 0 || this.#has(movie, key)) return movie
    }
  }
  /** Gives a movie its key: its own id, or `own#2`, `own#3`, … if other movies have that already. */
  assign(own: string, movie: number): string {
    const first = this.find(own)
    let key = own
    // `x#2` may itself be an id, so the next number is only where the search begins
    for (let taken = first; taken !== 0; taken = this.find(key)) key = `${own}#${1 + this.#repeats.add({ high: first, low: 0 }, 1)}`
    // the last search left the hash of the free place
    this.#movies.set(this.#hash, movie)
    return key
  }
}
