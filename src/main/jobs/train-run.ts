/** A training at work: what the compute process tells is written chunk by chunk, and the run's end is one transaction. */
import type { ComputeReply, ComputeRequest, Conclusion } from '../../contract/jobs.ts'
import type { EpochFigures } from '../../contract/models.ts'
import { UserError } from '../../contract/errors.ts'
import { toUserError } from '../store/database.ts'
import type { StoredModel } from '../store/runs.ts'
import type { Store } from '../store/store.ts'
import type { SpawnProcess } from './processes.ts'
import { supervise } from './supervise.ts'
import type { JobControl } from './queue.ts'
import { TrainLog } from './train-log.ts'

/** Share of the whole job that the compute process's own progress stands for. */
const COMPUTE_SHARE = 0.98

export interface TrainingHost {
  readonly spawn: SpawnProcess
  /** An epoch has ended. */
  epoch(figures: EpochFigures): void
  /** Takes the files of a trained model out of the run's folder. */
  keep(folder: string): Promise<StoredModel>
  /** Whether the run could go on later from what it leaves: then it is interrupted where it fails to end, not failed. */
  readonly resumable: () => boolean
  /** The run has ended for good. */
  ended(): void
}
interface Ending {
  readonly conclusion: Conclusion
  readonly model: { readonly folder: string; readonly features: number } | null
}

/** Runs a prepared job in a compute process. Answers what it came to, in a sentence. */
export async function runTraining(store: Store, job: ComputeRequest, host: TrainingHost, control: JobControl): Promise<string> {
  const log = new TrainLog(store, job.run)
  const startedAt = performance.now()
  try {
    const { conclusion, model } = await compute(store, job, log, host, control)
    const stored = model && (await host.keep(model.folder))
    control.signal.throwIfAborted()
    const elapsedMs = log.elapsedMs(Math.round(performance.now() - startedAt))
    const message = finishRun(store, job.run, conclusion, elapsedMs, () => {
      if (stored) store.runs.addModel(job.run, stored.bytes ?? new Uint8Array(), model.features, stored.folder ?? null)
    })
    host.ended()
    return message
  } catch (failure) {
    const error = toUserError(store.path, failure)
    const status = statusAfter(error, control.signal, host)
    store.runs.abandon(job.run, status, error instanceof Error ? error.message : String(error))
    if (status !== 'interrupted') host.ended()
    throw error
  }
}

/** What may be otherwise the next time. */
const PASSING: readonly string[] = ['compute-died', 'disk-full', 'disk-error', 'project-busy', 'runtime-memory', 'runtime-device', 'runtime-failed', 'model-missing', 'internal'] // prettier-ignore

/** A closing program, or a process that died, leaves a run that can go on; what an analyst or the training itself ended does not. */
function statusAfter(error: unknown, signal: AbortSignal, host: TrainingHost): 'cancelled' | 'failed' | 'interrupted' {
  const closing = signal.aborted && signal.reason instanceof UserError && signal.reason.code === 'closed'
  const passing = error instanceof UserError && PASSING.includes(error.code)
  if ((closing || passing) && host.resumable()) return 'interrupted'
  return signal.aborted ? 'cancelled' : 'failed'
}

/** Stores what comes back, and answers what the training came to. */
async function compute(store: Store, job: ComputeRequest, log: TrainLog, host: TrainingHost, control: JobControl): Promise<Ending> {
  let conclusion: Conclusion | null = null
  let model: Ending['model'] = null
  await supervise({
    process: host.spawn('compute'),
    request: job,
    signal: control.signal,
    receive: (m) => {
      if (m.t === 'conclusion') conclusion = m.conclusion
      else if (m.t === 'model-files') model = m
      else if (m.t === 'epoch') host.epoch(m.figures)
      log.take(m)
      return receive(store, job.run, m, control)
    },
    cancelled: () => new UserError('cancelled', 'The training was cancelled.'),
    died: (code) =>
      new UserError(
        'compute-died',
        `The process of the training ended before it was done (exit code ${code ?? 'none, killed'}). No label was lost; ${host.resumable() ? `go on from its last checkpoint with Resume, or \`reelabel train PROJECT.reel --resume ${job.run}\`.` : 'start the training again.'}`,
      ),
  })
  if (conclusion === null) throw new Error('the compute process ended a training without its conclusion')
  return { conclusion, model }
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
function finishRun(store: Store, run: number, end: Conclusion, elapsedMs: number, addModel: () => void): string {
  const { thresholds, scales, summary, movies } = end
  store.transaction(() => {
    addModel()
    store.runs.finish(run, { elapsedMs, thresholds, scales, summary })
    store.meta.set('currentRun', run)
  })
  const which = summary.part === 'test' ? 'test movies' : 'out-of-fold movies'
  return `Run ${run}: micro-F1 ${summary.microF1.toFixed(3)}, macro-F1 ${summary.macroF1.toFixed(3)} on ${movies.toLocaleString('en')} ${which}.`
}
