/** CSV records by the code under test and by csv-parse, an independent parser. */
import { parse } from 'csv-parse/sync'
import type { Escape } from '../../../src/contract/importing.ts'
import { RecordCutter, type CsvRecord } from '../../../src/main/data/import/files/csv.ts'
import { cellValue, scanRecord } from '../../../src/main/data/import/files/scan.ts'

/** Records of a text that arrives in pieces of `size` characters. */
export function cutRecords(text: string, delimiter = ',', escape: Escape = '"', size = text.length + 1): CsvRecord[] {
  const cutter = new RecordCutter({ delimiter, escape })
  const found: CsvRecord[] = []
  for (let at = 0; at < text.length; at += size) found.push(...cutter.push(text.slice(at, at + size)))
  return [...found, ...cutter.end()]
}

export function scanCells(raw: string, delimiter: string, escape: Escape = '"'): string[] {
  const { spans } = scanRecord(raw, delimiter, 0, escape)
  return Array.from({ length: spans.length / 2 }, (_, i) => cellValue(raw, spans[2 * i]!, spans[2 * i + 1]!, escape))
}

/** The records by csv-parse; null if a quote is never closed. */
export function parsedRecords(text: string, delimiter: string): string[][] | null {
  const options = { delimiter, record_delimiter: ['\r\n', '\n', '\r'], relax_quotes: true, relax_column_count: true, info: true }
  try {
    const found = parse(text, options) as unknown as { record: string[]; info: { bytes: number } }[]
    const bytes = Buffer.from(text)
    // a blank line is no record; a pair of quotes is
    const isBlank = (record: readonly string[], from: number, to: number): boolean =>
      record.length === 1 && record[0] === '' && bytes.toString('utf8', from, to).trim() === ''
    return found.filter(({ record, info }, i) => !isBlank(record, found[i - 1]?.info.bytes ?? 0, info.bytes)).map(({ record }) => record)
  } catch (error) {
    if ((error as { code?: string }).code === 'CSV_QUOTE_NOT_CLOSED') return null
    throw error
  }
}
