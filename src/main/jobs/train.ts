import { stretches, type Steps } from '../analysis/steps.ts'
import { VERDICT_IMPOSSIBLE } from '../analysis/triage.ts'
import type { Catalogue } from '../catalogue/catalogue.ts'
import type { ComputeReply, Conclusion, TrainJob } from '../../contract/jobs.ts'
import type { LinearConfig } from '../../contract/records.ts'
import { UserError } from '../../contract/errors.ts'
import { explanation } from '../store/database.ts'
import type { Store } from '../store/store.ts'
import type { SpawnProcess } from './processes.ts'
import { supervise } from './supervise.ts'
import type { JobControl } from './queue.ts'

/** Share of the whole job that the compute process's own progress stands for. */
const COMPUTE_SHARE = 0.98

/** What a training learns, of one moment. */
export type Lesson = Pick<TrainJob, 'labels' | 'corrected' | 'excluded' | 'rowWeight'> & { readonly lastBatch: number }

export interface TrainPlan {
  readonly store: Store
  readonly catalogue: Catalogue
  readonly config: LinearConfig
  readonly parent: number | null
}

/**
 * Effective labels, impossible cells left out of the loss, reviewed rows weighted: in steps, of the labels there are at the first.
 * @throws UserError `too-few-movies` when there is nothing to learn from
 */
export function* readLesson({ store, catalogue, config }: TrainPlan): Steps<Lesson> {
  const { k, source } = catalogue
  const rows = catalogue.rowsOf('train').length
  if (rows < 2 * config.folds || k === 0)
    throw new UserError(
      'too-few-movies',
      `Training with ${config.folds} folds needs at least ${2 * config.folds} training movies with a plot and a genre; there are ${rows}: import more, or switch a cleaning rule off.`,
    )
  const [lastBatch, labels, verdicts] = [store.changes.lastBatch(), catalogue.labels.slice(), catalogue.verdicts.slice()]
  const rowWeight = rowWeights(catalogue, config.reviewedWeight)
  const excluded = yield* cellsWhere(verdicts, k, (verdict) => verdict === VERDICT_IMPOSSIBLE)
  const corrected = yield* cellsWhere(labels, k, (label, cell) => label !== source[cell])
  return { labels, corrected, excluded, rowWeight, lastBatch }
}

/** Records a run, and the job that the compute process is given; it makes the folds. */
export function recordTraining({ store, catalogue, config, parent }: TrainPlan, { lastBatch, ...lesson }: Lesson): TrainJob {
  const run = store.runs.start({
    name: parent === null ? 'Training' : `Retraining of run ${parent}`,
    createdAt: new Date().toISOString(),
    config,
    parent,
    genres: catalogue.genres.map((g) => g.id),
    corrections: lesson.corrected.length,
    lastBatch,
  })
  store.meta.set('trainingPid', process.pid)
  return {
    t: 'train',
    project: store.path,
    run,
    config,
    genres: Int32Array.from(catalogue.genres, (g) => g.id),
    movies: catalogue.ids.slice(),
    split: catalogue.split.slice(),
    ...lesson,
  }
}

/** The cells whose value is asked for, ascending. */
function* cellsWhere(matrix: Uint8Array, k: number, holds: (value: number, cell: number) => boolean): Steps<Int32Array> {
  const found: number[] = []
  for (const [first, end] of stretches(matrix.length / Math.max(1, k), k)) {
    for (let cell = first * k; cell < end * k; cell++) if (holds(matrix[cell]!, cell)) found.push(cell)
    yield
  }
  return Int32Array.from(found)
}

function rowWeights({ n, reviewed }: Catalogue, weight: number): Float32Array {
  const weights = new Float32Array(n).fill(1)
  for (let row = 0; row < n; row++) if (reviewed[row]) weights[row] = weight
  return weights
}

/** Runs a prepared job in a compute process and writes its results, chunk by chunk; the run's end is one transaction. */
export async function runTraining(store: Store, job: TrainJob, spawn: SpawnProcess, control: JobControl): Promise<string> {
  const startedAt = performance.now()
  try {
    const conclusion = await compute(store, job, spawn, control)
    control.signal.throwIfAborted()
    return finishRun(store, job.run, conclusion, Math.round(performance.now() - startedAt))
  } catch (failure) {
    const error = explanation(store.path, failure)
    const cancelled = control.signal.aborted
    store.runs.abandon(job.run, cancelled ? 'cancelled' : 'failed', error instanceof Error ? error.message : String(error))
    throw error
  }
}

/** Stores what comes back, and answers what the training came to. */
async function compute(store: Store, job: TrainJob, spawn: SpawnProcess, control: JobControl): Promise<Conclusion> {
  let conclusion: Conclusion | null = null
  await supervise({
    process: spawn('compute'),
    request: job,
    signal: control.signal,
    receive: (m) => {
      if (m.t === 'conclusion') conclusion = m.conclusion
      return receive(store, job.run, m, control)
    },
    cancelled: () => new UserError('cancelled', 'The training was cancelled.'),
    died: (code) =>
      new UserError(
        'compute-died',
        `The process of the training ended before it was done (exit code ${code ?? 'none, killed'}). No label was lost; start the training again.`,
      ),
  })
  if (conclusion === null) throw new Error('the compute process ended a training without its conclusion')
  return conclusion
}

/** Takes one message of the compute process; true when it was the last one. */
function receive(store: Store, run: number, m: ComputeReply, control: JobControl): boolean {
  if (m.t === 'progress') control.progress((m.done / m.total) * COMPUTE_SHARE, m.phase)
  else if (m.t === 'predictions') store.runs.addPredictions(run, m.movies, m.probabilities, m.evidence)
  else if (m.t === 'model') store.runs.addModel(run, m.bytes, m.features)
  else if (m.t === 'error') throw new UserError(m.error.code, m.error.message, m.error.details)
  return m.t === 'done'
}

/** Thresholds, scales and headline figures are written, and the new run is the current one. */
function finishRun(store: Store, run: number, { thresholds, scales, summary, movies }: Conclusion, elapsedMs: number): string {
  store.transaction(() => {
    store.runs.finish(run, { elapsedMs, thresholds, scales, summary })
    store.meta.set('currentRun', run)
  })
  const which = summary.part === 'test' ? 'test movies' : 'out-of-fold movies'
  return `Run ${run}: micro-F1 ${summary.microF1.toFixed(3)}, macro-F1 ${summary.macroF1.toFixed(3)} on ${movies.toLocaleString('en')} ${which}.`
}
