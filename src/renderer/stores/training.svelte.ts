import type { JobEvent } from '../../contract/events.ts'
import type { Comparison, EnsembleConfig, RunInfo } from '../../contract/records.ts'
import { m } from '../messages/index.ts'
import type { Jobs } from './jobs.svelte.ts'
import type { Notices } from './notices.svelte.ts'
import { choiceOf, modelInWords } from './recipe-logic.ts'
import type { Recipes } from './recipes.svelte.ts'
import type { ProjectApi } from './project-api.ts'
import type { Workers } from './workers.svelte.ts'

/** Topic of the notice about the comparison. */
const VERDICT = 'verdict'

/** Runs and their comparison. */
export class Training {
  runs = $state.raw<readonly RunInfo[]>([])
  comparison = $state.raw<Comparison | null>(null)
  comparing = $state.raw(false)
  readonly current = $derived(this.runs.find((r) => r.current) ?? null)
  readonly done = $derived(this.runs.filter((r) => r.status === 'done'))
  /** The current run when a training began here, with which a fresh run is compared. */
  #before: number | null = null

  constructor(
    private readonly api: ProjectApi,
    private readonly notices: Notices,
    private readonly jobs: Jobs,
    readonly recipes: Recipes,
    private readonly workers: Workers,
  ) {
    jobs.onEnd((job) => void this.#ended(job))
  }
  get job(): JobEvent | null {
    return this.jobs.latest('train', 'retrain')
  }
  get busy(): boolean {
    return this.job?.state === 'running'
  }
  /** Another project is open: nothing on screen may speak of the last one. */
  reset(): void {
    this.runs = []
    this.comparison = null
    this.#before = null
    this.notices.settled(VERDICT)
    this.recipes.reset()
  }
  async load(): Promise<void> {
    await this.api.guard(async () => {
      this.runs = await this.api.call('runs.list', {})
      // select the model of the current run
      if (this.current && this.current.config.family !== 'ensemble') this.recipes.usual = choiceOf(this.current.config)
    })
    await this.recipes.load()
  }
  /** `retrain`: the recipe of the current run, whatever is picked. */
  async start(retrain: boolean): Promise<void> {
    if (this.busy) return
    this.comparison = null
    if (!retrain) await this.recipes.load()
    const config = retrain ? {} : this.recipes.settings
    await this.#begin(() => this.api.call('train.start', { config, retrain, workers: this.workers.wanted }))
  }
  /** Whether the current run can be retrained without some words: an ensemble reads what its members read. */
  get canLeaveOut(): boolean {
    return this.current !== null && this.current.config.family !== 'ensemble'
  }
  /** Retrains the current run without these words, and those that it leaves out already. */
  async startWithout(words: readonly string[]): Promise<void> {
    const config = this.current?.config
    if (this.busy || !config || !this.canLeaveOut) return
    this.comparison = null
    const before = config.dropWords ?? []
    const dropWords = [...before, ...words.filter((word) => !before.includes(word))]
    await this.#begin(() => this.api.call('train.start', { config: { family: config.family, dropWords }, retrain: true }))
  }
  /** Combines finished runs. */
  async combine(runs: readonly number[], how: EnsembleConfig['how']): Promise<void> {
    if (this.busy) return
    this.comparison = null
    await this.#begin(() => this.api.call('train.start', { config: { family: 'ensemble', runs: [...runs], how }, retrain: false }))
  }
  /** Resumes an interrupted run. */
  async resume(run: number): Promise<void> {
    if (this.busy) return
    this.comparison = null
    await this.#begin(() => this.api.call('train.resume', { run }))
  }
  /** The new run is in the list from its beginning. */
  async #begin(start: () => Promise<unknown>): Promise<void> {
    this.#before = this.current?.id ?? null
    await this.api.guard(async () => {
      await start()
      this.runs = await this.api.call('runs.list', {})
    })
  }
  // the engine's `changed` event brings the list after each of these

  rename({ id: run, name: value }: RunInfo): void {
    const { name: label, rename, renameTitle } = m.train.runs.asked
    this.notices.question = {
      title: renameTitle(m.runs.name(run)),
      field: { label, value },
      confirm: rename,
      act: (name) => this.api.ask('runs.rename', { run, name }),
    }
  }
  annotate({ id: run, note: value }: RunInfo): void {
    const { noteLabel: label, noteTitle, save } = m.train.runs.asked
    this.notices.question = {
      title: noteTitle(m.runs.name(run)),
      field: { label, value, long: true },
      confirm: save,
      act: (note) => this.api.ask('runs.note', { run, note }),
    }
  }
  delete({ id: run }: RunInfo): void {
    const { delete: confirm, deleteTitle, deleteText, left } = m.train.runs.asked
    const act = () =>
      this.api.guard(async () => {
        const { folder } = await this.api.call('runs.delete', { run })
        if (this.comparison?.a === run || this.comparison?.b === run) this.comparison = null
        if (folder !== null) this.notices.news(folder, left(m.runs.name(run), folder))
      })
    this.notices.question = { title: deleteTitle(m.runs.name(run)), text: deleteText, confirm, act }
  }
  async restore(run: number): Promise<void> {
    await this.api.ask('runs.restore', { run })
  }
  async compare(a: number, b: number): Promise<void> {
    this.comparing = true
    await this.api.ask('runs.compare', { a, b }, (comparison) => (this.comparison = comparison))
    this.comparing = false
  }
  /** With its model where the other run of a comparison has another one. */
  runName(id: number): string {
    const { comparison } = this
    const models = [comparison?.a, comparison?.b].map((r) => this.#modelOf(r))
    const own = this.#modelOf(id)
    return own !== null && models.some((model) => model !== own) ? m.runs.nameWithModel(id, own) : m.runs.name(id)
  }
  #modelOf(id: number | undefined): string | null {
    const run = this.runs.find((r) => r.id === id)
    return run ? modelInWords(run.config) : null
  }
  /** The verdict of a comparison in a sentence; equal scores are said to be equal. */
  verdictInWords({ verdict, a, b, corrected: { microF1 } }: Comparison): string {
    const text = m.train.comparison
    const same = microF1.low === 0 && microF1.high === 0
    return text[same ? 'same' : verdict](this.runName(a), this.runName(b), text.change(microF1))
  }
  async #ended(job: JobEvent): Promise<void> {
    if (job.kind !== 'train' && job.kind !== 'retrain') return
    this.recipes.forgetCosts()
    await this.load()
    const run = this.runs.find((r) => r.id === job.run)
    const old = run?.parent ?? this.#before
    if (job.state !== 'done' || !run || old === null || old === run.id) return
    await this.compare(old, run.id)
    if (this.comparison)
      this.notices.news(
        VERDICT,
        this.verdictInWords(this.comparison),
        { label: m.train.show, act: () => location.assign('#train') },
        'train',
      )
  }
}
