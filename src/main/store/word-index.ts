import Database from 'better-sqlite3'
import { rmSync } from 'node:fs'
import type { Db } from './database.ts'

/** Bytes of words that the text index gathers before it writes them: 64 times the default halves the work. */
const HASH_BYTES = 1 << 26
export const gatherWords = (db: Db): void => void db.exec(`insert into movie_text (movie_text, rank) values ('hashsize', ${HASH_BYTES})`)

/** The statement that made the text index of a project. */
export const wordIndexSql = (db: Db): string =>
  db.prepare("select sql from sqlite_schema where name = 'movie_text'").pluck().get() as string

/** A text index in a file of its own, so that a thread can make it while another one writes the project. */
export class WordIndex {
  readonly #db
  readonly #add
  constructor(path: string, sql: string) {
    this.#db = new Database(path)
    this.#db.unsafeMode(true)
    for (const pragma of ['journal_mode = off', 'synchronous = off', 'temp_store = memory']) this.#db.pragma(pragma)
    this.#db.exec(sql)
    gatherWords(this.#db)
    this.#add = this.#db.prepare('insert into movie_text (rowid, title, plot) values (?, ?, ?)')
    this.#db.exec('begin')
  }
  /** Movies come with ascending ids. */
  add(id: number, title: string, plot: string): void {
    this.#add.run(id, title, plot)
  }
  finish(): void {
    this.#db.exec('commit')
    this.#db.close()
  }
}

/**
 * Takes the index over into the project and removes its file. An FTS5 table is four ordinary tables, which are copied as
 * they are (what VACUUM INTO does, too); the project's own index must be empty and unused so far. SQLite guards these tables:
 * the connection must be in unsafe mode.
 */
export function adoptWords(db: Db, path: string): void {
  db.prepare('attach database ? as words').run(path)
  db.exec('begin')
  for (const table of ['data', 'idx', 'docsize', 'config']) {
    db.exec(`delete from main.movie_text_${table}`)
    db.exec(`insert into main.movie_text_${table} select * from words.movie_text_${table}`)
  }
  db.exec('commit')
  db.exec('detach database words')
  rmSync(path, { force: true })
}
