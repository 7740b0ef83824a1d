import Database from 'better-sqlite3'

/** Runs SQL on a project file as a stranger would, without a guard. */
export function tamper(path: string, sql: string): void {
  const db = new Database(path)
  try {
    db.unsafeMode(true)
    db.pragma('writable_schema = on')
    db.exec(sql)
  } finally {
    db.close()
  }
}
