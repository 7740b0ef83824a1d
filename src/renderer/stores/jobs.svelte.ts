import type { Api, JobEvent } from '../../contract/api.ts'
import type { View } from './nav.svelte.ts'
import type { Notices } from './notices.svelte.ts'

/** What a job is called while it runs, the screen that shows it itself, and what its failure is about: the next one settles it. */
export const JOB_KINDS: Readonly<
  Record<JobEvent['kind'], { readonly name: string; readonly screen: View | null; readonly topic: string }>
> = {
  import: { name: 'Importing', screen: 'import', topic: 'import' },
  clean: { name: 'Cleaning', screen: 'clean', topic: 'clean' },
  preview: { name: 'Counting', screen: 'clean', topic: 'preview' },
  compare: { name: 'Comparing', screen: 'import', topic: 'compare' },
  merge: { name: 'Updating', screen: 'import', topic: 'merge' },
  repair: { name: 'Taking in records', screen: 'import', topic: 'repair' },
  train: { name: 'Training', screen: 'train', topic: 'train' },
  retrain: { name: 'Retraining', screen: 'train', topic: 'train' },
  backup: { name: 'Backing up', screen: null, topic: 'backup' },
  restore: { name: 'Restoring', screen: null, topic: 'restore' },
  copy: { name: 'Copying', screen: null, topic: 'copy' },
  salvage: { name: 'Salvaging', screen: null, topic: 'salvage' },
  everything: { name: 'Exporting everything', screen: null, topic: 'everything' },
  download: { name: 'Downloading a model', screen: 'train', topic: 'download' },
  'export-model': { name: 'Exporting a model', screen: 'train', topic: 'export-model' },
}
const topic = (job: JobEvent): string => `job ${JOB_KINDS[job.kind].topic}`

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
      const jobs = await this.#api.call('jobs.list', {})
      // how earlier ones ended may be the story of another project
      this.list = jobs.filter((j) => j.state === 'running').sort((a, b) => a.job - b.job)
    })
  }
  /** Another project is open: how its predecessor's jobs ended is no longer told. */
  reset(): void {
    this.list = this.running
  }
  async cancel(job: number): Promise<void> {
    await this.#notices.guard(async () => this.#receive(await this.#api.call('jobs.cancel', { job })))
  }
  #receive(job: JobEvent): void {
    const before = this.list.find((j) => j.job === job.job)
    // a late progress event must not bring an ended job back to life
    if (before && before.state !== 'running') return
    if (!before) this.#notices.settled(topic(job))
    this.list = before ? this.list.map((j) => (j.job === job.job ? job : j)) : [...this.list, job]
    if (job.state === 'running') return
    if (job.state === 'failed') this.#notices.errorAbout(topic(job), job.message, JOB_KINDS[job.kind].screen)
    for (const end of this.#ends) end(job)
  }
}
