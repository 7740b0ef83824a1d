import type { Api, ConfigIn, JobEvent } from '../../contract/api.ts'
import type { Comparison, LinearConfig, RunInfo } from '../../contract/records.ts'
import type { Jobs } from './jobs.svelte.ts'
import type { Notices } from './notices.svelte.ts'

/** Recipe, runs and their comparison. */
export class Training {
  defaults = $state.raw<LinearConfig | null>(null)
  /** What the analyst changed in the recipe. */
  edits = $state.raw<ConfigIn>({})
  runs = $state.raw<readonly RunInfo[]>([])
  comparison = $state.raw<Comparison | null>(null)
  comparing = $state.raw(false)
  readonly current = $derived(this.runs.find((r) => r.current) ?? null)
  readonly done = $derived(this.runs.filter((r) => r.status === 'done'))
  readonly config = $derived(this.defaults ? ({ ...this.defaults, ...this.edits } as LinearConfig) : null)
  readonly #api: Api
  readonly #notices: Notices
  readonly #jobs: Jobs

  constructor(api: Api, notices: Notices, jobs: Jobs) {
    this.#api = api
    this.#notices = notices
    this.#jobs = jobs
    jobs.onEnd((job) => void this.#ended(job))
  }
  get job(): JobEvent | null {
    return this.#jobs.latest('train', 'retrain')
  }
  get busy(): boolean {
    return this.job?.state === 'running'
  }
  /** Another project is open: nothing on screen may speak of the last one. */
  reset(): void {
    this.runs = []
    // they depend on the size of the catalogue
    this.defaults = null
    this.comparison = null
    this.edits = {}
  }
  async load(): Promise<void> {
    await this.#notices.guard(async () => {
      const runs = await this.#api.call('runs.list', {})
      this.defaults ??= await this.#api.call('train.defaults', {})
      this.runs = runs
    })
  }
  edit(patch: ConfigIn): void {
    this.edits = { ...this.edits, ...patch }
  }
  async start(retrain: boolean): Promise<void> {
    if (this.busy) return
    this.comparison = null
    await this.#notices.guard(() => this.#api.call('train.start', { config: this.edits, retrain }))
  }
  async restore(run: number): Promise<void> {
    await this.#notices.guard(async () => {
      await this.#api.call('runs.restore', { run })
      this.runs = await this.#api.call('runs.list', {})
    })
  }
  async compare(a: number, b: number): Promise<void> {
    this.comparing = true
    await this.#notices.guard(async () => {
      this.comparison = await this.#api.call('runs.compare', { a, b })
    })
    this.comparing = false
  }
  runName(id: number): string {
    return `Run ${id}`
  }
  async #ended(job: JobEvent): Promise<void> {
    if (job.kind !== 'train' && job.kind !== 'retrain') return
    await this.load()
    const run = this.runs.find((r) => r.id === job.run)
    if (job.state === 'done' && run?.parent != null) await this.compare(run.parent, run.id)
  }
}
