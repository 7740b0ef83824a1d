/** Reads the records of any file that can be imported. */
import type { TableKind } from '../../../../contract/importing.ts'
import { required } from '../../../../contract/required.ts'
import { csvRecords, RecordCutter } from './csv.ts'
import { decodeText } from './encodings.ts'
import { learnEvidence, type ColumnEvidence } from './evidence.ts'
import { finishRecord, isOdd, type RawRecord } from './finish.ts'
import { arrayElements, elementRecord, objectElements, type ElementCutter } from './json.ts'
import { parquetRows } from './parquet.ts'
import { csvLine, scanRecord, type RecordScan } from './scan.ts'
import { afterLines, isBlankRow, type RecordFile, type TableFile, type TableRecord } from './table.ts'
import { join, joinedScan, joinTorn, debris } from './torn.ts'
import { fileBytes } from './unpack.ts'
import { readSheets } from './xlsx.ts'

/** Records from which the shape of a record is learnt, before torn ones are joined. */
const EVIDENCE_RECORDS = 300

/** Characters of records that are made at a time from rows without a text of their own. */
const BATCH_CHARACTERS = 4 * 1024 * 1024

type OnBytes = (bytesRead: number) => void
/** Records as they are in the file, the header first if the table has one; `odd`: some may contain NUL or undecoded bytes. */
interface RawBatch {
  readonly records: readonly RawRecord[]
  readonly odd: boolean
}

/**
 * All data records of a table, in batches. `onBytes` receives how many bytes of the file on disk are read. Memory: a chunk of the
 * file and the record it ends in (a row group of Parquet, a whole workbook). Throws a UserError if the file cannot be
 * read any further.
 */
export async function* tableRecords(file: TableFile, onBytes?: OnBytes): AsyncGenerator<readonly TableRecord[]> {
  for await (const { records, odd } of dataBatches(file, onBytes)) yield records.map((record) => finishRecord(record, file, odd))
}

/** Data records, torn ones joined if the plan says so, before they are checked one by one. */
export async function* dataBatches(file: TableFile, onBytes?: OnBytes): AsyncGenerator<RawBatch> {
  const { torn, 'broken-quotes': brokenQuotes } = file.repairs
  const rows = withoutHeader(rawBatches(file, onBytes), file)
  yield* file.kind === 'csv' && (torn || brokenQuotes) ? joined(rows, file) : rows
}

/** Records as they are in the file, the header first if the table has one, before any repair. */
export async function* rawBatches(file: TableFile, onBytes?: OnBytes): AsyncGenerator<RawBatch> {
  yield* READERS[file.kind](file, onBytes)
}

/** The exact text of a table's header line and of all above it, without a byte order mark, with line endings; '' for a table that begins with its first record. */
export async function tableHeader(file: TableFile): Promise<string> {
  if (file.kind !== 'csv') return csvLine(file.columns)
  if (!file.header && file.headerLine === 1) return ''
  for await (const { records } of rawBatches(file))
    if (records[0]) return file.header ? records[0].raw : records[0].raw.slice(0, afterLines(records[0].raw, file.headerLine - 1))
  return ''
}

/** Reads the edited text of one record as the file would be read; `broken` says what is still wrong. */
export function recordFromText(raw: string, file: RecordFile): TableRecord {
  const odd = isOdd(raw)
  const brace = raw.trimStart().startsWith('{') && (file.kind === 'json' || file.kind === 'jsonl')
  if (brace) return finishRecord(elementRecord({ text: raw, line: 0 }, file.columns), file, odd)
  const cutter = new RecordCutter(file)
  const pieces = [...cutter.push(raw), ...cutter.end()]
  const whole = pieces.length < 2 ? pieces[0] : join(pieces, file)
  const broken = pieces.length === 0 ? 'it is empty' : `it holds ${pieces.length} records: write one`
  const record: RawRecord = whole ?? { fields: [], raw, line: 0, broken }
  return finishRecord({ ...record, raw, line: 0 }, file, odd)
}

/** Where the cells of a record are in its exact text, whose lines may be pieces of a torn record. */
export function recordScan(raw: string, file: RecordFile): RecordScan {
  const from = /^[\r\n]*/.exec(raw)?.[0].length ?? 0
  const scan = scanRecord(raw, file.delimiter, from, file.escape)
  if (!(file.repairs.torn || file.repairs['broken-quotes']) || raw.slice(scan.end).trim() === '') return scan
  const cutter = new RecordCutter(file)
  return joinedScan([...cutter.push(raw), ...cutter.end()], file) ?? scan
}

/** The cells of a record's text as the import read them; none if it cannot be read. */
export function recordCells(raw: string, file: RecordFile): readonly string[] {
  return recordFromText(raw, file).fields
}

/** The text of a file in chunks, without its byte order mark. */
export async function* fileText(file: TableFile, onBytes?: OnBytes): AsyncGenerator<string> {
  let first = true
  for await (const text of decodeText(fileBytes(file, onBytes), file.encoding)) {
    yield first && text.startsWith('\ufeff') ? text.slice(1) : text
    first = false
  }
}

const READERS: Readonly<Record<TableKind, (file: TableFile, onBytes?: OnBytes) => AsyncGenerator<RawBatch>>> = {
  async *csv(file, onBytes) {
    const oddness = { now: false, before: false }
    for await (const records of csvRecords(watched(fileText(file, onBytes), oddness), file, file.headerLine - 1)) {
      // the last record of a batch comes with the next one
      yield { records, odd: oddness.now || oddness.before }
      oddness.before = oddness.now
      oddness.now = false
    }
  },
  json: (file, onBytes) => elementBatches(file, arrayElements, onBytes),
  jsonl: (file, onBytes) => elementBatches(file, objectElements, onBytes),
  async *parquet(file, onBytes) {
    let row = 0
    const share = onBytes && ((part: number): void => onBytes(Math.round(file.bytes * part)))
    for await (const rows of parquetRows(file.path, file.name, file.columns, share))
      for (const records of inBatches(rows, () => ++row)) yield { records, odd: true }
  },
  async *xlsx(file, onBytes) {
    const sheet = (await readSheets(file.path, file.name)).find(({ name }) => name === file.entry)
    const above = file.headerLine - 1
    for (const records of inBatches((sheet?.rows ?? []).slice(above), (i) => above + i + 1))
      yield { records: records.filter(({ fields }) => !isBlankRow(fields)), odd: true }
    onBytes?.(file.bytes)
  },
}

async function* watched(chunks: AsyncIterable<string>, oddness: { now: boolean }): AsyncGenerator<string> {
  for await (const chunk of chunks) {
    oddness.now ||= isOdd(chunk)
    yield chunk
  }
}

async function* elementBatches(file: TableFile, cutter: ElementCutter, onBytes?: OnBytes): AsyncGenerator<RawBatch> {
  for await (const elements of cutter(fileText(file, onBytes), file.name))
    yield { records: elements.map((element) => elementRecord(element, file.columns)), odd: true }
}

/** The rows as records, some megabytes at a time: cells that share a string in memory do not share it in the text of their records. */
function* inBatches(rows: Iterable<readonly string[]>, lineOf: (index: number) => number): Generator<readonly RawRecord[]> {
  let batch: RawRecord[] = []
  let [index, characters] = [0, 0]
  for (const fields of rows) {
    const record = { fields, raw: csvLine(fields), line: lineOf(index++), broken: null }
    batch.push(record)
    characters += record.raw.length
    if (characters < BATCH_CHARACTERS) continue
    yield batch
    batch = []
    characters = 0
  }
  yield batch
}

async function* withoutHeader(batches: AsyncIterable<RawBatch>, file: TableFile): AsyncGenerator<RawBatch> {
  // the members of objects and the schema of Parquet are not records
  let first = file.kind === 'csv' || file.kind === 'xlsx'
  for await (const { records, odd } of batches) {
    const [begin, ...rest] = first ? records : []
    if (begin) first = false
    const above = begin && file.kind === 'csv' ? afterLines(begin.raw, file.headerLine - 1) : 0
    yield { records: begin ? (file.header ? rest : [{ ...begin, raw: begin.raw.slice(above) }, ...rest]) : records, odd }
  }
}

async function* joined(batches: AsyncIterable<RawBatch>, file: TableFile): AsyncGenerator<RawBatch> {
  let evidence: ColumnEvidence | null = null
  let waiting: readonly RawRecord[] = []
  let odd = false
  const take = (atEnd: boolean): RawBatch => {
    evidence ??= learnEvidence(
      waiting.map(({ fields }) => fields),
      file.columns.length,
    )
    const found = evidence ? joinTorn(waiting, file, evidence, atEnd) : { joined: waiting, rest: [] }
    waiting = found.rest
    const records =
      evidence && file.repairs['broken-quotes']
        ? found.joined.map((record) => debris(record, required(evidence, 'evidence')))
        : found.joined
    return { records, odd }
  }
  for await (const batch of batches) {
    waiting = waiting.length === 0 ? batch.records : [...waiting, ...batch.records]
    odd ||= batch.odd
    if (evidence === null && waiting.length < EVIDENCE_RECORDS) continue
    yield take(false)
    odd = batch.odd
  }
  yield take(true)
}
