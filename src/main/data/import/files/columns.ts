/** Names the columns of a table uniquely, and decides whether it has a header. */
import { UserError } from '../../../../contract/errors.ts'
import type { ImportLogEntry, ImportReason } from '../../../../contract/importing.ts'
import { logEntry } from './table.ts'

/** More columns indicate a transposed table or a file that is not a table. */
const MAX_COLUMNS = 20_000
const MAX_HEADER_NAME_CHARACTERS = 120

export interface NamedColumns {
  readonly columns: readonly string[]
  /** A log entry for each name that was made. */
  readonly log: readonly ImportLogEntry[]
}

/**
 * A name for each column: `title (2)` if a name repeats, `column 3` if there is none. `raw` is the header's text;
 * null: the file has no header.
 * @throws UserError `too-many-columns`
 */
export function nameColumns(file: string, header: readonly string[], raw: string | null): NamedColumns {
  if (header.length > MAX_COLUMNS)
    throw new UserError(
      'too-many-columns',
      `${file} has ${header.length.toLocaleString('en')} columns, and at most ${MAX_COLUMNS.toLocaleString('en')} can be read: choose another delimiter, or cut the table to the columns you need.`,
    )
  const taken = new Set(raw === null ? [] : header)
  const seen = new Set<string>()
  const numbers = new Map<string, number>()
  const log: ImportLogEntry[] = []
  const columns = header.map((given, i) => {
    const name = raw === null ? '' : given.replaceAll('\0', '')
    if (raw !== null && name === given && name.trim() !== '' && !seen.has(name)) {
      seen.add(name)
      return name
    }
    const unique = freeName(name.trim() === '' ? givenName(i) : name, (n) => seen.has(n) || taken.has(n), numbers)
    seen.add(unique)
    if (raw !== null) log.push(logEntry({ name: file }, 'renamed-column', 1, given, unique, whyRenamed(given, i)))
    return unique
  })
  return { columns, log }
}

/** A key that is equal for two names of one column: files, formats and users may differ in case. */
export function foldColumn(name: string): string {
  return name.trim().toLowerCase()
}

/** The name of a column without one. */
export function givenName(index: number): string {
  return `column ${index + 1}`
}

function whyRenamed(given: string, index: number): string {
  if (given.trim() === '') return `column ${index + 1} has no name`
  if (given.includes('\0')) return `the name of column ${index + 1} holds NUL bytes`
  return `column ${index + 1} repeats a name`
}

/** `numbers`: by name, the number at which the last search ended. */
function freeName(wanted: string, isTaken: (name: string) => boolean, numbers: Map<string, number>): string {
  if (!isTaken(wanted)) return wanted
  let number = numbers.get(wanted) ?? 2
  while (isTaken(`${wanted} (${number})`)) number++
  numbers.set(wanted, number + 1)
  return `${wanted} (${number})`
}

export type NoHeader = Pick<ImportReason<'no-header'>, 'because' | 'cell'>
/** Why the first record cannot be a header; null if it may be one. */
export function whyNoHeader(first: readonly string[], rows: readonly (readonly string[])[]): NoHeader | null {
  const long = first.find((cell) => cell.length > MAX_HEADER_NAME_CHARACTERS)
  if (long !== undefined) return { because: 'long-cell', cell: long.slice(0, 40) }
  const numeric = first.find((cell, i) => isNumber(cell) && rows.length > 0 && rows.every((row) => isNumber(row[i] ?? '')))
  return numeric === undefined ? null : { because: 'number', cell: numeric }
}

function isNumber(text: string): boolean {
  return text.trim() !== '' && Number.isFinite(Number(text))
}
