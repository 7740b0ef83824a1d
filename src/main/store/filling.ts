import type { Db } from './database.ts'
import { needsNoLog } from './journal.ts'
import { dropImportIndexes, makeImportIndexes } from './indexes.ts'
import { adoptWords, gatherWords, wordIndexSql } from './word-index.ts'

/** A movie's source as a page of the index pass reads it. */
export interface SourceText {
  readonly id: number
  readonly key: string
  readonly title: string
  readonly plot: string
  /** JSON. */
  readonly genres: string
}
type Row = [id: number, key: string, title: string, plot: string, genres: string]

const PRAGMAS = ['journal_mode = off', 'synchronous = off', 'foreign_keys = off', 'temp_store = memory'] as const

/**
 * The rows of a project file in the making, fast: nobody else has it open, and it is thrown away unless it is finished. So
 * there is no journal, no waiting for the disk, and one transaction from the beginning to {@link commit}.
 */
export class Filling {
  readonly #db
  readonly #movie
  readonly #update
  readonly #record
  readonly #index
  readonly #page
  readonly #held
  readonly #cleaned
  constructor(db: Db) {
    this.#db = db
    // SQLite guards files against going without a journal
    db.unsafeMode(true)
    for (const pragma of PRAGMAS) db.pragma(pragma)
    dropImportIndexes(db)
    this.#movie = db.prepare('insert into movie (id, key, title, plot, source_genres, import) values (?, ?, ?, ?, ?, ?)')
    this.#update = db.prepare('update movie set title = ?, plot = ?, source_genres = ? where id = ?')
    this.#record = db.prepare('insert into record (file, number, line, movie, raw, rejection) values (?, ?, ?, ?, ?, ?)')
    this.#index = db.prepare('insert into movie_text (rowid, title, plot) values (?, ?, ?)')
    const columns = 'select id, key, title, plot, source_genres from movie'
    this.#page = db.prepare<[number, number], Row>(`${columns} where id > ? order by id limit ?`).raw()
    this.#held = db.prepare<[number], Row>(`${columns} where id = ?`).raw()
    this.#cleaned = db.prepare('insert into cleaned_plot (generation, movie, plot) values (?, ?, ?)')
    gatherWords(db)
    db.exec('begin immediate')
  }
  /** @param genres JSON of the names */
  addMovie(id: number, key: string, title: string, plot: string, genres: string, importId: number): void {
    this.#movie.run(id, key, title, plot, genres, importId)
  }
  /** What a later record of the same movie brings, before its text is indexed. */
  changeMovie(id: number, title: string, plot: string, genres: string): void {
    this.#update.run(title, plot, genres, id)
  }
  addRecord(file: number, number: number, line: number, movie: number | null, raw: string, rejected: string | null): void {
    this.#record.run(file, number, line, movie, raw, rejected)
  }
  addCleanedPlot(generation: number, movie: number, plot: string): void {
    this.#cleaned.run(generation, movie, plot)
  }
  movie(id: number): SourceText | null {
    const row = this.#held.get(id)
    return row ? fromRow(row) : null
  }
  /** The next movies after one, in the order of their ids. */
  page(after: number, limit: number): SourceText[] {
    return this.#page.all(after, limit).map(fromRow)
  }
  /** Puts a movie into the text index. */
  index(id: number, title: string, plot: string): void {
    this.#index.run(id, title, plot)
  }
  /** For a {@link WordIndex} of another thread. */
  wordIndexSql(): string {
    return wordIndexSql(this.#db)
  }
  /** Takes over a text index that was made elsewhere, after {@link commit}. */
  adoptWords(path: string): void {
    adoptWords(this.#db, path)
  }
  /** Makes the indexes that nothing has needed so far, one a step. */
  makeIndexes(): Generator<void> {
    return makeImportIndexes(this.#db)
  }
  /** Ends the one transaction; from here on the file is written as any other, if without a journal. */
  commit(): void {
    this.#db.exec('commit')
  }
  /** The finished file says that it is written through a log, so that opening it changes nothing in it. Where there can be none, it stays. */
  useLog(): void {
    try {
      this.#db.pragma('journal_mode = wal')
    } catch (error) {
      if (!needsNoLog(error)) throw error
    }
  }
}

const fromRow = ([id, key, title, plot, genres]: Row): SourceText => ({ id, key, title, plot, genres })
