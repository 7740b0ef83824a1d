import { SvelteMap } from 'svelte/reactivity'
import type { TrainingLog } from '../../contract/models.ts'
import { newerLog, withEpoch } from './curves-logic.ts'
import type { Training } from './training.svelte.ts'
import type { ProjectApi } from './project-api.ts'

const NOTHING: TrainingLog = { epochs: [], device: '', notes: [] }

/** Curves of running and finished trainings of transformers. */
export class Curves {
  readonly logs = new SvelteMap<number, TrainingLog>()
  /** The run selected by the user; null: the running or last training, else the current run. */
  asked = $state.raw<number | null>(null)
  // eslint-disable-next-line svelte/prefer-svelte-reactivity -- nothing on screen depends on it
  readonly #reading = new Set<number>()

  constructor(
    private readonly api: ProjectApi,
    private readonly training: Training,
  ) {
    api.on('epoch', ({ run, figures }) => {
      const log = this.logs.get(run)
      this.logs.set(run, { ...(log ?? NOTHING), epochs: withEpoch(log?.epochs ?? [], figures) })
      void this.read(run)
    })
    api.on('job', (job) => {
      if (job.run !== null && job.state !== 'running' && this.logs.has(job.run)) void this.read(job.run)
    })
  }
  /** Another project is open: its runs have the same numbers. */
  reset(): void {
    this.logs.clear()
    this.#reading.clear()
    this.asked = null
  }
  /** The run whose curves are shown. */
  get run(): number | null {
    const { job, current, runs } = this.training
    /** A deleted run has no curves. */
    const listed = (run: number | null) => (runs.some(({ id }) => id === run) ? run : null)
    const latest = job && job.run !== null && this.#isTransformer(job.run) ? job.run : null
    const live = job?.state === 'running' ? latest : null
    return live ?? listed(this.asked) ?? listed(latest) ?? (current?.config.family === 'transformer' ? current.id : null)
  }
  /** A run that has just started is not in the list yet; its first epoch tells its kind. */
  #isTransformer(run: number): boolean {
    const known = this.training.runs.find((r) => r.id === run)
    return known ? known.config.family === 'transformer' : this.logs.has(run)
  }
  get live(): boolean {
    const { job } = this.training
    return job?.state === 'running' && job.run === this.run
  }
  async show(run: number): Promise<void> {
    this.asked = run
    await this.read(run)
  }
  /** Reads the stored log of a run, with its notes and device. */
  async read(run: number): Promise<void> {
    if (this.#reading.has(run)) return
    this.#reading.add(run)
    await this.api.ask('runs.log', { run }, (log) => this.logs.set(run, newerLog(log, this.logs.get(run))))
    this.#reading.delete(run)
  }
}
