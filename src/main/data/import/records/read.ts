/** Reads the records of the planned files, one by one, in plan order. Memory use does not depend on the size of the files. */
import type { FileRole, GenreSyntax, ImportLogEntry, ImportPlan, Mapping } from '../../../../contract/importing.ts'
import type { Split } from '../../../../contract/records.ts'
import { required } from '../../../../contract/required.ts'
import { formatOf, type MergeRule } from './formats.ts'
import { genreReader } from './genres.ts'
import { genresOfColumns, isMarked } from './onehot.ts'
import { foldColumn } from '../files/columns.ts'
import { rejectionEntry, type TableRecord } from '../files/table.ts'
import { tableRecords } from '../files/tables.ts'

export interface SourceRecord {
  /** Index into `plan.files`. */
  readonly file: number
  /** Data row in its file, from 1 (blank lines and the header do not count). */
  readonly record: number
  /** First line in the file, from 1. */
  readonly line: number
  /** Exact text, with its line ending and the blank lines that follow. */
  readonly raw: string
  /** The record's own id, trimmed; null if the format or the record has none. */
  readonly key: string | null
  readonly title: string
  /** As in the cell. */
  readonly plot: string
  /** As written, trimmed, without empty ones. */
  readonly genres: readonly string[]
  /** As the cell says, see {@link splitOf}; null where it is empty. */
  readonly split: string | null
  /** Why this record cannot be used; null if it can. Rejected records keep their text, so that nothing is lost. */
  readonly rejected: string | null
  /** Changes to its text, and its rejection. */
  readonly log: readonly ImportLogEntry[]
}

/** The part of a plan that reading needs. */
export type ReadPlan = Pick<ImportPlan, 'format' | 'files' | 'mapping' | 'genreSyntax' | 'genreColumns' | 'protectedNames'>

/** Names of the three parts in a `split` column. */
const SPLIT_NAMES: ReadonlyMap<string, Split> = new Map([
  ['train', 'train'],
  ['training', 'train'],
  ['valid', 'valid'],
  ['val', 'valid'],
  ['validation', 'valid'],
  ['dev', 'valid'],
  ['test', 'test'],
])

/** A split cell as a part; null for anything else. */
export const splitOf = (cell: string): Split | null => SPLIT_NAMES.get(cell.trim().toLowerCase()) ?? null

/**
 * Every record of the plan's files. `onBytes` receives the number of bytes read so far, over all files. Throws a UserError if a file is
 * missing or not in its encoding; a record that cannot be used is not an error: it has `rejected`.
 */
export async function* readRecords(plan: ReadPlan, onBytes?: (bytesRead: number) => void): AsyncGenerator<SourceRecord> {
  let before = 0
  for (const [index, file] of plan.files.entries()) {
    const convert = recordReader(plan, index)
    let record = 0
    for await (const batch of tableRecords(file, onBytes && ((bytes) => onBytes(before + bytes))))
      for (const row of batch) yield convert(row, ++record)
    before += file.bytes
  }
}

/** How records of the same id become movies. `by-id`: the first title and plot that are not empty win, genres are united. */
export function mergeRule(plan: Pick<ImportPlan, 'format' | 'genreSyntax'>): MergeRule {
  return plan.genreSyntax === 'long' ? 'by-id' : formatOf(plan.format).merge
}

/** The key that the records of one movie share: the id, or title and plot in a table without ids; null if a record joins no other. */
export function sharedKey(
  plan: Pick<ImportPlan, 'format' | 'genreSyntax' | 'mapping'>,
): (record: { readonly key: string | null; readonly title: string; readonly plot: string }) => string | null {
  if (mergeRule(plan) !== 'by-id') return () => null
  return plan.mapping.id === null
    ? ({ title, plot }) => (plot.trim() === '' ? null : textKey(title, plot))
    : ({ key }) => (key === '' ? null : key)
}
/** Why a record of joined tables is rejected: it belongs to no movie. */
export const UNMATCHED = 'no table with plots has its id'
/** True if records of this file cannot become movies by themselves: rows of genres, whose plots are in another file. */
export const needsMovie = ({ format, files }: Pick<ImportPlan, 'format' | 'files'>, file: number): boolean =>
  format === 'joined-tables' && files[file]?.role !== 'movies'

/** A key of the movies with this title and plot. */
export const textKey = (title: string, plot: string): string => `${title}\0${plot}`

/** Answers of Prodigy after which the labels of a text are not its genres. */
const NO_LABEL: readonly string[] = ['reject', 'ignore']

/** Turns the rows of one of the plan's files into source records; `record` counts its data rows from 1. */
export function recordReader(plan: ReadPlan, file: number): (row: TableRecord, record: number) => SourceRecord {
  const { columns, role, name } = required(plan.files[file], 'an entry of files')
  const at = columnIndexes(columns, plan.mapping, role)
  const genresOf = cellsReader(plan, columns)
  // Prodigy keeps the label also where the annotator rejected it as wrong, or skipped the text
  const answer = columns.includes('_input_hash') ? columns.indexOf('answer') : -1
  const joined = role !== 'movies' || (plan.genreSyntax === 'long' && plan.mapping.id !== null)
  return (row, record) => {
    const cell = (index: number): string => row.fields[index] ?? ''
    const key = cell(at.id).trim() || null
    const rejected = row.broken ?? (joined && key === null ? 'it has no id to join it by' : null)
    return {
      file,
      record,
      line: row.line,
      raw: row.raw,
      key,
      title: cell(at.title),
      plot: cell(at.plot),
      genres: NO_LABEL.includes(cell(answer)) ? [] : genresOf(row.fields),
      split: cell(at.split).trim() || null,
      rejected,
      log: rejected === null ? row.log : [...row.log, rejectionEntry({ name }, row.line, row.raw, rejected)],
    }
  }
}

/** The genres of a record, from one cell or from columns of flags. */
function cellsReader(plan: ReadPlan, columns: readonly string[]): (fields: readonly string[]) => readonly string[] {
  if (plan.genreSyntax !== 'one-hot') {
    const read = genreReader({ genreSyntax: plan.genreSyntax, protectedNames: plan.protectedNames.map(({ name }) => name) })
    const indexes = genreIndexes(columns, { ...plan, genresColumn: plan.mapping.genres })
    const [index = -1] = indexes
    if (indexes.length < 2) return (fields) => read(fields[index] ?? '')
    return (fields) => [...new Set(indexes.flatMap((at) => read(fields[at] ?? '')))]
  }
  const names = genresOfColumns(plan.genreColumns)
  const flags = plan.genreColumns
    .map((column, i) => ({ column, index: columnIndex(columns, column), name: names[i] ?? column }))
    .filter(({ index }) => index >= 0)
  return (fields) => {
    const genres: string[] = []
    for (const { column, index, name } of flags) if (isMarked(fields[index] ?? '', column)) genres.push(name)
    return genres
  }
}

/** Indexes of the columns whose cells hold genres: one, several, or none of a one-hot table. */
export function genreIndexes(
  columns: readonly string[],
  {
    genreSyntax,
    genreColumns = [],
    genresColumn,
  }: { genreSyntax: GenreSyntax; genreColumns?: readonly string[]; genresColumn: string | null },
): number[] {
  if (genreSyntax === 'one-hot') return []
  const names = genreColumns.length > 0 ? genreColumns : [genresColumn]
  return names.map((name) => columnIndex(columns, name)).filter((index) => index >= 0)
}

/** Index of the column called `name` (case is ignored if no column has exactly this name); -1 if there is none. */
export function columnIndex(columns: readonly string[], name: string | null): number {
  if (name === null) return -1
  const exact = columns.indexOf(name)
  return exact >= 0 ? exact : columns.findIndex((column) => foldColumn(column) === foldColumn(name))
}

/** The column of ids of a file. */
export const idColumnOf = ({ id, genresId }: Mapping, role: FileRole): string | null => (role === 'genres' ? (genresId ?? id) : id)

function columnIndexes(
  columns: readonly string[],
  mapping: Mapping,
  role: FileRole,
): Readonly<Record<'id' | 'title' | 'plot' | 'genres' | 'split', number>> {
  const index = (key: keyof Mapping): number => columnIndex(columns, mapping[key] ?? null)
  return {
    id: columnIndex(columns, idColumnOf(mapping, role)),
    title: index('title'),
    plot: index('plot'),
    genres: index('genres'),
    split: index('split'),
  }
}
