/** Tables such as the change log as CSV after RFC 4180. */
import { quoteCell } from '../import/files/scan.ts'
import { neutralise } from './formulas.ts'

export interface CsvOptions {
  /** One character; by default a comma. */
  readonly delimiter?: string
  /** Puts an apostrophe in front of cells that a spreadsheet would run. */
  readonly neutraliseFormulas?: boolean
}

/** Yields the header and each row as one line of CSV. */
export function* toCsv(header: readonly string[], rows: Iterable<readonly string[]>, options: CsvOptions = {}): Generator<string> {
  const { delimiter = ',', neutraliseFormulas = false } = options
  const line = (cells: readonly string[]): string =>
    cells.map((cell) => quoteCell(neutraliseFormulas ? neutralise(cell) : cell, delimiter)).join(delimiter) + '\r\n'
  yield line(header)
  for (const row of rows) yield line(row)
}
