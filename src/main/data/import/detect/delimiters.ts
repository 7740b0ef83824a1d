/** Finds the delimiter of a CSV file, how it escapes quotes, and where its table begins. */
import { DELIMITERS, ESCAPES, type Delimiter, type Escape } from '../../../../contract/importing.ts'
import { readCells, scanRecord, type Dialect } from '../files/scan.ts'
import { afterLines, isBlankRow, lineBreaks } from '../files/table.ts'

/** Characters and records of the beginning that are examined. */
const MAX_EXAMINED_CHARACTERS = 256 * 1024
const RECORDS = 200
/** Header cells beyond this number do not make a delimiter more likely. */
const MAX_COUNTED_COLUMNS = 3
/** Score of three columns that a third of the records have: enough to prefer a table that begins above another one. */
const FAIR_SCORE = 1
/** Rows above a table that are passed over. */
const MAX_ABOVE = 20
/** The first line that declares a delimiter for Excel. */
const DECLARED = /^"?sep=(.)"?[\r\n]/i

export interface DialectGuess extends Dialect {
  readonly delimiter: Delimiter
  /** Cells of the header. */
  readonly columns: number
  readonly records: number
  /** Records that have as many cells as the header. */
  readonly alike: number
  /** Line in which the table begins, from 1. */
  readonly headerLine: number
}
interface Chosen {
  readonly delimiter?: Delimiter
  readonly escape?: Escape
  readonly headerLine?: number
}

/** The delimiter and the escape by which most records of the text have as many cells as its first. */
export function guessDialect(text: string, chosen: Chosen = {}): DialectGuess {
  const start = text.slice(0, MAX_EXAMINED_CHARACTERS)
  const delimiter = chosen.delimiter ?? DELIMITERS.find((sign) => sign === DECLARED.exec(start)?.[1])
  // of two that fit as well, the longer one: a space before a quote would make the quote part of the cell
  const delimiters = delimiter === undefined ? DELIMITERS.toSorted((a, b) => b.length - a.length) : [delimiter]
  const escapes = chosen.escape ? [chosen.escape] : escapesIn(start)
  const tries = delimiters.flatMap((delimiter) => escapes.map((escape) => assess(start, { delimiter, escape }, chosen.headerLine)))
  // a header that is read with the wrong delimiter looks like a title above the table
  const fair = tries.filter(({ score, named }) => score > FAIR_SCORE && named)
  const first = Math.min(...fair.map(({ headerLine }) => headerLine))
  const likely = fair.filter(({ headerLine }) => headerLine === first)
  return (likely.length > 0 ? likely : tries).reduce((best, next) => (next.score > best.score ? next : best))
}

/** The escapes by which the text can be read, the likelier one first: a quote that ends a cell precedes a delimiter or a line break. */
function escapesIn(text: string): readonly Escape[] {
  const after = text.match(/\\"[^]/g) ?? []
  const within = after.filter((found) => !/[",;\t|\r\n]$/.test(found)).length
  return after.length === 0 ? ['"'] : within * 2 > after.length ? ESCAPES.toReversed() : ESCAPES
}

interface Assessment extends DialectGuess {
  readonly score: number
  /** True if most cells of the table's first row are filled, so that it is not a title above the table. */
  readonly named: boolean
}

function assess(text: string, dialect: Pick<DialectGuess, 'delimiter' | 'escape'>, chosenLine?: number): Assessment {
  const rows: string[][] = []
  const begins: number[] = []
  let cut = 0
  for (let at = afterLines(text, (chosenLine ?? 1) - 1); at < text.length && rows.length < RECORDS;) {
    const cells: string[] = []
    const end = readCells(text, dialect, at, cells)
    if (end < 0 || end >= text.length) {
      // ignore a record that the end of the sample cuts off, but not a quote that swallows the whole sample
      if (end < 0 && rows.length < 3) cut = RECORDS
      if (rows.length === 0) rows.push(Array<string>(scanRecord(text, dialect.delimiter, at, dialect.escape).spans.length / 2).fill(''))
      break
    }
    rows.push(cells)
    begins.push(at)
    at = end + (text.startsWith('\r\n', end) ? 2 : 1)
  }
  // without the space, a header such as `id,plot` would be a title above cells with ", " in them
  const above = chosenLine === undefined && !/^[,;] $/.test(dialect.delimiter) ? rowsAbove(rows) : 0
  const headerLine = chosenLine ?? (above === 0 ? 1 : 1 + lineBreaks(text.slice(0, begins[above])))
  const table = rows.slice(above)
  const header = table.find((cells) => !isBlank(cells)) ?? ['']
  const columns = header.length
  const records = begins.length === 0 ? cut : table.length + cut
  const alike = begins.length === 0 ? 0 : table.filter((cells) => cells.length === columns || isBlank(cells)).length
  const share = records === 0 ? 1 : alike / records
  // the header's cells count most: an extra delimiter is common in a plot and rare in a column name
  const score = columns < 2 ? 0 : share * Math.min(columns, MAX_COUNTED_COLUMNS) + columns / 1000
  const named = header.filter((cell) => cell.trim() !== '').length * 2 > columns
  return { ...dialect, columns, records, alike, headerLine, score, named }
}
const isBlank = (cells: readonly string[]): boolean => cells.length === 1 && cells[0] === ''

/**
 * How many of the first rows stand above the table: blank rows, titles (which fill few cells, the others at most being empty) and
 * comments. 0 if the rows below them do not agree on a number of columns.
 */
export function rowsAbove(rows: readonly (readonly string[])[]): number {
  const filled = rows.map((cells) => cells.filter((cell) => cell.trim() !== '').length)
  const usual = middle(filled.filter((count) => count > 0))
  const width = middle(rows.filter((cells) => !isBlankRow(cells)).map(({ length }) => length))
  if (usual < 2) return 0
  const isAbove = (cells: readonly string[], i: number): boolean => {
    const count = filled[i] ?? 0
    return count < 2 || (count * 3 <= usual && cells.length >= width) || (cells[0]?.startsWith('#') === true && count !== usual)
  }
  const begin = rows.findIndex((cells, i) => !isAbove(cells, i))
  const below = rows.slice(begin + 1).filter((cells) => !isBlankRow(cells))
  const alike = below.filter(({ length }) => length === rows[begin]?.length).length
  const isTable = begin > 0 && begin <= MAX_ABOVE && !rows.slice(0, begin).every(isBlank) && alike * 3 > below.length
  return isTable ? begin : 0
}

function middle(counts: readonly number[]): number {
  return counts.toSorted((a, b) => a - b)[counts.length >> 1] ?? 0
}
