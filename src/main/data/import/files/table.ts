/** The result of every reader: tables of records with their exact text. */
import type { FilePlan, ImportLogEntry } from '../../../../contract/importing.ts'
import { readUndecoded } from './encodings.ts'

/** The properties that reading a table needs. A {@link FilePlan} has them. */
export type TableFile = Omit<FilePlan, 'role'>

/** The properties that reading one record's text again needs: a {@link FilePlan}, or a file as a project stores it. */
export type RecordFile = Pick<FilePlan, 'name' | 'kind' | 'encoding' | 'delimiter' | 'escape' | 'columns'> & {
  readonly repairs: Readonly<Partial<FilePlan['repairs']>>
}

/** One data record of a table; the header is not one. */
export interface TableRecord {
  /** Cells, repaired where the plan says so; one per column unless the record is broken. */
  readonly fields: readonly string[]
  /**
   * Exact text with its line ending and the blank lines that follow, undecoded bytes included (see encodings.ts); for kinds without text,
   * a CSV line of the cells.
   */
  readonly raw: string
  /** First line in the file, from 1; for kinds without lines, the number of the record or the row. */
  readonly line: number
  /** Why the record cannot be used; null if it can. */
  readonly broken: string | null
  /** Changes to its text (`repaired`, `padded`); rejections are not listed here, see {@link rejectionEntry}. */
  readonly log: readonly ImportLogEntry[]
}

/** The shared empty log of records without entries, which are most records. */
export const NO_ENTRIES: readonly ImportLogEntry[] = Object.freeze([])
/** Characters of a record's text that a log entry shows. */
const SHOWN = 500

/** The line of the report for a record that was rejected. */
export function rejectionEntry(file: Pick<TableFile, 'name'>, line: number, raw: string, why: string): ImportLogEntry {
  return logEntry(file, 'rejected', line, raw, '', why)
}

/** Log entry about a change to the text of a file; `before` is the whole text. */
export function logEntry(
  file: Pick<TableFile, 'name'>,
  what: ImportLogEntry['what'],
  line: number,
  before: string,
  after: string,
  why: string,
): ImportLogEntry {
  const lines = Math.max(1, lineBreaks(before.trimEnd()) + 1)
  const shown = (text: string): string => readUndecoded(text.slice(0, SHOWN)).text
  return { file: file.name, line, lines, what, why, before: shown(before), after: shown(after) }
}

/** True if all cells of a row are empty. */
export function isBlankRow(cells: readonly string[]): boolean {
  return cells.every((cell) => cell.trim() === '')
}

/** The line breaks at the end of a text. */
export function lineEnding(text: string): string {
  let from = text.length
  while (from > 0 && '\r\n'.includes(text.charAt(from - 1))) from--
  return text.slice(from)
}

/** The offset after this many lines of a text; its length if it has fewer. */
export function afterLines(text: string, lines: number): number {
  const ends = /\r\n?|\n/g
  for (let line = 0; line < lines; line++) if (ends.exec(text) === null) return text.length
  return ends.lastIndex
}

/** Line ends in a text: `\r\n`, `\n` and a lone `\r` each end a line. */
export function lineBreaks(text: string): number {
  let count = 0
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) count++
  for (let at = text.indexOf('\r'); at >= 0; at = text.indexOf('\r', at + 1)) if (text[at + 1] !== '\n') count++
  return count
}
