import type { ImportLogEntry } from '../../contract/importing.ts'
import type { Db } from './database.ts'

export interface NewLogEntry extends Omit<ImportLogEntry, 'file'> {
  /** Id of the source file. */
  readonly file: number
}
export interface StoredLogEntry extends ImportLogEntry {
  readonly id: number
}

/** What imports changed or rejected in the text of files, with line numbers. */
export class ImportLogTable {
  readonly #db
  readonly #insert
  constructor(db: Db) {
    this.#db = db
    this.#insert = db.prepare('insert into import_log (file, line, lines, what, why, before, after) values (?, ?, ?, ?, ?, ?, ?)')
  }
  add(d: NewLogEntry): void {
    this.#insert.run(d.file, d.line, d.lines, d.what, d.why, d.before, d.after)
  }
  count(): number {
    return this.#db.prepare('select count(*) from import_log').pluck().get() as number
  }
  /** In the order of the imports, from the one after `after` (0: the first) on. */
  page(after: number, limit: number): StoredLogEntry[] {
    return this.#db
      .prepare(
        `select d.id, f.name as file, d.line, d.lines, d.what, d.why, d.before, d.after
         from import_log d join source_file f on f.id = d.file where d.id > ? order by d.id limit ?`,
      )
      .all(after, limit) as StoredLogEntry[]
  }
}
