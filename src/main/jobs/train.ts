import { chooseThresholds } from '../analysis/thresholds.ts'
import { VERDICT_IMPOSSIBLE } from '../analysis/triage.ts'
import { plattScales } from '../analysis/platt.ts'
import { iterativeStratification } from '../analysis/stratify.ts'
import type { Catalogue } from '../catalogue/catalogue.ts'
import { gather } from '../catalogue/predictions.ts'
import { readScores } from '../catalogue/run-scores.ts'
import { metricsOf, verdictScope } from '../catalogue/scoring.ts'
import { plotKey } from '../data/clean/plots.ts'
import { NOT_TRAINING, type ComputeReply, type TrainJob } from '../../contract/jobs.ts'
import type { LinearConfig } from '../../contract/records.ts'
import { UserError } from '../../contract/errors.ts'
import { explanation } from '../store/database.ts'
import type { Store } from '../store/store.ts'
import type { SpawnProcess } from './processes.ts'
import { supervise } from './supervise.ts'
import type { JobControl } from './queue.ts'

/** Share of the whole job that the compute process's own progress stands for. */
const COMPUTE_SHARE = 0.95

export interface TrainPlan {
  readonly store: Store
  readonly catalogue: Catalogue
  readonly config: LinearConfig
  readonly parent: number | null
}

/**
 * Records a run and prepares its job: effective labels, impossible cells left out of the loss, reviewed rows weighted,
 * folds by iterative stratification with duplicates in one fold.
 * @throws UserError `too-few-movies` when there is nothing to learn from
 */
export function prepareTraining({ store, catalogue, config, parent }: TrainPlan): TrainJob {
  const { n, k } = catalogue
  const rows = catalogue.rowsOf('train')
  if (rows.length < 2 * config.folds || k === 0)
    throw new UserError(
      'too-few-movies',
      `Training with ${config.folds} folds needs at least ${2 * config.folds} training movies with a plot and a genre; there are ${rows.length}: import more, or switch a cleaning rule off.`,
    )
  const run = store.runs.start({
    name: parent === null ? 'Training' : `Retraining of run ${parent}`,
    createdAt: new Date().toISOString(),
    config,
    parent,
    genres: catalogue.genres.map((g) => g.id),
    corrections: catalogue.corrections(),
    lastBatch: store.changes.lastBatch(),
  })
  store.meta.set('trainingPid', process.pid)
  return {
    t: 'train',
    project: store.path,
    run,
    config,
    genres: Int32Array.from(catalogue.genres, (g) => g.id),
    movies: catalogue.ids.slice(),
    labels: catalogue.labels.slice(),
    excluded: Uint8Array.from(catalogue.verdicts, (v) => (v === VERDICT_IMPOSSIBLE ? 1 : 0)),
    rowWeight: Float32Array.from({ length: n }, (_, i) => (catalogue.reviewed[i] ? config.reviewedWeight : 1)),
    fold: assignFolds(store, catalogue, rows, config),
  }
}

/** Fold of each row, {@link NOT_TRAINING} outside the training part. */
function assignFolds(store: Store, catalogue: Catalogue, rows: Int32Array, config: LinearConfig): Uint8Array {
  const { n, k } = catalogue
  const labels = gather(catalogue.source, rows, k)
  const byPlot = new Map<string, number>()
  const groups = new Int32Array(rows.length)
  let next = 0 // in rows: both run in file order
  for (const { id, plot } of store.movies.plots()) {
    if (next === rows.length || id !== catalogue.ids[rows[next]!]) continue
    const key = plotKey(plot)
    const group = byPlot.get(key) ?? next
    byPlot.set(key, group)
    groups[next++] = group
  }
  const shares = Array.from({ length: config.folds }, () => 1 / config.folds)
  // source labels: a retrain keeps the folds of the run it is compared with
  const part = iterativeStratification(labels, rows.length, k, shares, groups, config.seed)
  const fold = new Uint8Array(n).fill(NOT_TRAINING)
  rows.forEach((row, i) => (fold[row] = part[i]!))
  return fold
}

/** Runs a prepared job in a compute process and writes its results, chunk by chunk; the run's end is one transaction. */
export async function runTraining(
  store: Store,
  catalogue: Catalogue,
  job: TrainJob,
  spawn: SpawnProcess,
  control: JobControl,
): Promise<string> {
  const startedAt = performance.now()
  try {
    await compute(store, job, spawn, control)
    control.signal.throwIfAborted()
    control.progress(0.97, 'choosing thresholds')
    return finishRun(store, catalogue, job, Math.round(performance.now() - startedAt))
  } catch (failure) {
    const error = explanation(store.path, failure)
    const cancelled = control.signal.aborted
    store.runs.abandon(job.run, cancelled ? 'cancelled' : 'failed', error instanceof Error ? error.message : String(error))
    throw error
  }
}

function compute(store: Store, job: TrainJob, spawn: SpawnProcess, control: JobControl): Promise<void> {
  return supervise({
    process: spawn('compute'),
    request: job,
    signal: control.signal,
    receive: (m) => receive(store, job.run, m, control),
    cancelled: () => new UserError('cancelled', 'The training was cancelled.'),
    died: (code) =>
      new UserError(
        'compute-died',
        `The compute process ended before the training was done (exit code ${code ?? 'none, killed'}). No label was lost; start the training again.`,
      ),
  })
}

/** Takes one message of the compute process; true when it was the last one. */
function receive(store: Store, run: number, m: ComputeReply, control: JobControl): boolean {
  if (m.t === 'progress') control.progress((m.done / m.total) * COMPUTE_SHARE, m.phase)
  else if (m.t === 'predictions') store.runs.addPredictions(run, m.movies, m.probabilities, m.evidence)
  else if (m.t === 'model') store.runs.addModel(run, m.bytes, m.features)
  else if (m.t === 'error') throw new UserError(m.error.code, m.error.message, m.error.details)
  return m.t === 'done'
}

/** Thresholds on out-of-fold probabilities, headline figures, and the new run is the current one. */
function finishRun(store: Store, catalogue: Catalogue, job: TrainJob, elapsedMs: number): string {
  const { k } = catalogue
  const scores = readScores(catalogue, store, store.runs.get(job.run)!)
  const train = catalogue.rowsOf('train')
  const [y, p] = [gather(job.labels, train, k), gather(scores.p, train, k)]
  const thresholds = chooseThresholds(y, p, train.length, k, gather(job.excluded, train, k))
  const scales = plattScales(y, p, train.length, k)
  const scope = verdictScope(catalogue, scores)
  const m = metricsOf(catalogue, { ...scores, thresholds }, scope, 'corrected', 'per-genre')
  const summary = { part: scope.part, microF1: m.micro.f1, macroF1: m.macro.f1, jaccard: m.jaccard_samples }
  store.transaction(() => {
    store.runs.finish(job.run, { elapsedMs, thresholds: [...thresholds], scales, summary })
    store.meta.set('currentRun', job.run)
  })
  const movies = scope.part === 'test' ? 'test movies' : 'out-of-fold movies'
  return `Run ${job.run}: micro-F1 ${m.micro.f1.toFixed(3)}, macro-F1 ${m.macro.f1.toFixed(3)} on ${scope.rows.length.toLocaleString('en')} ${movies}.`
}
