/**
 * A worker: takes parts of trainings, and shards of texts to predict, from a queue. It computes each in a process of the kind in which the engine
 * does it on its own machine.
 */
import { existsSync } from 'node:fs'
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { fromReply, messageOf, UserError } from '../../contract/errors.ts'
import type {
  ComputeReply,
  Conclusion,
  DividedTraining,
  FineTuneJob,
  FineTunePlaces,
  TrainedModel,
  TrainJob,
  TrainingData,
} from '../../contract/jobs.ts'
import type { PartEvent, PartJob, PartResult, QueueAccess, SentFile, ShardJob, ShardScores } from '../../contract/workers.ts'
import { makePrivateFolder, removeAbandoned, temporaryName } from '../files/temporary.ts'
import { packContainer, unpackContainer } from '../model-folder/container.ts'
import { WarmProcess } from '../processes/warm-process.ts'
import { supervise, type SpawnProcess } from '../processes/work-process.ts'
import { fetchFile, sendFile } from './chunks.ts'
import { connect, on, QUEUE, SHARD, UnrecoverableError, WaitingError, Worker, workerName, type Job, type Redis } from './connection.ts'
import { isWanted } from './lease.ts'
import { sign, verified, VERSION, type Signed } from './signed.ts'

export interface WorkerSettings {
  readonly access: QueueAccess
  readonly spawn: SpawnProcess
  /** Folder of the worker's files: data of runs, cached activations, results of the devices' self-tests. */
  readonly folder: string
  /** Threads of a training whose recipe does not say; null: one per core. */
  readonly threads: number | null
  /** Seconds after which the work of a worker that has gone is given to another one. */
  readonly lockSeconds: number
  /** Receives what the worker does, in lines. */
  readonly tell: (line: string) => void
}

/** Errors that another worker, or the same one later, need not have. */
const PASSING: readonly string[] = ['compute-died', 'disk-full', 'disk-error', 'runtime-memory', 'runtime-device', 'runtime-failed', 'internal'] // prettier-ignore
/** Milliseconds between two looks whether a run is still wanted, and between two reports of progress. */
const [LOOK_MS, REPORT_MS] = [500, 250]
/** Workers that one part may end before it is set aside. */
const MAX_STALLED = 3

/** Starts a worker. Resolves with a function that stops it: what it computes goes back to the queue. @throws UserError `queue-unreachable` */
export async function startWorker(settings: WorkerSettings): Promise<() => Promise<void>> {
  const { access, folder, lockSeconds, tell } = settings
  const redis = await connect(access)
  makePrivateFolder(folder)
  removeAbandoned(folder)
  const own = temporaryName(join(folder, 'worker'))
  makePrivateFolder(own)
  const stop = new AbortController()
  const inference = new WarmProcess('inference', settings.spawn, (code) => died(code))
  const worker = new Worker<Signed, Signed | null>(
    QUEUE,
    (job, token = '') => work({ settings, redis, own, inference, stop: stop.signal }, job, token),
    {
      // prettier-ignore
      ...on(redis),
      name: workerName({ version: VERSION, host: hostname() }),
      lockDuration: lockSeconds * 1000,
      stalledInterval: lockSeconds * 1000,
      maxStalledCount: MAX_STALLED,
    },
  )
  worker.on('error', (error) => tell(messageOf(error)))
  worker.on('stalled', (id) => tell(`${id}: its worker has gone, so it is given out again`))
  worker.on('failed', (job, error) => tell(`${job?.id ?? 'a part'}: ${error.message}`))
  await worker.waitUntilReady()
  return async () => {
    stop.abort()
    await worker.close()
    inference.close()
    redis.disconnect()
    await rm(own, { recursive: true, force: true })
  }
}

interface Surroundings {
  readonly settings: WorkerSettings
  readonly redis: Redis
  /** Folder of this worker process. */
  readonly own: string
  readonly inference: WarmProcess<'inference'>
  readonly stop: AbortSignal
}

/** Computes a part. Null: nobody wants it any more. */
async function work(at: Surroundings, job: Job<Signed, Signed | null>, token: string): Promise<Signed | null> {
  const { access, tell } = at.settings
  const end = new AbortController()
  let watch: NodeJS.Timeout | undefined
  try {
    const [shard, part] = job.name === SHARD ? [verified('shard', job.data, access.secret), null] : [null, verified('job', job.data, access.secret)] // prettier-ignore
    const { run } = shard ?? part
    if (!(await isWanted(at.redis, run))) return null
    watch = setInterval(() => void isWanted(at.redis, run).then((wanted) => wanted || end.abort()), LOOK_MS)
    const what = shard ? `shard ${shard.shard}` : part.part
    tell(`${run}: computing ${what}`)
    const signal = AbortSignal.any([end.signal, at.stop])
    const signed = shard
      ? sign('scores', await predictShard(at, shard, signal), access.secret)
      : sign('result', await compute(at, part, job, signal), access.secret)
    tell(`${run}: ${what} is done`)
    return signed
  } catch (error) {
    if (at.stop.aborted) {
      await job.moveToWait(token)
      throw new WaitingError()
    }
    if (end.signal.aborted) {
      tell(`${job.id ?? ''}: stopped, because nobody wants it any more`)
      return null
    }
    throw error instanceof UserError && !PASSING.includes(error.code) ? new UnrecoverableError(error.message) : error
  } finally {
    clearInterval(watch)
  }
}

async function predictShard(at: Surroundings, { run, shard, model, texts }: ShardJob, signal: AbortSignal): Promise<ShardScores> {
  await removeEnded(at, run)
  const within = (name: string): string => join(at.own, run, name)
  const fetchAll = async (files: readonly SentFile[], name: string): Promise<void> => {
    await mkdir(within(name), { recursive: true })
    for (const file of files) if (!existsSync(join(within(name), file.name))) await fetchFile(at.redis, file, within(name))
  }
  await fetchAll(model.files, 'model')
  await fetchAll(model.base, 'base')
  await fetchAll(model.adapter, 'adapter')
  const folderOf = (files: readonly SentFile[], name: string): string | null => (files.length === 0 ? null : within(name))
  const trained: TrainedModel =
    model.family === 'linear'
      ? { family: 'linear', project: '', run: 0, createdAt: run, file: join(within('model'), model.files[0]?.name ?? '') }
      : { family: 'transformer', config: model.config, genreNames: model.genreNames, folder: within('model'), modelFolder: folderOf(model.base, 'base'), adapterFolder: folderOf(model.adapter, 'adapter') } // prettier-ignore
  const path = await fetchFile(at.redis, texts, within('model'))
  const scores = within(`scores-${shard}`)
  try {
    const read = JSON.parse(gunzipSync(await readFile(path)).toString()) as string[]
    const { probabilities } = await at.inference.ask({ t: 'predict', model: trained, texts: read }, { signal })
    await writeFile(scores, probabilities)
    return { version: VERSION, run, shard, scores: await sendFile(at.redis, scores, signal) }
  } finally {
    await rm(path, { force: true })
    await rm(scores, { force: true })
  }
}

async function compute(at: Surroundings, part: PartJob, job: Job<Signed, Signed | null>, signal: AbortSignal): Promise<PartResult> {
  const input = await inputOf(at, part)
  const folder = join(at.own, part.run, part.part)
  await rm(folder, { recursive: true, force: true })
  await mkdir(folder, { recursive: true })
  try {
    for (const file of [...part.known, ...(await resultsOfChildren(at, part, job))]) await fetchFile(at.redis, file, folder)
    const replies = await train(at, requestOf(at, part, input, folder), job, signal)
    const send = (path: string): Promise<SentFile> => sendFile(at.redis, path, signal)
    const whose = { version: VERSION, run: part.run, part: part.part }
    if (part.part !== 'final') {
      const path = join(folder, `${part.part}.safetensors`)
      // a fold without movies has no result
      return { ...whose, files: existsSync(path) ? [await send(path)] : [], final: null }
    }
    const { conclusion, probabilities, evidence, model, features, memoryMb } = replies
    if (!conclusion) throw new Error('the compute process ended a training without its conclusion')
    const predictions = join(folder, 'predictions')
    await writeFile(predictions, packContainer(null, [['probabilities', { data: joined(probabilities) }], ['evidence', { data: joined(evidence) }]])) // prettier-ignore
    const files = [await send(predictions)]
    if (typeof model === 'string') for (const name of await readdir(model)) files.push(await send(join(model, name)))
    else {
      await writeFile(join(folder, 'model'), model)
      files.push(await send(join(folder, 'model')))
    }
    return { ...whose, files, final: { conclusion, features, memoryMb } }
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

/** The results of the parts before the final one. */
async function resultsOfChildren({ settings }: Surroundings, { run }: PartJob, job: Job): Promise<SentFile[]> {
  const values = Object.values(await job.getChildrenValues<unknown>())
  const results = values.map((value) => verified('result', value, settings.access.secret))
  if (results.some((result) => result.run !== run)) throw new UserError('bad-message', 'A part has the result of another training.')
  return results.flatMap(({ files }) => files)
}

/** Files of a run that all of its parts read. */
interface Input {
  readonly texts: DividedTraining['texts']
  readonly data: Omit<TrainingData, 'project' | 'run' | 'corrected'> & Pick<DividedTraining, 'fold' | 'group'>
  readonly modelFolder: string | null
  readonly adapterFolder: string | null
}

/** Removes the files of runs that have ended. */
async function removeEnded({ own, redis }: Surroundings, run: string): Promise<void> {
  for (const name of await readdir(own)) if (name !== run && !(await isWanted(redis, name))) await rm(join(own, name), { recursive: true })
}

/** Fetches the data of a run once. */
async function inputOf(at: Surroundings, { run, texts, data, model, adapter }: PartJob): Promise<Input> {
  const { own, redis } = at
  await removeEnded(at, run)
  const within = async (name: string): Promise<string> => {
    const folder = join(own, run, name)
    await mkdir(folder, { recursive: true })
    return folder
  }
  const folder = await within('input')
  const fetched = async (file: SentFile, to: string): Promise<string> => {
    const path = join(to, file.name)
    return existsSync(path) ? path : fetchFile(redis, file, to)
  }
  const paths: { path: string; first: number; end: number }[] = []
  for (const { file, first, end } of texts) paths.push({ path: await fetched(file, folder), first, end })
  const folderOf = async (files: readonly SentFile[] | null, name: string): Promise<string | null> => {
    if (files === null) return null
    const to = await within(name)
    for (const file of files) await fetched(file, to)
    return to
  }
  return {
    texts: paths,
    data: dataIn(await readFile(await fetched(data, folder))),
    modelFolder: await folderOf(model, 'base'),
    adapterFolder: await folderOf(adapter, 'adapter'),
  }
}

/** @throws UserError `bad-message` if arrays are missing or do not fit together */
function dataIn(bytes: Uint8Array): Input['data'] {
  const { tensors } = unpackContainer(bytes)
  const array = <T>(name: string, kind: new (...args: never[]) => T, length?: number): T => {
    const data: unknown = tensors.get(name)?.data
    if (data instanceof kind && (length === undefined || (data as { length?: number }).length === length)) return data
    throw new UserError('bad-message', `The data of the training have no fitting "${name}".`)
  }
  const [genres, movies] = [array('genres', Int32Array), array('movies', Int32Array)]
  const n = movies.length
  const labels = array('labels', Uint8Array, n * genres.length)
  const [split, fold] = [array('split', Uint8Array, n), array('fold', Uint8Array, n)]
  const group = array('group', Int32Array, n)
  return {
    genres,
    movies,
    labels,
    split,
    fold,
    group,
    excluded: array('excluded', Int32Array),
    rowWeight: array('rowWeight', Float32Array, n),
  }
}

function requestOf({ settings }: Surroundings, part: PartJob, input: Input, folder: string): TrainJob | FineTuneJob {
  const { fold, group, ...data } = input.data
  const { threads } = settings
  const divided: DividedTraining = { part: part.part, texts: input.texts, fold, group, folder, threads }
  const common = { ...data, project: '', run: 0, corrected: new Int32Array(), divided }
  const { config } = part
  if (config.family === 'linear') return { t: 'train', ...common, config }
  const { modelFolder, adapterFolder } = input
  const places: FineTunePlaces = {
    modelFolder,
    adapterFolder,
    runFolder: folder,
    cacheFolder: join(settings.folder, 'cache'),
    deviceFolder: join(settings.folder, 'devices'),
  }
  return { t: 'fine-tune', ...common, ...places, genreNames: part.genreNames, config: { ...config, threads: config.threads ?? threads } }
}

interface Replies {
  conclusion: Conclusion | null
  readonly probabilities: Float32Array[]
  readonly evidence: Float32Array[]
  /** Bytes, or the folder of its files. */
  model: Uint8Array | string
  features: number
  memoryMb: number
}

/** Runs the compute process and tells the queue about its progress. */
async function train({ settings }: Surroundings, request: TrainJob | FineTuneJob, job: Job, signal: AbortSignal): Promise<Replies> {
  const replies: Replies = { conclusion: null, probabilities: [], evidence: [], model: new Uint8Array(), features: 0, memoryMb: 0 }
  let reported = 0
  // an event that is lost while the connection is interrupted changes no result
  const tell = (event: PartEvent): void => void job.updateProgress(event).catch(() => undefined)
  const take: { readonly [T in ComputeReply['t']]?: (m: Extract<ComputeReply, { readonly t: T }>) => void } = {
    progress: ({ done, total, phase }) => {
      if (performance.now() - reported < REPORT_MS) return
      reported = performance.now()
      tell({ t: 'progress', done: done / total, phase, worker: hostname() })
    },
    epoch: tell,
    note: tell,
    device: tell,
    conclusion: (m) => (replies.conclusion = m.conclusion),
    predictions: (m) => void (replies.probabilities.push(m.probabilities), replies.evidence.push(m.evidence)),
    model: (m) => void Object.assign(replies, { model: m.bytes, features: m.features }),
    'model-files': (m) => void Object.assign(replies, { model: m.folder, features: m.features }),
    done: (m) => (replies.memoryMb = m.memoryMb),
    error: (m) => {
      throw fromReply(m.error)
    },
  }
  await supervise({
    process: settings.spawn('compute'),
    request,
    signal,
    receive: (m) => {
      ;(take[m.t] as ((m: ComputeReply) => void) | undefined)?.(m)
      return m.t === 'done'
    },
    cancelled: () => new UserError('cancelled', 'The training was cancelled.'),
    died,
  })
  return replies
}

const died = (code: number | null): UserError =>
  new UserError('compute-died', `its process ended too early (${code === null ? 'it was killed' : `exit code ${code}`})`)

function joined(parts: readonly Float32Array[]): Float32Array {
  const out = new Float32Array(parts.reduce((sum, { length }) => sum + length, 0))
  let at = 0
  for (const part of parts) {
    out.set(part, at)
    at += part.length
  }
  return out
}
