import type { ArgsIn } from '../../contract/api.ts'
import type { JobEvent } from '../../contract/events.ts'
import {
  EXPORT_FORMATS,
  MOVIE_COLUMNS,
  REPORT_SECTIONS,
  type ExportFormat,
  type ExportPlan,
  type ExportReport,
  type ExtraColumn,
  type MovieColumnName,
  type ReportSection,
} from '../../contract/exporting.ts'
import { messageOf } from '../../contract/errors.ts'
import type { Host } from '../api.ts'
import { localDay } from '../messages/format.ts'
import { m } from '../messages/index.ts'
import { fetchFile } from './download.ts'
import type { Jobs } from './jobs.svelte.ts'
import { Latest } from './latest.ts'
import type { Project } from './project.svelte.ts'
import type { ProjectApi } from './project-api.ts'

export type What = ArgsIn<'export.run'>['what']
/** Which movies are exported; `filter`: those of a text in the filter language. */
export type Rows = 'all' | 'reviewed' | 'changed' | 'filter'
const WHERE: Readonly<Record<Exclude<Rows, 'filter'>, string>> = { all: '', reviewed: 'reviewed:yes', changed: 'changed:yes' }

/** The list with the item, in the order of `all`, or without it. */
const toggled = <T>(all: readonly T[], chosen: readonly T[], item: T, on: boolean): readonly T[] =>
  all.filter((each) => (each === item ? on : chosen.includes(each)))

/** Exports: to a file that the analyst chooses in the desktop window, as a download in a browser. */
export class Exporting {
  what = $state.raw<What>('catalogue')
  format = $state.raw<ExportFormat>('as-imported')
  rows = $state.raw<Rows>('all')
  /** The filter of `rows`. */
  filter = $state.raw('')
  fields = $state.raw<readonly MovieColumnName[]>(MOVIE_COLUMNS)
  original = $state.raw<readonly string[]>([])
  columns = $state.raw<readonly ExtraColumn[]>([])
  card = $state.raw(false)
  sections = $state.raw<readonly ReportSection[]>(REPORT_SECTIONS)
  /** The content of the chosen export; null while unknown. */
  plan = $state.raw<ExportPlan | null>(null)
  /** The filter's problem. */
  problem = $state.raw('')
  readonly where = $derived(this.rows === 'filter' ? this.filter.trim() : WHERE[this.rows])
  readonly #plans = new Latest()
  /** Off by default, because it changes cells and an export otherwise preserves the bytes. */
  neutraliseFormulas = $state.raw(false)
  /** Off by default, because other programs may take "Drama|War" for one genre. */
  severalGenres = $state.raw(false)
  /** True while the dialog for the file name is open. */
  #asking = $state.raw(false)
  /** The running job and what it exports. */
  #asked: { readonly job: number; readonly what: What; readonly neutralised: boolean } | null = null
  report = $state.raw<{ readonly what: What; readonly neutralised: boolean; readonly report: ExportReport } | null>(null)

  constructor(
    private readonly api: ProjectApi,
    private readonly host: Host,
    private readonly jobs: Jobs,
    private readonly project: Project,
  ) {
    jobs.onEnd((job) => void this.#ended(job))
  }
  /** The running or last export. */
  get job(): JobEvent | null {
    return this.jobs.latest('export')
  }
  get busy(): boolean {
    return this.#asking || this.job?.state === 'running'
  }
  #suffix = (what: What): string =>
    what === 'report' ? 'html' : what === 'report-pdf' ? 'pdf' : what === 'catalogue' ? EXPORT_FORMATS[this.format] : 'csv'
  /** `Movies cleaned 2026-11-30`. */
  #stem(what: What): string {
    const name = (this.project.info?.name ?? m.common.fileName).replace(/[^\p{L}\p{N} ._-]/gu, '').trim() || m.common.fileName
    return `${name} ${m.export.names[what]} ${localDay(Date.now())}`
  }
  /** Another project is open. */
  reset(): void {
    this.report = this.plan = null
    this.original = []
    this.rows = 'all'
    this.filter = ''
    this.#plans.begin()
  }
  toggle(column: ExtraColumn, on: boolean): void {
    this.columns = toggled(this.plan?.columns ?? [], this.columns, column, on)
  }
  toggleField(field: MovieColumnName, on: boolean): void {
    this.fields = toggled(MOVIE_COLUMNS, this.fields, field, on)
  }
  toggleOriginal(name: string, on: boolean): void {
    this.original = toggled(this.plan?.original ?? [], this.original, name, on)
  }
  toggleSection(part: ReportSection, on: boolean): void {
    this.sections = toggled(REPORT_SECTIONS, this.sections, part, on)
  }
  /** Counts what the export would hold. The filter field shows the error of an invalid filter. */
  async loadPlan(): Promise<void> {
    const latest = this.#plans.begin()
    const { format, where } = this
    try {
      const plan = await this.api.call('export.plan', { options: { format, where } })
      if (!latest()) return
      this.plan = plan
      this.problem = plan.problem ?? ''
    } catch (error) {
      if (latest()) this.problem = messageOf(error)
    }
  }
  async run(what: What = this.what): Promise<void> {
    this.#asking = true
    await this.api.guard(async () => {
      const path = this.host.chooseSave ? await this.host.chooseSave(`${this.#stem(what)}.${this.#suffix(what)}`) : null
      if (this.host.chooseSave && path === null) return
      const { neutraliseFormulas, severalGenres, format, card } = this
      const isCatalogue = what === 'catalogue'
      const available = (column: ExtraColumn): boolean => this.plan?.columns.includes(column) !== false
      const of = isCatalogue
        ? {
            format,
            where: this.where,
            fields: [...this.fields],
            original: [...this.original],
            columns: this.columns.filter(available),
            card,
          }
        : { sections: [...this.sections] }
      this.report = null
      const { job } = await this.api.call('export.run', { what, path, options: { ...of, neutraliseFormulas, severalGenres } })
      this.#asked = { job, what, neutralised: neutraliseFormulas }
      // a small export has ended before the call returned
      const event = this.job
      if (event?.job === job) await this.#ended(event)
    })
    this.#asking = false
  }
  async #ended(job: JobEvent): Promise<void> {
    const asked = this.#asked
    if (asked?.job !== job.job || job.kind !== 'export' || job.result === null) return
    const { result } = job
    this.#asked = null
    await this.api.guard(async () => {
      const stem = this.#stem(asked.what)
      const suffix = this.#suffix(asked.what)
      const single = result.files.filter((f) => f.name.endsWith(`.${suffix}`)).length === 1
      const nameOf = (name: string): string => (single && name.endsWith(`.${suffix}`) ? `${stem}.${suffix}` : `${stem} ${name}`)
      // name the card after its file, which has no name before it is downloaded
      const files = result.files.map((f) => (f.file === null ? f : { ...f, name: nameOf(f.name.replace(/^.* data card/, 'data card')) }))
      for (const { file, name } of files) if (file !== null) await fetchFile(this.api, file, name)
      this.report = { what: asked.what, neutralised: asked.neutralised, report: { ...result, files } }
    })
  }
}
