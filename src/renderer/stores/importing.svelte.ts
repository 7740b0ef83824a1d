import type { Api, JobEvent } from '../../contract/api.ts'
import type { CleanReport, CleanRuleId, ImportPlan, ImportReport } from '../../contract/importing.ts'
import type { Host } from '../api.ts'
import { CLEANING, DETECT, pieces, projectName, sourceArgs, type Overrides } from './importing-logic.ts'
import type { Jobs } from './jobs.svelte.ts'
import type { Notices } from './notices.svelte.ts'

export interface Upload {
  /** Files of one name may come from two folders. */
  readonly id: string
  readonly name: string
  readonly bytes: number
  readonly sent: number
  /** Where the engine can read it; null while it is on its way. */
  readonly path: string | null
}
const everyRule = Object.fromEntries(CLEANING.map((c) => [c.rule, true])) as Record<CleanRuleId, boolean>

/** From dropped files to an imported project, and its reports. */
export class Importing {
  uploads = $state.raw<readonly Upload[]>([])
  plan = $state.raw<ImportPlan | null>(null)
  overrides = $state.raw<Overrides>(DETECT)
  name = $state('')
  clean = $state.raw<Readonly<Record<CleanRuleId, boolean>>>(everyRule)
  inspecting = $state.raw(false)
  report = $state.raw<ImportReport | null>(null)
  cleaning = $state.raw<CleanReport | null>(null)
  readonly uploading = $derived(this.uploads.some((u) => u.path === null))
  readonly ready = $derived(this.plan !== null && this.plan.problems.length === 0 && this.name.trim() !== '' && !this.inspecting)
  readonly #api: Api
  readonly #host: Host
  readonly #notices: Notices
  readonly #jobs: Jobs
  #turn = 0

  constructor(api: Api, host: Host, notices: Notices, jobs: Jobs) {
    this.#api = api
    this.#host = host
    this.#notices = notices
    this.#jobs = jobs
    jobs.onEnd((job) => {
      if (job.kind === 'import' && job.state === 'done') this.clear()
    })
  }
  get job(): JobEvent | null {
    return this.#jobs.latest('import')
  }
  get cleanJob(): JobEvent | null {
    return this.#jobs.latest('clean')
  }
  async addFiles(files: readonly File[]): Promise<void> {
    if (files.length === 0) return
    await this.#notices.guard(async () => {
      for (const file of files) await this.#add(file)
    })
    this.uploads = this.uploads.filter((u) => u.path !== null)
    if (this.name === '' && this.uploads[0]) this.name = projectName(this.uploads[0].name)
    await this.inspect()
  }
  /** Another project is open: its reports are still to be read. What is being prepared stays. */
  reset(): void {
    this.report = null
    this.cleaning = null
  }
  remove(id: string): void {
    this.uploads = this.uploads.filter((u) => u.id !== id)
    void this.inspect()
  }
  clear(): void {
    this.uploads = []
    this.plan = null
    this.overrides = DETECT
    this.name = ''
  }
  async #add(file: File): Promise<void> {
    const path = this.#host.pathForFile(file)
    const known = { id: path ?? `${file.name} ${file.size} ${file.lastModified}`, name: file.name, bytes: file.size }
    this.#progress({ ...known, sent: path === null ? 0 : file.size, path })
    if (path !== null) return
    const upload = crypto.randomUUID()
    let finished = ''
    for (const [offset, end] of pieces(file.size)) {
      const bytes = new Uint8Array(await file.slice(offset, end).arrayBuffer())
      const answer = await this.#api.call('files.put', { name: file.name, upload, offset, bytes })
      finished = answer.path
      this.#progress({ ...known, sent: end, path: null })
    }
    this.#progress({ ...known, sent: file.size, path: finished })
  }
  /** The same file chosen again replaces the earlier one. */
  #progress(upload: Upload): void {
    const known = this.uploads.some((u) => u.id === upload.id)
    this.uploads = known ? this.uploads.map((u) => (u.id === upload.id ? upload : u)) : [...this.uploads, upload]
  }
  override(patch: Partial<Overrides>): void {
    this.overrides = { ...this.overrides, ...patch }
    void this.inspect()
  }
  get #paths(): string[] {
    return this.uploads.flatMap((u) => (u.path === null ? [] : [u.path]))
  }
  async inspect(): Promise<void> {
    const turn = ++this.#turn
    if (this.#paths.length === 0) {
      this.plan = null
      return
    }
    this.inspecting = true
    const plan = await this.#notices.guard(() => this.#api.call('import.inspect', sourceArgs(this.#paths, this.overrides)))
    if (turn !== this.#turn) return
    this.plan = plan ?? null
    this.inspecting = false
  }
  async run(): Promise<void> {
    if (!this.ready) return
    await this.#notices.guard(() =>
      this.#api.call('import.run', { ...sourceArgs(this.#paths, this.overrides), name: this.name.trim(), clean: { ...this.clean } }),
    )
  }
  async loadReports(): Promise<void> {
    await this.#notices.guard(async () => {
      this.report = await this.#api.call('import.report', {})
      this.cleaning = await this.#api.call('clean.report', {})
    })
  }
  async setRule(rule: CleanRuleId, on: boolean): Promise<void> {
    await this.#notices.guard(() => this.#api.call('clean.set', { switches: { [rule]: on } }))
  }
}
