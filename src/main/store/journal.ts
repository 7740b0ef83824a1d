import Database from 'better-sqlite3'

/** A write-ahead log needs memory that programs share, which network drives do not offer; SQLite says so in many ways. */
const NO_SHARED_MEMORY = /^SQLITE_(?:CANTOPEN|IOERR_SHM\w*|IOERR_LOCK|PROTOCOL|READONLY\w*)$/

/**
 * How changes come into a project file. `wal`: through a write-ahead log, where the drive allows it: readers and the writer do not
 * wait for each other. `truncate`: through a journal that is cut off after each change: as safe, but one at a time.
 */
export type Journal = 'wal' | 'truncate'
export const JOURNALS: readonly Journal[] = ['wal', 'truncate']

class NoLog extends Error {}

/** Whether what opening threw means that there can be no write-ahead log. */
export const needsNoLog = (error: unknown): boolean =>
  error instanceof NoLog || (error instanceof Database.SqliteError && NO_SHARED_MEMORY.test(error.code))

/** Before anything is read. */
export function beginWith(db: Database.Database, journal: Journal): void {
  // alone, a log that is there can be read without shared memory
  if (journal === 'truncate') db.pragma('locking_mode = exclusive')
}
/** Once it is known that the file may be written. Throws what {@link needsNoLog} knows. */
export function useJournal(db: Database.Database, journal: Journal): void {
  const mode = db.pragma(`journal_mode = ${journal}`, { simple: true })
  if (journal === 'wal') {
    if (mode !== 'wal') throw new NoLog()
    // only a writer finds out
    db.exec('begin immediate; rollback')
    return
  }
  db.pragma('locking_mode = normal')
  // the lock is let go with the next read
  db.prepare('select 1 from sqlite_master').get()
}
