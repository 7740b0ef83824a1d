import type { JobEvent, JobKind, JobLog, JobProgress, JobResults } from '../../contract/events.ts'
import { toReply, UserError } from '../../contract/errors.ts'
import type { JobStarted } from '../../contract/method.ts'
import type { JobControl } from '../processes/job-control.ts'
import { toUserError } from '../store/database.ts'

/** How a job ended, in a sentence, and its result if jobs of that kind have one. */
export type JobEnd<K extends JobKind> = {
  [P in K]: JobResults[P] extends null ? string : { readonly message: string; readonly result: JobResults[P] }
}[K]
/** Does the work and returns how it ended. Throws when it is cancelled (`signal.throwIfAborted()`) or fails. */
export type JobWork<K extends JobKind> = (control: JobControl) => Promise<JobEnd<K>>
type Change = Partial<JobProgress> & { readonly result?: JobResults[JobKind] }

interface Running {
  readonly kind: JobKind
  readonly abort: AbortController
  readonly ended: Promise<void>
}

/** Shortest time between two progress events of one phase, in milliseconds. */
const PROGRESS_EVERY = 80
/** A first report above this fraction means that the work resumes earlier work: its speed is measured from that report. */
const RESUMED = 0.1
/** Number of ended jobs that are kept for the window. */
const KEPT = 20

/** Kinds that rewrite a project, or whose result would be lost if another program rewrote it: they need the project for themselves. */
const EXCLUSIVE: readonly JobKind[] = ['clean', 'train', 'retrain', 'recipe', 'tune', 'suspects', 'map', 'merge', 'repair', 'restore']

/** Kinds that only read the project, so that a training, which may take hours, need not keep them waiting. */
const READING: readonly JobKind[] = ['export', 'everything', 'predict']
const TRAINING: readonly JobKind[] = ['train', 'retrain']
const mayRunTogether = (a: JobKind, b: JobKind): boolean =>
  (READING.includes(a) && TRAINING.includes(b)) || (TRAINING.includes(a) && READING.includes(b))

/** Names of running jobs, for messages. */
const RUNNING: Readonly<Record<JobKind, string>> = {
  import: 'An import',
  clean: 'The cleaning',
  preview: 'A preview of the cleaning',
  compare: 'The comparison for an update from files',
  merge: 'An update from files',
  'compare-decisions': 'The comparison with another project',
  'merge-decisions': 'Merging decisions',
  repair: 'Adding records',
  train: 'A training',
  retrain: 'A training',
  recipe: 'A recipe',
  tune: 'A tuning',
  suspects: 'A search for suspects',
  map: 'The computation of the map',
  faithfulness: 'A measurement of explanations',
  ask: 'A model that is asked',
  backup: 'A backup',
  restore: 'Restoring a backup',
  copy: 'Copying a project',
  salvage: 'Salvaging a project',
  predict: 'A prediction of movies',
  export: 'An export',
  everything: 'An export of everything',
  download: 'The download of a model',
  'export-model': 'The export of a model',
}

/** Runs jobs one at a time, except for {@link READING}, and reports their progress with an estimate of the time left, and their end. */
export class Jobs {
  readonly #emit: (event: JobEvent) => void
  readonly #assertAlone: () => void
  readonly #events = new Map<number, JobEvent>()
  readonly #running = new Map<number, Running>()
  readonly #logs = new Map<number, { readonly startedAt: string; readonly steps: { readonly atMs: number; text: string }[] }>()
  /** The job that is being prepared, see {@link reserve}. */
  #reserved: JobKind | null = null
  #next = 1
  #stopped = false

  /** @param assertAlone throws if another program has the project open, or its file is another one */
  constructor(emit: (event: JobEvent) => void, assertAlone: () => void = () => undefined) {
    this.#emit = emit
    this.#assertAlone = assertAlone
  }
  /**
   * @param wanted kind of the job that is to start; null: none may be running
   * @throws UserError `busy` if a job beside which it may not run is running or being prepared, `closed` after {@link stop}, and
   *   `project-in-use` for the kinds of {@link EXCLUSIVE} if another program has the project open
   */
  assertIdle(wanted: JobKind | null = null): void {
    if (this.#stopped) throw closed()
    const kinds = [...this.#running.values()].map(({ kind }) => kind).concat(this.#reserved ?? [])
    const inTheWay = kinds.find((kind) => wanted === null || !mayRunTogether(kind, wanted))
    if (inTheWay) throw new UserError('busy', `${RUNNING[inTheWay]} is running: wait for it, or cancel it, then try again.`)
    if (wanted !== null && EXCLUSIVE.includes(wanted)) this.#assertAlone()
  }
  /** Runs `prepare`, which starts its job with `start`. No other job can start meanwhile. */
  async reserve<K extends JobKind, T>(
    kind: K,
    prepare: (start: (run: number | null, work: JobWork<K>) => number) => Promise<T>,
  ): Promise<T> {
    this.assertIdle(kind)
    this.#reserved = kind
    try {
      return await prepare((run, work) => {
        this.#reserved = null
        return this.start(kind, run, work).job
      })
    } finally {
      if (this.#reserved === kind) this.#reserved = null
    }
  }
  start<K extends JobKind>(kind: K, run: number | null, work: JobWork<K>): JobStarted {
    this.assertIdle(kind)
    const job = this.#next++
    const abort = new AbortController()
    const startedAt = performance.now()
    this.#logs.set(job, { startedAt: new Date().toISOString(), steps: [] })
    let last = 0
    let estimator: RemainingTime | null = null
    const tell = (change: Change): void => {
      const before = this.#events.get(job) ?? begun(job, kind, run)
      const elapsedMs = Math.round(performance.now() - startedAt)
      const event = { ...before, elapsedMs, ...change } as JobEvent
      this.#events.set(job, event)
      this.#note(event)
      this.#emit(event)
    }
    const progress = (fraction: number, phase: string): void => {
      const now = performance.now()
      const before = this.#events.get(job)
      if (now - last < PROGRESS_EVERY && before?.phase === phase) return
      last = now
      estimator ??= new RemainingTime(fraction > RESUMED ? { at: now, fraction } : { at: startedAt, fraction: 0 })
      tell({ progress: fraction, phase, remainingMs: estimator.remaining({ at: now, fraction }) })
    }
    tell({})
    const ended = this.#settle(job, work({ signal: abort.signal, progress }) as Promise<JobEnd<JobKind>>, abort.signal, tell)
    this.#running.set(job, { kind, abort, ended })
    return { job }
  }
  async #settle(job: number, work: Promise<JobEnd<JobKind>>, signal: AbortSignal, tell: (change: Change) => void): Promise<void> {
    let end: Change
    try {
      const ended = await work
      end = { state: 'done', progress: 1, ...(typeof ended === 'string' ? { message: ended } : ended) }
    } catch (error) {
      end = signal.aborted ? { state: 'cancelled', message: cancelText(error) } : failure(error)
    }
    this.#running.delete(job)
    tell({ ...end, remainingMs: null, phase: '' })
    for (const id of [...this.#events.keys()].slice(0, -KEPT)) {
      if (this.#running.has(id)) continue
      this.#events.delete(id)
      this.#logs.delete(id)
    }
  }
  /** Asks the job to stop and waits until it has, so that a job is never reported as cancelled while it still works. */
  async cancel(job: number, why?: UserError): Promise<JobEvent> {
    const running = this.#running.get(job)
    running?.abort.abort(why)
    await running?.ended
    const event = this.#events.get(job)
    if (!event) throw new UserError('no-job', `There is no job ${job}.`)
    return event
  }
  /** Cancels every job with the reason `closed`; no job starts after that. */
  async stop(): Promise<void> {
    this.#stopped = true
    await Promise.all([...this.#running.keys()].map((job) => this.cancel(job, closed())))
  }
  /** Resolves when the jobs that are running now have ended. */
  async idle(): Promise<void> {
    await Promise.all([...this.#running.values()].map(({ ended }) => ended))
  }
  /** Adds a new phase to the log. Phases that only count on (`row 1 of 9`) become one step for each second. */
  #note({ job, phase, elapsedMs }: JobEvent): void {
    const steps = this.#logs.get(job)?.steps ?? []
    const newest = steps.at(-1)
    if (phase === '' || phase === newest?.text) return
    const countsOn = newest !== undefined && withoutNumbers(newest.text) === withoutNumbers(phase)
    if (countsOn && (elapsedMs - newest.atMs < 1000 || steps.length >= MAX_STEPS)) newest.text = phase
    else steps.push({ atMs: elapsedMs, text: phase })
  }
  /** @throws UserError `no-job` for a job that is not known any more */
  log(job: number): JobLog {
    const log = this.#logs.get(job)
    if (!log) throw new UserError('no-job', `There is no job ${job}.`)
    return log
  }
  list(): JobEvent[] {
    return [...this.#events.values()]
  }
}

/** Steps of a job from which on counting phases get no new ones. */
const MAX_STEPS = 300
const withoutNumbers = (phase: string): string => phase.replaceAll(/\d[\d,.]*/g, '')

/** Work that keeps a part of its result says so with an error `cancelled-partly`. */
const cancelText = (error: unknown): string =>
  error instanceof UserError && error.code === 'cancelled-partly' ? error.message : 'Cancelled: everything is as it was before.'

const closed = (): UserError => new UserError('closed', 'Reelabel is closing: no job can start. Start it again, then try again.')

function failure(error: unknown): Change {
  const { code, message } = toReply(toUserError('The project', error))
  return { state: 'failed', code, message }
}

const begun = (job: number, kind: JobKind, run: number | null): JobEvent => ({
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
  result: null,
})

interface Reported {
  readonly at: number
  readonly fraction: number
}
/** Least fraction of a job, and least time in milliseconds, from which its speed is measured. */
const [MEASURED, MIN_MS] = [0.05, 300]
/** If the estimate rises by less than this factor, the rise counts as noise and the shown time stays. */
const NOISE = 1.25

/** Estimates the remaining time of a job from its speed in the second half of the elapsed time, because earlier phases may have had another speed. */
class RemainingTime {
  readonly #start: Reported
  /** The reports of the second half, and the last one before it; thinned out to a hundred. */
  readonly #reports: Reported[]
  #shown: number | null = null
  constructor(start: Reported) {
    this.#start = start
    this.#reports = [start]
  }
  /** Milliseconds left; null if too little is done for an estimate. */
  remaining(now: Reported): number | null {
    const elapsedMs = now.at - this.#start.at
    const reports = this.#reports
    while ((reports[1]?.at ?? Infinity) <= this.#start.at + elapsedMs / 2) reports.shift()
    const from = reports[0] ?? this.#start
    if (now.at - (reports.at(-1) ?? from).at >= elapsedMs / 100) reports.push(now)
    const done = now.fraction - from.fraction
    if (done < MEASURED || elapsedMs < MIN_MS) return this.#shown
    const left = Math.round(((now.at - from.at) * (1 - now.fraction)) / done)
    if (this.#shown === null || left < this.#shown || left > NOISE * this.#shown) this.#shown = left
    return this.#shown
  }
}
