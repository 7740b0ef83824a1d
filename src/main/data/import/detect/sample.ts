/** Reads the beginning of a file to find which tables it contains and how they are written. */
import { basename } from 'node:path'
import { UserError } from '../../../../contract/errors.ts'
import type {
  Delimiter,
  Encoding,
  Escape,
  FileRole,
  ImportLogEntry,
  ImportReason,
  Packing,
  RepairId,
  RepairOffer,
  TableKind,
} from '../../../../contract/importing.ts'
import { nameColumns, whyNoHeader, type NoHeader } from '../files/columns.ts'
import { guessDialect, rowsAbove } from './delimiters.ts'
import { EncodingWatch, isBinary, type EncodingGuess } from './detect.ts'
import type { RawRecord } from '../files/finish.ts'
import { arrayElements, gatherKeys, jsonKind, notAList, objectElements } from '../files/json.ts'
import { findRepairs } from './offers.ts'
import { parquetColumns } from '../files/parquet.ts'
import { isBlankRow, type TableFile, type TableRecord } from '../files/table.ts'
import { fileText, rawBatches, tableRecords } from '../files/tables.ts'
import { containerOf, emptyFile, readHead } from '../files/text.ts'
import { fileBytes } from '../files/unpack.ts'
import { isWorkbook, readSheets } from '../files/xlsx.ts'
import { zipEntries } from '../files/zip.ts'

const SAMPLE_RECORDS = 500
/** Characters of record text that a sample may contain. */
const SAMPLE_CHARACTERS = 8 * 1024 * 1024
/** Characters of the beginning by which delimiter and kind are decided. */
const HEAD_CHARACTERS = 256 * 1024

/** The user's choices about a file; absent keys: decided by the content. */
export interface TableChoices {
  readonly encoding?: Encoding
  readonly delimiter?: Delimiter
  readonly escape?: Escape
  readonly header?: boolean
  readonly headerLine?: number
  readonly repairs?: Partial<Record<RepairId, boolean>>
}
/** A table and its first records. */
export interface Sample extends TableFile {
  /** True for a sheet that its workbook hides. */
  readonly hidden?: boolean
  /** The first data records. */
  readonly records: readonly TableRecord[]
  /** How the table is written, and the evidence for it. */
  readonly reasons: readonly ImportReason[]
  /** Repairs that this file may need, whether they are switched on or not. */
  readonly offers: readonly RepairOffer[]
  /** Log entries about the header. Entries about records are stored with them. */
  readonly log: readonly ImportLogEntry[]
}
/** A file and its role. */
export interface RoledSample extends Sample {
  readonly role: FileRole
}

/** A file on disk or in an archive, before its content is known. */
interface Unit {
  readonly path: string
  readonly name: string
  readonly bytes: number
  readonly packing: Packing
  readonly entry: string | null
}

/** Default repairs: joining torn records loses nothing and is done only where no other reading is possible. */
const DEFAULT_REPAIRS: Readonly<Record<RepairId, boolean>> = { mojibake: false, torn: true, 'broken-quotes': false }

/**
 * Examines one file and returns its tables: one, or several of an archive or a workbook. Throws a UserError if it is
 * missing, empty, a folder, or contains nothing that can be read as a table.
 */
export async function takeSample(path: string, choices: TableChoices = {}): Promise<readonly Sample[]> {
  const { bytes, head } = readHead(path)
  const name = basename(path)
  const unit: Unit = { path, name, bytes, packing: 'none', entry: null }
  const container = containerOf(head, name)
  if (container === 'zip') return sampleZip(unit, choices)
  if (container === 'parquet') return [await sampleParquet(unit, choices)]
  return [await sampleText({ ...unit, packing: container === 'gzip' ? 'gzip' : 'none' }, choices)]
}

async function sampleZip(unit: Unit, choices: TableChoices): Promise<readonly Sample[]> {
  const entries = await zipEntries(unit.path, unit.name)
  if (isWorkbook(entries.map(({ name }) => name))) return sampleWorkbook(unit, choices)
  const samples: Sample[] = []
  const unreadable: ImportReason<'unreadable'>[] = []
  let failure: UserError | null = null
  for (const { name, compressedBytes } of entries.filter((entry) => entry.bytes > 0)) {
    const packed: Unit = { ...unit, name: `${unit.name}: ${name}`, bytes: compressedBytes, packing: 'zip', entry: name }
    try {
      samples.push(await sampleText(packed, choices))
    } catch (error) {
      if (!(error instanceof UserError) || FATAL.has(error.code)) throw error
      failure ??= error
      unreadable.push({ code: 'unreadable', file: packed.name, entry: name, message: error.message })
    }
  }
  if (samples.length === 0) throw failure ?? emptyFile(unit.name)
  return samples.map((sample, i) => (i === 0 ? { ...sample, reasons: [...sample.reasons, ...unreadable] } : sample))
}

/** Error codes that concern a whole archive, not only a file in it. */
const FATAL: ReadonlySet<string> = new Set(['decompression-bomb', 'unsafe-archive', 'damaged-archive'])

async function sampleWorkbook(unit: Unit, choices: TableChoices): Promise<readonly Sample[]> {
  const sheets = await readSheets(unit.path, unit.name)
  if (sheets.length === 0) throw emptyFile(unit.name)
  const samples: Sample[] = []
  for (const { name, hidden, rows: all } of sheets) {
    const headerLine = choices.headerLine ?? 1 + rowsAbove(all.slice(0, SAMPLE_RECORDS))
    const [first = [], ...rows] = all.slice(headerLine - 1).filter((row) => !isBlankRow(row))
    const why = choices.header === undefined ? whyNoHeader(first, rows.slice(0, SAMPLE_RECORDS)) : null
    const header = choices.header ?? why === null
    const { columns, log } = nameColumns(unit.name, first, header ? '' : null)
    const described = { header, headerLine, repairs: repairsOf(choices) }
    const file = table({ ...unit, name: `${unit.name}: ${name}`, entry: name }, 'xlsx', columns, described)
    const sheet: ImportReason = { code: 'sheet', file: file.name, rows: rows.length + (header ? 0 : 1) }
    samples.push({ ...(await withRecords(file, [sheet, ...headerReasons(file, why)], log)), hidden })
  }
  return samples
}

async function sampleParquet(unit: Unit, choices: TableChoices): Promise<Sample> {
  const columns = await parquetColumns(unit.path, unit.name)
  return withRecords(
    table(unit, 'parquet', columns, { repairs: repairsOf(choices) }),
    [{ code: 'table-kind', file: unit.name, kind: 'parquet' }],
    [],
  )
}

async function sampleText(unit: Unit, choices: TableChoices): Promise<Sample> {
  const guess = await watchBytes(unit)
  const encoding = choices.encoding ?? guess.encoding
  // a byte order mark belongs to its own encoding only
  const bom = guess.bom && encoding === guess.encoding
  const plain = table(unit, 'csv', [], { encoding, bom, repairs: repairsOf(choices) })
  const text = await firstText(plain)
  if (text.trim() === '') throw emptyFile(unit.name)
  const kind = jsonKind(text) ?? 'csv'
  const encoded: ImportReason = { code: 'encoding', file: unit.name, chosen: choices.encoding ?? null, evidence: guess.evidence }
  if (kind === 'csv') return sampleCsv(plain, text, choices, encoded)
  const keys = new Set<string>()
  const cutter = kind === 'json' ? arrayElements : objectElements
  for await (const elements of cutter(fileText(plain), unit.name)) for (const element of elements) gatherKeys(element, keys, unit.name)
  if (keys.size === 0) throw notAList(unit.name)
  const { columns, log } = nameColumns(unit.name, [...keys], '')
  return withRecords({ ...plain, kind, columns }, [{ code: 'table-kind', file: unit.name, kind }, encoded], log)
}

async function sampleCsv(plain: TableFile, text: string, choices: TableChoices, encoded: ImportReason): Promise<Sample> {
  const dialect = guessDialect(text, choices)
  const { delimiter, escape, alike, headerLine } = dialect
  const described = { ...plain, delimiter, escape, headerLine }
  const [first, ...rest] = await firstRaw(described)
  if (first === undefined || first.broken !== null)
    throw new UserError(
      'no-header',
      `${plain.name} has no header that can be read: ${first?.broken ?? `it has no line ${headerLine}`}. Mend its first line, or say in which line the table begins.`,
    )
  const missing =
    choices.header === undefined
      ? whyNoHeader(
          first.fields,
          rest.map(({ fields }) => fields),
        )
      : null
  const header = choices.header ?? missing === null
  const { columns, log } = nameColumns(plain.name, first.fields, header ? first.raw : null)
  const file: TableFile = { ...described, header, columns }
  const layout: ImportReason = {
    code: 'csv',
    file: plain.name,
    delimiter,
    escape,
    alike,
    columns: dialect.columns,
    records: dialect.records,
  }
  const reasons = [layout, encoded, ...headerReasons(file, missing)]
  const offers = await findRepairs(file)
  return { ...(await withRecords(file, reasons, log)), offers }
}

function headerReasons({ name, headerLine }: TableFile, why: NoHeader | null): ImportReason[] {
  const below: ImportReason[] = headerLine > 1 ? [{ code: 'header-line', file: name, line: headerLine }] : []
  return why === null ? below : [...below, { code: 'no-header', file: name, ...why }]
}

function repairsOf({ repairs }: TableChoices): Record<RepairId, boolean> {
  return { ...DEFAULT_REPAIRS, ...repairs }
}

function table(unit: Unit, kind: TableKind, columns: readonly string[], rest: Partial<TableFile>): TableFile {
  const plain = { encoding: 'utf-8', delimiter: ',', escape: '"', bom: false, header: true, headerLine: 1 } as const
  return { ...unit, kind, columns, ...plain, repairs: DEFAULT_REPAIRS, ...rest }
}

/** Reads all bytes once, since only all of them decide the encoding. Throws a UserError if they are not text. */
async function watchBytes(unit: Unit): Promise<EncodingGuess> {
  const watch = new EncodingWatch()
  let head: Buffer | null = null
  for await (const chunk of fileBytes(unit)) {
    if (head === null) assertPlainText((head = chunk), unit)
    watch.push(chunk)
    if (watch.settled) break
  }
  if (head === null) throw emptyFile(unit.name)
  return watch.end()
}

function assertPlainText(head: Buffer, { name, packing }: Unit): void {
  const container = containerOf(head, name)
  if (container !== 'text' && packing !== 'none')
    throw new UserError(
      'nested-archive',
      `${name} is packed inside an archive (${container}), which is not opened: unpack it and choose the file.`,
    )
  if (isBinary(head)) throw new UserError('not-text', `${name} is not text. Choose a CSV, JSON, Parquet or XLSX file.`)
}

async function firstText(file: TableFile): Promise<string> {
  let text = ''
  for await (const chunk of fileText(file)) {
    text += chunk
    if (text.length >= HEAD_CHARACTERS) break
  }
  return text
}

/** The first records as they are in the file, the header among them. */
async function firstRaw(file: TableFile): Promise<readonly RawRecord[]> {
  const first: RawRecord[] = []
  for await (const { records } of rawBatches(file)) {
    first.push(...records.slice(0, SAMPLE_RECORDS - first.length))
    if (first.length >= SAMPLE_RECORDS) break
  }
  return first
}

async function withRecords(file: TableFile, reasons: readonly ImportReason[], log: readonly ImportLogEntry[]): Promise<Sample> {
  const records: TableRecord[] = []
  let characters = 0
  for await (const batch of tableRecords(file)) {
    for (const record of batch.slice(0, SAMPLE_RECORDS - records.length)) {
      if (records.length > 0 && characters > SAMPLE_CHARACTERS) break
      records.push(record)
      characters += record.raw.length
    }
    if (records.length >= SAMPLE_RECORDS || characters > SAMPLE_CHARACTERS) break
  }
  return { ...file, records, reasons, offers: [], log }
}
