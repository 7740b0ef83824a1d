import type { Db } from './database.ts'

/** Indexes that nothing needs while files are being imported: making them once at the end is quicker than keeping them. */
const IMPORT_INDEXES: Readonly<Record<string, string>> = {
  movie_key: 'create unique index movie_key on movie (key)',
  record_movie: 'create index record_movie on record (movie)',
  record_file: 'create index record_file on record (file, id)',
  record_rejected: 'create index record_rejected on record (id) where rejection is not null',
}

/** Drops them; only in a file that nobody else reads. */
export function dropImportIndexes(db: Db): void {
  for (const name of Object.keys(IMPORT_INDEXES)) db.exec(`drop index if exists ${name}`)
}
/** Makes them again, one a step. */
export function* makeImportIndexes(db: Db): Generator<void> {
  for (const [name, sql] of Object.entries(IMPORT_INDEXES)) {
    db.exec(`drop index if exists ${name}`)
    db.exec(sql)
    yield
  }
}
