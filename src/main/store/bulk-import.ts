import type { Db } from './database.ts'
import { needsNoLog } from './journal.ts'

const PRAGMAS = ['journal_mode = off', 'synchronous = off', 'foreign_keys = off', 'temp_store = memory'] as const
/** Bytes of words that the text index collects before it writes them: 64 times the default halves the work. */
const INDEX_BYTES = 1 << 26

/** Indexes that nothing needs during an import: building them once at the end is faster than updating them. */
const INDEXES: Readonly<Record<string, string>> = {
  movie_key: 'create unique index movie_key on movie (key)',
  record_movie: 'create index record_movie on record (movie)',
  record_file: 'create index record_file on record (file, id)',
  record_rejected: 'create index record_rejected on record (id) where rejection is not null',
}

/**
 * Writes a new project file fast. No other program has it open, and it is deleted unless it is finished: so there is no journal, no
 * waiting for the disk, and one transaction from the beginning to {@link commit}.
 */
export class BulkImport {
  readonly #db
  constructor(db: Db) {
    this.#db = db
    // SQLite refuses some of these pragmas otherwise
    db.unsafeMode(true)
    for (const pragma of PRAGMAS) db.pragma(pragma)
    for (const name of Object.keys(INDEXES)) db.exec(`drop index ${name}`)
    db.exec(`insert into movie_text (movie_text, rank) values ('hashsize', ${INDEX_BYTES})`)
    db.exec('begin immediate')
  }
  /** Builds the indexes, one per step. */
  *makeIndexes(): Generator<void> {
    for (const sql of Object.values(INDEXES)) {
      this.#db.exec(sql)
      yield
    }
  }
  /** Commits the transaction. Later changes are written in transactions of their own, still without a journal. */
  commit(): void {
    this.#db.exec('commit')
  }
  /**
   * Marks the finished file as written through a write-ahead log, so that opening it changes nothing in it. Nothing happens where such
   * a log is impossible.
   */
  useLog(): void {
    try {
      this.#db.pragma('journal_mode = wal')
    } catch (error) {
      if (!needsNoLog(error)) throw error
    }
  }
}
