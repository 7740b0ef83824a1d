import type { Genre } from '../../contract/records.ts'
import type { Db } from './database.ts'

export interface NewMovie {
  readonly key: string
  readonly title: string
  readonly plot: string
  readonly genres: readonly string[]
  /** The import that brings it. */
  readonly import: number
}
/** A movie as it came from the source, for cleaning. */
export interface SourceMovie {
  readonly movie: number
  readonly key: string
  readonly title: string
  readonly plot: string
  readonly genres: readonly string[]
}
/** A movie with the plot as the cleaning in force left it. */
export interface MovieText {
  readonly id: number
  readonly key: string
  readonly title: string
  readonly plot: string
}

/** The key itself, or `own#2`, `own#3`, … where another movie has it. */
export function freeKey(own: string, isTaken: (key: string) => boolean): string {
  let key = own
  for (let number = 2; isTaken(key); number++) key = `${own}#${number}`
  return key
}

/** The plot under the cleaning in force. */
const PLOT = `coalesce((select c.plot from cleaned_plot c where c.movie = m.id
  and c.generation = (select cast(value as integer) from meta where key = 'cleaning')), m.plot)`

/** What the source says of each movie; cleaning never writes here. */
export class MovieTable {
  readonly #db
  readonly #insert
  readonly #index
  readonly #text
  readonly #sourceText
  readonly #search
  readonly #sourceGenres
  readonly #genres = new Map<string, number>()
  constructor(db: Db) {
    this.#db = db
    this.#insert = db.prepare('insert into movie (key, title, plot, source_genres, import) values (?, ?, ?, ?, ?)')
    this.#index = db.prepare('insert into movie_text (rowid, title, plot) values (?, ?, ?)')
    this.#text = db.prepare<[number], MovieText>(`select m.id, m.key, m.title, ${PLOT} as plot from movie m where m.id = ?`)
    this.#sourceText = db.prepare<[number], { title: string; plot: string }>('select title, plot from movie where id = ?')
    this.#search = db.prepare('select rowid from movie_text where movie_text match ? order by rowid').pluck()
    this.#sourceGenres = db.prepare<[number], string>('select source_genres from movie where id = ?').pluck()
    this.readGenres()
  }
  /** Forgets ids of genres that did not come to be. */
  readGenres(): void {
    this.#genres.clear()
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
    return Number(this.#insert.run(m.key, m.title, m.plot, JSON.stringify(m.genres), m.import).lastInsertRowid)
  }
  /** Joins what a later record of the same movie brings, before its text is indexed. */
  merge(movie: number, title: string, plot: string, genres: readonly string[]): void {
    for (const g of genres) this.genreId(g)
    this.#db.prepare('update movie set title = ?, plot = ?, source_genres = ? where id = ?').run(title, plot, JSON.stringify(genres), movie)
  }
  /** What the source says of a movie; null where there is none. */
  source(movie: number): { readonly title: string; readonly plot: string; readonly genres: readonly string[] } | null {
    const row = this.#db.prepare('select title, plot, source_genres as genres from movie where id = ?').get(movie)
    const held = row as { title: string; plot: string; genres: string } | undefined
    return held ? { ...held, genres: JSON.parse(held.genres) as string[] } : null
  }
  /** Whether the source has the movie: not where an update took it out. */
  isInSource(movie: number): boolean {
    return this.#db.prepare('select gone from movie where id = ?').pluck().get(movie) === 0
  }
  /** A movie that an update took out is in the source again. */
  bringBack(movie: number, importId: number): void {
    this.#db.prepare('update movie set gone = 0, import = ? where id = ?').run(importId, movie)
  }
  /** Gives a movie another source text, in the index too. */
  rewrite(movie: number, title: string, plot: string, genres: readonly string[]): void {
    this.#db
      .prepare("insert into movie_text (movie_text, rowid, title, plot) select 'delete', id, title, plot from movie where id = ?")
      .run(movie)
    this.merge(movie, title, plot, genres)
    this.indexOne(movie, title, plot)
  }
  /** Puts the text of a new movie into the index. */
  indexOne(movie: number, title: string, plot: string): void {
    this.#index.run(movie, title, plot)
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
  /** Every movie that the source has, in file order. */
  *sources(): Generator<SourceMovie> {
    const rows = this.#db.prepare('select id, key, title, plot, source_genres as genres from movie where gone = 0 order by id').iterate()
    for (const r of rows as IterableIterator<{ id: number; key: string; title: string; plot: string; genres: string }>)
      yield { movie: r.id, key: r.key, title: r.title, plot: r.plot, genres: JSON.parse(r.genres) as string[] }
  }
  /** The greatest id; 0 where there is no movie. */
  lastId(): number {
    return this.#db.prepare('select coalesce(max(id), 0) from movie').pluck().get() as number
  }
  /** Every movie's plot under the cleaning in force, in file order. */
  plots(): IterableIterator<{ id: number; plot: string }> {
    return this.#db.prepare(`select m.id, ${PLOT} as plot from movie m where gone = 0 order by m.id`).iterate() as IterableIterator<never>
  }
  /** Title and plot as the source has them: what {@link search} looks at. */
  sourceText(movie: number): { readonly title: string; readonly plot: string } | null {
    return this.#sourceText.get(movie) ?? null
  }
  text(movie: number): MovieText | null {
    return this.#text.get(movie) ?? null
  }
  idOfKey(key: string): number | null {
    return (this.#db.prepare('select id from movie where key = ?').pluck().get(key) as number | undefined) ?? null
  }
  /** Movies whose title or plot, as the source has them, holds all words of `query`; the last word may be a beginning. */
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
