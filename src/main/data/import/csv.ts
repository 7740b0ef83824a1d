/**
 * Records of a CSV file with their exact text. csv-parse decides what a record is; its byte count after each record cuts
 * the text out of the bytes that went in (cheaper than its `raw` option, which copies byte by byte, and exact).
 */
import { createReadStream } from 'node:fs'
import { Parser } from 'csv-parse'
import { UserError } from '../../../contract/errors.ts'
import { scanRecord } from './scan.ts'
import { assertText, completeUpTo } from './text.ts'

const CHUNK_BYTES = 256 * 1024
/** No record of a movie is longer; what is, swallowed the rest of the file through a quote that is never closed. */
const LONGEST_RECORD_BYTES = 4 * 1024 * 1024
/** Each recovery parses up to `LONGEST_RECORD_BYTES` again: a bound on the work that a hostile file can ask for. */
const MOST_RECOVERIES = 200

export interface CsvFile {
  readonly path: string
  readonly delimiter: string
  readonly bom: boolean
}
export interface CsvRecord {
  readonly fields: readonly string[]
  /** Exact text with its line ending, and with the blank lines that follow it. */
  readonly raw: string
  /** First line in the file, from 1. */
  readonly line: number
  /** Why the text is no record; null where it is. */
  readonly broken: string | null
}

/**
 * All records, the header first, in batches of one read. Blank lines are no records. `onBytes` hears how far the file is read.
 * Memory: one chunk and the record it ends in.
 */
export async function* csvRecords(file: CsvFile, onBytes?: (bytesRead: number) => void): AsyncGenerator<readonly CsvRecord[]> {
  const skip = file.bom ? 3 : 0
  const cutter = new RecordCutter(file, skip)
  let read = skip
  for await (const chunk of createReadStream(file.path, { start: skip, highWaterMark: CHUNK_BYTES }) as AsyncIterable<Buffer>) {
    const batch = await cutter.push(chunk)
    read += chunk.length
    onBytes?.(read)
    if (batch.length > 0) yield batch
  }
  yield await cutter.end()
}

class RecordCutter {
  readonly #file: CsvFile
  #feed: Feed
  /** Bytes since the end of the last record. */
  #pending: Buffer = Buffer.alloc(0)
  /** Where `#pending` starts: in the file, and as the parser counts. */
  #offset: number
  #counted = 0
  #line = 1
  #recoveries = 0
  /** Blank lines before the first record. */
  #lead = ''
  /** The last record waits here for blank lines that follow it. */
  #held: { fields: readonly string[]; raw: string; line: number; broken: string | null } | null = null
  #out: CsvRecord[] = []

  constructor(file: CsvFile, offset: number) {
    this.#file = file
    this.#offset = offset
    this.#feed = new Feed(file.delimiter)
  }

  async push(chunk: Buffer): Promise<readonly CsvRecord[]> {
    this.#pending = this.#pending.length > 0 ? Buffer.concat([this.#pending, chunk]) : chunk
    await this.#feed.feed(chunk)
    this.#cut()
    while (this.#pending.length > LONGEST_RECORD_BYTES) await this.#recover()
    return this.#drain()
  }

  async end(): Promise<readonly CsvRecord[]> {
    while (!(await this.#feed.finish())) await this.#recover()
    this.#cut()
    if (this.#held) this.#out.push(this.#held)
    this.#held = null
    return this.#drain()
  }

  #drain(): readonly CsvRecord[] {
    const out = this.#out
    this.#out = []
    return out
  }

  /** Cuts the text of every record that the parser has finished. */
  #cut(): void {
    const ends = this.#feed.drain()
    const last = ends.at(-1)
    if (!last) return
    const total = last.end - this.#counted
    assertText(this.#file.path, this.#pending.subarray(0, total), this.#offset)
    let start = this.#counted
    for (const { fields, end } of ends) {
      this.#add(fields, this.#pending.toString('utf8', start - this.#counted, end - this.#counted), null)
      start = end
    }
    this.#advance(total)
  }

  #advance(bytes: number): void {
    this.#pending = this.#pending.subarray(bytes)
    this.#counted += bytes
    this.#offset += bytes
  }

  #add(fields: readonly string[], raw: string, broken: string | null): void {
    const line = this.#line
    this.#line += lineBreaks(raw)
    if (fields.length === 1 && fields[0] === '' && raw.trim() === '') {
      if (this.#held) this.#held.raw += raw
      else this.#lead += raw
      return
    }
    if (this.#held) this.#out.push(this.#held)
    this.#held = { fields, raw: this.#lead + raw, line, broken }
    this.#lead = ''
  }

  /**
   * A quote is never closed: sets the text aside up to the end of the line that opens it, and starts the parser again behind
   * it. One stray quote then costs one record, not the rest of the file.
   */
  async #recover(): Promise<void> {
    // one character per byte, so that places in the text are places in the buffer
    const bytes = this.#pending.toString('latin1')
    const { spans, open } = scanRecord(bytes, this.#file.delimiter)
    const quote = open ? spans.at(-2)! : 0
    const ending = /\r\n|\n|\r/g
    ending.lastIndex = quote
    // where no line ends, the next chunk may hold the rest of a character
    let cut = ending.exec(bytes) ? ending.lastIndex : completeUpTo(this.#pending, bytes.length)
    if (++this.#recoveries > MOST_RECOVERIES) cut = completeUpTo(this.#pending, bytes.length)
    const text = this.#pending.subarray(0, cut)
    assertText(this.#file.path, text, this.#offset)
    const line = this.#line + lineBreaks(bytes.slice(0, quote))
    const why = open ? `a quote opened in line ${line} is never closed` : `longer than ${LONGEST_RECORD_BYTES} bytes`
    this.#add([], text.toString('utf8'), why)
    this.#advance(cut)
    this.#counted = 0
    this.#feed = new Feed(this.#file.delimiter)
    if (this.#pending.length === 0) return
    await this.#feed.feed(this.#pending)
    this.#cut()
  }
}

interface RecordEnd {
  readonly fields: readonly string[]
  /** Bytes given to the parser up to the end of this record. */
  readonly end: number
}

/**
 * One run of csv-parse. Records are taken as the parser hands them to its stream, before the stream queues them one by one:
 * its `info` then holds the byte count at the end of that very record (`on_record` would copy it for each).
 */
class Feed extends Parser {
  #ends: RecordEnd[] = []
  #failure: (Error & { code?: string }) | null = null

  constructor(delimiter: string) {
    super({ delimiter, record_delimiter: ['\r\n', '\n', '\r'], relax_quotes: true, relax_column_count: true })
    this.on('error', (error) => (this.#failure = error))
    this.resume()
  }

  override push(fields: readonly string[] | null): boolean {
    if (fields === null) return super.push(null)
    this.#ends.push({ fields, end: this.info.bytes })
    return true
  }

  drain(): readonly RecordEnd[] {
    const ends = this.#ends
    this.#ends = []
    return ends
  }

  async feed(chunk: Buffer): Promise<void> {
    await new Promise<void>((done) => this.write(chunk, () => done()))
    this.#throwOthers()
  }

  /** Ends the input; false where it ends inside a quote. */
  async finish(): Promise<boolean> {
    const closed = new Promise<void>((done) => this.once('close', done))
    this.end()
    await closed
    this.#throwOthers()
    return this.#failure === null
  }

  #throwOthers(): void {
    const failure = this.#failure
    if (failure && failure.code !== 'CSV_QUOTE_NOT_CLOSED')
      throw new UserError('csv-unreadable', `The table cannot be read: ${failure.message}. Open it in an editor and save it as plain CSV.`)
  }
}

/** `\r\n`, `\n` and a lone `\r` each end a line. */
function lineBreaks(text: string): number {
  let count = 0
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) count++
  for (let at = text.indexOf('\r'); at >= 0; at = text.indexOf('\r', at + 1)) if (text[at + 1] !== '\n') count++
  return count
}
