/**
 * Records that a raw line break tore apart, put together again where no other reading is possible. The record's beginning (the
 * head) ends inside a cell of free text, after which all cells are missing that every other record fills; lines follow
 * that are not records, the last of which (the tail) has the missing cells. The exact text stays: all the lines.
 *
 *     10/20/13,Pixie Hollow Bake Off,Plus 10 Mini-Shorts:,,,,,,        head: 3 cells
 *      - Just Desserts,,,,,,,,                                        1 cell
 *      - Magic Tricks,61.328,35,7.1,en,Animation,https://…,,           tail: 7 cells; 3 + 7 - 1 = 9
 *
 * `broken-quotes` also joins where a conversion has split the torn text at its commas, removes the closing quote that was left
 * over, and rejects a record whose end is lost.
 */
import { required } from '../../../../contract/required.ts'
import { givenName } from './columns.ts'
import { filledCells, type ColumnEvidence } from './evidence.ts'
import type { RawRecord } from './finish.ts'
import { scanRecord, type Dialect, type RecordScan } from './scan.ts'
import { logEntry, lineEnding, type RecordFile } from './table.ts'

/** Lines between head and tail. */
const MAX_PIECES = 200
/** Cells that must have the shape of their columns before a tail is accepted. */
const MIN_EVIDENCE = 2

export type TornFile = Pick<RecordFile, 'name' | 'columns' | 'repairs'>
/** A record's text as it was cut, with its cells. */
type Piece = Pick<RawRecord, 'fields' | 'raw'>

/** The records, torn ones joined. `rest`: records that may continue in the next batch. */
export function joinTorn(
  records: readonly RawRecord[],
  file: TornFile,
  evidence: ColumnEvidence,
  atEnd: boolean,
): { readonly joined: readonly RawRecord[]; readonly rest: readonly RawRecord[] } {
  const joined: RawRecord[] = []
  for (let i = 0; i < records.length; i++) {
    const head = required(records[i], 'an entry of records')
    if (!isHead(head, file, evidence)) {
      joined.push(head)
      continue
    }
    const found = findTail(records, i, file, evidence)
    if (found === 'more' && !atEnd) return { joined, rest: records.slice(i) }
    if (typeof found === 'number') {
      joined.push(required(join(records.slice(i, found + 1), file), 'the result of join'))
      i = found
    } else joined.push(file.repairs['broken-quotes'] ? lost(head, file) : head)
  }
  return { joined, rest: [] }
}

/** The pieces as one record, judged by their shape alone; null if they do not fit. */
export function join(pieces: readonly RawRecord[], file: TornFile): RawRecord | null {
  const found = shapeOf(pieces, file)
  if (!found) return null
  const { head, tail, count, ends } = found
  const cells = head.fields.slice(0, count)
  let text = cells[count - 1] ?? ''
  let split = false
  for (const [i, piece] of pieces.entries()) {
    if (i === 0) continue
    const filled = i === pieces.length - 1 ? ends.from : filledCells(piece.fields)
    split ||= filled > 1
    text += lineEnding(pieces[i - 1]?.raw ?? '') + piece.fields.slice(0, filled).join(',')
  }
  const leftQuote = file.repairs['broken-quotes'] === true && hasOddQuotes(text)
  cells[count - 1] = leftQuote ? text.slice(0, -1) : text
  const raw = pieces.map((piece) => piece.raw).join('')
  const whole = [...cells, ...tail.fields.slice(ends.from, ends.to)]
  const fields = file.columns.map((_, i) => whole[i] ?? '')
  const more = [split ? ', and that was split at its commas' : '', leftQuote ? ', with a quote left over' : ''].join('')
  const why = `${pieces.length} lines are one record that line breaks tore apart in ${file.columns[count - 1] ?? ''}${more}`
  const log = [...pieces.flatMap((piece) => piece.log ?? []), logEntry(file, 'repaired', head.line, raw, whole.join(' | '), why)]
  return { fields, raw, line: head.line, broken: null, log, repairedBy: split || leftQuote ? 'broken-quotes' : 'torn' }
}

/** Where the cells of the pieces that {@link join} would join are in their whole text; null if it would not. */
export function joinedScan(pieces: readonly Piece[], file: TornFile & Dialect): RecordScan | null {
  const found = shapeOf(pieces, file)
  if (!found) return null
  const { head, tail, count, ends } = found
  const scan = ({ raw }: Piece): RecordScan => scanRecord(raw, file.delimiter, 0, file.escape)
  const { spans, end, open } = scan(tail)
  const before = pieces.slice(0, -1).reduce((sum, { raw }) => sum + raw.length, 0)
  // the torn cell begins in the head and ends in the tail
  const rest = spans.slice(2 * ends.from - 1, 2 * ends.to).map((at) => at + before)
  return { spans: [...scan(head).spans.slice(0, 2 * count - 1), ...rest], end: end + before, open }
}

/** The pieces between which a record is torn, the number of the head's cells, and which cells of the tail are complete. */
function shapeOf<P extends Piece>(
  pieces: readonly P[],
  file: TornFile,
): { readonly head: P; readonly tail: P; readonly count: number; readonly ends: { readonly from: number; readonly to: number } } | null {
  const [head] = pieces
  const tail = pieces.at(-1)
  const count = head ? filledCells(head.fields) : 0
  const ends = tail ? tailCells(tail, file, count) : null
  return head && tail && pieces.length > 1 && count > 0 && ends ? { head, tail, count, ends } : null
}

/** True for a record whose last filled cell is free text, and which lacks cells that all others have. */
function isHead({ fields, broken }: RawRecord, file: TornFile, { fits, filled }: ColumnEvidence): boolean {
  if (broken !== null) return false
  const count = filledCells(fields)
  if (count === 0 || count >= tableWidth(file) || fits[count - 1]?.(fields[count - 1] ?? '') !== null) return false
  if (filled.slice(count).filter(Boolean).length < MIN_EVIDENCE) return false
  const judged = fields.slice(0, count - 1).map((cell, i) => fits[i]?.(cell) ?? null)
  return judged.some((fit) => fit === true) && !judged.includes(false)
}

/** The index of the tail; null if there is none, `more` if it may be in the next batch. */
function findTail(records: readonly RawRecord[], from: number, file: TornFile, evidence: ColumnEvidence): number | 'more' | null {
  const count = filledCells(required(records[from], 'an entry of records').fields)
  for (let i = from + 1; i < records.length; i++) {
    const piece = required(records[i], 'an entry of records')
    if (i - from > MAX_PIECES || piece.broken !== null || isRecord(piece, evidence)) return null
    const ends = tailCells(piece, file, count)
    if (ends && isTail(piece.fields.slice(ends.from, ends.to), count, evidence)) return i
    if (filledCells(piece.fields) > 1 && !file.repairs['broken-quotes']) return null
  }
  return 'more'
}

/** Number of columns without the empty ones that spreadsheets leave at the end of every line. */
function tableWidth({ columns }: TornFile): number {
  let width = columns.length
  while (width > 0 && columns[width - 1] === givenName(width - 1)) width--
  return width === 0 ? columns.length : width
}

/** The complete cells of a tail: those after the torn text. */
function tailCells({ fields }: Piece, file: TornFile, headCells: number): { readonly from: number; readonly to: number } | null {
  const missing = tableWidth(file) - headCells
  const filled = filledCells(fields)
  for (const to of [filled, fields.length]) {
    const from = to - missing
    if (from === 1 || (from > 1 && file.repairs['broken-quotes'])) return { from, to }
  }
  return null
}

/** For each cell, whether it has the shape of its column; null if that cannot be said. `first`: column of the first cell. */
function judge(cells: readonly string[], { fits }: ColumnEvidence, first = 0): (boolean | null)[] {
  return cells.map((cell, i) => (cell === '' ? null : (fits[first + i]?.(cell) ?? null)))
}

function isTail(cells: readonly string[], headCells: number, evidence: ColumnEvidence): boolean {
  const judged = judge(cells, evidence, headCells)
  return judged.filter((fit) => fit === true).length >= Math.min(MIN_EVIDENCE, cells.length) && !judged.includes(false)
}

/** True if a line begins as records do: then it is not a piece of another one. */
function isRecord({ fields }: RawRecord, evidence: ColumnEvidence): boolean {
  const count = filledCells(fields)
  if (count < 2) return false
  const judged = judge(fields.slice(0, count), evidence)
  return judged.includes(true) && !judged.includes(false)
}

function lost(head: RawRecord, file: TornFile): RawRecord {
  const count = filledCells(head.fields)
  const column = file.columns[count - 1] ?? ''
  return { ...head, broken: `the conversion lost its end: nothing is left behind the beginning of ${column}`, repairedBy: 'broken-quotes' }
}

function hasOddQuotes(text: string): boolean {
  return text.endsWith('"') && text.split('"').length % 2 === 0
}

/** Rejects the rest of a record whose other half could not be found: most of its cells belong to other columns. */
export function debris(record: RawRecord, evidence: ColumnEvidence): RawRecord {
  if (record.broken !== null || record.log !== undefined) return record
  const judged = judge(record.fields, evidence)
  const wrong = judged.filter((fit) => fit === false).length
  if (wrong === 0 || wrong <= judged.filter((fit) => fit === true).length) return record
  const why = 'it is a piece of a record that a line break tore apart, and its other pieces do not tell how to join them'
  return { ...record, broken: why, repairedBy: 'broken-quotes' }
}
