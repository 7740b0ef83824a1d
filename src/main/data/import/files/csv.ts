/** Cuts CSV text into records, whatever chunks the text arrives in. */
import { readCells, scanRecord, type Dialect } from './scan.ts'
import { afterLines, lineBreaks } from './table.ts'

/** No record of a movie is longer; a longer one has swallowed the rest of the file through an unclosed quote. */
const MAX_RECORD_CHARACTERS = 4 * 1024 * 1024
/** Longest text of a rejected record; what follows in the same line is rejected as records of its own. */
const MAX_REJECTED_CHARACTERS = 4 * MAX_RECORD_CHARACTERS
/** Each recovery reads up to `MAX_RECORD_CHARACTERS` characters again: this bounds the work that a malicious file can cause. */
const MAX_RECOVERIES = 200

const TOO_LONG = `is longer than ${MAX_RECORD_CHARACTERS.toLocaleString('en')} characters`

export interface CsvRecord {
  readonly fields: readonly string[]
  /** Exact text with its line ending, and with the blank lines that follow it. */
  readonly raw: string
  /** First line in the file, from 1. */
  readonly line: number
  /** Why the text is not a record; null if it is. */
  readonly broken: string | null
}

/**
 * All records of a text, the header first; the text of the first one includes `above` lines that stand above it. Blank lines are not
 * records. Memory: a chunk and the record it ends in.
 */
export async function* csvRecords(chunks: AsyncIterable<string>, dialect: Dialect, above = 0): AsyncGenerator<readonly CsvRecord[]> {
  const cutter = new RecordCutter(dialect, above)
  for await (const chunk of chunks) {
    const batch = cutter.push(chunk)
    if (batch.length > 0) yield batch
  }
  yield cutter.end()
}

/** Cuts text into records: push chunks, then end. */
export class RecordCutter {
  readonly #dialect: Dialect
  /** Text since the end of the last record. */
  #pending = ''
  /** Characters of `#pending` at which it is cut again: twice those in which no record ended, so that a long one is not read for each chunk. */
  #next = 0
  #line = 1
  #recoveries = 0
  /** True inside a line that is longer than any record: it is skipped to its end. */
  #overlong = false
  /** Lines above the first record that are still to come, and those that came: they, and blank ones. */
  #above: number
  #lead = ''
  /** The last record, until the blank lines that follow it are known. */
  #held: { fields: readonly string[]; raw: string; line: number; broken: string | null } | null = null
  #out: CsvRecord[] = []

  constructor(dialect: Dialect, above = 0) {
    this.#dialect = dialect
    this.#above = above
  }

  push(chunk: string): readonly CsvRecord[] {
    this.#pending += chunk
    if (this.#above > 0) {
      const end = afterLines(this.#pending, this.#above)
      // the record has not begun, or a line feed may follow the carriage return
      if (end >= this.#pending.length) return []
      this.#skipAbove(end)
    }
    if (this.#pending.length < Math.min(this.#next, MAX_RECORD_CHARACTERS)) return []
    this.#cut(false)
    while (this.#pending.length > MAX_RECORD_CHARACTERS) {
      this.#reject()
      this.#cut(false)
    }
    this.#next = 2 * this.#pending.length
    return this.#drain()
  }

  end(): readonly CsvRecord[] {
    if (this.#above > 0) this.#skipAbove(afterLines(this.#pending, this.#above))
    this.#cut(true)
    while (this.#pending !== '') {
      this.#reject()
      this.#cut(true)
    }
    if (this.#held) this.#out.push(this.#held)
    this.#held = null
    return this.#drain()
  }

  #drain(): readonly CsvRecord[] {
    const out = this.#out
    this.#out = []
    return out
  }

  #skipAbove(end: number): void {
    this.#lead = this.#pending.slice(0, end)
    this.#line += this.#above
    this.#above = 0
    this.#pending = this.#pending.slice(end)
  }

  /** Takes every complete record; with `whole`, the last one needs no line ending. */
  #cut(whole: boolean): void {
    const text = this.#pending
    let start = this.#overlong ? this.#skipLine(text, whole) : 0
    while (start < text.length) {
      const fields: string[] = []
      const end = readCells(text, this.#dialect, start, fields)
      // after a quote or a carriage return, the next chunk may begin with its second half
      if (end < 0 || (!whole && end + 1 >= text.length && text[end] !== '\n')) break
      const next = end + (text[end] === '\r' && text[end + 1] === '\n' ? 2 : 1)
      if (next - start > MAX_RECORD_CHARACTERS) this.#add([], text.slice(start, next), `it ${TOO_LONG}`)
      else this.#add(fields, text.slice(start, next), null)
      start = next
    }
    this.#pending = start >= text.length ? '' : text.slice(start)
  }

  /** The end of a line whose beginning was rejected. */
  #skipLine(text: string, whole: boolean): number {
    const found = /\r\n?|\n/.exec(text)
    const end = found ? found.index + found[0].length : text.length
    if (!whole && (!found || (found[0] === '\r' && end === text.length)) && text.length <= MAX_RECORD_CHARACTERS) return 0
    this.#overlong = !found
    const held = this.#held
    if (held && held.raw.length + end <= MAX_REJECTED_CHARACTERS) {
      held.raw += text.slice(0, end)
      this.#line += lineBreaks(text.slice(0, end))
    } else if (end > 0) this.#add([], text.slice(0, end), 'it is the end of a line that is too long for a record')
    return end
  }

  #add(fields: readonly string[], raw: string, broken: string | null): void {
    const line = this.#line
    this.#line += lineBreaks(raw)
    if (broken === null && fields.length === 1 && fields[0] === '' && raw.trim() === '') {
      if (this.#held) this.#held.raw += raw
      else this.#lead += raw
      return
    }
    if (this.#held) this.#out.push(this.#held)
    this.#held = { fields, raw: this.#lead + raw, line, broken }
    this.#lead = ''
  }

  /**
   * The text holds no complete record. If a quote is never closed, the text up to the end of the line that opens it is
   * rejected: one stray quote then costs one record, not the rest of the file.
   */
  #reject(): void {
    const text = this.#pending
    const { delimiter, escape } = this.#dialect
    const { spans, open } = scanRecord(text, delimiter, 0, escape)
    const quote = open ? (spans.at(-2) ?? 0) : 0
    const ending = /\r\n|\n|\r/g
    ending.lastIndex = quote
    const found = ++this.#recoveries <= MAX_RECOVERIES && ending.exec(text) !== null
    const cut = found ? ending.lastIndex : text.length
    const line = this.#line + lineBreaks(text.slice(0, quote))
    const limit = text.length > MAX_RECORD_CHARACTERS ? `, or the record ${TOO_LONG}` : ''
    const why = open ? `a quote opened in line ${line} is never closed${limit}` : `it ${TOO_LONG}`
    this.#overlong = !found
    this.#add([], text.slice(0, cut), why)
    this.#pending = text.slice(cut)
  }
}
