import type { Api, JobEvent } from '../../contract/api.ts'
import type { Notices } from './notices.svelte.ts'

/** Running and ended jobs of this engine. */
export class Jobs {
  list = $state.raw<readonly JobEvent[]>([])
  readonly running = $derived(this.list.filter((j) => j.state === 'running'))
  readonly current = $derived(this.running.at(-1) ?? null)
  readonly #api: Api
  readonly #notices: Notices
  readonly #ends: ((job: JobEvent) => void)[] = []

  constructor(api: Api, notices: Notices) {
    this.#api = api
    this.#notices = notices
    api.on('job', (job) => this.#receive(job))
  }
  /** The newest job of a kind, running or ended. */
  latest(...kinds: JobEvent['kind'][]): JobEvent | null {
    return this.list.findLast((j) => kinds.includes(j.kind)) ?? null
  }
  onEnd(listener: (job: JobEvent) => void): void {
    this.#ends.push(listener)
  }
  async load(): Promise<void> {
    await this.#notices.guard(async () => {
      this.list = [...(await this.#api.call('jobs.list', {}))].sort((a, b) => a.job - b.job)
    })
  }
  async cancel(job: number): Promise<void> {
    await this.#notices.guard(async () => this.#receive(await this.#api.call('jobs.cancel', { job })))
  }
  #receive(job: JobEvent): void {
    const before = this.list.find((j) => j.job === job.job)
    // a late progress event must not bring an ended job back to life
    if (before && before.state !== 'running') return
    this.list = before ? this.list.map((j) => (j.job === job.job ? job : j)) : [...this.list, job]
    if (job.state === 'running') return
    if (job.state === 'failed') this.#notices.error(new Error(job.message))
    for (const end of this.#ends) end(job)
  }
}
