/** The table of movies that formats other than the imported one write. */
import { EXCEL } from '../../../../contract/exporting.ts'
import { count } from '../../../../contract/words.ts'

/** `list`: names. `scores`: a number for each of some names. */
export type ValueKind = 'text' | 'number' | 'integer' | 'boolean' | 'list' | 'scores'
export type Value = string | number | boolean | null | readonly string[] | Readonly<Record<string, number>>
export interface MovieColumn {
  readonly name: string
  readonly kind: ValueKind
}
export interface ExportedMovie {
  readonly key: string
  readonly title: string
  /** Plot after cleaning. */
  readonly plot: string
  readonly genres: readonly string[]
  /** One for each column. */
  readonly values: readonly Value[]
  /** The current run's prediction; null if it has not predicted the movie. `score`: label quality, 0 worst. */
  readonly predicted: { readonly model: string; readonly genres: readonly string[]; readonly score: number } | null
}
export interface MovieTable {
  readonly columns: readonly MovieColumn[]
  /** Read once, while they are written. */
  readonly movies: Iterable<ExportedMovie>
  /** How many movies there are. */
  readonly count: number
  /** Changes the text of cells for spreadsheets, or leaves it as it is. */
  readonly safe: (text: string) => string
  /** The words of a text, as explanations count them: without punctuation around them. */
  readonly words: (text: string) => readonly string[]
}

/** The text of a cell in a table without types. Names are joined by a bar; as JSON if one of them has a bar itself. */
export function cellText(value: Value): string {
  if (value === null) return ''
  if (typeof value === 'boolean') return value ? 'yes' : 'no'
  if (isList(value)) return value.some((name) => name.includes('|')) ? JSON.stringify(value) : value.join('|')
  return typeof value === 'object' ? JSON.stringify(value) : String(value)
}
export const isList = (value: Value): value is readonly string[] => Array.isArray(value)

/** Why a sheet cannot hold so many movies; null: it can. */
export const tooManyRows = (movies: number): string | null =>
  movies < EXCEL.rows
    ? null
    : `Excel holds ${count(EXCEL.rows)} rows in a sheet, and this export has ${count(movies)} movies and a header: choose a filter, or another format such as CSV or Parquet.`
