/** What an export reads and writes. */
import type { FileRole, GenreSyntax } from '../../../contract/importing.ts'
import type { FlagStyle } from '../import/records/onehot.ts'
import type { RecordFile } from '../import/files/table.ts'
import type { Naming } from './corrections.ts'

export interface ExportFile extends Partial<RecordFile> {
  readonly role: FileRole
  readonly delimiter: string
  readonly bom: boolean
  /** Exact text of the header with its line ending. */
  readonly headerRaw: string
  readonly columns: readonly string[]
  readonly genresColumn: string | null
  readonly idColumn: string | null
  readonly genreSyntax: GenreSyntax
  /** Of `one-hot`: the columns that are a genre each. */
  readonly genreColumns?: readonly string[]
  /** Names that hold the separator and are not taken apart. */
  readonly protectedNames?: readonly string[]
}
export interface ExportRecord {
  /** Exact text; '' stands for a movie of which the file has no row (only where each genre is a row). */
  readonly raw: string
  /** Canonical names of genres that come in, at the end. */
  readonly add: readonly string[]
  /** Canonical names of genres that go, under every name that `keyOf` holds for the same. */
  readonly remove: readonly string[]
  /** Whether the next record belongs to another movie: where each genre is a row, new rows follow here. */
  readonly lastOfMovie: boolean
  readonly key: string
  /** Values of the optional columns, in their order; null: none for this record. */
  readonly extras: readonly string[] | null
}
export interface ExportOptions extends Naming {
  /** Names of optional columns behind the original ones. */
  readonly columns: readonly string[]
  /** Puts an apostrophe in front of cells that a spreadsheet would run. */
  readonly neutraliseFormulas: boolean
  /** Genre -> how the file writes its list element, learned over the whole file; what is passed by is learned anyway. */
  readonly known?: ReadonlyMap<string, string>
  /** How the columns of a one-hot file say yes and no, see {@link styleOf}; learned from what is passed by where it is not given. */
  readonly flags?: FlagStyle
  /** Genres that a one-hot file has no column for: each gets one behind the original ones. Others are refused. */
  readonly newGenres?: readonly string[]
  /** Counts what was done, while the text is drawn. */
  readonly tally?: ExportTally
}
export interface ExportTally {
  /** Records whose genres were corrected. */
  changed: number
  /** Cells that were neutralised. */
  neutralised: number
}
