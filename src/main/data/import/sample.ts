/** The beginning of a file, read well enough to say what it is. */
import { basename } from 'node:path'
import { UserError } from '../../../contract/errors.ts'
import type { Encoding, Escape, ImportDecision, RepairId } from '../../../contract/importing.ts'
import { csvRecords } from './csv.ts'
import { sniffDelimiter } from './delimiters.ts'
import type { TableFile, TableRecord } from './table.ts'
import { tableRecords } from './tables.ts'
import { checkText, readHead } from './text.ts'

const SAMPLE_RECORDS = 500
const LONGEST_HEADER_NAME = 120
const DELIMITER_NAMES: Readonly<Record<string, string>> = { ',': 'commas', ';': 'semicolons', '\t': 'tabs', '|': 'vertical bars' }

/** What the user has chosen by hand about a file; absent keys leave it to the content. */
export interface TableChoices {
  readonly encoding?: Encoding
  readonly delimiter?: string
  readonly escape?: Escape
  readonly header?: boolean
  readonly repairs?: Partial<Record<RepairId, boolean>>
}
/** What a repair would do, counted over the records of the sample (`broken-quotes`: over the whole file). */
export interface RepairOffer {
  readonly repair: RepairId
  readonly count: number
  readonly examples: readonly { readonly line: number; readonly before: string; readonly after: string }[]
  /** Why it is switched on or off where the user has not chosen, in a sentence. */
  readonly why: string
}
/** A table and its first records. */
export interface Sample extends TableFile {
  /** The first data records. */
  readonly records: readonly TableRecord[]
  /** How it is written and how that was found out, one sentence each. */
  readonly reasons: readonly string[]
  /** Repairs that this file gives reason for, whether they are switched on or not. */
  readonly offers: readonly RepairOffer[]
  /** What was decided about the header. Decisions on the records stand with them. */
  readonly decisions: readonly ImportDecision[]
}

/**
 * Looks at one file and answers the tables in it: one, or several of an archive or a workbook. Throws a UserError where it is
 * missing, empty, a folder, or holds nothing that can be read as a table.
 */
export async function takeSample(path: string, choices: TableChoices = {}): Promise<readonly Sample[]> {
  const { bytes, bom, text } = await readHead(path)
  await checkText(path)
  const delimiter = choices.delimiter ?? sniffDelimiter(text)
  const name = basename(path)
  const columns = await firstFields({ path, delimiter, bom })
  const file: TableFile = {
    path,
    name,
    bytes,
    kind: 'csv',
    packing: 'none',
    entry: null,
    encoding: 'utf-8',
    delimiter,
    escape: '"',
    bom,
    header: true,
    columns,
    repairs: { mojibake: false, torn: false, 'broken-quotes': false },
  }
  const records: TableRecord[] = []
  for await (const batch of tableRecords(file)) {
    records.push(...batch.slice(0, SAMPLE_RECORDS - records.length))
    if (records.length >= SAMPLE_RECORDS) break
  }
  assertHeader(name, columns, records)
  const reasons = [`${name}: separated by ${DELIMITER_NAMES[delimiter] ?? delimiter}, UTF-8${bom ? ' with a byte order mark' : ''}`]
  return [{ ...file, records, reasons, offers: [], decisions: [] }]
}

async function firstFields(file: { path: string; delimiter: string; bom: boolean }): Promise<readonly string[]> {
  for await (const batch of csvRecords(file)) if (batch[0]) return batch[0].fields
  return []
}

function assertHeader(name: string, columns: readonly string[], rows: readonly TableRecord[]): void {
  const advice = 'Add a first line that names the columns, such as id,title,plot,genre.'
  if (columns.every((column) => column.trim() === ''))
    throw new UserError('no-header', `${name} has no header: its first line names no column. ${advice}`)
  const long = columns.find((column) => column.length > LONGEST_HEADER_NAME)
  if (long !== undefined) throw new UserError('no-header', `${name} has no header: its first line holds "${long.slice(0, 40)}…". ${advice}`)
  const numeric = columns.find((column, i) => isNumber(column) && rows.length > 0 && rows.every(({ fields }) => isNumber(fields[i] ?? '')))
  if (numeric !== undefined)
    throw new UserError('no-header', `${name} has no header: its first line holds the number ${numeric}. ${advice}`)
}

function isNumber(text: string): boolean {
  return text.trim() !== '' && Number.isFinite(Number(text))
}
