/** Records of the planned files, one by one, in plan order. Nothing is kept: memory stays flat whatever the files weigh. */
import type { FilePlan, ImportPlan, Mapping } from '../../../contract/importing.ts'
import type { Split } from '../../../contract/records.ts'
import { csvRecords, type CsvRecord } from './csv.ts'
import { formatOf, type MergeRule } from './formats.ts'
import { parseGenres } from './genres.ts'

export interface SourceRecord {
  /** Index into `plan.files`. */
  readonly file: number
  /** Data row in its file, from 1 (blank lines and the header do not count). */
  readonly record: number
  /** First line in the file, from 1. */
  readonly line: number
  /** Exact text, with its line ending and the blank lines that follow. */
  readonly raw: string
  /** Own id, trimmed; null where the format or the record has none. */
  readonly key: string | null
  readonly title: string
  /** As in the cell. */
  readonly plot: string
  /** As written, trimmed, without empty ones. */
  readonly genres: readonly string[]
  /** As the cell says, see {@link SPLIT_NAMES}; null where it is empty. */
  readonly split: string | null
  /** Why this record cannot be used; null where it can. Set-aside records keep their text, so that nothing is lost. */
  readonly setAside: string | null
}

/** How a `split` column may name the three parts. */
export const SPLIT_NAMES: ReadonlyMap<string, Split> = new Map([
  ['train', 'train'],
  ['training', 'train'],
  ['valid', 'valid'],
  ['val', 'valid'],
  ['validation', 'valid'],
  ['dev', 'valid'],
  ['test', 'test'],
])

/**
 * Every record of the plan's files. `onBytes` hears the bytes read so far, over all files. Throws a UserError where a file is
 * gone or not UTF-8; a record that cannot be used is no error: it comes with `setAside`.
 */
export async function* readRecords(plan: ImportPlan, onBytes?: (bytesRead: number) => void): AsyncGenerator<SourceRecord> {
  let before = 0
  for (const [index, file] of plan.files.entries()) {
    const convert = recordReader(plan, index)
    // -1: the first record of a file is its header
    let record = -1
    for await (const batch of csvRecords(file, onBytes && ((bytes) => onBytes(before + bytes))))
      for (const csv of batch) if (++record > 0) yield convert(csv, record)
    before += file.bytes
  }
}

/** The exact text of a file's header line, without a byte order mark, with its line ending. */
export async function readHeader(file: FilePlan): Promise<{ readonly headerRaw: string; readonly columns: readonly string[] }> {
  for await (const batch of csvRecords(file)) {
    const header = batch[0]
    if (header) return { headerRaw: header.raw, columns: header.fields }
  }
  return { headerRaw: '', columns: [] }
}

/** Whether records of the same id are one movie: the first title and plot that are not empty win, genres are united. */
export function mergeRule(plan: Pick<ImportPlan, 'format' | 'genreSyntax'>): MergeRule {
  return plan.genreSyntax === 'long' ? 'by-id' : formatOf(plan.format).merge
}

/** Turns the rows of one of the plan's files into source records; `record` counts its data rows from 1. */
export function recordReader(plan: Omit<ImportPlan, 'preview'>, file: number): (csv: CsvRecord, record: number) => SourceRecord {
  const { columns, role } = plan.files[file]!
  const at = columnIndexes(columns, plan.mapping)
  const syntax = plan.genreSyntax
  const joined = role !== 'movies' || syntax === 'long'
  return (csv, record) => {
    const cell = (index: number): string => csv.fields[index] ?? ''
    const key = cell(at.id).trim() || null
    return {
      file,
      record,
      line: csv.line,
      raw: csv.raw,
      key,
      title: cell(at.title),
      plot: cell(at.plot),
      genres: parseGenres(cell(at.genres), syntax),
      split: cell(at.split).trim() || null,
      setAside: csv.broken ?? misfit(csv.fields, columns) ?? (joined && key === null ? 'it has no id to join it by' : null),
    }
  }
}

/** Index of the column called `name` (another case will do where no column is called exactly so); -1 where there is none. */
export function columnIndex(columns: readonly string[], name: string | null): number {
  if (name === null) return -1
  const exact = columns.indexOf(name)
  return exact >= 0 ? exact : columns.findIndex((column) => column.trim().toLowerCase() === name.trim().toLowerCase())
}

function columnIndexes(columns: readonly string[], mapping: Mapping): Readonly<Record<keyof Mapping, number>> {
  const index = (key: keyof Mapping): number => columnIndex(columns, mapping[key])
  return { id: index('id'), title: index('title'), plot: index('plot'), genres: index('genres'), split: index('split') }
}

/** Short records are padded (torn ones have neither plot nor genre and show up as such); long ones have shifted cells. */
function misfit(fields: readonly string[], columns: readonly string[]): string | null {
  if (fields.length > columns.length && fields.slice(columns.length).some((field) => field.trim() !== ''))
    return `it has ${fields.length} fields where the header names ${columns.length}`
  const repeated = fields[0] === columns[0] && columns.length > 1 && columns.every((column, i) => fields[i] === column)
  return repeated ? 'it repeats the header' : null
}
