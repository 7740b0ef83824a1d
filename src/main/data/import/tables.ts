/** Records of any file that can be imported. */
import { csvRecords } from './csv.ts'
import { scanRecord, cellValue } from './scan.ts'
import { NO_DECISIONS, type TableFile, type TableRecord } from './table.ts'

/**
 * All data records of a table, in batches. `onBytes` hears how many bytes of the file on disk are read. Memory: a chunk of the
 * file and the record it ends in. Throws a UserError where the file cannot be read any further.
 */
export async function* tableRecords(file: TableFile, onBytes?: (bytesRead: number) => void): AsyncGenerator<readonly TableRecord[]> {
  let header = file.header
  for await (const batch of csvRecords(file, onBytes)) {
    const rows = header ? batch.slice(1) : batch
    header &&= batch.length === 0
    yield rows.map((record) => ({ ...record, broken: record.broken ?? misfit(record.fields, file.columns), decisions: NO_DECISIONS }))
  }
}

/** The exact text of a table's header line, without a byte order mark, with its line ending; '' where it has none. */
export async function tableHeader(file: TableFile): Promise<string> {
  if (!file.header) return ''
  for await (const batch of csvRecords(file)) if (batch[0]) return batch[0].raw
  return ''
}

/** Reads one record's text again, after it was edited, as the file would be read: `broken` says what is still wrong. */
export function recordFromText(raw: string, file: TableFile): TableRecord {
  const { spans, open } = scanRecord(raw, file.delimiter)
  const fields = Array.from({ length: spans.length / 2 }, (_, i) => cellValue(raw, spans[2 * i]!, spans[2 * i + 1]!))
  const broken = open ? 'a quote is never closed' : misfit(fields, file.columns)
  return { fields, raw, line: 0, broken, decisions: NO_DECISIONS }
}

/** Short records are padded; long ones have shifted cells. */
function misfit(fields: readonly string[], columns: readonly string[]): string | null {
  if (fields.length > columns.length && fields.slice(columns.length).some((field) => field.trim() !== ''))
    return `it has ${fields.length} fields where the header names ${columns.length}`
  const repeated = fields[0] === columns[0] && columns.length > 1 && columns.every((column, i) => fields[i] === column)
  return repeated ? 'it repeats the header' : null
}
