/** Corrections in one-hot files: the flags of corrected genres change, written as the file writes yes and no. */
import { UserError } from '../../../contract/errors.ts'
import { required } from '../../../contract/required.ts'
import { genresOfColumns, isMarked, type FlagStyle } from '../import/records/onehot.ts'
import { columnIndex } from '../import/records/read.ts'
import { cellAt, quoteCell, type Dialect, type RecordScan } from '../import/files/scan.ts'
import { corrected, type Correction, type Edit } from './corrections.ts'
import type { ExportFile, ExportOptions } from './types.ts'

/** A genre column of a one-hot file. */
export interface Flag {
  readonly column: string
  readonly index: number
  readonly genre: string
}
/** A record and the positions of its cells. */
export interface FlagRow {
  readonly raw: string
  readonly scan: RecordScan
  readonly file: Dialect
}

/** Returns the genre columns of a file; none if it is not one-hot. */
export function flagsOf(file: Pick<ExportFile, 'genreSyntax' | 'genreColumns' | 'columns'>): Flag[] {
  if (file.genreSyntax !== 'one-hot') return []
  const columns = file.genreColumns ?? []
  const genres = genresOfColumns(columns)
  return columns
    .map((column, i) => ({ column, index: columnIndex(file.columns, column), genre: required(genres[i], 'an entry of genres') }))
    .filter(({ index }) => index >= 0)
}

/** Returns those of `genres` for which a one-hot file has no column; none for another syntax. */
export function genresWithoutColumn(
  file: Pick<ExportFile, 'genreSyntax' | 'genreColumns' | 'columns'>,
  genres: readonly string[],
  keyOf: ExportOptions['keyOf'],
): string[] {
  const flags = flagsOf(file)
  const known = new Set(flags.map(({ genre }) => keyOf(genre)))
  return flags.length === 0 ? [] : genres.filter((genre) => !known.has(keyOf(genre)))
}

/** Returns the texts to write into flags. Throws a UserError for a genre without a column that is not in `newGenres`. */
export function wantedFlags(
  row: FlagRow,
  flags: readonly Flag[],
  correction: Correction,
  style: FlagStyle,
  options: Pick<ExportOptions, 'keyOf' | 'targetsOf' | 'newGenres'>,
): Map<Flag, string> {
  const { keyOf, newGenres = [] } = options
  const wanted = new Map<Flag, string>()
  const carried = flags.filter((flag) => isMarked(cellAt(row.raw, row.scan, flag.index, row.file), flag.column))
  const genres = corrected([...new Set(carried.map(({ genre }) => genre))], correction, options)
  for (const flag of carried) if (!genres.includes(flag.genre)) wanted.set(flag, style.no)
  for (const genre of genres) {
    if (carried.some((flag) => flag.genre === genre)) continue
    const own = flags.find((flag) => flag.genre === genre) ?? flags.find((flag) => keyOf(flag.genre) === keyOf(genre))
    if (own) wanted.set(own, style.yes)
    else if (!newGenres.includes(genre))
      throw new UserError(
        'genre-has-no-column',
        `The genre "${genre}" has no column in this file. Add a column of that name to the file and import it again.`,
        { genre },
      )
  }
  return wanted
}

/** Returns the edits that write `wanted` into the cells of a record; a record that is too short is lengthened. */
export function flagEdits({ raw, scan: { spans, end }, file }: FlagRow, wanted: ReadonlyMap<Pick<Flag, 'index'>, string>): Edit[] {
  const edits: Edit[] = []
  const beyond: string[] = []
  for (const [{ index }, text] of [...wanted].sort(([a], [b]) => a.index - b.index)) {
    const start = spans[2 * index]
    if (start === undefined) beyond[index - spans.length / 2] = quoteCell(text, file)
    else edits.push({ start, end: spans[2 * index + 1] ?? 0, text: quoteCell(text, file, raw[start] === '"') })
  }
  if (beyond.length > 0) edits.push({ start: end, end, text: Array.from(beyond, (text) => file.delimiter + (text ?? '')).join('') })
  return edits
}
