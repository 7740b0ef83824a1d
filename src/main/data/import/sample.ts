/** The beginning of a file, read well enough to say what it is. */
import { basename } from 'node:path'
import { UserError } from '../../../contract/errors.ts'
import { csvRecords, type CsvRecord } from './csv.ts'
import { sniffDelimiter } from './sniff.ts'
import { checkText, readHead } from './text.ts'

const SAMPLE_RECORDS = 500
const LONGEST_HEADER_NAME = 120

export interface Sample {
  readonly path: string
  readonly name: string
  readonly bytes: number
  readonly bom: boolean
  readonly delimiter: string
  readonly columns: readonly string[]
  /** The first data rows. */
  readonly records: readonly CsvRecord[]
}

/** Looks at one file. Throws a UserError where it is missing, empty, a folder, not UTF-8 anywhere, or has no header. */
export async function takeSample(path: string): Promise<Sample> {
  const { bytes, bom, text } = await readHead(path)
  await checkText(path)
  const delimiter = sniffDelimiter(text)
  const records: CsvRecord[] = []
  for await (const batch of csvRecords({ path, delimiter, bom })) {
    records.push(...batch.slice(0, SAMPLE_RECORDS + 1 - records.length))
    if (records.length > SAMPLE_RECORDS) break
  }
  const [header, ...rows] = records
  const columns = header?.fields ?? []
  const name = basename(path)
  assertHeader(name, columns, rows)
  return { path, name, bytes, bom, delimiter, columns, records: rows }
}

function assertHeader(name: string, columns: readonly string[], rows: readonly CsvRecord[]): void {
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
