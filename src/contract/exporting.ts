/** Exports of the catalogue. */
import { z } from 'zod'
import { appMethod, path, type } from './method.ts'

const exportOptions = z
  .strictObject({
    /** Extra columns of the cleaned catalogue. */
    columns: z.array(z.enum(['previous', 'verdict', 'probability', 'who', 'when'])).default([]),
    /** Prefix cells that a spreadsheet would run as a formula. */
    neutraliseFormulas: z.boolean().default(false),
    /** In a file with one genre in each cell: write several as `Drama|War`. If false, an export with such movies is refused. */
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

/** Exports of the catalogue. */
export const EXPORT_METHODS = {
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
