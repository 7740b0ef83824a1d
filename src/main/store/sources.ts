import type { FileRole, GenreSyntax } from '../../contract/importing.ts'
import type { Db } from './database.ts'

export interface SourceFile {
  readonly id: number
  readonly name: string
  readonly path: string
  readonly role: FileRole
  readonly bytes: number
  readonly delimiter: string
  readonly bom: boolean
  /** The header record exactly as it stands in the file. */
  readonly header: string
  readonly columns: readonly string[]
  readonly genresColumn: string | null
  readonly idColumn: string | null
  readonly genreSyntax: GenreSyntax
}
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
  readonly raw: string
  readonly setAside: string | null
}

/** Records that are read at once. */
const PAGE = 500

interface FileRow {
  id: number
  name: string
  path: string
  role: FileRole
  bytes: number
  delimiter: string
  bom: number
  header: string
  columns: string
  genres_column: string | null
  id_column: string | null
  genre_syntax: GenreSyntax
}

/** The imported files, record by record and byte by byte, so that an export can give them back. */
export class SourceTable {
  readonly #db
  readonly #insert
  constructor(db: Db) {
    this.#db = db
    this.#insert = db.prepare('insert into record (file, number, line, movie, raw, set_aside) values (?, ?, ?, ?, ?, ?)')
  }
  addFile(f: Omit<SourceFile, 'id'>): number {
    const { lastInsertRowid } = this.#db
      .prepare(
        `insert into source_file (name, path, role, bytes, delimiter, bom, header, columns, genres_column, id_column, genre_syntax)
         values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
      )
      .run(
        f.name,
        f.path,
        f.role,
        f.bytes,
        f.delimiter,
        f.bom ? 1 : 0,
        f.header,
        JSON.stringify(f.columns),
        f.genresColumn,
        f.idColumn,
        f.genreSyntax,
      )
    return Number(lastInsertRowid)
  }
  files(): SourceFile[] {
    const rows = this.#db.prepare('select * from source_file order by id').all() as FileRow[]
    return rows.map((r) => ({
      id: r.id,
      name: r.name,
      path: r.path,
      role: r.role,
      bytes: r.bytes,
      delimiter: r.delimiter,
      bom: r.bom === 1,
      header: r.header,
      columns: JSON.parse(r.columns) as string[],
      genresColumn: r.genres_column,
      idColumn: r.id_column,
      genreSyntax: r.genre_syntax,
    }))
  }
  add(r: NewRecord): void {
    this.#insert.run(r.file, r.number, r.line, r.movie, r.raw, r.setAside)
  }
  /** Records of a file in file order, page by page: an export takes its time, and an open cursor would keep everybody from writing. */
  *records(file: number): Generator<StoredRecord> {
    const page = this.#db.prepare<[number, number], StoredRecord>(
      `select id, file, movie, raw from record where file = ? and id > ? order by id limit ${PAGE}`,
    )
    for (let rows = page.all(file, 0); rows.length > 0; rows = page.all(file, rows.at(-1)!.id)) yield* rows
  }
  /** The first record of a movie; null for one that came without (never, for imported movies). */
  firstOf(movie: number): StoredRecord | null {
    const row = this.#db.prepare('select id, file, movie, raw from record where movie = ? order by id limit 1').get(movie)
    return (row as StoredRecord | undefined) ?? null
  }
  /** For each movie of a file, its last record there. */
  lastRecords(file: number): Map<number, number> {
    const rows = this.#db
      .prepare('select movie, max(id) as id from record where file = ? and movie is not null group by movie')
      .all(file) as { movie: number; id: number }[]
    return new Map(rows.map((r) => [r.movie, r.id]))
  }
}
