import type { Api, ArgsIn } from '../../contract/api.ts'
import type { ExportReport } from '../../contract/exporting.ts'
import type { Host } from '../api.ts'
import { m } from '../messages/index.ts'
import { fetchFile } from './download.ts'
import type { Notices } from './notices.svelte.ts'
import type { Project } from './project.svelte.ts'

export type What = ArgsIn<'export.run'>['what']
export type Column = 'previous' | 'verdict' | 'probability' | 'who' | 'when'

/** Writes files: where the analyst says in the desktop window, as a download in a browser. */
export class Exporting {
  what = $state.raw<What>('catalogue')
  columns = $state.raw<readonly Column[]>([])
  /** Changes cells: an export promises the same bytes unless it is asked for. */
  neutraliseFormulas = $state.raw(false)
  busy = $state.raw(false)
  report = $state.raw<{ readonly what: What; readonly neutralised: boolean; readonly report: ExportReport } | null>(null)
  readonly #api: Api
  readonly #host: Host
  readonly #notices: Notices
  readonly #project: Project

  constructor(api: Api, host: Host, notices: Notices, project: Project) {
    this.#api = api
    this.#host = host
    this.#notices = notices
    this.#project = project
  }
  get fileName(): string {
    const name = (this.#project.info?.name ?? m.common.fileName).replace(/[^\p{L}\p{N} ._-]/gu, '').trim() || m.common.fileName
    return `${name} ${this.what}.csv`
  }
  /** Another project is open. */
  reset(): void {
    this.report = null
  }
  toggle(column: Column, on: boolean): void {
    this.columns = on ? [...this.columns, column] : this.columns.filter((c) => c !== column)
  }
  async run(): Promise<void> {
    this.busy = true
    await this.#notices.guard(async () => {
      const path = this.#host.chooseSave ? await this.#host.chooseSave(this.fileName) : null
      if (this.#host.chooseSave && path === null) return
      const { what, neutraliseFormulas } = this
      const columns = what === 'catalogue' ? [...this.columns] : []
      const report = await this.#api.call('export.run', { what, path, options: { columns, neutraliseFormulas } })
      for (const { file, name } of report.files) if (file !== null) await fetchFile(this.#api, file, name)
      this.report = { what, neutralised: neutraliseFormulas, report }
    })
    this.busy = false
  }
}
