import type { Genre, SourceMovie } from '../../contract/records.ts'
import { ACCEPTED_PLOT } from './answers.ts'
import type { Db } from './database.ts'
import { anyMatcherOf, wordsOf, type TextQuery } from './search/matcher.ts'
import { damagedValue, storedJson, TEXTS } from './values.ts'
import { pagesOf } from './views.ts'

export interface NewMovie extends Omit<SourceMovie, 'movie' | 'cells'> {
  /** The import that adds it. */
  readonly import: number
}
/** A movie with its plot after the current cleaning. */
export interface MovieText {
  readonly id: number
  readonly key: string
  readonly title: string
  readonly plot: string
}
interface SourceRow extends Omit<SourceMovie, 'genres' | 'cells'> {
  /** JSON. */
  readonly genres: string
}

/** The key itself, or `own#2`, `own#3`, … where another movie has it. */
export function freeKey(own: string, isTaken: (key: string) => boolean): string {
  let key = own
  for (let number = 2; isTaken(key); number++) key = `${own}#${number}`
  return key
}

/** Movies read at once. */
const PAGE = 200
/** The plot after the current cleaning. */
const PLOT = `coalesce((select c.plot from cleaned_plot c where c.movie = m.id
  and c.generation = (select cast(value as integer) from meta where key = 'cleaning')), m.plot)`
const SOURCE = 'select id as movie, key, title, plot, source_genres as genres from movie'

/** The movies as their source describes them; cleaning never changes them. */
export class MovieTable {
  readonly #db
  readonly #insert
  readonly #update
  readonly #index
  readonly #unindex
  readonly #source
  readonly #head
  readonly #sourceText
  readonly #text
  readonly #search
  readonly #accepted
  readonly #idOfKey
  readonly #insertGenre
  readonly #genres = new Map<string, number>()
  /** JSON of lists of genres whose names all have ids: an import gives the same array to many movies. */
  readonly #encoded = new WeakMap<readonly string[], string>()
  constructor(db: Db) {
    this.#db = db
    this.#insert = db.prepare('insert into movie (key, title, plot, source_genres, import) values (?, ?, ?, ?, ?)')
    this.#update = db.prepare('update movie set title = ?, plot = ?, source_genres = ? where id = ?')
    this.#index = db.prepare('insert into movie_text (rowid, title, plot) values (?, ?, ?)')
    this.#unindex = db.prepare("insert into movie_text (movie_text, rowid, title, plot) values ('delete', ?, ?, ?)")
    this.#source = db.prepare<[number], SourceRow>(`${SOURCE} where id = ?`)
    this.#head = db.prepare<[number], Pick<MovieText, 'key' | 'title'>>('select key, title from movie where id = ?')
    this.#sourceText = db.prepare<[number], { title: string; plot: string }>(
      `select title, coalesce(${ACCEPTED_PLOT}, plot) as plot from movie m where id = ?`,
    )
    this.#text = db.prepare<[number], MovieText>(`select m.id, m.key, m.title, ${PLOT} as plot from movie m where m.id = ?`)
    this.#search = db.prepare<[string], number>('select rowid from movie_text where movie_text match ? order by rowid').pluck()
    this.#accepted = db
      .prepare<[], FoundText>(
        `select m.id, m.title, coalesce(${ACCEPTED_PLOT}, '') from answer x join movie m on m.id = x.movie where x.accepted = 1`,
      )
      .raw()
    this.#idOfKey = db.prepare<[string], number>('select id from movie where key = ?').pluck()
    this.#insertGenre = db.prepare('insert into genre (name) values (?)')
    this.readGenres()
  }
  /** Reads the ids of genres again, after a transaction that was rolled back. */
  readGenres(): void {
    this.#genres.clear()
    for (const g of this.genres()) this.#genres.set(g.name, g.id)
  }
  genres(): Genre[] {
    return this.#db.prepare('select id, name from genre order by id').all() as Genre[]
  }
  get genreCount(): number {
    return this.#genres.size
  }
  /** Id of a genre name; a new name gets one. */
  genreId(name: string): number {
    let id = this.#genres.get(name)
    if (id === undefined) {
      id = Number(this.#insertGenre.run(name).lastInsertRowid)
      this.#genres.set(name, id)
    }
    return id
  }
  /**
   * Adds a movie, whose text is not yet in the index. Every spelling of a genre gets an id, whatever cleaning makes of it: decisions refer
   * to genres as the source spells them.
   */
  add(m: NewMovie): number {
    return Number(this.#insert.run(m.key, m.title, m.plot, this.#encode(m.genres), m.import).lastInsertRowid)
  }
  /** Gives a movie another source text, which its import has not indexed yet. */
  update(movie: number, title: string, plot: string, genres: readonly string[]): void {
    this.#update.run(title, plot, this.#encode(genres), movie)
  }
  #encode(genres: readonly string[]): string {
    let json = this.#encoded.get(genres)
    if (json === undefined) {
      for (const name of genres) this.genreId(name)
      json = JSON.stringify(genres)
      this.#encoded.set(genres, json)
    }
    return json
  }
  /** Puts the text of a new movie into the index. */
  index(movie: number, title: string, plot: string): void {
    this.#index.run(movie, title, plot)
  }
  /** Builds the index of all titles and plots. */
  rebuildIndex(): void {
    this.#db.exec("insert into movie_text (movie_text) values ('rebuild')")
  }
  /** Gives a movie another source text, in the index too. */
  rewrite(movie: number, title: string, plot: string, genres: readonly string[]): void {
    const old = this.#source.get(movie)
    if (old) this.#unindex.run(movie, old.title, old.plot)
    this.update(movie, title, plot, genres)
    this.index(movie, title, plot)
  }
  /** A movie as its source describes it; null if there is no such movie. */
  source(movie: number): SourceMovie | null {
    const row = this.#source.get(movie)
    return row ? asSource(row) : null
  }
  /** Every movie that the source has, in file order. */
  *sources(): Generator<SourceMovie> {
    const rows = this.#db.prepare(`${SOURCE} where gone = 0 order by id`).iterate()
    for (const row of rows as IterableIterator<SourceRow>) yield asSource(row)
  }
  /** True if the source has the movie; false if an update removed it. */
  isInSource(movie: number): boolean {
    return this.#db.prepare('select gone from movie where id = ?').pluck().get(movie) === 0
  }
  /** Marks a movie that an update removed as part of the source again. */
  bringBack(movie: number, importId: number): void {
    this.#db.prepare('update movie set gone = 0, import = ? where id = ?').run(importId, movie)
  }
  /** A movie's genres as its source has them, in its order. */
  sourceGenreNames(movie: number): readonly string[] {
    return this.source(movie)?.genres ?? []
  }
  /** Ids of a movie's genres as its source spells them. */
  sourceGenres(movie: number): number[] {
    return this.sourceGenreNames(movie)
      .map((name) => this.#genres.get(name))
      .filter((id) => id !== undefined)
  }
  /** Movies whose plot in the source has at most this number of characters, in file order. */
  withShortPlots(most: number): number[] {
    return this.#db.prepare<[number], number>('select id from movie where gone = 0 and length(plot) <= ? order by id').pluck().all(most)
  }
  /** The greatest id; 0 if there is no movie. */
  lastId(): number {
    return this.#db.prepare('select coalesce(max(id), 0) from movie').pluck().get() as number
  }
  /** Every movie's plot after the current cleaning, in file order, page by page: an open cursor would block writers. */
  *plots(): Generator<{ readonly id: number; readonly plot: string }> {
    const page = this.#db.prepare<[number, number], { readonly id: number; readonly plot: string }>(
      `select m.id, ${PLOT} as plot from movie m where m.gone = 0 and m.id > ? order by m.id limit ?`,
    )
    for (const rows of pagesOf(
      (after) => page.all(after, PAGE),
      ({ id }) => id,
    ))
      yield* rows
  }
  /** Key and title of a movie. @throws if the project has no such movie */
  head(movie: number): Pick<MovieText, 'key' | 'title'> {
    const head = this.#head.get(movie)
    if (!head) throw damagedValue(`movie.id ${movie}`)
    return head
  }
  /** Title and plot as the source has them, accepted plots in the place of missing ones: the texts that {@link search} looks at. */
  sourceText(movie: number): { readonly title: string; readonly plot: string } | null {
    return this.#sourceText.get(movie) ?? null
  }
  text(movie: number): MovieText | null {
    return this.#text.get(movie) ?? null
  }
  idOfKey(key: string): number | null {
    return this.#idOfKey.get(key) ?? null
  }
  /** Movies whose {@link sourceText} matches. Accepted plots are not in the index: they are read one by one. */
  search(query: TextQuery): Int32Array {
    const words = wordsOf(query.text)
    if (words.length === 0) return new Int32Array(0)
    const match = query.exact ? `"${words.join(' ')}"` : `${words.map((word) => `"${word}"`).join(' ')}*`
    const found = this.#search.all(query.part === 'all' ? match : `${query.part} : (${match})`)
    const accepted = new Map(this.#accepted.all().map((text) => [text[0], text]))
    if (accepted.size === 0) return Int32Array.from(found)
    const matches = anyMatcherOf(query)
    const others = [...accepted.values()].filter(([, title, plot]) => matches(title, plot)).map(([movie]) => movie)
    return Int32Array.from([...found.filter((movie) => !accepted.has(movie)), ...others]).sort()
  }
}
type FoundText = [movie: number, title: string, plot: string]

const asSource = (row: SourceRow): SourceMovie => ({ ...row, genres: storedJson(row.genres, TEXTS, 'movie.source_genres') })
