import type { Genre } from '../../contract/records.ts'
import type { Db } from './database.ts'

export interface NewMovie {
  readonly key: string
  readonly title: string
  readonly plot: string
  readonly genres: readonly string[]
}
/** A movie as it came from the source, for cleaning. */
export interface SourceMovie {
  readonly movie: number
  readonly key: string
  readonly title: string
  readonly plot: string
  readonly genres: readonly string[]
}
export interface CleanedMovie {
  readonly movie: number
  readonly plot: string
  readonly genres: readonly string[]
  readonly out: string | null
  readonly duplicateOf: number | null
}
export interface MovieHead {
  readonly id: number
  readonly labels: Uint8Array
  readonly split: number
  readonly plotLength: number
}
export interface MovieText {
  readonly id: number
  readonly key: string
  readonly title: string
  readonly plot: string
}

/** Genre ids as they are stored: uint16, little endian. */
export function packGenres(ids: readonly number[]): Uint8Array {
  return new Uint8Array(Uint16Array.from(ids).buffer)
}
/** Inverse of {@link packGenres}. */
export function unpackGenres(bytes: Uint8Array): Uint16Array {
  const { buffer, byteOffset, byteLength } = bytes
  return byteOffset % 2 === 0 ? new Uint16Array(buffer, byteOffset, byteLength / 2) : new Uint16Array(bytes.slice().buffer)
}

export class MovieTable {
  readonly #db
  readonly #insert
  readonly #clean
  readonly #text
  readonly #search
  readonly #sourceGenres
  readonly #genres = new Map<string, number>()
  constructor(db: Db) {
    this.#db = db
    this.#insert = db.prepare("insert into movie (key, title, plot, source_genres, labels, split) values (?, ?, ?, ?, x'', 0)")
    this.#clean = db.prepare(
      `update movie set source_plot = case when @plot = coalesce(source_plot, plot) then null else coalesce(source_plot, plot) end,
         plot = @plot, labels = @labels, out = @out, duplicate_of = @duplicateOf where id = @movie`,
    )
    this.#text = db.prepare<[number], MovieText>('select id, key, title, plot from movie where id = ?')
    this.#search = db.prepare('select rowid from movie_text where movie_text match ? order by rowid').pluck()
    this.#sourceGenres = db.prepare<[number], string>('select source_genres from movie where id = ?').pluck()
    for (const g of this.genres()) this.#genres.set(g.name, g.id)
  }
  genres(): Genre[] {
    return this.#db.prepare('select id, name from genre order by id').all() as Genre[]
  }
  /** Id of a genre name, made when new. */
  genreId(name: string): number {
    let id = this.#genres.get(name)
    if (id === undefined) {
      id = Number(this.#db.prepare('insert into genre (name) values (?)').run(name).lastInsertRowid)
      this.#genres.set(name, id)
    }
    return id
  }
  /** Every spelling of a genre gets an id, kept by cleaning or not: decisions speak of genres as the source spells them. */
  add(m: NewMovie): number {
    for (const g of m.genres) this.genreId(g)
    return Number(this.#insert.run(m.key, m.title, m.plot, JSON.stringify(m.genres)).lastInsertRowid)
  }
  /** Joins what a later record of the same movie brings. */
  merge(movie: number, title: string, plot: string, genres: readonly string[]): void {
    for (const g of genres) this.genreId(g)
    this.#db.prepare('update movie set title = ?, plot = ?, source_genres = ? where id = ?').run(title, plot, JSON.stringify(genres), movie)
  }
  /** A movie's genres as its source has them, in its order. */
  sourceGenreNames(movie: number): string[] {
    return JSON.parse(this.#sourceGenres.get(movie) ?? '[]') as string[]
  }
  /** Ids of a movie's genres as its source spells them. */
  sourceGenres(movie: number): number[] {
    return this.sourceGenreNames(movie)
      .map((name) => this.#genres.get(name))
      .filter((id) => id !== undefined)
  }
  *sources(): Generator<SourceMovie> {
    const rows = this.#db
      .prepare('select id, key, title, coalesce(source_plot, plot) as plot, source_genres as genres from movie order by id')
      .iterate()
    for (const r of rows as IterableIterator<{ id: number; key: string; title: string; plot: string; genres: string }>)
      yield { movie: r.id, key: r.key, title: r.title, plot: r.plot, genres: JSON.parse(r.genres) as string[] }
  }
  clean(c: CleanedMovie): void {
    this.#clean.run({
      movie: c.movie,
      plot: c.plot,
      labels: packGenres(c.genres.map((g) => this.genreId(g))),
      out: c.out,
      duplicateOf: c.duplicateOf,
    })
  }
  setSplit(movies: ArrayLike<number>, split: ArrayLike<number>): void {
    const set = this.#db.prepare('update movie set split = ? where id = ?')
    for (let i = 0; i < movies.length; i++) set.run(split[i], movies[i])
  }
  /** Makes the text index anew; after every cleaning. */
  indexText(): void {
    // words gathered before they are written, in bytes: 64 times the default halves the work
    this.#db.exec(`insert into movie_text (movie_text, rank) values ('hashsize', ${1 << 26})`)
    this.#db.exec("insert into movie_text (movie_text) values ('rebuild')")
  }
  count(): { movies: number; kept: number } {
    return this.#db.prepare('select count(*) as movies, count(*) filter (where out is null) as kept from movie').get() as {
      movies: number
      kept: number
    }
  }
  /** Kept movies in file order. */
  heads(): IterableIterator<MovieHead> {
    return this.#db
      .prepare('select id, labels, split, length(plot) as plotLength from movie where out is null order by id')
      .iterate() as IterableIterator<MovieHead>
  }
  /** Every movie's plot and why it is out, in file order. */
  plots(): IterableIterator<{ id: number; plot: string; out: string | null; labels: Uint8Array }> {
    return this.#db.prepare('select id, plot, out, labels from movie order by id').iterate() as IterableIterator<never>
  }
  text(movie: number): MovieText | null {
    return this.#text.get(movie) ?? null
  }
  idOfKey(key: string): number | null {
    return (this.#db.prepare('select id from movie where key = ?').pluck().get(key) as number | undefined) ?? null
  }
  /** Kept movies by title, case and accents aside and numbers by their value; equal titles in file order. */
  byTitle(): Int32Array {
    const rows = this.#db.prepare('select id, title from movie where out is null order by title collate nocase, id').raw().all()
    // the index brings nearly this order, which makes the sort several times faster
    const titles = new Intl.Collator('en', { sensitivity: 'base', numeric: true })
    const sorted = (rows as [number, string][]).sort((a, b) => titles.compare(a[1], b[1]) || a[0] - b[0])
    return Int32Array.from(sorted, ([id]) => id)
  }
  /** Movies whose title or plot holds all words of `query`; the last word may be a beginning. */
  search(query: string): Int32Array {
    const words = query.normalize('NFC').match(/[\p{L}\p{N}\p{M}]+/gu) ?? []
    if (words.length === 0) return new Int32Array(0)
    const match = words.map((w, i) => `"${w}"${i === words.length - 1 ? '*' : ''}`).join(' ')
    try {
      return Int32Array.from(this.#search.all(match) as number[])
    } catch (error) {
      // the index cuts words at letters that are newer than its Unicode tables, and keeps no neighbours
      if (error instanceof Error && error.message.includes('phrase queries are not supported')) return this.#scan(words)
      throw error
    }
  }
  /** The same without the index: slow, and accents count. */
  #scan(words: readonly string[]): Int32Array {
    const holds = words.map(() => "title || ' ' || plot like '%' || ? || '%'").join(' and ')
    return Int32Array.from(this.#db.prepare(`select id from movie where ${holds} order by id`).pluck().all(words) as number[])
  }
}
