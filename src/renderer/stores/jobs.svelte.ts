import type { JobEvent, JobLog } from '../../contract/events.ts'
import { m } from '../messages/index.ts'
import type { View } from './nav.svelte.ts'
import type { Notices } from './notices.svelte.ts'
import type { ProjectApi } from './project-api.ts'

/** The screen that shows a job itself, and the topic of its failure's notice: the next job of the topic removes the notice. */
export const JOB_KINDS: Readonly<Record<JobEvent['kind'], { readonly screen: View | null; readonly topic: string }>> = {
  import: { screen: 'import', topic: 'import' },
  clean: { screen: 'clean', topic: 'clean' },
  preview: { screen: 'clean', topic: 'preview' },
  compare: { screen: 'import', topic: 'compare' },
  merge: { screen: 'import', topic: 'merge' },
  'compare-decisions': { screen: 'import', topic: 'compare-decisions' },
  'merge-decisions': { screen: 'import', topic: 'merge-decisions' },
  repair: { screen: 'import', topic: 'repair' },
  train: { screen: 'train', topic: 'train' },
  retrain: { screen: 'train', topic: 'train' },
  recipe: { screen: 'train', topic: 'recipe' },
  predict: { screen: 'try', topic: 'predict' },
  tune: { screen: 'train', topic: 'tune' },
  suspects: { screen: 'overview', topic: 'suspects' },
  map: { screen: 'map', topic: 'map' },
  faithfulness: { screen: 'errors', topic: 'faithfulness' },
  ask: { screen: 'review', topic: 'ask' },
  backup: { screen: null, topic: 'backup' },
  restore: { screen: null, topic: 'restore' },
  copy: { screen: null, topic: 'copy' },
  salvage: { screen: null, topic: 'salvage' },
  export: { screen: 'export', topic: 'export' },
  everything: { screen: null, topic: 'everything' },
  download: { screen: 'train', topic: 'download' },
  'export-model': { screen: 'train', topic: 'export-model' },
}
/** True if cancelling loses more than some minutes of work, or a training. */
const isLong = (job: JobEvent): boolean => job.elapsedMs > (isTraining(job) ? 60_000 : 180_000)
const isTraining = ({ kind }: JobEvent): boolean => JOB_KINDS[kind].topic === 'train'
/** Ended jobs that the window remembers. */
const MAX_REMEMBERED = 100
const topic = (job: JobEvent): string => `job ${JOB_KINDS[job.kind].topic}`

/** Running and ended jobs of this engine. */
export class Jobs {
  list = $state.raw<readonly JobEvent[]>([])
  /** All jobs of this engine that the window has heard of, whatever project they belong to. */
  session = $state.raw<readonly JobEvent[]>([])
  readonly running = $derived(this.list.filter((j) => j.state === 'running'))
  readonly current = $derived(this.running.at(-1) ?? null)
  readonly #ends: ((job: JobEvent) => void)[] = []

  constructor(
    private readonly api: ProjectApi,
    private readonly notices: Notices,
  ) {
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
    const jobs = await this.api.ask('jobs.list', {})
    // ended jobs may belong to another project
    if (jobs) this.session = [...jobs].sort((a, b) => a.job - b.job)
    if (jobs) this.list = jobs.filter((j) => j.state === 'running').sort((a, b) => a.job - b.job)
  }
  /** Another project is open: removes the ended jobs of the previous one. */
  reset(): void {
    this.list = this.running
  }
  /** Cancels a job; a training that has run for a while after a question, because its work is lost. */
  async cancel(job: number): Promise<void> {
    const cancel = () => this.api.ask('jobs.cancel', { job }, (event) => this.#receive(event))
    const long = this.running.find((j) => j.job === job && isLong(j))
    if (!long) return void (await cancel())
    const { title, text, keep, confirm } = isTraining(long) ? m.jobs.cancel : m.jobs.cancelOther(m.jobs.names[long.kind])
    this.notices.question = { title, text: text(long.elapsedMs), confirm, refuse: keep, job, act: cancel }
  }
  /** The steps of a job; undefined if the engine does not know it any more. */
  log(job: number): Promise<JobLog | undefined> {
    return this.api.ask('jobs.log', { job })
  }
  #receive(job: JobEvent): void {
    const before = this.list.find((j) => j.job === job.job)
    // a late progress event must not restart an ended job
    if (before && before.state !== 'running') return
    if (!before) this.notices.settled(topic(job))
    this.session = [...this.session.filter((j) => j.job !== job.job), job].sort((a, b) => a.job - b.job).slice(-MAX_REMEMBERED)
    this.list = before ? this.list.map((j) => (j.job === job.job ? job : j)) : [...this.list, job]
    if (job.state === 'running') return
    if (this.notices.question?.job === job.job) this.notices.question = null
    if (job.state === 'failed') this.notices.errorAbout(topic(job), job.message, JOB_KINDS[job.kind].screen)
    for (const end of this.#ends) end(job)
  }
}
