/** Turns cells as they were read into a record of the table: checks and repairs them, and logs every repair. */
import { ENCODING_NAMES, type ImportLogEntry, type RepairId } from '../../../../contract/importing.ts'
import { required } from '../../../../contract/required.ts'
import { many } from '../../../../contract/words.ts'
import { repairMojibake } from '../../clean/mojibake.ts'
import { readUndecoded } from './encodings.ts'
import { logEntry, NO_ENTRIES, type RecordFile, type TableRecord } from './table.ts'

/** A record of any reader before it is checked. */
export interface RawRecord {
  readonly fields: readonly string[]
  readonly raw: string
  readonly line: number
  readonly broken: string | null
  readonly log?: readonly ImportLogEntry[]
  /** The repair that joined or rejected it, if any. */
  readonly repairedBy?: RepairId
}

/** True if a text has content that is not text: NUL characters, or bytes that could not be decoded. */
export function isOdd(text: string): boolean {
  return text.includes('\0') || !text.isWellFormed()
}

/** Checks a record against the table's columns. `odd`: its text may be {@link isOdd}. */
export function finishRecord(record: RawRecord, file: RecordFile, odd: boolean): TableRecord {
  const { fields, raw, line, broken, log = NO_ENTRIES } = record
  const draft: Draft = { fields, raw, line, broken, log }
  if (odd) for (const repair of ODD_REPAIRS) repair(draft, file)
  if (draft.broken !== null) return draft
  draft.broken = misfit(draft.fields, file.columns)
  if (draft.broken !== null && file.kind === 'csv' && hasInnerQuote(draft.raw, file.delimiter))
    draft.broken += ': quotes inside cells are not doubled'
  if (draft.broken !== null) return draft
  if (draft.fields.length !== file.columns.length) fit(draft, file)
  if (file.repairs.mojibake) unmojibake(draft, file)
  return draft
}

interface Draft {
  fields: readonly string[]
  readonly raw: string
  readonly line: number
  broken: string | null
  log: readonly ImportLogEntry[]
}

function note(draft: Draft, file: RecordFile, what: ImportLogEntry['what'], before: string, after: string, why: string): void {
  draft.log = [...draft.log, logEntry(file, what, draft.line, before, after, why)]
}

const ODD_REPAIRS: readonly ((draft: Draft, file: RecordFile) => void)[] = [
  function undecoded(draft, file) {
    if (draft.raw.isWellFormed()) return
    const { text, bytes } = readUndecoded(draft.raw)
    draft.fields = draft.fields.map((field) => readUndecoded(field).text)
    const some = bytes.slice(0, 3).map((byte) => `0x${byte.toString(16).padStart(2, '0')}`)
    if (file.encoding.startsWith('utf-16') || bytes.length === 0) draft.broken ??= 'it ends in half a character, which is not text'
    else if (file.encoding === 'utf-8' && file.repairs.mojibake)
      note(draft, file, 'repaired', text, text, `${some.join(', ')} cannot be UTF-8 and was read as Windows-1252`)
    else
      draft.broken ??= `it holds ${some.join(', ')}, which cannot be ${ENCODING_NAMES[file.encoding]}; its text here reads such bytes as Windows-1252`
  },
  function nuls(draft, file) {
    const count = draft.raw.split('\0').length - 1
    if (count === 0) return
    const before = draft.raw
    draft.fields = draft.fields.map((field) => field.replaceAll('\0', ''))
    note(
      draft,
      file,
      'repaired',
      before.replaceAll('\0', '␀'),
      before.replaceAll('\0', ''),
      `${count} NUL ${count === 1 ? 'byte' : 'bytes'} left out`,
    )
  },
]

/** Why cells do not fit the columns; null if they do. Short records are padded; long ones have shifted cells. */
export function misfit(fields: readonly string[], columns: readonly string[]): string | null {
  if (fields.length > columns.length && fields.slice(columns.length).some((field) => field.trim() !== ''))
    return `${many(fields.length, 'field')}, but the header has ${columns.length}`
  const repeated = fields[0] === columns[0] && columns.length > 1 && columns.every((column, i) => fields[i] === column)
  return repeated ? 'it repeats the header' : null
}

/** True if a record with quoted cells has a quote that neither begins nor ends a cell and is not doubled. */
function hasInnerQuote(raw: string, delimiter: string): boolean {
  const cut = delimiter === '|' ? '\\|' : delimiter
  return new RegExp(`(?:^|${cut})"`).test(raw) && new RegExp(`[^${cut}"\\s] ?"[^${cut}"\\r\\n]`).test(raw)
}

function fit(draft: Draft, file: RecordFile): void {
  const { fields } = draft
  const columns = file.columns.length
  draft.fields = fields.length > columns ? fields.slice(0, columns) : [...fields, ...Array<string>(columns - fields.length).fill('')]
  if (fields.length < columns)
    note(draft, file, 'padded', draft.raw, '', `${many(fields.length, 'field')}, but the header has ${columns}; the rest is left empty`)
}

function unmojibake(draft: Draft, file: RecordFile): void {
  const repaired = draft.fields.map((field) => repairMojibake(field))
  repaired.forEach((after, i) => {
    const before = required(draft.fields[i], 'an entry of fields')
    if (after !== null)
      note(
        draft,
        file,
        'repaired',
        before,
        after,
        `UTF-8 that was read as Windows-1252, in ${required(file.columns[i], 'an entry of columns')}`,
      )
  })
  if (repaired.some((field) => field !== null)) draft.fields = draft.fields.map((field, i) => repaired[i] ?? field)
}
