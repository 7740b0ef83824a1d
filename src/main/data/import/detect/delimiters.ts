/** Finds the delimiter of a CSV file and how it escapes quotes. */
import { DELIMITERS, ESCAPES, type Delimiter, type Escape } from '../../../../contract/importing.ts'
import { readCells, scanRecord, type Dialect } from '../files/scan.ts'

/** Characters and records of the beginning that are examined. */
const LOOKED_AT = 256 * 1024
const RECORDS = 200
/** Header cells beyond this number do not make a delimiter more likely. */
const ENOUGH_COLUMNS = 3

export interface DialectGuess extends Dialect {
  readonly delimiter: Delimiter
  /** Cells of the header. */
  readonly columns: number
  readonly records: number
  /** Records that have as many cells as the header. */
  readonly alike: number
}

/** The delimiter and the escape by which most records of the text have as many cells as its first. */
export function guessDialect(text: string, chosen: { readonly delimiter?: Delimiter; readonly escape?: Escape } = {}): DialectGuess {
  const start = text.slice(0, LOOKED_AT)
  const delimiters = chosen.delimiter === undefined ? DELIMITERS : [chosen.delimiter]
  const escapes = chosen.escape ? [chosen.escape] : escapesIn(start)
  const tries = delimiters.flatMap((delimiter) => escapes.map((escape) => assess(start, { delimiter, escape })))
  return tries.reduce((best, next) => (next.score > best.score ? next : best))
}

/** The escapes by which the text can be read, the likelier one first: a quote that ends a cell precedes a delimiter or a line break. */
function escapesIn(text: string): readonly Escape[] {
  const after = text.match(/\\"[^]/g) ?? []
  const within = after.filter((found) => !/[",;\t|\r\n]$/.test(found)).length
  return after.length === 0 ? ['"'] : within * 2 > after.length ? ESCAPES.toReversed() : ESCAPES
}

interface Assessment extends DialectGuess {
  readonly score: number
}

function assess(text: string, dialect: Pick<DialectGuess, 'delimiter' | 'escape'>): Assessment {
  const from = /^[\r\n]*/.exec(text)?.[0].length ?? 0
  const columns = scanRecord(text, dialect.delimiter, from, dialect.escape).spans.length / 2
  let records = 0
  let alike = 0
  for (let at = from; at < text.length && records < RECORDS; records++) {
    const cells: string[] = []
    const end = readCells(text, dialect, at, cells)
    if (end < 0 || end >= text.length) {
      // a record that the end of the sample cuts off is no evidence; a quote that swallows the whole sample is
      if (end < 0 && records < 3) records += RECORDS
      break
    }
    if (cells.length === columns || (cells.length === 1 && cells[0] === '')) alike++
    at = end + (text.startsWith('\r\n', end) ? 2 : 1)
  }
  const share = records === 0 ? 1 : alike / records
  // the header's cells count most: an extra delimiter is common in a plot and rare in a column name
  const score = columns < 2 ? 0 : share * Math.min(columns, ENOUGH_COLUMNS) + columns / 1000
  return { ...dialect, columns, records, alike, score }
}
