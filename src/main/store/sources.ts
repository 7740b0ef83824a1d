import {
  ENCODINGS,
  ESCAPES,
  GENRE_SYNTAXES,
  TABLE_KINDS,
  type RejectedRecord,
  type Encoding,
  type Escape,
  type FileRole,
  type GenreSyntax,
  type Mapping,
  type Packing,
  type RepairId,
  type TableKind,
  type ImportLogEntry,
} from '../../contract/importing.ts'
import type { Db } from './database.ts'
import { z } from 'zod'
import { RowType } from './rows.ts'
import { storedJson, TEXTS } from './values.ts'
import { pagesOf } from './views.ts'

export interface SourceFile {
  readonly id: number
  readonly name: string
  readonly path: string
  readonly role: FileRole
  readonly bytes: number
  readonly delimiter: string
  readonly bom: boolean
  /** The header record exactly as the file has it. */
  readonly header: string
  readonly columns: readonly string[]
  readonly genresColumn: string | null
  readonly idColumn: string | null
  readonly genreSyntax: GenreSyntax
  /** The import that read it. */
  readonly import: number
  /** False when a later import has replaced it. */
  readonly current: boolean
  readonly kind: TableKind
  readonly packing: Packing
  /** The file inside an archive, or the sheet of a workbook. */
  readonly entry: string | null
  readonly encoding: Encoding
  readonly escape: Escape
  /** With the syntax `one-hot`: the columns that each stand for one genre. */
  readonly genreColumns: readonly string[]
  readonly repairs: Readonly<Partial<Record<RepairId, boolean>>>
  readonly mapping: Mapping
  /** SHA-256 of all bytes of the file at `path`, in hexadecimal; null: not known. */
  readonly sha256: string | null
}
export type NewSourceFile = Omit<SourceFile, 'id' | 'escape' | 'sha256'> & Partial<Pick<SourceFile, 'escape' | 'sha256'>>
export interface StoredRecord {
  readonly id: number
  readonly file: number
  readonly movie: number | null
  readonly raw: string
}
export interface NewRecord {
  readonly file: number
  readonly number: number
  readonly line: number
  readonly movie: number | null
  /** The record's text as analysts read it. */
  readonly raw: string
  /** Its exact text if that holds undecoded bytes, which SQLite's text cannot; absent or null: `raw`. */
  readonly exact?: string | null
  readonly rejected: string | null
}

/** Records in one page. */
const PAGE = 500
/** The rejected records of current files. */
const REJECTED = 'from record r join source_file f on f.id = r.file where r.rejection is not null and r.replaced is null and f.current = 1'

export const FILE = new RowType<SourceFile>({
  table: 'source_file',
  json: {
    columns: TEXTS,
    genreColumns: TEXTS,
    repairs: z.record(z.string(), z.boolean()),
    mapping: z.record(z.string(), z.string().nullable()),
  },
  among: {
    role: ['movies', 'genres', 'themes'],
    genreSyntax: GENRE_SYNTAXES,
    kind: TABLE_KINDS,
    packing: ['none', 'gzip', 'zip'],
    encoding: ENCODINGS,
    escape: ESCAPES,
  },
  flags: ['bom', 'current'],
  // `escape` is a key word of SQL
  names: { escape: 'quote_escape' },
})

/** The imported files with the exact text of every record, so that an export can reproduce them. */
export class SourceTable {
  readonly #db
  readonly #insert
  constructor(db: Db) {
    this.#db = db
    this.#insert = db.prepare('insert into record (file, number, line, movie, raw, exact, rejection) values (?, ?, ?, ?, ?, ?, ?)')
  }
  addFile(f: NewSourceFile): number {
    const row = FILE.write({ escape: '"', ...f })
    const names = Object.keys(row)
    const sql = `insert into source_file (${names.join(', ')}) values (${names.map((n) => `@${n}`).join(', ')})`
    return Number(this.#db.prepare(sql).run(row).lastInsertRowid)
  }
  /** All files of all imports, in the order in which they were imported. */
  files(): SourceFile[] {
    return this.#db
      .prepare('select * from source_file order by id')
      .all()
      .map((row) => FILE.read(row))
  }
  /** The files of the current catalogue: those that no later import has replaced. */
  currentFiles(): SourceFile[] {
    return this.files().filter((f) => f.current)
  }
  add(r: NewRecord): void {
    this.#insert.run(r.file, r.number, r.line, r.movie, r.raw, r.exact ? Buffer.from(r.exact, 'utf16le') : null, r.rejected)
  }
  /** Current records of a file with their exact text, page by page: an export takes long, and an open cursor would block writers. */
  *records(file: number): Generator<StoredRecord> {
    const page = this.#db.prepare<[number, number], StoredRecord & { readonly exact: Buffer | null }>(
      `select id, file, movie, raw, exact from record where file = ? and id > ? and replaced is null order by id limit ${PAGE}`,
    )
    for (const rows of pagesOf(
      (after) => page.all(file, after),
      (row) => row.id,
    ))
      for (const { exact, ...row } of rows) yield exact ? { ...row, raw: exact.toString('utf16le') } : row
  }
  /** The text of up to `count` current records of movies, evenly spread over a file. */
  sample(file: number, count: number): string[] {
    const [first, last] = this.#db.prepare('select min(id), max(id) from record where file = ?').raw().get(file) as [number | null, number]
    if (first === null) return []
    const next = this.#db.prepare<[number, number], { id: number; raw: string }>(
      'select id, raw from record where file = ? and id >= ? and replaced is null and movie is not null order by id limit 1',
    )
    const found = new Map<number, string>()
    for (let i = 0; i < count; i++) {
      const record = next.get(file, first + Math.floor(((last - first + 1) * i) / count))
      if (record) found.set(record.id, record.raw)
    }
    return [...found.values()]
  }
  /** The current records of a movie. Every imported movie has one. */
  ofMovie(movie: number, most = -1): StoredRecord[] {
    return this.#db
      .prepare(
        'select id, file, movie, raw from record where movie = ? and replaced is null and file in (select id from source_file where current = 1) order by id limit ?',
      )
      .all(movie, most) as StoredRecord[]
  }
  /** The id of each movie's last record in a file. */
  lastRecords(file: number): Map<number, number> {
    const rows = this.#db
      .prepare('select movie, max(id) as id from record where file = ? and movie is not null and replaced is null group by movie')
      .all(file) as { movie: number; id: number }[]
    return new Map(rows.map((r) => [r.movie, r.id]))
  }
  /** Number of rejected records of current files. */
  rejectedCount(): number {
    return this.#db.prepare(`select count(*) ${REJECTED}`).pluck().get() as number
  }
  /** Up to `limit` rejected records of current files whose ids are greater than `after`, in file order. */
  rejected(after: number, limit: number): RejectedRecord[] {
    return this.#db
      .prepare(
        `select r.id as record, f.name as file, r.line, r.rejection as why, r.raw, f.columns, f.delimiter ${REJECTED} and r.id > ? order by r.id limit ?`,
      )
      .all(after, limit)
      .map((r) => ({ ...(r as RejectedRecord), columns: storedJson((r as { columns: string }).columns, TEXTS, 'source_file.columns') }))
  }
  /** A record by its id; null unless it is a rejected record of a current file. */
  rejectedRecord(record: number): { readonly file: number; readonly number: number; readonly line: number; readonly raw: string } | null {
    const sql = `select r.file, r.number, r.line, r.raw ${REJECTED} and r.id = ?`
    return (this.#db.prepare(sql).get(record) as ReturnType<SourceTable['rejectedRecord']> | undefined) ?? null
  }
  /** Assigns a rejected record to a movie, with its corrected text; it is no longer rejected. */
  takeIn(record: number, raw: string, movie: number): void {
    this.#db.prepare('update record set raw = ?, exact = null, rejection = null, movie = ? where id = ?').run(raw, movie, record)
  }
}

export interface NewLogEntry extends Omit<ImportLogEntry, 'file'> {
  /** Id of the source file. */
  readonly file: number
}
export interface StoredLogEntry extends ImportLogEntry {
  readonly id: number
}

/** Changes, rejections and notes of imports in the text of files, with line numbers. */
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
  /** Up to `limit` entries whose ids are greater than `after`, in the order in which they were added. */
  page(after: number, limit: number): StoredLogEntry[] {
    return this.#db
      .prepare(
        `select d.id, f.name as file, d.line, d.lines, d.what, d.why, d.before, d.after
         from import_log d join source_file f on f.id = d.file where d.id > ? order by d.id limit ?`,
      )
      .all(after, limit) as StoredLogEntry[]
  }
}
