/** Predicts many movies: in shards, so that memory does not depend on their number, and what is done survives the end of the program. */
import { createHash } from 'node:crypto'
import { existsSync, readFileSync, statSync } from 'node:fs'
import { mkdir, readFile, rm } from 'node:fs/promises'
import { basename, join, resolve } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { z } from 'zod'
import type { Args } from '../../contract/api.ts'
import { UserError } from '../../contract/errors.ts'
import { SOURCE, type ImportPlan } from '../../contract/importing.ts'
import type { ShardsJob, TextFile, TrainedModel } from '../../contract/jobs.ts'
import type { PredictedMovies } from '../../contract/training.ts'
import type { QueueAccess } from '../../contract/workers.ts'
import { required } from '../../contract/required.ts'
import { count, many } from '../../contract/words.ts'
import { calibrated } from '../analysis/platt.ts'
import { predict } from '../analysis/thresholds.ts'
import { scaleOf } from '../catalogue/run-scores.ts'
import { NO_FORECAST } from '../data/import/detect/forecast.ts'
import { toCsv } from '../data/export/table.ts'
import { makeFileAtomically, writeFileAtomically, writeNew } from '../files/atomic.ts'
import { part, type JobControl } from '../processes/job-control.ts'
import { WarmProcess } from '../processes/warm-process.ts'
import { supervise } from '../processes/work-process.ts'
import type { StoredRun } from '../store/runs.ts'
import { Store } from '../store/store.ts'
import { PROJECT_SUFFIX, type Workspace } from '../workspace.ts'
import type { Context } from './context.ts'
import { genresOf } from './runs.ts'
import { trainedModel } from './trained.ts'

/** Movies in a shard: some seconds of work for either family. */
const SHARD_ROWS = { linear: 4096, ensemble: 4096, transformer: 256 } as const
/** Share of the progress until the texts are in shards, and until all are predicted. */
const [READ, PREDICTED] = [0.15, 0.95]

/** The movies to be predicted. */
interface Subject {
  /** A project, or a file. */
  readonly path: string
  /** Of a file. */
  readonly plan: ImportPlan | null
  /** Differs if the movies or their plots differ. */
  readonly identity: string
}
export interface Prediction {
  readonly run: StoredRun
  readonly subject: Subject
  readonly out: string
  /** Null: this machine predicts. */
  readonly queue: QueueAccess | null
}

/** @throws UserError if the file cannot be read or has no column of plots, or the project cannot be opened */
export async function subjectOf(c: Context, of: string, mapping: Args<'predict.movies'>['mapping']): Promise<Subject> {
  const path = resolve(of)
  if (path.endsWith(PROJECT_SUFFIX)) {
    const store = new Store(path, 'read')
    try {
      return { path, plan: null, identity: `${store.cleanings.generation()} ${store.movies.lastId()} ${store.changes.lastBatch()}` }
    } finally {
      store.close()
    }
  }
  const plan = await c.reader.inspect(z.object(SOURCE).parse({ paths: [path], mapping }), c.projects.importMemory.path, NO_FORECAST)
  // a prediction needs plots alone: the other problems prevent an import
  const [problem] = plan.problems
  if (plan.mapping.plot === null && problem !== undefined) {
    const how = plan.preview.length > 0 ? ': reelabel predict PROJECT.reel FILE --out OUT.csv --map plot=COLUMN' : '.'
    throw new UserError('no-plots', `${problem}${how}`)
  }
  const { size, mtimeMs } = statSync(path)
  return { path, plan, identity: `${size} ${mtimeMs} ${JSON.stringify([plan.format, plan.mapping])}` }
}

export async function predictMovies(
  c: Context,
  w: Workspace,
  wanted: Prediction,
  control: JobControl,
): Promise<Omit<PredictedMovies, 'file'>> {
  const { run, subject, out, queue } = wanted
  const model = await trainedModel(c, w, run)
  const folder = `${out}.part`
  const { shards, resumed } = await shardsIn(c, folder, { model, run, subject }, part(control, 0, READ))
  const last = shards.at(-1)?.end ?? 0
  const isDone = ({ path }: TextFile): boolean => existsSync(scoresOf(path))
  const left = shards.filter((shard) => !isDone(shard))
  let done = last - left.reduce((sum, { first, end }) => sum + end - first, 0)
  const where = queue ? 'predicting on workers' : 'predicting'
  const tell = (): void => control.progress(READ + ((PREDICTED - READ) * done) / Math.max(1, last), `${where}: ${count(done)} of ${many(last, 'movie')}`) // prettier-ignore
  tell()
  await (queue ? onWorkers : here)(c, { queue, model, shards: left, signal: control.signal, folder }, async (shard, probabilities) => {
    const size = (shard.end - shard.first) * run.genres.length
    if (probabilities.length !== size) throw new Error(`a shard has ${probabilities.length} probabilities, not ${size}`)
    writeFileAtomically(scoresOf(shard.path), new Uint8Array(probabilities.buffer, probabilities.byteOffset, probabilities.byteLength))
    await rm(shard.path, { force: true })
    done += shard.end - shard.first
    tell()
  })
  control.progress(PREDICTED, 'writing')
  const header = ['id', 'title', 'predicted', ...genresOf(w, run).map(({ name }) => name)]
  await makeFileAtomically(out, async (file) => void (await writeNew(file, toCsv(header, rowsOf(w, run, shards, control)))))
  await rm(folder, { recursive: true, force: true })
  return { path: out, movies: last, shards: shards.length, resumed: resumed ? shards.length - left.length : 0 }
}

const scoresOf = (texts: string): string => join(texts, '..', basename(texts).replace('texts', 'scores'))
const headsOf = (texts: string): string => join(texts, '..', basename(texts).replace('texts', 'heads'))

const STATE = z.object({ of: z.string(), shards: z.array(z.object({ first: z.int(), end: z.int() })).max(10_000_000) })

/**
 * The shards in the folder if they are those of an earlier attempt at the same prediction, else new ones.
 * @throws UserError `in-the-way` if the folder is not that of a prediction, because its files would be deleted
 */
async function shardsIn(
  c: Context,
  folder: string,
  { model, run, subject }: Pick<Prediction, 'run' | 'subject'> & { readonly model: TrainedModel },
  control: JobControl,
): Promise<{ readonly shards: readonly TextFile[]; readonly resumed: boolean }> {
  const state = join(folder, 'state.json')
  const named = (all: readonly { readonly first: number; readonly end: number }[]): TextFile[] =>
    all.map((shard, i) => ({ ...shard, path: join(folder, `texts-${i}`) }))
  const of = createHash('sha256')
    .update(JSON.stringify([model, run.config, subject.path, subject.identity]))
    .digest('hex')
  if (existsSync(folder)) {
    const known = stateIn(state)
    if (!known)
      throw new UserError('in-the-way', `${folder} is not the unfinished part of a prediction: move it, or choose another place for the predictions.`) // prettier-ignore
    if (known.of === of) return { shards: named(known.shards), resumed: true }
  }
  await rm(folder, { recursive: true, force: true })
  await mkdir(folder, { recursive: true })
  // from now on the folder can be told from others
  writeFileAtomically(state, JSON.stringify({ of: '', shards: [] }))
  const { path, plan } = subject
  const { family } = run.config
  const shards = await written(c, { t: 'shards', project: path, plan, recipe: run.config, rows: SHARD_ROWS[family], folder }, control)
  writeFileAtomically(state, JSON.stringify({ of, shards: shards.map(({ first, end }) => ({ first, end })) }))
  return { shards, resumed: false }
}

/** The state of an unfinished prediction; null if the file is not one. */
function stateIn(path: string): z.infer<typeof STATE> | null {
  try {
    return STATE.parse(JSON.parse(readFileSync(path, 'utf8')))
  } catch {
    return null
  }
}

async function written(c: Context, request: ShardsJob, control: JobControl): Promise<readonly TextFile[]> {
  let shards: readonly TextFile[] = []
  await supervise({
    process: c.spawn('compute'),
    request,
    signal: control.signal,
    receive: (m) => {
      if (m.t === 'progress') control.progress(m.done / m.total, m.phase)
      else if (m.t === 'shards') shards = m.shards
      else if (m.t === 'error') throw new UserError(m.error.code, m.error.message, m.error.details)
      return m.t === 'done'
    },
    cancelled: () => new UserError('cancelled-partly', 'The prediction was cancelled.'),
    died: () => new UserError('compute-died', 'The process that reads the plots ended too early: repeat the command.'),
  })
  return shards
}

interface Work {
  readonly queue: QueueAccess | null
  readonly model: TrainedModel
  readonly shards: readonly TextFile[]
  readonly signal: AbortSignal
  readonly folder: string
}
type Receive = (shard: TextFile, probabilities: Float32Array) => Promise<void>

/** Predicts in a process of its own: the one that answers the window must not wait for it. */
async function here(c: Context, { model, shards, signal }: Work, receive: Receive): Promise<void> {
  const died = (): UserError => new UserError('inference-died', 'The process that predicts ended too early: repeat the command, which goes on with what is left.') // prettier-ignore
  const inference = new WarmProcess('inference', c.spawn, died)
  try {
    for (const shard of shards) {
      const texts = JSON.parse(gunzipSync(await readFile(shard.path)).toString()) as string[]
      await receive(shard, (await inference.ask({ t: 'predict', model, texts }, { signal })).probabilities)
    }
  } finally {
    inference.close()
  }
}

async function onWorkers(c: Context, { queue, model, shards, signal, folder }: Work, receive: Receive): Promise<void> {
  const access = required(queue, 'the queue')
  const { predictOnWorkers } = await import('../workers/predictions.ts')
  await predictOnWorkers({ access, folder }, inFiles(c.workspace(), model, folder), shards, receive, signal)
}

/** The model outside of the project. */
function inFiles({ store }: Workspace, model: TrainedModel, folder: string): TrainedModel {
  if (model.family !== 'linear') return model
  const file = join(folder, 'model')
  const { bytes } = required(store.runs.model(model.run), 'the model of a run')
  writeFileAtomically(file, required(bytes, 'the model of a linear run'))
  return { ...model, file }
}

/** Lines of the file: id, title, predicted genres, and the probability of each genre. */
function* rowsOf(w: Workspace, run: StoredRun, shards: readonly TextFile[], control: JobControl): Generator<string[]> {
  const k = run.genres.length
  const names = genresOf(w, run).map(({ name }) => name)
  const scales = run.genres.map((_, j) => scaleOf(run, j))
  const thresholds = Float64Array.from(run.thresholds)
  for (const { path, first, end } of shards) {
    control.signal.throwIfAborted()
    const heads = JSON.parse(gunzipSync(readFileSync(headsOf(path))).toString()) as [string, string][]
    const bytes = readFileSync(scoresOf(path))
    const stored = new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength))
    const p = calibrated(stored, scales, end - first, k)
    const predicted = predict(p, thresholds, end - first, k, { atLeastOne: true })
    for (const [i, [key, title]] of heads.entries()) {
      const genres = names.filter((_, j) => predicted[i * k + j] === 1)
      // nine digits distinguish any two 32-bit floats
      const figures = Array.from(p.subarray(i * k, i * k + k), (x) => String(Number(x.toPrecision(9))))
      yield [key, title, genres.join('|'), ...figures]
    }
  }
}
