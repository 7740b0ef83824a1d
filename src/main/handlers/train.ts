import type { Args } from '../../contract/api.ts'
import { UserError } from '../../contract/errors.ts'
import type { ComputeRequest, FineTunePlaces, TrainingData } from '../../contract/jobs.ts'
import type { TransformerConfig } from '../../contract/models.ts'
import type { RunConfig } from '../../contract/records.ts'
import { modelDigest } from '../model-folder/digest.ts'
import type { JobControl } from '../jobs/queue.ts'
import type { SavedJob } from '../jobs/run-folders.ts'
import { inSlices } from '../jobs/slices.ts'
import { readLesson, recordTraining } from '../jobs/train.ts'
import { TrainLog } from '../jobs/train-log.ts'
import { runTraining } from '../jobs/train-run.ts'
import type { StoredRun } from '../store/runs.ts'
import type { Workspace } from '../workspace.ts'
import type { Context, Handlers } from './context.ts'
import { assertRoom } from './costs.ts'
import { configOf, defaultsOf, nameOf } from './recipes.ts'
import { finished, verdictOutOfFold } from './runs.ts'

type Started = { readonly job: number; readonly run: number }

export function trainHandlers(c: Context): Handlers<'train.defaults' | 'train.start' | 'train.resume' | 'train.drop'> {
  return {
    'train.defaults': ({ family, model, mode }) => defaultsOf(c, c.workspace(), { family, model, mode }),
    'train.start': (args) => start(c, args),
    'train.resume': ({ run }) => resume(c, run),
    'train.drop': ({ run }) => {
      const w = c.workspace()
      c.jobs.assertIdle()
      interrupted(w, run)
      c.runFolders.remove(w.store.path, run)
      c.emit('changed', { what: 'runs' })
      return null
    },
  }
}

async function start(c: Context, args: Args<'train.start'>): Promise<Started> {
  c.jobs.assertIdle('train')
  const w = c.workspace()
  const old = args.retrain ? finished(w, w.trained().run) : null
  const config = await withDigest(c, configOf(c, w, args.config, old?.config ?? null))
  assertRoom(c, w, config)
  const plan = { store: w.store, catalogue: w.catalogue, config, parent: old?.id ?? null, name: nameOf(c, config) }
  const lesson = await inSlices(readLesson(plan))
  assertStill(c, w)
  const data = recordTraining(plan, lesson)
  const kind = args.retrain ? 'retrain' : 'train'
  try {
    return launch(c, w, kind, config.family === 'linear' ? { t: 'train', config, ...data } : begin(c, w, config, data))
  } catch (error) {
    // the disk may be full, the model may be gone: nothing runs
    w.store.runs.abandon(data.run, 'failed', error instanceof Error ? error.message : String(error))
    c.runFolders.remove(w.store.path, data.run)
    throw error
  }
}

/** Something else may have begun while files were read. */
function assertStill(c: Context, w: Workspace): void {
  c.jobs.assertIdle('train')
  if (c.workspace() !== w) throw new UserError('busy', 'Another project was opened meanwhile: start the training again.')
}

/** Makes the folder that a training goes on from where it is interrupted. */
function begin(c: Context, w: Workspace, config: TransformerConfig, data: TrainingData): ComputeRequest {
  const { createdAt } = w.store.runs.get(data.run)!
  const saved = { createdAt, cleaning: w.store.cleanings.generation(), config, data }
  c.runFolders.begin(w.store.path, data.run, saved)
  return fineTune(c, w, data.run, saved)
}

async function resume(c: Context, run: number): Promise<Started> {
  c.jobs.assertIdle('train')
  const w = c.workspace()
  const stored = interrupted(w, run)
  const saved = c.runFolders.job(w.store.path, stored)
  if (!saved) throw new UserError('no-checkpoint', `Run ${run} left nothing to go on from: start the training again.`)
  if (saved.cleaning !== w.store.cleanings.generation())
    throw new UserError('other-catalogue', `The catalogue was cleaned or updated since run ${run} began: start the training again.`)
  const { config } = saved
  if (config.model.source === 'library' && (await modelDigest(c.library.files(config.model.id))) !== config.model.digest)
    throw new UserError('model-changed', `The weights of ${config.model.id} are not those run ${run} began with: start the training again.`)
  assertRoom(c, w, config)
  assertStill(c, w)
  const job = fineTune(c, w, run, saved)
  w.store.runs.reopen(run)
  new TrainLog(w.store, run).note(`Went on at ${new Date().toISOString()} after it was interrupted.`)
  return launch(c, w, stored.parent === null ? 'train' : 'retrain', job)
}

/** A run that can be gone on with. Throws `no-run` for any other. */
function interrupted(w: Workspace, id: number): StoredRun {
  const run = w.store.runs.get(id)
  if (!run) throw new UserError('no-run', `There is no run ${id}: see the list of runs.`)
  if (run.status !== 'interrupted')
    throw new UserError('no-run', `Run ${id} was not interrupted (${run.status}): there is nothing to go on with.`)
  return run
}

function launch(c: Context, w: Workspace, kind: 'train' | 'retrain', job: ComputeRequest): Started {
  const { run } = job
  const { path } = w.store
  const host = {
    spawn: c.spawn,
    epoch: (figures: Parameters<Parameters<typeof runTraining>[2]['epoch']>[0]) => c.emit('epoch', { run, figures }),
    keep: (folder: string) => c.tuned.keep(folder),
    resumable: () => c.runFolders.isThere(path, run),
    ended: () => c.runFolders.remove(path, run),
  }
  const before = w.predictions?.run ?? null
  const work = async (control: JobControl): Promise<string> => {
    try {
      const message = await runTraining(w.store, job, host, control)
      const behind = kind === 'train' && before !== null ? await keepBetter(w, before, run) : ''
      await w.reloadRunInTurns()
      return `${message}${behind}`
    } finally {
      c.emit('changed', { what: 'runs' })
    }
  }
  return { job: c.jobs.start(kind, run, work), run }
}

/** A fresh training that is measurably worse out of fold than the run before it does not take its place: review reads those figures. @returns what to say of that */
async function keepBetter(w: Workspace, before: number, run: number): Promise<string> {
  const verdict = await verdictOutOfFold(w, before, run)
  if (verdict !== 'worse') return ''
  w.store.meta.set('currentRun', before)
  return ` Out of fold it is worse than run ${before}, which stays the current one.`
}

function fineTune(c: Context, w: Workspace, run: number, { config, data }: SavedJob): ComputeRequest {
  const names = new Map(w.store.movies.genres().map((g) => [g.id, g.name]))
  const genreNames = Array.from(data.genres, (id) => names.get(id) ?? `genre ${id}`)
  // a project may have been moved since
  return { t: 'fine-tune', ...data, project: w.store.path, config, genreNames, ...placesOf(c, w, run, config) }
}

const placesOf = (c: Context, w: Workspace, run: number, { model }: TransformerConfig): FineTunePlaces => ({
  ...(model.source === 'scratch' ? { modelFolder: null, adapterFolder: null } : c.library.files(model.id)),
  runFolder: c.runFolders.folder(w.store.path, run),
  ...c.places,
})

/** Which weights of the library they are, is said with the run. */
async function withDigest(c: Context, config: RunConfig): Promise<RunConfig> {
  if (config.family === 'linear' || config.model.source === 'scratch') return config
  return { ...config, model: { ...config.model, digest: await modelDigest(c.library.files(config.model.id)) } }
}
