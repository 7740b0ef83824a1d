import type { Genre, SourceMovie } from '../../contract/records.ts'
import { ACCEPTED_PLOT } from './answers.ts'
import { openDatabase, type Db } from './database.ts'
import { SourceTable, type SourceFile } from './sources.ts'
import { storedJson, TEXTS } from './values.ts'
import { pagesOf } from './views.ts'

/** Reads the cells of a record from its stored text. */
export type ReadCells = (raw: string, file: SourceFile) => Readonly<Record<string, string>>

type Row = [movie: number, key: string, title: string, plot: string, genres: string, accepted: string | null]
interface CellRow {
  readonly movie: number
  readonly file: number
  readonly raw: string
}
/** Movies in one page. The file is not locked between two pages, so that others can write to it. */
const PAGE = 1000
/** Distinct lists of genres that are cached: most catalogues have some thousands. */
const MAX_LISTS = 50_000

/** Reads the source of every movie of a project file, page by page, for cleaning. */
export class CleaningSource {
  readonly movies: number
  readonly #db: Db
  readonly #page
  readonly #records
  readonly #files: ReadonlyMap<number, SourceFile>
  readonly #lists = new Map<string, readonly string[]>()

  constructor(path: string) {
    this.#db = openDatabase(path, 'read')
    this.movies = this.#db.prepare('select count(*) from movie where gone = 0').pluck().get() as number
    this.#page = this.#db
      .prepare<[number], Row>(
        `select id, key, title, plot, source_genres, ${ACCEPTED_PLOT} from movie m where gone = 0 and id > ? order by id limit ${PAGE}`,
      )
      .raw()
    this.#records = this.#db.prepare<[number, number], CellRow>(
      `select r.movie, r.file, r.raw from record r join source_file f on f.id = r.file
       where r.movie between ? and ? and r.replaced is null and f.role = 'movies' and f.current = 1 order by r.movie, r.id desc`,
    )
    this.#files = new Map(new SourceTable(this.#db).currentFiles().map((f) => [f.id, f]))
  }
  /** All movies of the source, by ascending ids. @param columns original columns whose cells are read, from each movie's first record */
  *pages(columns: readonly string[], readCells: ReadCells): Generator<SourceMovie[]> {
    for (const rows of pagesOf(
      (after) => this.#page.all(after),
      ([id]) => id,
    )) {
      const cells = columns.length === 0 ? null : this.#cells(rows[0]?.[0] ?? 0, rows.at(-1)?.[0] ?? 0, columns, readCells)
      yield rows.map(([movie, key, title, plot, json, accepted]) => {
        const of = cells?.get(movie)
        return { movie, key, title, plot, genres: this.#genresOf(json), ...(of && { cells: of }), ...(accepted !== null && { accepted }) }
      })
    }
  }
  #genresOf(json: string): readonly string[] {
    let list = this.#lists.get(json)
    if (list === undefined) {
      list = storedJson(json, TEXTS, 'movie.source_genres')
      if (this.#lists.size >= MAX_LISTS) this.#lists.clear()
      this.#lists.set(json, list)
    }
    return list
  }
  #cells(from: number, to: number, wanted: readonly string[], readCells: ReadCells): Map<number, Readonly<Record<string, string>>> {
    const cells = new Map<number, Readonly<Record<string, string>>>()
    for (const { movie, file, raw } of this.#records.all(from, to)) {
      const source = this.#files.get(file)
      // the first record comes last
      if (source && wanted.some((name) => source.columns.includes(name))) cells.set(movie, readCells(raw, source))
    }
    return cells
  }
  /** Key and title of those of the movies that exist. */
  describe(movies: readonly number[]): Map<number, { readonly key: string; readonly title: string }> {
    const one = this.#db.prepare<[number], { key: string; title: string }>('select key, title from movie where id = ?')
    return new Map(
      movies.flatMap((id) => {
        const named = one.get(id)
        return named ? [[id, named] as const] : []
      }),
    )
  }
  /** The source's genres of every movie as JSON, page by page. */
  *genreLists(): Generator<string[]> {
    const page = this.#db
      .prepare<[number], [number, string]>(`select id, source_genres from movie where gone = 0 and id > ? order by id limit ${PAGE}`)
      .raw()
    for (const rows of pagesOf(
      (after) => page.all(after),
      ([id]) => id,
    ))
      yield rows.map(([, genres]) => genres)
  }
  genres(): Genre[] {
    return this.#db.prepare('select id, name from genre order by id').all() as Genre[]
  }
  close(): void {
    this.#db.close()
  }
}
