import { existsSync, mkdtempSync, readFileSync, realpathSync, rmSync, statSync } from 'node:fs'
import { basename, dirname, extname, join, resolve } from 'node:path'
import type { Args } from '../../contract/api.ts'
import {
  EXPORT_FORMATS,
  EXTRA_COLUMNS,
  isReport,
  type EXPORT_METHODS,
  type ExtraColumn,
  type ExportOptions,
  type ExportPlan,
  type ExportReport,
} from '../../contract/exporting.ts'
import { FILTER } from '../../contract/review.ts'
import { UserError } from '../../contract/errors.ts'
import type { ExportCounts } from '../../contract/jobs.ts'
import { many } from '../../contract/words.ts'
import { makeFileAtomically, makeFolderAtomically, writeFileAtomically, writeNew } from '../files/atomic.ts'
import { tooManyRows } from '../data/export/formats/movies.ts'
import { distinctNames, exportName } from '../data/export/names.ts'
import type { JobControl } from '../processes/job-control.ts'
import type { PrintPdf } from '../processes/print.ts'
import { workResult } from '../processes/work-process.ts'
import { PROJECT_SUFFIX, type Workspace } from '../workspace.ts'
import type { Context, Handlers } from './context.ts'
import type { Outbox } from './files.ts'
import { cardFiles, cardOf, type CardScope } from './report/card.ts'
import { reportHtml, type Ask } from './report/report.ts'

const NAMES = {
  catalogue: 'cleaned.csv',
  changes: 'change-log.csv',
  predictions: 'predictions.csv',
  report: 'report.html',
  'report-pdf': 'report.pdf',
} as const

export function exportHandlers(c: Context, outbox: Outbox, ask: Ask, print: PrintPdf): Handlers<typeof EXPORT_METHODS> {
  return {
    'export.plan': ({ options }) => planOf(c.workspace(), options),
    'export.run': async (args) => {
      const w = c.workspace()
      if (args.what === 'predictions') w.trained()
      const target = args.path === null ? null : resolve(args.path)
      if (target !== null) refuseToOverwrite(target, w)
      if (args.options.where !== '' && args.what !== 'catalogue' && args.what !== 'predictions')
        throw new UserError('bad-arguments', 'A filter selects movies of the catalogue or of the predictions: leave it out here.')
      const movies = args.options.where === '' ? null : (await matching(w, args.options.where)).toSorted()
      return c.jobs.start('export', null, async (control) => {
        const report = await writeFiles(c, w, args, movies, target, control, { ask, print })
        const handles = target === null ? outbox.add(report.files.map((f) => f.path)) : []
        const files = report.files.map((f, i) => ({ ...f, file: handles[i] ?? null }))
        const message = isReport(args.what)
          ? 'The report is written.'
          : `${many(report.records, 'record')} in ${many(files.length, 'file')}.`
        return { message, result: { ...report, files } }
      })
    },
  }
}

/** Ids of the movies that a filter selects. */
const matching = async (w: Workspace, where: string): Promise<Int32Array> =>
  (await w.index.query(FILTER.parse({ where, sort: 'file' }))).movies

async function planOf(w: Workspace, { format, where }: ExportOptions): Promise<ExportPlan> {
  const { catalogue, store } = w
  const movies = where === '' ? catalogue.n : (await matching(w, where)).length
  const known = new Set(
    store.sources.currentFiles().flatMap(({ idColumn, mapping: { title, plot, genres } }) => [idColumn, title, plot, genres]),
  )
  const missing = {
    predicted: w.predictions === null,
    probability: w.predictions === null,
    probabilities: w.predictions === null,
    pwrong: w.suspects === null,
    note: catalogue.notes.size === 0,
    who: store.changes.lastBatch() === 0,
    when: store.changes.lastBatch() === 0,
    answers: store.answers.last() === 0,
  } as Readonly<Partial<Record<ExtraColumn, boolean>>>
  return {
    movies,
    removed: format === 'as-imported' && where === '' ? catalogue.movies - catalogue.n : 0,
    counts: { all: catalogue.n, reviewed: w.log.state().reviewed, changed: (await matching(w, 'changed:yes')).length },
    original: w.index.columns.list().flatMap(({ name }) => (known.has(name) ? [] : [name])),
    columns: EXTRA_COLUMNS.filter((column) => !missing[column]),
    problem: format === 'xlsx' ? tooManyRows(movies) : null,
  }
}

/**
 * One file gets the name `target`; several go into a new folder of that name (`cleaned.csv`: `cleaned/animation.csv`, …). Either all are written or none.
 * @param target null for temporary files, which are downloaded into one folder: several get the name in front, `cleaned-animation.csv`
 */
async function writeFiles(
  c: Context,
  w: Workspace,
  { what, options }: Args<'export.run'>,
  movies: Int32Array | null,
  target: string | null,
  control: JobControl,
  { ask, print }: { readonly ask: Ask; readonly print: PrintPdf },
): Promise<ExportReport> {
  let counts: ExportCounts = { records: 0, changedRecords: 0, neutralised: 0 }
  const write = async (becomes: string, paths: readonly string[]): Promise<void> => {
    if (isReport(what)) {
      const html = await reportHtml(ask, new Date(), options.sections)
      for (const path of paths) {
        if (what === 'report') await writeNew(path, [html])
        else await writeNew(path, [await printed(c, html, print, control.signal)])
      }
      return
    }
    const request = { t: 'export', file: w.store.path, what, options, movies, target: becomes, paths } as const
    counts = (await workResult(() => c.spawn('job'), request, control, 'export', 'exported')).counts
  }
  const asImported = what === 'catalogue' && options.format === 'as-imported'
  const sources = asImported ? w.store.sources.currentFiles() : []
  const own = sources.length > 1 ? distinctNames(sources.map(exportName)) : null
  let paths: string[]
  if (target !== null && own === null) {
    paths = [target]
    await makeFileAtomically(target, (temporary) => write(target, [temporary]), c.projects.temporaryFiles)
  } else {
    const stem = basename(NAMES[what], extname(NAMES[what]))
    const whole = what === 'catalogue' ? `${stem}.${EXPORT_FORMATS[options.format]}` : NAMES[what]
    const names = own === null ? [whole] : target === null ? own.map((name) => `${stem}-${name}`) : own
    const folder =
      target === null ? join(c.projects.temporary, crypto.randomUUID()) : target.slice(0, target.length - extname(target).length)
    paths = names.map((name) => join(folder, name))
    const fill = (temporary: string): Promise<void> =>
      write(
        folder,
        names.map((name) => join(temporary, name)),
      )
    await makeFolderAtomically(folder, fill, c.projects.temporaryFiles)
  }
  if (options.card && !isReport(what))
    paths = [...paths, ...(await writeCard(ask, w, { what, ...options, records: counts.records }, paths, own !== null))]
  const files = paths.map((path) => ({ name: basename(path), path, bytes: statSync(path).size, file: null }))
  return { files, ...counts }
}

/**
 * Writes a data card beside the files of an export: into their folder, or under the name of the file (`cleaned data card.md`).
 * @returns its paths
 */
async function writeCard(ask: Ask, w: Workspace, scope: CardScope, [first = '']: readonly string[], inFolder: boolean): Promise<string[]> {
  const { what, format, where, records } = scope
  const stem = inFolder ? '' : `${basename(first, extname(first))} `
  const files = cardFiles(await cardOf(ask, w.store, { what, format, where, records }, new Date()))
  const paths = files.map(({ name, text }) => ({ path: join(dirname(first), stem + name), text }))
  for (const { path, text } of paths) writeFileAtomically(path, text)
  return paths.map(({ path }) => path)
}

/** A page as PDF. @throws UserError `no-browser`, `print-failed` */
async function printed(c: Context, page: string, print: PrintPdf, signal: AbortSignal): Promise<Buffer> {
  const folder = mkdtempSync(join(c.projects.temporary, 'print-'))
  try {
    const [html, pdf] = [join(folder, 'report.html'), join(folder, 'report.pdf')]
    await writeNew(html, [page])
    await print(html, pdf, signal)
    return readFileSync(pdf)
  } finally {
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
  }
}

/** Refuses to write in the place of a project or of an imported file. @throws UserError `is-a-project`, `is-a-source` */
export function refuseToOverwrite(target: string, w: Workspace): void {
  refuseProjects(target, w.store.path)
  refuseSources(target, w)
}

/** @throws UserError `is-a-project`: an export in the place of a project would destroy every decision in it */
function refuseProjects(target: string, open: string): void {
  const file = target.replace(/-(?:wal|shm|journal)$/, '')
  if (file === open || file.toLowerCase().endsWith(PROJECT_SUFFIX) || (file !== target && existsSync(file)))
    throw new UserError(
      'is-a-project',
      `${target} is a project or belongs to a database: choose another name for the export, such as cleaned.csv.`,
    )
}

/** @throws UserError `is-a-source`: the imported file is the only record of what was imported */
export function refuseSources(target: string, w: Workspace): void {
  const real = existsSync(target) ? realpathSync(target) : target
  if (w.store.sources.files().some((f) => f.path === real))
    throw new UserError('is-a-source', `${target} is the file that this project was imported from: choose another name for the export.`)
}
