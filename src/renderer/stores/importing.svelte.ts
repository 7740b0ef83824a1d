import { messageOf } from '../../contract/errors.ts'
import type { Args } from '../../contract/api.ts'
import type { JobEvent } from '../../contract/events.ts'
import type { SavedRuleSet } from '../../contract/cleaning.ts'
import type { ImportPlan, ImportReport } from '../../contract/importing.ts'
import type { Host } from '../api.ts'
import { m } from '../messages/index.ts'
import { DETECT, entriesOf, projectName, sourceArgs, type Overrides } from './importing-logic.ts'
import type { Jobs } from './jobs.svelte.ts'
import { Latest } from './latest.ts'
import type { ProjectApi } from './project-api.ts'
import { sendFile } from './upload.ts'

export interface Upload {
  /** Files of one name may come from two folders. */
  readonly id: string
  readonly name: string
  readonly bytes: number
  readonly sent: number
  /** Path for the engine; null while it is being uploaded. */
  readonly path: string | null
  /** Path on the analyst's disk; null if the page cannot know it. */
  readonly from: string | null
  /** Why it cannot be imported. */
  readonly problem: string | null
}

/** Import: from dropped files to a new project and its report. */
export class Importing {
  uploads = $state.raw<readonly Upload[]>([])
  plan = $state.raw<ImportPlan | null>(null)
  /** Tables inside the archives and workbooks, as far as they are known. */
  entries = $state.raw<readonly string[]>([])
  overrides = $state.raw<Overrides>(DETECT)
  name = $state('')
  /** The file with the names of genres that are ids; null if none is chosen. */
  genreNames = $state.raw<{ readonly name: string; readonly path: string } | null>(null)
  /** Saved rule sets, and the name of the chosen one; empty: the default rule set. */
  ruleSets = $state.raw<readonly SavedRuleSet[]>([])
  ruleSet = $state('')
  inspecting = $state.raw(false)
  report = $state.raw<ImportReport | null>(null)
  /** Why the files cannot be imported together, if each one alone could be. */
  problem = $state.raw('')
  readonly uploading = $derived(this.uploads.some((u) => u.path === null && u.problem === null))
  /** Things that are missing before the import can start; empty if it can. */
  readonly missing = $derived.by(() => {
    if (this.uploading || this.inspecting) return m.import.missing.reading
    if (this.uploads.some((u) => u.problem !== null)) return m.import.missing.problemFile
    if (this.plan === null || this.plan.problems.length > 0) return m.import.missing.problems
    return this.name.trim() === '' ? m.import.missing.name : ''
  })
  readonly ready = $derived(this.missing === '')
  readonly #inspections = new Latest()
  #past = $state.raw(0)
  /** The import that was started here while this project was open. */
  #own: number | null = null
  /** Sets the name from the files, unless the analyst has typed one. */
  #given = ''

  constructor(
    private readonly api: ProjectApi,
    private readonly host: Host,
    private readonly jobs: Jobs,
  ) {
    jobs.onEnd((job) => {
      if ((job.kind === 'import' || job.kind === 'merge') && job.state === 'done') this.clear()
    })
  }
  /** The running or last import; null once another one is being prepared. */
  get job(): JobEvent | null {
    const job = this.jobs.latest('import')
    return job && job.job > this.#past ? job : null
  }
  async addFiles(files: readonly File[]): Promise<void> {
    if (files.length === 0) return
    this.#past = this.jobs.latest('import')?.job ?? 0
    for (const file of files) await this.#add(file)
    await this.#changed()
  }
  /** Another project is open: clears its reports, but keeps the import that is being prepared. */
  reset(): void {
    this.report = null
    this.#own = null
  }
  isOwn = (job: number): boolean => job === this.#own
  remove(id: string): void {
    this.uploads = this.uploads.filter((u) => u.id !== id)
    if (this.uploads.length === 0) this.clear()
    else {
      this.entries = []
      this.overrides = { ...this.overrides, entries: [] }
      void this.#changed()
    }
  }
  async #changed(): Promise<void> {
    if (this.name === '' || this.name === this.#given) {
      const names = this.uploads.map((u) => u.name)
      this.name = this.#given = projectName(
        names,
        this.uploads.map((u) => u.from),
      )
    }
    await this.inspect()
  }
  clear(): void {
    this.#inspections.begin()
    this.uploads = []
    this.plan = null
    this.entries = []
    this.problem = ''
    this.genreNames = null
    this.inspecting = false
    this.overrides = DETECT
    this.name = this.#given = ''
  }
  async #add(file: File): Promise<void> {
    const path = await this.host.pathForFile(file)
    const id = path ?? `${file.name} ${file.size} ${file.lastModified}`
    const known = { id, name: file.name, bytes: file.size, from: path, problem: null }
    this.#progress({ ...known, sent: path === null ? 0 : file.size, path })
    if (path !== null) return
    try {
      this.#progress({
        ...known,
        sent: file.size,
        path: await sendFile(this.api, file, (sent) => this.#progress({ ...known, sent, path: null })),
      })
    } catch (error) {
      this.#progress({ ...known, sent: 0, path: null, problem: messageOf(error) })
    }
  }
  async chooseGenreNames(file: File): Promise<void> {
    await this.api.guard(async () => {
      this.genreNames = { name: file.name, path: (await this.host.pathForFile(file)) ?? (await sendFile(this.api, file)) }
    })
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
  /** The files and what is chosen about them. */
  get source(): Args<'import.inspect'> {
    return sourceArgs(this.#paths, this.overrides)
  }
  get #paths(): string[] {
    return this.uploads.flatMap((u) => (u.path === null ? [] : [u.path]))
  }
  async inspect(): Promise<void> {
    const latest = this.#inspections.begin()
    if (this.#paths.length === 0) {
      this.plan = null
      return
    }
    this.inspecting = true
    const answer = await this.#ask(this.#paths)
    const blamed: Readonly<Record<string, string>> = typeof answer === 'string' ? await this.#blame(answer, latest) : {}
    if (!latest()) return
    this.uploads = this.uploads.map((u) => (u.path === null ? u : { ...u, problem: blamed[u.path] ?? null }))
    this.plan = typeof answer === 'string' ? null : answer
    if (this.plan) this.entries = entriesOf(this.plan, this.entries)
    this.problem = typeof answer === 'string' && Object.keys(blamed).length === 0 ? answer : ''
    this.inspecting = false
  }
  /** Requests a plan for these files. */
  #ask(paths: readonly string[]): Promise<ImportPlan | string> {
    return this.api.call('import.inspect', sourceArgs(paths, this.overrides)).catch(messageOf)
  }
  /** Finds the files that cannot be read alone, and why: one after another, because a new question to the engine cancels the one before it. */
  async #blame(whole: string, latest: () => boolean): Promise<Readonly<Record<string, string>>> {
    const paths = this.#paths
    if (paths.length === 1) return Object.fromEntries(paths.map((p) => [p, whole]))
    const alone: Record<string, string> = {}
    for (const path of paths) {
      if (!latest()) return {}
      const answer = await this.#ask([path])
      if (typeof answer === 'string') alone[path] = answer
    }
    return alone
  }
  async run(): Promise<void> {
    if (!this.ready) return
    const steps = this.ruleSets.find((r) => r.name === this.ruleSet)?.steps
    await this.api.guard(async () => {
      // the plan on screen names what will be lost, and the button what remains
      const genreNames = this.genreNames?.path ?? null
      const args = { ...this.source, genreNames, name: this.name.trim(), ruleSet: steps ? [...steps] : null, open: false, accept: true }
      this.#own = (await this.api.call('import.run', args)).job
    })
  }
  async listRuleSets(): Promise<void> {
    await this.api.ask('clean.saved', {}, (ruleSets) => (this.ruleSets = ruleSets))
  }
  /** Deletes the remembered choices for tables with this header. */
  async forget(): Promise<void> {
    const { plan } = this
    if (!plan) return
    await this.api.ask('import.forget', { headerKey: plan.headerKey })
    await this.inspect()
  }
  async loadReport(): Promise<void> {
    await this.api.ask('import.report', {}, (report) => (this.report = report))
  }
}
