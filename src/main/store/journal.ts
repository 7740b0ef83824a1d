import Database from 'better-sqlite3'

/** A write-ahead log needs memory that programs share, which network drives do not offer. */
const NO_SHARED_MEMORY = /^SQLITE_(?:CANTOPEN|IOERR_SHM\w*|IOERR_LOCK|PROTOCOL)$/
const isNoSharedMemory = (error: unknown): boolean => error instanceof Database.SqliteError && NO_SHARED_MEMORY.test(error.code)

/** Reads the project's first page; where that fails for want of shared memory, its write-ahead log is folded in without any. */
export function reach(db: Database.Database): void {
  try {
    db.pragma('user_version')
  } catch (error) {
    if (!isNoSharedMemory(error)) throw error
    withoutSharedMemory(db)
  }
}

/**
 * A write-ahead log where the drive allows it, so that readers and the writer do not wait for each other; else a journal that
 * is cut off after each transaction: as safe, but one at a time.
 * @returns which one it is
 */
export function chooseJournal(db: Database.Database): 'wal' | 'truncate' {
  try {
    if (db.pragma('journal_mode = wal', { simple: true }) === 'wal') {
      db.prepare('select 1 from sqlite_master').get()
      return 'wal'
    }
  } catch (error) {
    if (!isNoSharedMemory(error)) throw error
  }
  withoutSharedMemory(db)
  return 'truncate'
}

function withoutSharedMemory(db: Database.Database): void {
  // alone, a log needs no shared memory
  db.pragma('locking_mode = exclusive')
  db.pragma('journal_mode = truncate')
  db.pragma('locking_mode = normal')
  // the lock is let go with the next read
  db.prepare('select 1 from sqlite_master').get()
}
