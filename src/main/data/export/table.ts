/** Tables such as the change log as CSV after RFC 4180. */
import { quoteCell } from '../import/files/scan.ts'

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
    cells.map((cell) => quoteCell(neutraliseFormulas ? neutralise(cell) : cell, { delimiter, escape: '"' })).join(delimiter) + '\r\n'
  yield line(header)
  for (const row of rows) yield line(row)
}

/** Cells that a spreadsheet would run as formulas. */

const FORMULA = /^[=+\-@\t\r]/
/** A number with a sign, which is not a formula: -3.5, +1.000,50, -1e-7, -12 %. */
const NUMBER = /^[+-](?:\d[\d.,\u00a0 ]*|[.,]\d+)(?:[eE][+-]?\d+)?\s?%?$/

/** Returns true if a spreadsheet would treat the text of a cell as a formula. */
export function isFormula(text: string): boolean {
  return FORMULA.test(text) && !NUMBER.test(text)
}

/** Puts an apostrophe in front of a formula, so that spreadsheets show it and do not run it. */
export function neutralise(text: string): string {
  return isFormula(text) ? "'" + text : text
}
