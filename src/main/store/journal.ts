import Database from 'better-sqlite3'

/** A write-ahead log needs shared memory, which network drives do not offer; SQLite reports that with several codes. */
const NO_SHARED_MEMORY = /^SQLITE_(?:CANTOPEN|IOERR_SHM\w*|IOERR_LOCK|PROTOCOL|READONLY\w*)$/

/**
 * How changes are written. `wal`: through a write-ahead log, if the drive allows it: readers and the writer do not
 * wait for each other. `truncate`: through a rollback journal that is truncated after each change: equally safe, but readers and the
 * writer exclude each other.
 */
export type Journal = 'wal' | 'truncate'
export const JOURNALS: readonly Journal[] = ['wal', 'truncate']

class NoLog extends Error {}

/** True if an error of opening means that a write-ahead log is impossible. */
export const needsNoLog = (error: unknown): boolean =>
  error instanceof NoLog || (error instanceof Database.SqliteError && NO_SHARED_MEMORY.test(error.code))

/** Call it before anything is read. */
export function beginWith(db: Database.Database, journal: Journal): void {
  // with an exclusive lock, an existing log can be read without shared memory
  if (journal === 'truncate') db.pragma('locking_mode = exclusive')
}
/** Call it once the file may be written. Throws an error for which {@link needsNoLog} is true where a log is impossible. */
export function useJournal(db: Database.Database, journal: Journal): void {
  const mode = db.pragma(`journal_mode = ${journal}`, { simple: true })
  if (journal === 'wal') {
    if (mode !== 'wal') throw new NoLog()
    // only a write shows whether the log works
    db.exec('begin immediate; rollback')
    return
  }
  db.pragma('locking_mode = normal')
  // the next read releases the lock
  db.prepare('select 1 from sqlite_master').get()
}
