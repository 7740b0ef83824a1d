/** Types of files, records and options of exports. */
import type { FileRole, GenreSyntax } from '../../../contract/importing.ts'
import type { FlagStyle } from '../import/records/onehot.ts'
import type { RecordFile } from '../import/files/table.ts'
import type { Naming } from './corrections.ts'

export interface ExportFile extends RecordFile {
  readonly role: FileRole
  readonly bom: boolean
  /** Exact text of the header and of the lines above it, with line endings. */
  readonly headerRaw: string
  /** Line in which the table begins; by default 1. */
  readonly headerLine?: number
  readonly genresColumn: string | null
  readonly idColumn: string | null
  readonly genreSyntax: GenreSyntax
  /** For the syntax `one-hot`: the columns that each stand for one genre. */
  readonly genreColumns?: readonly string[]
  /** Names that contain the separator and are not split. */
  readonly protectedNames?: readonly string[]
}
export interface ExportRecord {
  /** Exact text; '' for a movie without a row in the file (only if each genre is a row). */
  readonly raw: string
  /** Canonical names of added genres. */
  readonly add: readonly string[]
  /** Canonical names of removed genres; every name with the same `keyOf` is removed. */
  readonly remove: readonly string[]
  /** True for the last record of a movie: if each genre is a row, new rows follow it. */
  readonly lastOfMovie: boolean
  readonly key: string
  /** Values of the optional columns, in their order, or null for none. */
  readonly extras: readonly string[] | null
}
export interface ExportOptions extends Naming {
  /** Names of optional columns after the original ones. */
  readonly columns: readonly string[]
  /** Puts an apostrophe in front of cells that a spreadsheet would run. */
  readonly neutraliseFormulas: boolean
  /** Genre -> how the file writes its list element, learned before; elements of the records written so far are added. */
  readonly known?: ReadonlyMap<string, string>
  /** The text between two genres in the file's lists, see {@link styleOf}; by default the separator and the usual space after it. */
  readonly between?: string | undefined
  /** How the columns of a one-hot file write yes and no, see {@link styleOf}; by default learned from the records written so far. */
  readonly flags?: FlagStyle
  /** Genres without a column in a one-hot file: each gets one after the original ones. Others are refused. */
  readonly newGenres?: readonly string[]
  /** Writes several genres into a cell of a file with one genre in each, with a vertical bar between them. Without it they are refused. */
  readonly severalGenres?: boolean
  /** Counts what was done, while the text is written. */
  readonly tally?: ExportTally
}
export interface ExportTally {
  /** Records whose genres were corrected. */
  changed: number
  /** Cells that were neutralised. */
  neutralised: number
}
