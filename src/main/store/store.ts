import { ChangeTable } from './changes.ts'
import { explained, openDatabase, type Db } from './database.ts'
import { MetaTable } from './meta.ts'
import { MovieTable } from './movies.ts'
import { RunTable } from './runs.ts'
import { SourceTable } from './sources.ts'

/** An open project file: one table group each, one writer in all. */
export class Store {
  readonly path: string
  readonly meta: MetaTable
  readonly sources: SourceTable
  readonly movies: MovieTable
  readonly changes: ChangeTable
  readonly runs: RunTable
  readonly #db: Db

  constructor(path: string, mode: 'create' | 'open') {
    this.path = path
    this.#db = openDatabase(path, mode)
    this.meta = new MetaTable(this.#db)
    this.sources = new SourceTable(this.#db)
    this.movies = new MovieTable(this.#db)
    this.changes = new ChangeTable(this.#db)
    this.runs = new RunTable(this.#db)
  }
  /** Runs `work` in one transaction: all of it, or nothing. */
  transaction<T>(work: () => T): T {
    return explained(this.path, () => this.#db.transaction(work).immediate())
  }
  /** SQLite's own check of the file; 'ok' when sound. */
  integrity(): string {
    return String(this.#db.pragma('integrity_check', { simple: true }))
  }
  /** Folds the write-ahead log into the file, so that the one file is the project. */
  checkpoint(): void {
    this.#db.pragma('wal_checkpoint(truncate)')
  }
  close(): void {
    if (this.#db.open) this.#db.close()
  }
}
