import type { JobEvent } from '../../contract/api.ts'
import { toReply, UserError } from '../../contract/errors.ts'
import { toUserError } from '../store/database.ts'

/** What a job gets to say how far it is and to hear that it should stop. */
export interface JobControl {
  readonly signal: AbortSignal
  /** @param fraction of the whole, 0 to 1 */
  progress(fraction: number, phase: string): void
}
/** The control of a part of a job: its own 0 to 1 are `share` of the whole, from `from` on. */
export const part = (control: JobControl, from: number, share: number): JobControl => ({
  signal: control.signal,
  progress: (fraction, phase) => control.progress(from + share * fraction, phase),
})
/** Does the work and says how it ended, in a sentence. Throws when cancelled (`signal.throwIfAborted()`) or failed. */
export type JobWork = (control: JobControl) => Promise<string>

interface Running {
  readonly job: number
  readonly abort: AbortController
  readonly ended: Promise<void>
}

/** Shortest time between two progress events, in milliseconds. */
const PROGRESS_EVERY = 80
/** Work whose first report is further than this goes on with what an earlier program did: its pace is seen from there. */
const GONE_ON = 0.1
/** Ended jobs that are remembered for the window. */
const KEPT = 20

/** What rewrites a project, or would be lost when another program does: only while nobody else has it open. */
export const EXCLUSIVE: readonly JobEvent['kind'][] = ['clean', 'train', 'retrain', 'merge', 'repair', 'restore']

/** What is running, in words. */
const RUNNING: Readonly<Record<JobEvent['kind'], string>> = {
  import: 'An import',
  clean: 'The cleaning',
  preview: 'A preview of the cleaning',
  compare: 'The comparison for an update from files',
  merge: 'An update from files',
  repair: 'The taking in of records',
  train: 'A training',
  retrain: 'A training',
  backup: 'A backup',
  restore: 'The restoring of a backup',
  copy: 'The copying of a project',
  salvage: 'The salvaging of a project',
  everything: 'An export of everything',
  download: 'The download of a model',
  'export-model': 'The export of a model',
}

/** Long work, one at a time: progress with an estimate, cancel, and how it ended. */
export class Jobs {
  readonly #emit: (event: JobEvent) => void
  readonly #assertAlone: () => void
  readonly #events = new Map<number, JobEvent>()
  #running: Running | null = null
  #next = 1
  #stopped = false

  /** @param assertAlone throws where another program has the project open */
  constructor(emit: (event: JobEvent) => void, assertAlone: () => void = () => undefined) {
    this.#emit = emit
    this.#assertAlone = assertAlone
  }
  /**
   * Throws `busy` while a job runs, `closed` after {@link stop}; for the kinds of {@link EXCLUSIVE} also `project-in-use`
   * while another program has the project open.
   */
  assertIdle(wanted?: JobEvent['kind']): void {
    if (this.#stopped) throw closed()
    if (this.#running) {
      const { kind } = this.#events.get(this.#running.job)!
      throw new UserError('busy', `${RUNNING[kind]} is running: wait for it, or cancel it, then try again.`)
    }
    if (wanted && EXCLUSIVE.includes(wanted)) this.#assertAlone()
  }
  start(kind: JobEvent['kind'], run: number | null, work: JobWork): number {
    this.assertIdle(kind)
    const job = this.#next++
    const abort = new AbortController()
    const startedAt = performance.now()
    let last = 0
    let first: Reported | null = null
    const tell = (part: Partial<JobEvent>): void => {
      const before = this.#events.get(job) ?? FIRST(job, kind, run)
      const elapsedMs = Math.round(performance.now() - startedAt)
      const event = { ...before, elapsedMs, ...part }
      this.#events.set(job, event)
      this.#emit(event)
    }
    const progress = (fraction: number, phase: string): void => {
      const now = performance.now()
      const before = this.#events.get(job)
      if (now - last < PROGRESS_EVERY && before?.phase === phase) return
      last = now
      first ??= fraction > GONE_ON ? { at: now, fraction } : { at: startedAt, fraction: 0 }
      tell({ progress: fraction, phase, remainingMs: remaining(first, { at: now, fraction }) })
    }
    tell({})
    const ended = this.#settle(work({ signal: abort.signal, progress }), abort.signal, tell)
    this.#running = { job, abort, ended }
    return job
  }
  async #settle(work: Promise<string>, signal: AbortSignal, tell: (part: Partial<JobEvent>) => void): Promise<void> {
    let end: Partial<JobEvent>
    try {
      end = { state: 'done', progress: 1, message: await work }
    } catch (error) {
      end = signal.aborted ? { state: 'cancelled', message: 'Cancelled: everything is as it was before.' } : failure(error)
    }
    this.#running = null
    tell({ ...end, remainingMs: null, phase: '' })
    for (const id of [...this.#events.keys()].slice(0, -KEPT)) this.#events.delete(id)
  }
  /** Asks the job to stop; answers when it has, so that "cancelled" is never said of work that goes on. */
  async cancel(job: number, why?: UserError): Promise<JobEvent> {
    if (this.#running?.job === job) {
      const { abort, ended } = this.#running
      abort.abort(why)
      await ended
    }
    const event = this.#events.get(job)
    if (!event) throw new UserError('no-job', `There is no job ${job}.`)
    return event
  }
  /** Cancels what runs, for the reason `closed`; nothing starts any more. */
  async stop(): Promise<void> {
    this.#stopped = true
    if (this.#running) await this.cancel(this.#running.job, closed())
  }
  list(): JobEvent[] {
    return [...this.#events.values()]
  }
}

const closed = (): UserError => new UserError('closed', 'Reelabel is closing: nothing more is started. Start it again, then try again.')

function failure(error: unknown): Partial<JobEvent> {
  const { code, message } = toReply(toUserError('The project', error))
  return { state: 'failed', code, message }
}

const FIRST = (job: number, kind: JobEvent['kind'], run: number | null): JobEvent => ({
  job,
  kind,
  state: 'running',
  phase: 'starting',
  progress: 0,
  elapsedMs: 0,
  remainingMs: null,
  message: '',
  code: null,
  run,
})

interface Reported {
  readonly at: number
  readonly fraction: number
}
/** Milliseconds left at the pace since `first`; null before there is enough to go by. */
function remaining(first: Reported, now: Reported): number | null {
  const [elapsedMs, done] = [now.at - first.at, now.fraction - first.fraction]
  return done > 0.03 && elapsedMs > 300 ? Math.round((elapsedMs * (1 - now.fraction)) / done) : null
}
