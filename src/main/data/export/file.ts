/**
 * A source file written out again. Records come out byte for byte as they came in, except for the cells that were corrected:
 * edits are replacements of places inside the record's exact text.
 */
import type { FileRole, GenreSyntax } from '../../../contract/importing.ts'
import { formatGenres, learnElements, parseGenres } from '../import/genres.ts'
import { columnIndex } from '../import/read.ts'
import { cellValue, firstLineBreak, quoteCell, scanRecord } from '../import/scan.ts'
import { isFormula, neutralise } from './formulas.ts'

export interface ExportFile {
  readonly role: FileRole
  readonly delimiter: string
  readonly bom: boolean
  /** Exact text of the header with its line ending. */
  readonly headerRaw: string
  readonly columns: readonly string[]
  readonly genresColumn: string | null
  readonly idColumn: string | null
  readonly genreSyntax: GenreSyntax
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
export interface ExportOptions {
  /** Names of optional columns behind the original ones. */
  readonly columns: readonly string[]
  /** Puts an apostrophe in front of cells that a spreadsheet would run. */
  readonly neutraliseFormulas: boolean
  /** What two names of one genre have in common: the rule by which the catalogue was cleaned. */
  readonly keyOf: (genre: string) => string
  /** Genre -> how the file writes its list element, learned over the whole file; what is passed by is learned anyway. */
  readonly known?: ReadonlyMap<string, string>
  /** Counts what was done, while the text is drawn. */
  readonly tally?: ExportTally
}
export interface ExportTally {
  /** Records whose genres were corrected. */
  changed: number
  /** Cells that were neutralised. */
  neutralised: number
}

/** A new text for the stretch [start, end) of a record. */
interface Edit {
  readonly start: number
  readonly end: number
  readonly text: string
}
interface Writer {
  readonly file: ExportFile
  readonly options: ExportOptions
  readonly tally: ExportTally
  readonly genresIndex: number
  /** Each genre is a row of its own. */
  readonly long: boolean
  readonly known: Map<string, string>
  readonly lineEnding: string
}

/** The text of the file in pieces: byte order mark, header, then each record. */
export function* exportFile(file: ExportFile, records: Iterable<ExportRecord>, options: ExportOptions): Generator<string> {
  const writer: Writer = {
    file,
    options,
    tally: options.tally ?? { changed: 0, neutralised: 0 },
    genresIndex: columnIndex(file.columns, file.genresColumn),
    long: file.genreSyntax === 'long',
    known: new Map(options.known),
    lineEnding: firstLineBreak(file.headerRaw.trimStart()) ?? '\n',
  }
  if (file.bom) yield '\ufeff'
  let last = withExtras(writer, file.headerRaw, options.columns.length > 0 ? options.columns : null)
  yield last
  for (const record of records) {
    const text = writer.long ? longRecord(writer, record) : wideRecord(writer, record)
    if (text === '') continue
    // the file's last line may lack its ending, and rows follow it now
    if (!/[\r\n]$/.test(last)) yield writer.lineEnding
    yield text
    last = text
  }
}

/** A record that holds all genres of its movie in one cell. */
function wideRecord(writer: Writer, record: ExportRecord): string {
  const { raw, add, remove } = record
  const { file, genresIndex, known } = writer
  const literal = file.genreSyntax === 'python' || file.genreSyntax === 'json'
  if ((add.length === 0 && remove.length === 0 && !literal) || genresIndex < 0) return withExtras(writer, raw, record.extras)
  const { spans, end } = scanRecord(raw, file.delimiter)
  const start = spans[genresIndex * 2]
  const cell = start === undefined ? '' : cellValue(raw, start, spans[genresIndex * 2 + 1]!)
  learnElements(cell, file.genreSyntax, known)
  const text = formatGenres(cell, file.genreSyntax, corrected(parseGenres(cell, file.genreSyntax), record, writer.options.keyOf), known)
  if (text === cell) return withExtras(writer, raw, record.extras)
  writer.tally.changed++
  const edit =
    start === undefined
      ? padded(writer, end, spans.length / 2, text)
      : { start, end: spans[genresIndex * 2 + 1]!, text: quoteCell(text, file.delimiter, raw[start] === '"') }
  return withExtras(writer, applyEdits(raw, [edit]), record.extras)
}

/** A row that holds one genre of its movie: it goes, or it stays and new rows follow the movie's last one. */
function longRecord(writer: Writer, record: ExportRecord): string {
  const { raw, add, remove, lastOfMovie, key, extras } = record
  const { file, genresIndex, lineEnding } = writer
  const { keyOf } = writer.options
  const change = remove.length > 0 || (lastOfMovie && add.length > 0)
  if (genresIndex < 0 || !change) return raw === '' ? '' : withExtras(writer, raw, extras)
  const { spans, end } = scanRecord(raw, file.delimiter)
  const [start, stop] = [spans[genresIndex * 2] ?? end, spans[genresIndex * 2 + 1] ?? end]
  const current = keyOf(cellValue(raw, start, stop))
  const goes = raw === '' || remove.some((genre) => keyOf(genre) === current)
  const added = lastOfMovie ? add.filter((genre) => goes || keyOf(genre) !== current) : []
  if (!goes && added.length === 0) return withExtras(writer, raw, extras)
  writer.tally.changed++
  const body = raw === '' ? emptyRow(file, key) : raw.slice(0, end)
  const place = raw === '' ? genrePlace(body, file.delimiter, genresIndex) : { start, end: stop }
  const rows = added.map((genre) => applyEdits(body, [{ ...place, text: quoteCell(genre, file.delimiter, body[place.start] === '"') }]))
  if (!goes) rows.unshift(body)
  const ending = raw === '' ? lineEnding : raw.slice(end)
  return rows.map((row, i) => withExtras(writer, row + (i < rows.length - 1 ? lineEnding : ending), extras)).join('')
}

/** The genres of a cell with corrections: what stays keeps its spelling and place, what comes in stands at the end. */
function corrected(current: readonly string[], { add, remove }: ExportRecord, keyOf: ExportOptions['keyOf']): string[] {
  const gone = new Set(remove.map(keyOf))
  const stays = current.filter((genre) => !gone.has(keyOf(genre)))
  const there = new Set(stays.map(keyOf))
  return [...stays, ...add.filter((genre) => !there.has(keyOf(genre)))]
}

/** Lengthens a record that is too short to have a genre cell. */
function padded({ file, genresIndex }: Writer, end: number, cells: number, text: string): Edit {
  return { start: end, end, text: file.delimiter.repeat(genresIndex - cells + 1) + quoteCell(text, file.delimiter) }
}

/** The record with the optional columns behind its cells, and its formulas neutralised where that was asked for. */
function withExtras(writer: Writer, raw: string, extras: readonly string[] | null): string {
  const { file, options, tally } = writer
  if (extras === null && !options.neutraliseFormulas) return raw
  const from = /^[\r\n]*/.exec(raw)![0].length
  const { spans, end } = scanRecord(raw, file.delimiter, from)
  const edits: Edit[] = options.neutraliseFormulas ? formulaEdits(raw, spans) : []
  tally.neutralised += edits.length
  if (extras !== null) {
    const safe = options.neutraliseFormulas ? extras.map(neutralise) : extras
    tally.neutralised += safe.filter((value, i) => value !== extras[i]).length
    const missing = Math.max(0, file.columns.length - spans.length / 2)
    const cells = safe.map((value) => file.delimiter + quoteCell(value, file.delimiter)).join('')
    edits.push({ start: end, end, text: file.delimiter.repeat(missing) + cells })
  }
  return applyEdits(raw, edits)
}

function formulaEdits(raw: string, spans: readonly number[]): Edit[] {
  const edits: Edit[] = []
  for (let i = 0; i < spans.length; i += 2) {
    const [start, end] = [spans[i]!, spans[i + 1]!]
    const inside = raw[start] === '"' ? start + 1 : start
    if (start < end && isFormula(cellValue(raw, start, end))) edits.push({ start: inside, end: inside, text: "'" })
  }
  return edits
}

function emptyRow(file: ExportFile, key: string): string {
  const cells = file.columns.map((column) => (column === file.idColumn ? quoteCell(key, file.delimiter) : ''))
  return cells.join(file.delimiter)
}

function genrePlace(body: string, delimiter: string, index: number): { start: number; end: number } {
  const { spans } = scanRecord(body, delimiter)
  return { start: spans[index * 2]!, end: spans[index * 2 + 1]! }
}

function applyEdits(raw: string, edits: readonly Edit[]): string {
  let text = ''
  let from = 0
  for (const edit of edits) {
    text += raw.slice(from, edit.start) + edit.text
    from = edit.end
  }
  return text + raw.slice(from)
}
