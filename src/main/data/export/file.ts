/**
 * Writes a source file again. Records keep their bytes except for the cells that were corrected: an edit replaces a range of the
 * record's exact text.
 */
import { UserError } from '../../../contract/errors.ts'
import type { Escape } from '../../../contract/importing.ts'
import { many } from '../../../contract/words.ts'
import { formatGenres, genreReader, learnElements, learnsElements, parseGenres, textBetween } from '../import/records/genres.ts'
import { FlagTexts } from '../import/records/onehot.ts'
import { genreIndexes } from '../import/records/read.ts'
import { cellAt, cellValue, firstLineBreak, quoteCell, type Dialect, type RecordScan } from '../import/files/scan.ts'
import { afterLines, type RecordFile } from '../import/files/table.ts'
import { recordScan } from '../import/files/tables.ts'
import { applyEdits, corrected, staying, type Edit, type Naming } from './corrections.ts'
import type { ExportFile, ExportOptions, ExportRecord, ExportTally } from './types.ts'
import { flagEdits, flagsOf, wantedFlags, type Flag } from './flags.ts'
import { isFormula, neutralise } from './table.ts'

/** The part of a file that {@link styleOf} looks at. */
type StyledFile = RecordFile & Pick<ExportFile, 'genresColumn' | 'genreSyntax' | 'genreColumns' | 'protectedNames'>

interface Writer {
  readonly file: ExportFile
  readonly options: ExportOptions
  readonly tally: ExportTally
  /** Columns whose cells hold genres. */
  readonly genreIndexes: readonly number[]
  /** True if each genre is a row of its own. */
  readonly long: boolean
  readonly known: Map<string, string>
  readonly lineEnding: string
  readonly protectedNames: readonly string[]
  /** The genre columns of a one-hot file. */
  readonly flags: readonly Flag[]
  readonly flagTexts: FlagTexts
  /** Keys of movies of which a row has been written, in a file whose rows hold a whole movie and one genre. */
  readonly begun: Set<string>
  /** Records with several genres, in a file with one genre in each cell, that were not asked for. */
  several: number
}

/** Yields the text of the file: byte order mark, header, then each record. */
export function* exportFile(file: ExportFile, records: Iterable<ExportRecord>, options: ExportOptions): Generator<string> {
  const writer: Writer = {
    file,
    options,
    tally: options.tally ?? { changed: 0, neutralised: 0 },
    genreIndexes: genreIndexes(file.columns, file),
    long: file.genreSyntax === 'long',
    known: new Map(options.known),
    lineEnding: firstLineBreak(file.headerRaw.trimStart()) ?? '\n',
    protectedNames: file.protectedNames ?? [],
    flags: flagsOf(file),
    flagTexts: new FlagTexts(),
    begun: new Set(),
    several: 0,
  }
  const write = writer.long ? longRecord : writer.flags.length > 0 ? flagRecord : wideRecord
  const columns = [...(options.newGenres ?? []), ...options.columns]
  if (file.bom) yield '\ufeff'
  const above = afterLines(file.headerRaw, (file.headerLine ?? 1) - 1)
  const header = file.headerRaw.slice(above)
  yield file.headerRaw.slice(0, above)
  let last = header === '' ? '' : withExtras(writer, header, columns.length > 0 ? columns : null)
  yield last
  for (const record of records) {
    const text = write(writer, record)
    if (text === '') continue
    // the file's last line may lack its line ending, and now a new row follows it
    if (record.raw === '' && last !== '' && !/[\r\n]$/.test(last)) yield writer.lineEnding
    yield text
    last = text
  }
  if (writer.several > 0) refuseSeveral(file.name, writer.several)
}

function refuseSeveral(name: string, movies: number): never {
  const [have, them] = movies === 1 ? ['has', 'it'] : ['have', 'them']
  throw new UserError(
    'several-genres',
    `${many(movies, 'movie')} of ${name} ${have} several genres now, and a genre cell of this file holds one. Leave ${them} one genre, or export again with several genres in a cell (--several), which are written as "Drama|War".`,
    { movies },
  )
}

/** Writes a record that holds all genres of its movie in one cell, or in the cells of several columns. */
function wideRecord(writer: Writer, record: ExportRecord): string {
  const { raw, add, remove } = record
  const { file, genreIndexes, known, protectedNames } = writer
  const learns = learnsElements(file.genreSyntax)
  if ((add.length === 0 && remove.length === 0 && !learns) || genreIndexes.length === 0) return withExtras(writer, raw, record.extras)
  const scan = recordScan(raw, file)
  const cells = genreIndexes.map((index) => cellAt(raw, scan, index, file))
  for (const cell of cells) learnElements(cell, file.genreSyntax, known)
  if (add.length === 0 && remove.length === 0) return withExtras(writer, raw, record.extras)
  const lists = cells.map((cell) => parseGenres(cell, file.genreSyntax, protectedNames))
  const wanted = byColumn(lists, corrected([...new Set(lists.flat())], record, writer.options))
  const more = wanted.some((genres, i) => genres.length > 1 && (lists[i]?.length ?? 0) < 2)
  if (file.genreSyntax === 'single' && more && !writer.options.severalGenres) writer.several++
  const texts = new Map<{ readonly index: number }, string>()
  for (const [i, index] of genreIndexes.entries()) {
    const text = formatGenres(cells[i] ?? '', file.genreSyntax, wanted[i] ?? [], known, { protectedNames, between: writer.options.between })
    if (text !== cells[i]) texts.set({ index }, text)
  }
  if (texts.size === 0) return withExtras(writer, raw, record.extras)
  writer.tally.changed++
  return withExtras(writer, applyEdits(raw, flagEdits({ raw, scan, file }, texts)), record.extras)
}

/**
 * The genres of each column. If the record has one genre a column, they stay so, in order; else each column keeps its own. The last column
 * takes what is left.
 */
function byColumn(lists: readonly (readonly string[])[], genres: readonly string[]): (readonly string[])[] {
  const last = lists.length - 1
  if (last === 0 || lists.every(({ length }) => length <= 1)) return lists.map((_, i) => genres.slice(i, i === last ? undefined : i + 1))
  const kept = lists.map((list) => list.filter((name) => genres.includes(name)))
  const others = genres.filter((name) => !kept.some((list) => list.includes(name)))
  return kept.map((list, i) => (i === last ? [...list, ...others] : list))
}

/** Writes a row that holds one genre of its movie: it is removed, or kept; new rows follow the movie's last one. */
function longRecord(writer: Writer, record: ExportRecord): string {
  const { raw, add, remove, lastOfMovie, key, extras } = record
  const { file, lineEnding } = writer
  const [genresIndex = -1] = writer.genreIndexes
  const { keyOf, targetsOf, spellingOf = asNamed } = writer.options
  const change = remove.length > 0 || (lastOfMovie && add.length > 0)
  if (genresIndex < 0 || !change) return raw === '' ? '' : withExtras(writer, raw, extras)
  const scan = recordScan(raw, file)
  const current = cellAt(raw, scan, genresIndex, file)
  const left = raw === '' ? [] : staying(current, record, writer.options)
  const there = new Set(left.flatMap((name) => targetsOf?.(name) ?? [name]).map(keyOf))
  const added = lastOfMovie ? add.filter((genre) => !there.has(keyOf(genre))).map(spellingOf) : []
  if (left[0] === current && added.length === 0) return withExtras(writer, raw, extras)
  writer.tally.changed++
  const body = raw === '' ? emptyRow(file, key) : raw.slice(0, scan.end)
  const bodyScan = raw === '' ? recordScan(body, file) : scan
  const rowOf = (genre: string): string => applyEdits(body, [cellEdit(body, bodyScan, genresIndex, genre, file)])
  const rows = [...left, ...added].map((genre) => (genre === current ? body : rowOf(genre)))
  // the first row of a movie may be the only one with its plot
  if (file.role === 'movies' && !writer.begun.has(key) && rows.length === 0) rows.push(rowOf(''))
  if (file.role === 'movies') writer.begun.add(key)
  const ending = raw === '' ? lineEnding : raw.slice(scan.end)
  return rows.map((row, i) => withExtras(writer, row + (i < rows.length - 1 ? lineEnding : ending), extras)).join('')
}

/** Writes a record with a column for each genre. Genres without one have new columns after the original ones. */
function flagRecord(writer: Writer, record: ExportRecord): string {
  const { raw, add, remove, extras } = record
  const { file, flags, flagTexts, options, tally } = writer
  const { newGenres = [] } = options
  const row = { raw, scan: recordScan(raw, file), file }
  if (!options.flags) for (const flag of flags) flagTexts.add(cellAt(raw, row.scan, flag.index, file), flag.column)
  if (add.length === 0 && remove.length === 0 && newGenres.length === 0) return withExtras(writer, raw, extras)
  const style = options.flags ?? flagTexts.style()
  const wanted = wantedFlags(row, flags, record, style, options)
  const more = newGenres.map((genre) => (add.includes(genre) ? style.yes : style.no))
  if (wanted.size > 0 || newGenres.some((genre) => add.includes(genre))) tally.changed++
  const text = applyEdits(raw, flagEdits(row, wanted))
  return withExtras(writer, text, more.length > 0 ? [...more, ...(extras ?? [])] : extras)
}

/** Learns how a file spells its genres and writes the elements of its genre lists and its flags, before it is written. */
export function styleOf(
  file: StyledFile,
  raws: Iterable<string>,
  naming: Naming,
): Pick<ExportOptions, 'known' | 'between' | 'flags' | 'spellingOf'> {
  const known = new Map<string, string>()
  const flags = flagsOf(file)
  const names = new Map(flags.map(({ genre }) => [genre, 1]))
  const columns = genreIndexes(file.columns, file)
  const { genreSyntax, protectedNames = [] } = file
  const read = genreReader({ genreSyntax, protectedNames })
  const betweens = new Map<string, number>()
  const texts = new FlagTexts()
  for (const raw of columns.length > 0 || flags.length > 0 ? raws : []) {
    const scan = recordScan(raw, file)
    for (const column of columns) {
      const cell = cellAt(raw, scan, column, file)
      learnElements(cell, genreSyntax, known)
      const between = textBetween(cell, genreSyntax, protectedNames)
      if (between !== undefined) betweens.set(between, (betweens.get(between) ?? 0) + 1)
      for (const name of read(cell)) names.set(name, (names.get(name) ?? 0) + 1)
    }
    for (const flag of flags) texts.add(cellAt(raw, scan, flag.index, file), flag.column)
  }
  const spellingOf = spellings(names, naming)
  const [between] = [...betweens].reduce((most, one) => (one[1] > most[1] ? one : most), [undefined as string | undefined, 0])
  return { known, between, spellingOf, ...(flags.length > 0 && { flags: texts.style() }) }
}

/** The most frequent of the file's `names` that mean a genre and nothing else; the catalogue's name if the file has none. */
function spellings(names: ReadonlyMap<string, number>, { keyOf, targetsOf }: Naming): (genre: string) => string {
  const most = new Map<string, string>()
  for (const [name, count] of names) {
    const [target, ...others] = targetsOf?.(name) ?? [name]
    if (target === undefined || others.length > 0) continue
    const best = most.get(keyOf(target))
    if (best === undefined || count > (names.get(best) ?? 0)) most.set(keyOf(target), name)
  }
  return (genre) => most.get(keyOf(genre)) ?? genre
}
const asNamed = (genre: string): string => genre

/** The record with another text in the cell of a column; its other bytes stay. */
export const withCell = (raw: string, index: number, text: string, file: RecordFile): string =>
  applyEdits(raw, [cellEdit(raw, recordScan(raw, file), index, text, file)])

/** Replaces a cell; a record that is too short for it is lengthened. */
function cellEdit(raw: string, { spans, end }: RecordScan, index: number, text: string, file: Dialect): Edit {
  const start = spans[2 * index]
  if (start === undefined) return { start: end, end, text: file.delimiter.repeat(index - spans.length / 2 + 1) + quoteCell(text, file) }
  return { start, end: spans[2 * index + 1] ?? start, text: quoteCell(text, file, raw[start] === '"') }
}

/** Returns the record with the optional columns after its cells, and its formulas neutralised if requested. */
function withExtras(writer: Writer, raw: string, extras: readonly string[] | null): string {
  const { file, options, tally } = writer
  if (extras === null && !options.neutraliseFormulas) return raw
  const { spans, end } = recordScan(raw, file)
  const edits: Edit[] = options.neutraliseFormulas ? formulaEdits(raw, spans, file.escape) : []
  tally.neutralised += edits.length
  if (extras !== null) {
    const safe = options.neutraliseFormulas ? extras.map(neutralise) : extras
    tally.neutralised += safe.filter((value, i) => value !== extras[i]).length
    const missing = Math.max(0, file.columns.length - spans.length / 2)
    const cells = safe.map((value) => file.delimiter + quoteCell(value, file)).join('')
    edits.push({ start: end, end, text: file.delimiter.repeat(missing) + cells })
  }
  return applyEdits(raw, edits)
}

function formulaEdits(raw: string, spans: readonly number[], escape: Escape): Edit[] {
  const edits: Edit[] = []
  for (let i = 0; i < spans.length; i += 2) {
    const [start, end] = [spans[i] ?? 0, spans[i + 1] ?? 0]
    const inside = raw[start] === '"' ? start + 1 : start
    if (start < end && isFormula(cellValue(raw, start, end, escape))) edits.push({ start: inside, end: inside, text: "'" })
  }
  return edits
}

function emptyRow(file: ExportFile, key: string): string {
  const cells = file.columns.map((column) => (column === file.idColumn ? quoteCell(key, file) : ''))
  return cells.join(file.delimiter)
}
