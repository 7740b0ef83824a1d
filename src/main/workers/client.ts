/** The program's half of a training on workers: sends the data, gives out the parts, and passes on what the workers reply. */
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { UserError } from '../../contract/errors.ts'
import type { ComputeReply, ComputeRequest, FineTuneJob, TrainingPart, TrainJob } from '../../contract/jobs.ts'
import { count, many } from '../../contract/words.ts'
import {
  partsBefore,
  PART_EVENT,
  type PartJob,
  type PartResult,
  type QueueAccess,
  type SentFile,
  type WorkerInfo,
} from '../../contract/workers.ts'
import { packContainer, unpackContainer } from '../model-folder/container.ts'
import { adapterFileNames, modelFileNames } from '../model-folder/digest.ts'
import { supervise } from '../processes/work-process.ts'
import { hostOf, type RemoteOptions } from './access.ts'
import { AFTER_S, assertRoom, expire, fetchFile, sendFile } from './chunks.ts'
import { connect, connectedWorkers, FlowProducer, on, QUEUE, Queue, QueueEvents, type FlowJob, type Redis } from './connection.ts'
import { release, want } from './lease.ts'
import { sign, verified, VERSION } from './signed.ts'

type Training = TrainJob | FineTuneJob
type Post = (reply: ComputeReply) => void

/** Movies in one message of predictions, as the compute process sends them. */
const ROWS = 16_384
/** Milliseconds between two looks at the queue, and between two renewals of the lease. */
const [LOOK_MS, RENEW_MS] = [300, 20_000]
/** Share of a job's progress until its data are sent, and until all folds are computed. */
const [SENT, FOLDED] = [0.05, 0.85]

/**
 * Trains on the workers of a queue and tells what they reply.
 * @throws UserError `queue-unreachable`, `no-workers`, `other-version`, `queue-full`, `worker-failed`, `bad-signature` and others; what aborted `signal`
 */
export function trainOnWorkers(options: RemoteOptions, request: ComputeRequest, post: Post, signal: AbortSignal): Promise<void> {
  return new RemoteRun(options, trainingIn(request), post, signal).run()
}

function trainingIn(request: ComputeRequest): Training {
  if (request.t === 'train' || request.t === 'fine-tune') return request
  throw new Error(`workers train models, they do no "${request.t}"`)
}

class RemoteRun {
  readonly #options: RemoteOptions
  readonly #training: Training
  readonly #post: Post
  readonly #signal: AbortSignal
  readonly #run = crypto.randomUUID()
  readonly #host: string
  /** Everything that was sent. */
  readonly #sent: SentFile[] = []
  /** Fraction done of each part. */
  readonly #done = new Map<string, number>()

  constructor(options: RemoteOptions, training: Training, post: Post, signal: AbortSignal) {
    this.#options = options
    this.#training = training
    this.#post = post
    this.#signal = signal
    this.#host = hostOf(options.access.address)
  }

  async run(): Promise<void> {
    const folder = await mkdtemp(join(this.#options.folder, 'workers-'))
    const redis = await connect(this.#options.access)
    const queue = new Queue(QUEUE, on(redis))
    const events = new QueueEvents(QUEUE, { ...on(redis), lastEventId: '$' })
    try {
      const workers = await assertWorkers(queue, this.#host)
      this.#post({ t: 'note', text: `Trained by ${many(workers, 'worker')} of the queue at ${this.#host}.` })
      await events.waitUntilReady()
      events.on('progress', ({ jobId, data }) => this.#receive(jobId, data))
      await want(redis, this.#run)
      const result = await this.#compute(redis, queue, folder)
      await this.#deliver(redis, result, folder)
    } finally {
      await release(redis, this.#run)
      // the same data may be sent again soon
      await expire(redis, this.#sent, AFTER_S)
      await Promise.all([events.close(), queue.close()])
      redis.disconnect()
      await rm(folder, { recursive: true, force: true })
    }
  }

  /** Sends the data, and gives out the parts in their order. */
  async #compute(redis: Redis, queue: Queue, folder: string): Promise<PartResult> {
    const flow = new FlowProducer(on(redis))
    try {
      const shared = await this.#send(redis, folder)
      const { first, folds } = partsBefore(this.#training.config)
      const known = first === null ? [] : (await this.#finish(redis, queue, flow, [first], { ...shared, known: [] })).files
      return await this.#finish(redis, queue, flow, ['final', ...folds], { ...shared, known })
    } finally {
      await flow.close()
    }
  }

  async #send(redis: Redis, folder: string): Promise<Omit<PartJob, 'part' | 'known'>> {
    const { config, genres, movies, labels, excluded, rowWeight, split } = this.#training
    const { texts, fold, group } = await this.#gather(folder)
    const data = join(folder, 'data')
    await writeFile(data, packContainer(null, Object.entries({ genres, movies, labels, excluded, rowWeight, split, fold, group }).map(([name, array]) => [name, { data: array }]))) // prettier-ignore
    const modelFiles = await this.#modelFiles()
    await assertRoom(redis, [data, ...texts.map(({ path }) => path), ...modelFiles.model, ...modelFiles.adapter])
    const cells = labels.reduce((sum, label) => sum + label, 0)
    const what = `sending what models read of ${count(movies.length)} movies and ${count(cells)} genres to ${this.#host}`
    const send = async (path: string): Promise<SentFile> => {
      const sent = await sendFile(redis, path, this.#signal)
      this.#sent.push(sent)
      return sent
    }
    const sentTexts: { first: number; end: number; file: SentFile }[] = []
    for (const { path, first, end } of texts) {
      this.#post({ t: 'progress', done: SENT * (0.5 + (0.5 * first) / movies.length), total: 1, phase: what })
      sentTexts.push({ first, end, file: await send(path) })
    }
    const all = async (paths: readonly string[]): Promise<SentFile[]> => {
      const out: SentFile[] = []
      for (const path of paths) out.push(await send(path))
      return out
    }
    return {
      version: VERSION,
      run: this.#run,
      config: config as PartJob['config'],
      genreNames: this.#training.t === 'fine-tune' ? [...this.#training.genreNames] : [],
      texts: sentTexts,
      data: await send(data),
      model: modelFiles.model.length === 0 ? null : await all(modelFiles.model),
      adapter: modelFiles.adapter.length === 0 ? null : await all(modelFiles.adapter),
    }
  }

  /** A compute process of this machine reads the project. */
  async #gather(folder: string): Promise<Extract<ComputeReply, { t: 'gathered' }>> {
    const found: Extract<ComputeReply, { t: 'gathered' }>[] = []
    await supervise({
      process: this.#options.spawn('compute'),
      request: { t: 'gather', project: this.#training.project, of: this.#training, folder },
      signal: this.#signal,
      receive: (m) => {
        if (m.t === 'progress') this.#post({ ...m, done: (0.5 * SENT * m.done) / m.total, total: 1 })
        else if (m.t === 'gathered') found.push(m)
        else if (m.t === 'error') throw new UserError(m.error.code, m.error.message, m.error.details)
        return m.t === 'done'
      },
      cancelled: () => new UserError('cancelled', 'The training was cancelled.'),
      died: () => new UserError('compute-died', 'The process that reads the plots ended too early: start the training again.'),
    })
    const [gathered] = found
    if (!gathered) throw new Error('the compute process gathered no texts')
    return gathered
  }

  async #modelFiles(): Promise<{ readonly model: readonly string[]; readonly adapter: readonly string[] }> {
    if (this.#training.t === 'train') return { model: [], adapter: [] }
    const { modelFolder: model, adapterFolder: adapter } = this.#training
    return {
      model: model === null ? [] : (await modelFileNames(model)).map((name) => join(model, name)),
      adapter: adapter === null ? [] : (await adapterFileNames(adapter)).map((name) => join(adapter, name)),
    }
  }

  /** Adds a part, and those that come before it as its children, and waits for its result. */
  async #finish(
    redis: Redis,
    queue: Queue,
    flow: FlowProducer,
    [root, ...children]: readonly [TrainingPart, ...TrainingPart[]],
    job: Omit<PartJob, 'part'>,
  ): Promise<PartResult> {
    const node = (part: TrainingPart): FlowJob => ({
      name: job.config.family,
      queueName: QUEUE,
      data: sign('job', { ...job, part }, this.#options.access.secret),
      opts: {
        jobId: idOf(this.#run, part),
        attempts: 4,
        backoff: { type: 'exponential', delay: 1000 },
        removeOnComplete: { age: AFTER_S },
        removeOnFail: { age: 7 * 24 * AFTER_S, count: 1000 },
        ...(part === root ? {} : { failParentOnFailure: true }),
      },
    })
    for (const part of [root, ...children]) this.#done.set(part, 0)
    await flow.add({ ...node(root), children: children.map(node) })
    let renewed = performance.now()
    for (;;) {
      if (this.#signal.aborted) await this.#withdraw(queue, [root, ...children])
      this.#signal.throwIfAborted()
      const state = await queue.getJobState(idOf(this.#run, root))
      if (state === 'completed') break
      if (state === 'failed' || state === 'unknown') throw await this.#failure(queue, [...children, root])
      if (performance.now() - renewed > RENEW_MS) {
        renewed = performance.now()
        await want(redis, this.#run)
        if ((await connectedWorkers(queue)).length === 0) this.#tell(`waiting for a worker at ${this.#host}`)
      }
      await setTimeout(LOOK_MS)
    }
    const finished = await queue.getJob(idOf(this.#run, root))
    return verified('result', finished?.returnvalue, this.#options.access.secret)
  }

  /** Takes parts that no worker has begun off the queue; those that one computes end with the lease. */
  async #withdraw(queue: Queue, parts: readonly TrainingPart[]): Promise<void> {
    for (const part of parts) await queue.remove(idOf(this.#run, part)).catch(() => 0)
  }

  /** The error of the part that failed for good. */
  async #failure(queue: Queue, parts: readonly TrainingPart[]): Promise<UserError> {
    for (const part of parts) {
      const job = await queue.getJob(idOf(this.#run, part))
      if (job && (await job.isFailed()))
        return new UserError('worker-failed', `The workers gave up the part "${part}" of the training (${job.failedReason}). It stays on the queue for a week as failed.`) // prettier-ignore
    }
    return new UserError('worker-failed', `The training is not on the queue at ${this.#host} any more: start it again.`)
  }

  #receive(jobId: string, data: unknown): void {
    const event = PART_EVENT.safeParse(data)
    if (!jobId.startsWith(this.#run) || !event.success) return
    const { data: m } = event
    if (m.t !== 'progress') return void this.#post(m)
    this.#done.set(jobId.slice(this.#run.length + 1), m.done)
    this.#tell(`${m.phase} (${m.worker})`)
  }

  #tell(phase: string): void {
    const mean = (parts: readonly number[]): number => parts.reduce((sum, done) => sum + done, 0) / Math.max(1, parts.length)
    const folds = mean([...this.#done].filter(([part]) => part !== 'final').map(([, done]) => done))
    const final = this.#done.get('final') ?? 0
    const done = final > 0 ? FOLDED + (1 - FOLDED) * final : SENT + (FOLDED - SENT) * folds
    this.#post({ t: 'progress', done: Math.min(1, done), total: 1, phase })
  }

  /** Passes the result on as a compute process does. */
  async #deliver(redis: Redis, { run, part, final, files }: PartResult, folder: string): Promise<void> {
    if (run !== this.#run || part !== 'final' || !final) throw new UserError('bad-message', 'The queue returned the result of another training.') // prettier-ignore
    const { movies, genres } = this.#training
    const k = genres.length
    // a large model stays in the folder of the run
    const to = this.#training.t === 'fine-tune' ? join(this.#training.runFolder, 'model') : folder
    // left by an earlier attempt
    if (to !== folder) await rm(to, { recursive: true, force: true })
    await mkdir(to, { recursive: true })
    const paths = new Map<string, string>()
    for (const file of files) paths.set(file.name, await fetchFile(redis, file, file.name === 'predictions' ? folder : to))
    const { tensors } = unpackContainer(await readFile(paths.get('predictions') ?? ''))
    const [probabilities, evidence] = [tensors.get('probabilities')?.data, tensors.get('evidence')?.data]
    const size = movies.length * k
    if (!(
      probabilities instanceof Float32Array &&
      evidence instanceof Float32Array &&
      probabilities.length === size &&
      evidence.length === size
    ))
      // prettier-ignore
      throw new UserError('bad-message', 'The queue returned predictions of other movies or genres.')
    this.#post({ t: 'conclusion', conclusion: final.conclusion })
    for (let at = 0; at < movies.length; at += ROWS) {
      const end = Math.min(at + ROWS, movies.length)
      this.#post({
        t: 'predictions',
        movies: movies.slice(at, end),
        probabilities: probabilities.slice(at * k, end * k),
        evidence: evidence.slice(at * k, end * k),
      })
    }
    const { features, memoryMb } = final
    if (this.#training.t === 'fine-tune') this.#post({ t: 'model-files', folder: to, features })
    else this.#post({ t: 'model', bytes: await readFile(paths.get('model') ?? ''), features })
    await expire(redis, files, AFTER_S)
    this.#post({ t: 'done', memoryMb })
  }
}

/** Name of a part on the queue. */
export const idOf = (run: string, part: string): string => `${run}-${part}`

/** The number of workers of this version. @throws UserError `no-workers` if there is none, `other-version` if all are of other versions */
export async function assertWorkers(queue: Queue, host: string): Promise<number> {
  const found = await connectedWorkers(queue)
  const [other] = found
  if (!other)
    throw new UserError('no-workers', `No worker is connected to the queue at ${host}: start one with \`reelabel worker --queue ADDRESS\`.`) // prettier-ignore
  const fitting = found.filter(({ version }) => version === VERSION).length
  if (fitting === 0)
    throw new UserError(
      'other-version',
      `The workers at ${host} are of other versions (${other.host} has Reelabel ${other.version}), and this is ${VERSION}: install the same version on all machines of the queue.`,
    )
  return fitting
}

/** The workers of a queue. @throws UserError as a training does */
export async function testQueue(access: QueueAccess): Promise<WorkerInfo[]> {
  const redis = await connect(access)
  const queue = new Queue(QUEUE, on(redis))
  try {
    return (await connectedWorkers(queue)).map((worker) => ({ ...worker, fits: worker.version === VERSION }))
  } finally {
    await queue.close()
    redis.disconnect()
  }
}
