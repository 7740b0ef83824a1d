/** Exports of the catalogue. */
import { z } from 'zod'
import { MAX_CHARACTERS } from './filter.ts'
import { appMethod, path, projectMethod, type } from './method.ts'

/** Formats of the catalogue, with the ending of their files. `as-imported`: the imported files with the corrections in them. */
export const EXPORT_FORMATS = {
  'as-imported': 'csv',
  csv: 'csv',
  jsonl: 'jsonl',
  parquet: 'parquet',
  xlsx: 'xlsx',
  'label-studio': 'json',
  conllu: 'conllu',
} as const
export type ExportFormat = keyof typeof EXPORT_FORMATS
const exportFormat = z.enum(Object.keys(EXPORT_FORMATS) as [ExportFormat, ...ExportFormat[]])
/** Limits of Excel: rows of a sheet with its header, characters of a cell. */
export const EXCEL = { rows: 1_048_576, cell: 32_767 } as const

/** The columns that Reelabel itself knows. A file as it was imported has all of its own columns instead. */
export const MOVIE_COLUMNS = ['id', 'title', 'plot', 'genres'] as const
/** Further columns. Each is only available if the project holds its values. */
export const EXTRA_COLUMNS = [
  'previous',
  'predicted',
  'probability',
  'probabilities',
  'pwrong',
  'verdict',
  'note',
  'split',
  'reviewed',
  'who',
  'when',
  'answers',
] as const
export type MovieColumnName = (typeof MOVIE_COLUMNS)[number]
export type ExtraColumn = (typeof EXTRA_COLUMNS)[number]

/** Sections of the report, in their order. */
export const REPORT_SECTIONS = ['model', 'slices', 'health', 'corrections', 'audit', 'retrains', 'card'] as const
export type ReportSection = (typeof REPORT_SECTIONS)[number]

const exportOptions = z
  .strictObject({
    format: exportFormat.default('as-imported'),
    /** Only the movies of this filter, without those that cleaning removed; '': all. For the catalogue and the predictions only. */
    where: z.string().max(MAX_CHARACTERS).default(''),
    /** Columns of a format other than `as-imported`. */
    fields: z.array(z.enum(MOVIE_COLUMNS)).default([...MOVIE_COLUMNS]),
    /** Names of original columns, for a format other than `as-imported`. */
    original: z.array(z.string().max(1000)).max(2000).default([]),
    /** Extra columns of the catalogue. */
    columns: z.array(z.enum(EXTRA_COLUMNS)).default([]),
    /** Writes a data card beside the files, as Markdown and as JSON. */
    card: z.boolean().default(false),
    /** Sections of the report. */
    sections: z.array(z.enum(REPORT_SECTIONS)).default([...REPORT_SECTIONS]),
    /** True to prefix cells that a spreadsheet would run as a formula. */
    neutraliseFormulas: z.boolean().default(false),
    /** For a file with one genre in each cell: true to write several genres as `Drama|War`; false to refuse an export with such movies. */
    severalGenres: z.boolean().default(false),
  })
  .prefault({})

export interface ExportedFile {
  readonly name: string
  readonly path: string
  readonly bytes: number
  /** Handle for `files.get`; null if the file was written to the caller's path. */
  readonly file: string | null
}
export interface ExportReport {
  readonly files: readonly ExportedFile[]
  readonly records: number
  readonly changedRecords: number
  readonly neutralised: number
}
export const isReport = (what: string): what is 'report' | 'report-pdf' => what === 'report' || what === 'report-pdf'
export type ExportOptions = z.output<typeof exportOptions>

/** The content of an export of the catalogue. */
export interface ExportPlan {
  /** Movies of the export, without those that cleaning removed. */
  readonly movies: number
  /** Movies that cleaning removed but whose records are in the export. */
  readonly removed: number
  readonly counts: { readonly all: number; readonly reviewed: number; readonly changed: number }
  /** Original columns other than those that are read as id, title, plot and genres. */
  readonly original: readonly string[]
  /** Extra columns whose values the project holds. */
  readonly columns: readonly ExtraColumn[]
  /** Why this export would be refused; null: nothing is known to be in its way. */
  readonly problem: string | null
}

/** Exports of the catalogue. */
export const EXPORT_METHODS = {
  /** Counts what an export of the catalogue would hold. @throws FilterError */
  'export.plan': projectMethod({ options: exportOptions }, type<ExportPlan>()),
  /** Writes files; a job that results in an {@link ExportReport}. */
  'export.run': appMethod(
    {
      /** `report`: one HTML file on catalogue and model, for readers without the program; `report-pdf`: the same, printed. */
      what: z.enum(['catalogue', 'changes', 'predictions', 'report', 'report-pdf']),
      /** Where to write; null: a temporary folder, from which `files.get` fetches the files. */
      path: path.nullable(),
      options: exportOptions,
    },
    type<{ readonly job: number }>(),
    { path: 'download' },
  ),
}
