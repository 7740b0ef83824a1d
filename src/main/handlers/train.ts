import type { Args, Result } from '../../contract/api.ts'
import { UserError, messageOf } from '../../contract/errors.ts'
import type { TrainingRequest, FineTunePlaces, TrainingData } from '../../contract/jobs.ts'
import type { TransformerConfig, UsableModel } from '../../contract/models.ts'
import type { RunConfig } from '../../contract/records.ts'
import type { QueueAccess } from '../../contract/workers.ts'
import { modelDigest } from '../model-folder/digest.ts'
import type { JobWork } from '../jobs/queue.ts'
import type { SavedJob } from '../jobs/run-folders.ts'
import { inSlices } from '../jobs/slices.ts'
import { readTrainingSet, recordTraining, runTraining, TrainLog, type TrainingHost } from '../jobs/training.ts'
import type { StoredRun } from '../store/runs.ts'
import type { Workspace } from '../workspace.ts'
import type { TRAIN_METHODS } from '../../contract/training.ts'
import type { Context, Handlers } from './context.ts'
import { memberLogitsOf } from './ensemble.ts'
import { assertFits, measuring, trainingShare } from './memory-budget.ts'
import { configOf, defaultsOf, modelOf, nameOf, textColumns } from './recipes.ts'
import { finished, storedRun } from './runs.ts'
import { foundText, search } from './suspects.ts'
import { part, type JobControl } from '../processes/job-control.ts'
import type { WorkProcess } from '../processes/work-process.ts'
import { checkAccess, infoOf } from '../workers/access.ts'
import { remoteCompute } from '../workers/remote-compute.ts'

type Started = { readonly job: number; readonly run: number }

export function trainHandlers(c: Context): Handlers<typeof TRAIN_METHODS> {
  return {
    'train.defaults': ({ family, model, mode }) => defaultsOf(c, c.workspace(), { family, model, mode }),
    'train.columns': () => textColumns(c.workspace()),
    'train.start': (args) => start(c, args),
    'train.resume': ({ run }) => resume(c, run),
    'train.sends': () => sends(c),
  }
}

/** Starts the prepared job for a run. @throws UserError `busy` and others */
type StartJob = (run: number, work: JobWork<'train'>) => number

/** Prepares a training. Meanwhile no other job can start, so project and catalogue do not change. */
const prepared = (c: Context, kind: 'train' | 'retrain', prepare: (w: Workspace, start: StartJob) => Promise<Started>): Promise<Started> =>
  c.jobs.reserve(kind, (startJob) => prepare(c.workspace(), startJob))

function start(c: Context, args: Args<'train.start'>): Promise<Started> {
  const kind = args.retrain ? 'retrain' : 'train'
  return prepared(c, kind, async (w, startJob) => {
    const old = args.retrain ? finished(w, w.trained().run) : null
    const recipe = await configOf(c, w, args.config, old?.config ?? null)
    const used = await modelOf(c, recipe)
    const config = await withDigest(recipe, used)
    const queue = args.workers ? queueFor(c, config) : null
    if (!queue) assertFits(c, w, config, used)
    const training = { store: w.store, catalogue: w.catalogue, config, parent: old?.id ?? null, name: nameOf(c, config) }
    // refused members leave no run behind
    const members = config.family === 'ensemble' ? await inSlices(memberLogitsOf(w, config)) : []
    const data = recordTraining(training, await inSlices(readTrainingSet(training)))
    try {
      return launch(c, w, kind, { job: requestOf(c, w, { config, used, members }, data), used, queue }, startJob)
    } catch (error) {
      // the disk may be full or the model's files gone: the run must not stay recorded as running
      w.store.runs.abandon(data.run, 'failed', messageOf(error))
      c.runFolders.remove(w.store.path, data.run)
      throw error
    }
  })
}

function requestOf(
  c: Context,
  w: Workspace,
  { config, used, members }: { readonly config: RunConfig; readonly used: UsableModel | null; readonly members: readonly Float32Array[] },
  data: TrainingData,
): TrainingRequest {
  if (config.family === 'linear') return { t: 'train', config, ...data }
  if (config.family === 'transformer') return begin(c, w, { config, used }, data)
  return { t: 'ensemble', config, members, ...data }
}

/** Creates the folder from which an interrupted training can be resumed. */
function begin(
  c: Context,
  w: Workspace,
  { config, used }: { readonly config: TransformerConfig; readonly used: UsableModel | null },
  data: TrainingData,
): TrainingRequest {
  const { createdAt } = storedRun(w, data.run)
  const saved = { createdAt, cleaning: w.store.cleanings.generation(), config, data }
  c.runFolders.begin(w.store.path, data.run, saved)
  return fineTune(c, w, saved, used)
}

function resume(c: Context, run: number): Promise<Started> {
  const stored = interrupted(c.workspace(), run)
  const kind = stored.parent === null ? 'train' : 'retrain'
  return prepared(c, kind, async (w, startJob) => {
    const saved = c.runFolders.job(w.store.path, stored)
    if (!saved) throw new UserError('no-checkpoint', `Run ${run} left no checkpoint: start the training again.`)
    if (saved.cleaning !== w.store.cleanings.generation())
      throw new UserError('other-catalogue', `The catalogue was cleaned or updated since run ${run} began: start the training again.`)
    const { config } = saved
    const used = await modelOf(c, config)
    if (used && config.model.source === 'library' && (await modelDigest(used.files)) !== config.model.digest)
      throw new UserError('model-changed', `The weights of ${used.id} have changed since run ${run} began: start the training again.`)
    assertFits(c, w, config, used)
    const job = fineTune(c, w, saved, used)
    w.store.runs.reopen(run)
    new TrainLog(w.store, run).note(`Resumed at ${new Date().toISOString()} after an interruption.`)
    return launch(c, w, kind, { job, used, queue: null }, startJob)
  })
}

/** A run that can be resumed. @throws UserError `no-run` */
function interrupted(w: Workspace, id: number): StoredRun {
  const run = storedRun(w, id)
  if (run.status !== 'interrupted')
    throw new UserError('no-run', `Run ${id} was not interrupted (${run.status}): there is nothing to resume.`)
  return run
}

interface Launched {
  readonly job: TrainingRequest
  /** The model of the library that it begins with. */
  readonly used: UsableModel | null
  /** Where workers are that train; null: this machine does. */
  readonly queue: QueueAccess | null
}
function launch(c: Context, w: Workspace, kind: 'train' | 'retrain', { job, used, queue }: Launched, startJob: StartJob): Started {
  const { run } = job
  const { path } = w.store
  const host: TrainingHost = {
    compute: () => startCompute(c, queue),
    epoch: (figures) => c.emit('epoch', { run, figures }),
    keep: (folder) => c.artifacts.keep(folder),
    resumable: () => c.runFolders.isThere(path, run),
    ended: () => c.runFolders.remove(path, run),
    // what other machines take says nothing about this one
    measured: queue ? () => undefined : measuring(c, w, job.config, used),
    rival: kind === 'train' && w.predictions ? { catalogue: w.catalogue, scores: w.predictions } : null,
  }
  const share = trainingShare(c, w, job.config, used)
  const work: JobWork<'train'> = async (control) => {
    try {
      const message = await runTraining(w.store, job, host, part(control, 0, share))
      await w.reloadRunInTurns()
      return `${message} ${await suspectsAfter(c, w, part(control, share, 1 - share))}`
    } finally {
      c.emit('changed', { what: 'runs' })
    }
  }
  return { job: startJob(run, work), run }
}

/** Starts a compute process, or what stands for one on the workers of a queue. */
export const startCompute = (c: Context, queue: QueueAccess | null): WorkProcess<'compute'> =>
  queue ? remoteCompute({ access: queue, spawn: c.spawn, folder: c.projects.temporary }) : c.spawn('compute')

/** The queue of a training on workers. @throws UserError `no-queue`, `bad-queue`, `bad-arguments` for ensembles, whose members are here */
export function queueFor(c: Context, config: RunConfig): QueueAccess {
  if (config.family === 'ensemble')
    throw new UserError(
      'bad-arguments',
      'An ensemble combines the predictions of finished runs, which takes seconds: train it on this machine.',
    )
  const queue = c.queue()
  if (!queue) throw new UserError('no-queue', 'No queue is set: name one with --on, or in the settings.')
  checkAccess(queue)
  return queue
}

function sends(c: Context): Result<'train.sends'> {
  const { catalogue } = c.workspace()
  const { host: to, encrypted } = infoOf(c.queue())
  const labels = catalogue.labels.reduce((sum, label) => sum + label, 0)
  return { to, encrypted, movies: catalogue.n, labels }
}

/** Searches for suspects; the training stands whatever becomes of the search. Returns the result, or the reason why there is none. */
async function suspectsAfter(c: Context, w: Workspace, control: JobControl): Promise<string> {
  try {
    await search(c, w, control)
    return foundText(w)
  } catch (error) {
    return messageOf(error)
  }
}

export function fineTune(
  c: Context,
  w: Workspace,
  { config, data }: Pick<SavedJob, 'config' | 'data'>,
  used: UsableModel | null,
): TrainingRequest {
  const names = new Map(w.store.movies.genres().map((g) => [g.id, g.name]))
  const genreNames = Array.from(data.genres, (id) => names.get(id) ?? `genre ${id}`)
  // the project may have been moved since the run started
  return { t: 'fine-tune', ...data, project: w.store.path, config, genreNames, ...placesOf(c, w, data.run, used) }
}

const placesOf = (c: Context, w: Workspace, run: number, used: UsableModel | null): FineTunePlaces => ({
  ...(used?.files ?? { modelFolder: null, adapterFolder: null }),
  runFolder: c.runFolders.folder(w.store.path, run),
  ...c.places,
})

/** The recipe with the digest of the library model's weights, which is recorded with the run. */
export async function withDigest(config: RunConfig, used: UsableModel | null): Promise<RunConfig> {
  if (!used || config.family !== 'transformer' || config.model.source === 'scratch') return config
  return { ...config, model: { ...config.model, digest: await modelDigest(used.files) } }
}
