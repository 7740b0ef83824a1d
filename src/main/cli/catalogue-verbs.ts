import type { Command } from 'commander'
import { extname, resolve } from 'node:path'
import { UserError } from '../../contract/errors.ts'
import { resultOf } from '../../contract/events.ts'
import { EXPORT_FORMATS, EXTRA_COLUMNS, isReport, MOVIE_COLUMNS, type ExportFormat } from '../../contract/exporting.ts'
import { many, count } from '../../contract/words.ts'
import type { Engine } from '../engine.ts'
import { printResult } from './output.ts'
import { list, oneOf, where } from './arguments.ts'
import { everythingVerb } from './safety-verbs.ts'
import { finish, onProject, projectVerb } from './with-engine.ts'

const FORMATS = Object.keys(EXPORT_FORMATS) as ExportFormat[]

/** `export` and `report`: files on the catalogue. */
export function catalogueVerbs(program: Command): void {
  projectVerb(program, 'export', 'write the catalogue in one of several formats (or the change log, predictions, or everything)')
    .option('--out <file>', 'where to write')
    .addOption(oneOf('--what <what>', 'what to write', ['catalogue', 'changes', 'predictions', 'everything'], 'catalogue'))
    .option('--everything <file>', 'write everything as one .zip file, or as a new folder (--format: csv or parquet)')
    .option('--format <format>', `${FORMATS.join(', ')} (default: by the ending of FILE, else as-imported)`)
    .addOption(where())
    .option('--fields <list>', `columns of a format other than as-imported (default: ${MOVIE_COLUMNS.join(',')})`)
    .option('--original <list>', 'original columns of a format other than as-imported, separated by commas')
    .option('--columns <list>', `extra columns, separated by commas: ${EXTRA_COLUMNS.join(', ')}`)
    .option('--card', 'write a data card beside the file')
    .option('--neutralise-formulas', 'put an apostrophe before cells that a spreadsheet would run as a formula')
    .option('--several', 'write several genres as Drama|War into a file with one genre in each cell')
    .action(onProject(exportVerb))
  projectVerb(program, 'report', 'write one HTML or PDF file on catalogue and model that can be read without the program')
    .requiredOption('--out <file>', 'where to write, such as report.html')
    .option('--pdf', 'write a PDF, printed by the Chromium, Chrome or Edge of this machine')
    .action(
      onProject((engine, { pdf, ...o }: { out: string; pdf?: true; json?: boolean }) =>
        exportVerb(engine, { ...o, what: pdf ? 'report-pdf' : 'report' }),
      ),
    )
}

interface ExportVerb {
  readonly out?: string
  readonly what: string
  readonly everything?: string
  readonly format?: string
  readonly where?: string
  readonly fields?: string
  readonly original?: string
  readonly columns?: string
  readonly card?: boolean
  readonly neutraliseFormulas?: boolean
  readonly several?: boolean
  readonly json?: boolean
}

/** The format that the ending of a file names; a CSV file keeps the form in which the catalogue was imported. */
const formatOf = (file: string): ExportFormat =>
  FORMATS.find((format) => format !== 'label-studio' && `.${EXPORT_FORMATS[format]}` === extname(file).toLowerCase()) ?? 'as-imported'

async function exportVerb(engine: Engine, o: ExportVerb): Promise<void> {
  const { what, everything, json } = o
  const out = everything ?? o.out
  if (out === undefined) throw new UserError('bad-arguments', 'Say where to write: --out FILE, or --everything FILE.zip.')
  if (everything !== undefined || what === 'everything') {
    const format = o.format ?? 'csv'
    if (format !== 'csv' && format !== 'parquet')
      throw new UserError('bad-arguments', 'Everything is written with --format csv or parquet.')
    return everythingVerb(engine, { out, format, ...(json ? { json } : {}) })
  }
  const options = {
    format: (o.format ?? formatOf(out)) as ExportFormat,
    where: o.where ?? '',
    ...(o.fields === undefined ? {} : { fields: list(o.fields) as 'id'[] }),
    original: list(o.original ?? ''),
    columns: list(o.columns ?? '') as 'previous'[],
    card: o.card === true,
    neutraliseFormulas: o.neutraliseFormulas === true,
    severalGenres: o.several === true,
  }
  const start = () => engine.call('export.run', { what: what as 'catalogue', path: resolve(out), options })
  const report = resultOf('export', await finish(engine, start, o))
  const files = report.files.map((f) => `${f.path}  ${count(f.bytes)} bytes`).join('\n')
  const formulas = report.neutralised > 0 ? `, ${report.neutralised} formulas neutralised` : ''
  const corrected = what === 'catalogue' ? `, ${report.changedRecords} with corrected genres` : ''
  printResult(o, report, () => (isReport(what) ? files : `${files}\n${many(report.records, 'record')}${corrected}${formulas}`))
}
