/** Names of columns: unique and not empty, whatever the header says; and whether there is a header at all. */
import { UserError } from '../../../../contract/errors.ts'
import type { ImportLogEntry } from '../../../../contract/importing.ts'
import { decide } from './table.ts'

/** More are no columns of a table, but a table lying on its side or a file that is none. */
const MOST_COLUMNS = 20_000
const LONGEST_HEADER_NAME = 120

export interface NamedColumns {
  readonly columns: readonly string[]
  /** An entry for each name that had to be given. */
  readonly log: readonly ImportLogEntry[]
}

/**
 * A name for each column: `title (2)` where a name repeats, `column 3` where there is none. `raw` is the header's text;
 * null: the file has no header.
 * @throws UserError `too-many-columns`
 */
export function nameColumns(file: string, header: readonly string[], raw: string | null): NamedColumns {
  if (header.length > MOST_COLUMNS)
    throw new UserError(
      'too-many-columns',
      `${file} has ${header.length.toLocaleString('en')} columns, and at most ${MOST_COLUMNS.toLocaleString('en')} can be read: choose another delimiter, or cut the table to the columns you need.`,
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
    if (raw !== null) log.push(decide({ name: file }, 'renamed-column', 1, given, unique, whyRenamed(given, i)))
    return unique
  })
  return { columns, log }
}

/** What a column without a name is called. */
export function givenName(index: number): string {
  return `column ${index + 1}`
}

function whyRenamed(given: string, index: number): string {
  if (given.trim() === '') return `column ${index + 1} has no name`
  if (given.includes('\0')) return `the name of column ${index + 1} holds NUL bytes`
  return `column ${index + 1} repeats a name`
}

/** `numbers` knows the number at which the last search for a name ended. */
function freeName(wanted: string, isTaken: (name: string) => boolean, numbers: Map<string, number>): string {
  if (!isTaken(wanted)) return wanted
  let number = numbers.get(wanted) ?? 2
  while (isTaken(`${wanted} (${number})`)) number++
  numbers.set(wanted, number + 1)
  return `${wanted} (${number})`
}

/** Why the first record is plainly no header; null where it may be one. */
export function whyNoHeader(first: readonly string[], rows: readonly (readonly string[])[]): string | null {
  const long = first.find((cell) => cell.length > LONGEST_HEADER_NAME)
  if (long !== undefined) return `its first line holds "${long.slice(0, 40)}…"`
  const numeric = first.find((cell, i) => isNumber(cell) && rows.length > 0 && rows.every((row) => isNumber(row[i] ?? '')))
  return numeric === undefined ? null : `its first line holds the number ${numeric}`
}

function isNumber(text: string): boolean {
  return text.trim() !== '' && Number.isFinite(Number(text))
}
