import type { ArgsIn } from '../../contract/api.ts'
import type { JobEvent } from '../../contract/events.ts'
import type { ExportReport } from '../../contract/exporting.ts'
import type { Host } from '../api.ts'
import { localDay } from '../messages/format.ts'
import { m } from '../messages/index.ts'
import { fetchFile } from './download.ts'
import type { Jobs } from './jobs.svelte.ts'
import type { Project } from './project.svelte.ts'
import type { ProjectApi } from './project-api.ts'

export type What = ArgsIn<'export.run'>['what']
export type Column = 'previous' | 'verdict' | 'probability' | 'who' | 'when'

/** Exports: to a file that the analyst chooses in the desktop window, as a download in a browser. */
export class Exporting {
  what = $state.raw<What>('catalogue')
  columns = $state.raw<readonly Column[]>([])
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
  #suffix = (what: What): string => (what === 'report' ? 'html' : what === 'report-pdf' ? 'pdf' : 'csv')
  /** `Movies cleaned 2026-11-30`. */
  #stem(what: What): string {
    const name = (this.project.info?.name ?? m.common.fileName).replace(/[^\p{L}\p{N} ._-]/gu, '').trim() || m.common.fileName
    return `${name} ${m.export.names[what]} ${localDay(Date.now())}`
  }
  /** Another project is open. */
  reset(): void {
    this.report = null
  }
  toggle(column: Column, on: boolean): void {
    this.columns = on ? [...this.columns, column] : this.columns.filter((c) => c !== column)
  }
  async run(): Promise<void> {
    this.#asking = true
    await this.api.guard(async () => {
      const path = this.host.chooseSave ? await this.host.chooseSave(`${this.#stem(this.what)}.${this.#suffix(this.what)}`) : null
      if (this.host.chooseSave && path === null) return
      const { what, neutraliseFormulas, severalGenres } = this
      const columns = what === 'catalogue' ? [...this.columns] : []
      this.report = null
      const { job } = await this.api.call('export.run', { what, path, options: { columns, neutraliseFormulas, severalGenres } })
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
      const files = result.files.map((f) =>
        f.file === null ? f : { ...f, name: result.files.length === 1 ? `${stem}.${this.#suffix(asked.what)}` : `${stem} ${f.name}` },
      )
      for (const { file, name } of files) if (file !== null) await fetchFile(this.api, file, name)
      this.report = { what: asked.what, neutralised: asked.neutralised, report: { ...result, files } }
    })
  }
}
