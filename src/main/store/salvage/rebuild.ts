/** A new project from what was salvaged: the log whole, with stand-ins for the movies and batches that it speaks of and that are lost. */
import Database from 'better-sqlite3'
import { openDatabase, type Db } from '../database.ts'
import { mendColumns } from './columns.ts'
import type { FoundTable, Named } from './tables.ts'

/** Before the others, so that references find what they lead to. */
const FIRST = ['meta', 'import', 'source_file', 'genre', 'movie', 'record', 'batch', 'change', 'run']
/** Cells of JSON that opening a project reads, and what stands in for one that is broken; null: the row is left out. */
const JSON_CELLS: Readonly<Record<string, Readonly<Record<string, string | null>>>> = {
  meta: { value: null },
  movie: { source_genres: '[]' },
  source_file: { columns: null, genre_columns: '[]', repairs: '{}', mapping: '{}' },
  run: { config: null, genres: null, thresholds: null, scales: null, log: '{"epochs":[],"device":"","notes":[]}' },
  import: { report: '{}' },
  cleaning: { rule_set: null, report: null, genre_targets: null },
}
/** Lost rows that others speak of, by name; values in the order of the columns. */
const STAND_INS: readonly string[] = [
  `insert into batch (id, at, who, why, description)
          select distinct batch, '1970-01-01T00:00:00.000Z', 'unknown', 'salvaged', 'Salvaged: when and by whom is lost'
          from change where batch not in (select id from batch)`,
  `insert into import (id, at, kind, report) select distinct import, '', 'first', 'null' from movie
          where import not in (select id from import)`,
  `insert into genre (id, name) select distinct genre, 'lost genre ' || genre from change
          where genre is not null and genre not in (select id from genre)`,
]

/**
 * Writes the project file `path`. Rows that cannot be used are left out.
 * @returns how many rows of each table it holds
 */
export function rebuild(path: string, found: readonly FoundTable[], check: () => void): Record<string, number> {
  const db = openDatabase(path, 'create')
  const counts: Record<string, number> = {}
  try {
    db.pragma('foreign_keys = off')
    // nobody needs it before it is complete
    db.pragma('synchronous = off')
    const order = [...found].sort((a, b) => place(a) - place(b))
    for (const table of order) counts[table.layout.name] = insertAll(db, table, check)
    db.transaction(() => {
      mend(db)
      mendColumns(db)
    })()
    db.pragma('wal_checkpoint(truncate)')
  } finally {
    db.close()
  }
  return counts
}

const place = ({ layout }: FoundTable): number => (FIRST.indexOf(layout.name) + FIRST.length + 1) % (FIRST.length + 1)

function insertAll(db: Db, table: FoundTable, check: () => void): number {
  const { layout } = table
  const names = layout.columns.map((c) => c.name)
  const insert = db.prepare(
    `insert or ignore into "${layout.name}" (${names.map((n) => `"${n}"`).join(', ')}) values (${names.map(() => '?').join(', ')})`,
  )
  let count = 0
  db.exec('begin')
  for (const row of table.rows()) {
    if (count % 1000 === 0) check()
    const sound = withSoundCells(layout.name, row)
    if (sound)
      count += inserted(
        insert,
        names.map((n) => sound[n]),
      )
  }
  db.exec('commit')
  return count
}

/** 1, or 0 for a row that breaks what its table promises: noise may look like a row. */
function inserted(insert: Database.Statement, values: readonly unknown[]): number {
  try {
    return insert.run(values).changes
  } catch (error) {
    if (error instanceof Database.SqliteError && /^SQLITE_(?:MISMATCH|CONSTRAINT)/.test(error.code)) return 0
    throw error
  }
}

/** The row with what cannot be read replaced; null where nothing is left of it. */
function withSoundCells(table: string, row: Named): Named | null {
  let sound = row
  for (const [column, otherwise] of Object.entries(JSON_CELLS[table] ?? {})) {
    const text = row[column]
    if (typeof text !== 'string') continue
    try {
      JSON.parse(text)
    } catch {
      if (otherwise === null) return null
      sound = { ...sound, [column]: otherwise }
    }
  }
  return sound
}

/** Stand-ins for what the log speaks of; what else leads nowhere goes, or leads to nothing where that is allowed. */
function mend(db: Db): void {
  for (const sql of STAND_INS) db.exec(sql)
  standInMovies(db)
  const broken = db.pragma('foreign_key_check') as { table: string; rowid: number | null; parent: string; fkid: number }[]
  for (const { table, rowid, fkid } of broken) {
    if (rowid === null || table === 'change') continue
    const key = db.prepare('select "from" from pragma_foreign_key_list(?) where id = ?').pluck().get(table, fkid) as string
    const needed = db.prepare('select "notnull" or pk from pragma_table_info(?) where name = ?').pluck().get(table, key) as number
    db.exec(needed ? `delete from "${table}" where rowid = ${rowid}` : `update "${table}" set "${key}" = null where rowid = ${rowid}`)
  }
  db.exec('delete from cleaned_plot where generation not in (select id from cleaning)')
  db.exec('delete from prediction where run not in (select id from run)')
  db.exec("insert into movie_text (movie_text) values ('rebuild')")
}

function standInMovies(db: Db): void {
  db.exec(
    `insert or ignore into movie (id, key, title, plot, source_genres, import, gone)
     select movie, 'lost-' || movie, 'Lost movie ' || movie, '', '[]', (select max(id) from import), 1
     from (select distinct movie from change where movie not in (select id from movie))`,
  )
}
