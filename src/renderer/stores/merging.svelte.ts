import type { Args } from '../../contract/api.ts'
import type { JobEvent } from '../../contract/events.ts'
import type { MergePlan } from '../../contract/merging.ts'
import type { Jobs } from './jobs.svelte.ts'
import type { ProjectApi } from './project-api.ts'

export type Removed = Args<'merge.run'>['removed']

/** Updates of the open project from files: compared first, then applied. */
export class Merging {
  /** True if the chosen files update the open project; otherwise they become a new one. */
  on = $state(false)
  plan = $state.raw<MergePlan | null>(null)
  /** The files and choices of `plan`. */
  #staged = $state.raw('')
  removed = $state<Removed>('keep')
  #asked = ''
  #past = $state.raw(0)

  constructor(
    private readonly api: ProjectApi,
    private readonly jobs: Jobs,
  ) {
    jobs.onEnd((job) => {
      if (job.state !== 'done') return
      if (job.kind === 'compare') void this.#load()
      if (job.kind === 'merge') this.#forget()
    })
  }
  /** The running or last comparison or update; null once something else is being prepared. */
  get job(): JobEvent | null {
    const job = this.jobs.latest('compare', 'merge')
    return job && job.job > this.#past ? job : null
  }
  get busy(): boolean {
    return this.job?.state === 'running'
  }
  /** The plan if it belongs to these files and choices, else null. */
  planFor(source: Args<'merge.stage'>): MergePlan | null {
    return this.#staged === JSON.stringify(source) ? this.plan : null
  }
  /** Another project is open. */
  reset(): void {
    this.on = false
    this.#forget()
  }
  #forget(): void {
    this.plan = null
    this.#staged = ''
    this.removed = 'keep'
  }
  /** Something else is being prepared: hides the last job. */
  prepare(): void {
    this.#past = this.jobs.latest('compare', 'merge')?.job ?? 0
  }
  async stage(source: Args<'merge.stage'>): Promise<void> {
    this.#forget()
    this.#asked = JSON.stringify(source)
    await this.api.ask('merge.stage', source)
  }
  async #load(): Promise<void> {
    const asked = this.#asked
    await this.api.guard(async () => {
      const plan = await this.api.call('merge.plan', {})
      if (asked !== this.#asked) return
      this.plan = plan
      this.#staged = asked
    })
  }
  async run(): Promise<void> {
    const { plan, removed } = this
    if (plan) await this.api.ask('merge.run', { token: plan.token, removed, accept: true })
  }
  async discard(): Promise<void> {
    if (this.plan) await this.api.ask('merge.discard', {})
    this.#forget()
    this.prepare()
  }
}
