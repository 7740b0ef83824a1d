/**
 * The engine's half of a training: what it learns from is read at one moment, the compute process's messages are stored as they arrive,
 * and one transaction finishes the run and decides whether it becomes the current one.
 */
import { verdict } from '../analysis/bootstrap.ts'
import { rowBlocks, type Steps } from '../analysis/steps.ts'
import { VERDICT_IMPOSSIBLE } from '../analysis/triage.ts'
import type { Catalogue } from '../catalogue/catalogue.ts'
import { readScores, type RunScores } from '../catalogue/run-scores.ts'
import { compareRuns, scopeOf } from '../catalogue/scoring.ts'
import type { ComputeReply, TrainingRequest, Conclusion, TrainingData } from '../../contract/jobs.ts'
import type { EpochFigures, TrainingLog } from '../../contract/models.ts'
import type { RunConfig } from '../../contract/records.ts'
import { messageOf, UserError } from '../../contract/errors.ts'
import type { JobControl } from '../processes/job-control.ts'
import { supervise, type WorkProcess } from '../processes/work-process.ts'
import { toUserError } from '../store/database.ts'
import type { StoredModel } from '../store/runs.ts'
import type { Store } from '../store/store.ts'
import { inSlices } from './slices.ts'

/** The data of a training, as they were at one moment. */
export type TrainingSet = Pick<TrainingData, 'labels' | 'corrected' | 'excluded' | 'rowWeight'> & { readonly lastBatch: number }

export interface NewTraining {
  readonly store: Store
  readonly catalogue: Catalogue
  readonly config: RunConfig
  /** The run that is retrained, or null. */
  readonly parent: number | null
  /** Name of a run that retrains no other. */
  readonly name: string
}

/**
 * Reads effective labels, impossible cells, which are left out of the loss, and weights of rows, in several steps; the labels are those of
 * the first step.
 * @throws UserError `too-few-movies`
 */
export function* readTrainingSet({ store, catalogue, config }: Pick<NewTraining, 'store' | 'catalogue' | 'config'>): Steps<TrainingSet> {
  const { k, source } = catalogue
  const rows = catalogue.rowsOf('train').length
  if (rows < 2 * config.folds || k === 0)
    throw new UserError(
      'too-few-movies',
      `Training with ${config.folds} folds needs at least ${2 * config.folds} training movies with a plot and a genre; there are ${rows}: import more, or switch a cleaning rule off.`,
    )
  const [lastBatch, labels, verdicts] = [store.changes.lastBatch(), catalogue.labels.slice(), catalogue.verdicts.slice()]
  const rowWeight = Float32Array.from(catalogue.marks.reviewed, (reviewed) => (reviewed ? config.reviewedWeight : 1))
  const excluded = yield* cellsWhere(verdicts, k, (verdict) => verdict === VERDICT_IMPOSSIBLE)
  const corrected = yield* cellsWhere(labels, k, (label, cell) => label !== source[cell])
  return { labels, corrected, excluded, rowWeight, lastBatch }
}

/** The cells whose value fulfils the condition, ascending. */
export function* cellsWhere(matrix: Uint8Array, k: number, holds: (value: number, cell: number) => boolean): Steps<Int32Array> {
  const found: number[] = []
  for (const [first, end] of rowBlocks(matrix.length / Math.max(1, k), k)) {
    matrix.subarray(first * k, end * k).forEach((value, i) => {
      if (holds(value, first * k + i)) found.push(first * k + i)
    })
    yield
  }
  return Int32Array.from(found)
}

/** Records a run as running. Returns the data that the compute process learns from; that process makes the folds. */
export function recordTraining({ store, catalogue, config, parent, name }: NewTraining, { lastBatch, ...set }: TrainingSet): TrainingData {
  const run = store.runs.start({
    name: parent === null ? name : `Retraining of run ${parent}`,
    createdAt: new Date().toISOString(),
    config,
    parent,
    genres: catalogue.genres.map((g) => g.id),
    corrections: set.corrected.length,
    lastBatch,
  })
  return {
    project: store.path,
    run,
    genres: Int32Array.from(catalogue.genres, (g) => g.id),
    movies: catalogue.ids.slice(),
    split: catalogue.split.slice(),
    ...set,
  }
}

/** Share of the job that the compute process's own progress stands for. */
const COMPUTE_SHARE = 0.98

export interface TrainingHost {
  /** Starts the process that trains, or what stands for it. */
  readonly compute: () => WorkProcess<'compute'>
  /** Called after every epoch. */
  epoch(figures: EpochFigures): void
  /** Moves the files of a trained model out of the run's folder. */
  keep(folder: string): Promise<StoredModel>
  /** Returns true if the run has a checkpoint: a failed run is then interrupted, and can be resumed. */
  readonly resumable: () => boolean
  /** Called when the run is finished, or failed and cannot be resumed. */
  ended(): void
  /** Called with the time and the peak memory of a finished run. */
  measured(elapsedMs: number, memoryMb: number): void
  /** The run that stays current if the new one is worse, see {@link isWorse}; null if the new one becomes current in any case. */
  readonly rival: { readonly catalogue: Catalogue; readonly scores: RunScores } | null
}
interface ComputeResult {
  readonly conclusion: Conclusion
  readonly model: { readonly folder: string; readonly features: number } | null
  readonly memoryMb: number
}

/** Runs a training in a compute process. Returns its result as a sentence. */
export async function runTraining(store: Store, job: TrainingRequest, host: TrainingHost, control: JobControl): Promise<string> {
  const { run } = job
  const log = new TrainLog(store, run)
  const startedAt = performance.now()
  try {
    const { conclusion, model, memoryMb } = await compute(store, job, log, host, control)
    const stored = model && (await host.keep(model.folder))
    const worse = host.rival !== null && (await isWorse(store, run, conclusion, host.rival))
    control.signal.throwIfAborted()
    const { thresholds, scales, summary } = conclusion
    const elapsedMs = log.elapsedMs(Math.round(performance.now() - startedAt))
    // only this transaction decides whether the run becomes current: a crash before it leaves an unfinished run, one after it the right one
    store.transaction(() => {
      if (stored && model) store.runs.addModel(run, stored.bytes ?? new Uint8Array(), model.features, stored.folder ?? null)
      store.runs.finish(run, { elapsedMs, thresholds, scales, summary })
      if (!worse) store.meta.set('currentRun', run)
    })
    host.ended()
    host.measured(elapsedMs, memoryMb)
    return `${resultText(run, conclusion)}${worse ? ` Out of fold it is worse than run ${host.rival.scores.run}, which stays the current one.` : ''}`
  } catch (failure) {
    const error = toUserError(store.path, failure)
    const status = statusAfter(error, control.signal, host)
    store.transaction(() => store.runs.abandon(run, status, messageOf(error)))
    if (status !== 'interrupted') host.ended()
    throw error
  }
}

/**
 * Returns true if a run is measurably worse than the current one out of fold, which is what review shows. The frozen test part decides
 * nothing.
 * Only a fresh training is compared, because it may have another recipe. A retraining becomes current even if it is worse:
 * the analyst asked for a model of the corrected labels, and the comparison favours the old run, whose suggestions made many of these corrections.
 */
async function isWorse(
  store: Store,
  run: number,
  { thresholds }: Conclusion,
  { catalogue, scores }: NonNullable<TrainingHost['rival']>,
): Promise<boolean> {
  const stored = store.runs.get(run)
  if (!stored) throw new Error(`run ${run} is not in the project`)
  const fresh = readScores(catalogue, store, { ...stored, thresholds })
  const scope = scopeOf(catalogue, 'oof', scores, fresh)
  // without a movie or a genre in common there is nothing to compare
  if (scope.rows.length === 0 || scope.columns.length === 0) return false
  const { corrected } = await inSlices(compareRuns(catalogue, scores, fresh, scope, { resamples: 2000, seed: 42 }))
  return verdict(corrected.microF1) === 'worse'
}

/** Codes of errors that may not occur the next time. */
const PASSING: readonly string[] = ['compute-died', 'disk-full', 'disk-error', 'project-busy', 'runtime-memory', 'runtime-device', 'runtime-failed', 'model-missing', 'worker-failed', 'queue-unreachable', 'no-workers', 'queue-full', 'internal'] // prettier-ignore

/** A run can be resumed after the program was closed or its process died, but not after the analyst cancelled it or the training itself failed. */
function statusAfter(error: unknown, signal: AbortSignal, host: TrainingHost): 'cancelled' | 'failed' | 'interrupted' {
  const closing = signal.aborted && signal.reason instanceof UserError && signal.reason.code === 'closed'
  const passing = error instanceof UserError && PASSING.includes(error.code)
  if ((closing || passing) && host.resumable()) return 'interrupted'
  return signal.aborted ? 'cancelled' : 'failed'
}

/** Stores the predictions and figures that the compute process sends. */
async function compute(store: Store, job: TrainingRequest, log: TrainLog, host: TrainingHost, control: JobControl): Promise<ComputeResult> {
  let conclusion: Conclusion | null = null
  let model: ComputeResult['model'] = null
  let memoryMb = 0
  await supervise({
    process: host.compute(),
    request: job,
    signal: control.signal,
    receive: (m) => {
      if (m.t === 'conclusion') conclusion = m.conclusion
      else if (m.t === 'model-files') model = m
      else if (m.t === 'epoch') host.epoch(m.figures)
      else if (m.t === 'done') memoryMb = m.memoryMb
      log.receive(m)
      return receive(store, job.run, m, control)
    },
    cancelled: () => new UserError('cancelled', 'The training was cancelled.'),
    died: (code) =>
      new UserError(
        'compute-died',
        `${code === null ? 'The training was killed' : `The training stopped with exit code ${code}`} before it finished. No label was lost; ${host.resumable() ? `go on from its last checkpoint with Resume, or \`reelabel train PROJECT.reel --resume ${job.run}\`.` : 'start the training again.'}`,
      ),
  })
  if (conclusion === null) throw new Error('the compute process ended a training without its conclusion')
  return { conclusion, model, memoryMb }
}

/** Handles one message of the compute process; returns true for the last one. */
function receive(store: Store, run: number, m: ComputeReply, control: JobControl): boolean {
  if (m.t === 'progress') control.progress((m.done / m.total) * COMPUTE_SHARE, m.phase)
  else if (m.t === 'predictions') store.transaction(() => store.runs.addPredictions(run, m.movies, m.probabilities, m.evidence))
  else if (m.t === 'model') store.transaction(() => store.runs.addModel(run, m.bytes, m.features))
  else if (m.t === 'error') throw new UserError(m.error.code, m.error.message, m.error.details)
  return m.t === 'done'
}

function resultText(run: number, { summary, movies }: Conclusion): string {
  const which = summary.part === 'test' ? 'test movies' : 'out-of-fold movies'
  return `Run ${run}: micro-F1 ${summary.microF1.toFixed(3)}, macro-F1 ${summary.macroF1.toFixed(3)} on ${movies.toLocaleString('en')} ${which}.`
}

export const NO_LOG: TrainingLog = { epochs: [], device: '', notes: [] }
/** Limit of a log's notes: a training that writes more has a fault that a longer list would not explain. */
const MAX_NOTES = 200

/** The log of a training: it is stored with the run whenever it grows, and a resumed run continues it. */
export class TrainLog {
  readonly #store: Store
  readonly #run: number
  #log: TrainingLog
  constructor(store: Store, run: number) {
    this.#store = store
    this.#run = run
    this.#log = store.runs.log(run) ?? NO_LOG
  }
  receive(m: ComputeReply): void {
    if (m.t === 'epoch') this.#put({ epochs: [...this.#log.epochs.filter((e) => !isSame(e, m.figures)), m.figures] })
    else if (m.t === 'device') this.#put({ device: m.text })
    else if (m.t === 'note') this.note(m.text)
  }
  note(text: string): void {
    if (this.#log.notes.length < MAX_NOTES && this.#log.notes.at(-1) !== text) this.#put({ notes: [...this.#log.notes, text] })
  }
  #put(part: Partial<TrainingLog>): void {
    this.#log = { ...this.#log, ...part }
    this.#store.transaction(() => this.#store.runs.setLog(this.#run, this.#log))
  }
  /** The time of the whole training. @param ownMs time in this process, which is all of it if no epoch was reported */
  elapsedMs(ownMs: number): number {
    const byStage = new Map<string, number>()
    for (const e of this.#log.epochs) byStage.set(`${e.fold} ${e.stage}`, e.elapsedMs)
    return Math.max(ownMs, Math.round([...byStage.values()].reduce((sum, ms) => sum + ms, 0)))
  }
}

/** A resumed run reports epochs again that it had reported before. */
const isSame = (a: EpochFigures, b: EpochFigures): boolean => a.fold === b.fold && a.stage === b.stage && a.epoch === b.epoch
