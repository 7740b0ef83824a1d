/** Builds a new project from salvaged tables: the whole log, with placeholders for the lost movies and batches that it mentions. */
import { type Db, openDatabase } from '../../store/database.ts'
import type { FoundTable, Named, TableLayout, Value } from '../../../../packages/salvage/index.ts'
import type { CleanedColumns } from '../../../contract/jobs.ts'
import { CHANGE_FIELDS, SPLITS } from '../../../contract/records.ts'
import { CLEANING, CleaningTable, type GenreTargets } from '../../store/cleanings.ts'
import {
  CHUNK_MOVIES,
  CLEANING_COLUMNS,
  ColumnTable,
  MAX_LABELS,
  NO_MOVIE,
  OF_THE_SOURCE,
  slotOf,
  type LabelChunk,
} from '../../store/columns.ts'
import { STORED_ANSWER } from '../../store/answers.ts'
import { IMPORT } from '../../store/imports.ts'
import type { RowType } from '../../store/rows.ts'
import { RUN } from '../../store/runs.ts'
import { FILE } from '../../store/sources.ts'

/** Inserted before the others, so that references resolve. */
const FIRST = ['meta', 'import', 'source_file', 'genre', 'movie', 'record', 'batch', 'change', 'run']
/** How a project reads the rows of these tables. */
const ROW_TYPES: Readonly<Record<string, Pick<RowType<object>, 'unreadable'>>> = {
  run: RUN,
  cleaning: CLEANING,
  import: IMPORT,
  source_file: FILE,
  answer: STORED_ANSWER,
}
/** JSON cells that opening a project reads, and the replacement for a broken one; null: the row is left out. */
const JSON_CELLS: Readonly<Record<string, Readonly<Record<string, string | null>>>> = {
  meta: { value: null },
  movie: { source_genres: '[]' },
  source_file: { columns: null, genre_columns: '[]', repairs: '{}', mapping: '{}' },
  run: { config: null, genres: null, thresholds: null, scales: null, log: '{"epochs":[],"device":"","notes":[]}' },
  import: { report: 'null' },
  answer: { answer: null },
  cleaning: { rule_set: null, report: null, genre_targets: null },
}
/** SQL that inserts a placeholder for every lost row that other rows mention. */
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
    // the file is incomplete until the end, so durability does not matter yet
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

/** Returns 1, or 0 for a row that violates its table's constraints: noise may look like a row. */
function inserted(insert: ReturnType<Db['prepare']>, values: readonly unknown[]): number {
  try {
    return insert.run(values).changes
  } catch (error) {
    if (error instanceof Error && 'code' in error && /^SQLITE_(?:MISMATCH|CONSTRAINT)/.test(String(error.code))) return 0
    throw error
  }
}

/** The row with its unreadable cells replaced; null if nothing useful is left of it: such a row would keep the project from being opened. */
function withSoundCells(table: string, row: Named): Named | null {
  const replacements = JSON_CELLS[table] ?? {}
  const noJson = Object.keys(replacements).filter((column) => typeof row[column] === 'string' && !isJson(row[column]))
  let sound = row
  for (const column of new Set([...noJson, ...(ROW_TYPES[table]?.unreadable(row) ?? [])])) {
    const otherwise = replacements[column] ?? null
    if (otherwise === null) return null
    sound = { ...sound, [column]: otherwise }
  }
  return sound
}

/** Inserts placeholders for what the log mentions; other dangling references are deleted or set to null. */
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

interface SourceRow {
  readonly id: number
  readonly plot: string
  readonly genres: string
  readonly gone: number
}

/** Ensures that the project has a current cleaning whose columns cover every movie. Returns the number of chunks that were rebuilt. */
function mendColumns(db: Db): number {
  const last = db.prepare('select coalesce(max(id), 0) from movie').pluck().get() as number
  if (last === 0) return 0
  const cleanings = new CleaningTable(db)
  const current = cleanings.current()
  const generation = current?.report ? current.id : cleanings.begin([])
  const targets = current?.report ? current.genreTargets : {}
  const columns = new ColumnTable(db)
  let made = 0
  for (let chunk = 0; chunk * CHUNK_MOVIES <= last; chunk++) {
    const slots = Math.min(CHUNK_MOVIES, last + 1 - chunk * CHUNK_MOVIES)
    const parts = columns.get(OF_THE_SOURCE, 'split', chunk)
    // a movie whose part is lost joins the training part
    if (parts?.some(isNoPart)) columns.put(OF_THE_SOURCE, 'split', chunk, parts.map((code) => (isNoPart(code) ? 0 : code))) // prettier-ignore
    if (isWhole(columns, generation, chunk, slots, db)) continue
    const fresh = fromSource(db, chunk, targets)
    if (!fresh) continue
    cleanings.addColumns(generation, fresh)
    made++
  }
  if (!current?.report) {
    const { movies } = db.prepare('select count(*) as movies from movie').get() as { movies: number }
    const same = Object.fromEntries((db.prepare('select id from genre').pluck().all() as number[]).map((id) => [id, [id]]))
    cleanings.finish(generation, { movies, kept: movies, steps: [] }, same)
  }
  columns.rankTitles()
  return made
}

const isNoPart = (code: number): boolean => code >= SPLITS.length

function isWhole(columns: ColumnTable, generation: number, chunk: number, slots: number, db: Db): boolean {
  const labels = soundLabels(columns, generation, chunk)
  if (!labels) return false
  const lengths = CLEANING_COLUMNS.map((name) => columns.get(generation, name, chunk)?.length ?? 0)
  const covered = Math.min(...lengths, labels.counts.length)
  if (Math.max(...lengths, labels.counts.length) !== covered) return false
  // the chunk may end with movies that a later import removed, or with placeholders of lost ones
  const from = chunk * CHUNK_MOVIES + covered
  return (
    covered >= slots ||
    db.prepare('select 1 from movie where id between ? and ? and gone = 0').get(from, from + slots - covered) === undefined
  )
}

function soundLabels(columns: ColumnTable, generation: number, chunk: number): LabelChunk | null {
  try {
    const labels = columns.labels(generation, chunk)
    const total = labels?.counts.reduce((sum, n) => sum + n, 0)
    return labels && labels.genres.length === total ? labels : null
  } catch {
    return null
  }
}

function fromSource(db: Db, chunk: number, targets: GenreTargets): CleanedColumns | null {
  const ids = new Map((db.prepare('select name, id from genre').raw().all() as [string, number][]).map(([name, id]) => [name, id]))
  const rows = db
    .prepare('select id, plot, source_genres as genres, gone from movie where id between ? and ? order by id')
    .all(chunk * CHUNK_MOVIES, (chunk + 1) * CHUNK_MOVIES - 1) as SourceRow[]
  const last = rows.at(-1)
  if (!last) return null
  const slots = slotOf(last.id) + 1
  const out = new Uint8Array(slots).fill(NO_MOVIE)
  const length = new Int32Array(slots)
  const counts = new Uint8Array(slots)
  const labels: number[] = []
  for (const { id, plot, genres, gone } of rows) {
    const named = (JSON.parse(genres) as string[]).flatMap((name) => ids.get(name) ?? [])
    const cleaned = [...new Set(named.flatMap((g) => targets[g] ?? [g]))].slice(0, MAX_LABELS)
    if (!gone) out[slotOf(id)] = 0
    length[slotOf(id)] = plot.length
    counts[slotOf(id)] = cleaned.length
    labels.push(...cleaned)
  }
  return { chunk, out, length, duplicate: new Int32Array(slots), counts, genres: Uint16Array.from(labels) }
}

/** The text index is rebuilt, a new file has an identity of its own; SQLite's own tables are not part of a project. */
const REBUILT = /^(?:movie_text|identity$|sqlite_)/

/** Properties that identify a row beyond its types, where tables look alike. */
const MARKS: Readonly<Record<string, (row: Named) => boolean>> = {
  change: (r) => (CHANGE_FIELDS as readonly string[]).includes(String(r['field'])),
  batch: (r) => /^\d{4}-\d\d-\d\dT/.test(String(r['at'])),
  meta: (r) => isJson(r['value']),
  import: (r) => ['first', 'merge', 'repair'].includes(String(r['kind'])),
  cleaning: (r) => isJson(r['rule_set']),
  import_log: (r) => ['repaired', 'rejected', 'padded', 'renamed-column'].includes(String(r['what'])),
  // the text index has rows of the same shape
  model: (r) => typeof r['folder'] === 'string' || (Buffer.isBuffer(r['bytes']) && r['bytes'].length > 100),
}
function isJson(value: Value | undefined): boolean {
  try {
    JSON.parse(String(value))
    return true
  } catch {
    return false
  }
}

/** Layouts of the tables of a project, for `findTables`. */
export function projectLayouts(): TableLayout[] {
  const reference = openDatabase(':memory:', 'create')
  try {
    return layoutsOf(reference)
  } finally {
    reference.close()
  }
}

/** Layouts of the tables in a schema that SQLite reads. */
function layoutsOf(db: Db): TableLayout[] {
  const tables = db.prepare("select name, wr from pragma_table_list where schema = 'main' and type = 'table'").all() as {
    name: string
    wr: number
  }[]
  return tables
    .filter(({ name }) => !REBUILT.test(name))
    .map(({ name, wr }) => {
      const info = db.prepare('select * from pragma_table_info(?)').all(name) as {
        name: string
        type: string
        notnull: number
        pk: number
      }[]
      const columns = info.map((c) => ({
        name: c.name,
        type: c.type.toUpperCase(),
        notNull: c.notnull === 1,
        primary: c.pk,
      }))
      const keys = columns.filter((c) => c.primary > 0)
      const [key] = keys
      const alias = wr === 0 && keys.length === 1 && key?.type === 'INTEGER' ? key.name : null
      const recognise = MARKS[name]
      return { name, columns, rowid: alias, withoutRowid: wr === 1, ambiguous: name === 'model', ...(recognise && { recognise }) }
    })
    .sort((a, b) => a.name.localeCompare(b.name))
}
