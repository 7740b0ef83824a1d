/** Predicts shards of texts on the workers of a queue. A few shards are on the queue at a time, so that its memory is bounded. */
import { readFileSync } from 'node:fs'
import { readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { UserError } from '../../contract/errors.ts'
import type { TextFile, TrainedModel } from '../../contract/jobs.ts'
import { required } from '../../contract/required.ts'
import type { SentFile, ShardJob } from '../../contract/workers.ts'
import { adapterFileNames, modelFileNames } from '../model-folder/digest.ts'
import { isFoldFile } from '../model-folder/files.ts'
import { hostOf, type RemoteOptions } from './access.ts'
import { AFTER_S, assertRoom, expire, fetchFile, sendFile } from './chunks.ts'
import { assertWorkers, idOf } from './client.ts'
import { connect, on, QUEUE, Queue, SHARD } from './connection.ts'
import { release, want } from './lease.ts'
import { sign, verified, VERSION } from './signed.ts'

/** Shards on the queue at a time. */
const AHEAD = 32
/** Milliseconds between two looks at the queue, and between two renewals of the lease. */
const [LOOK_MS, RENEW_MS] = [100, 20_000]
/** Seconds after which texts and scores expire that have been used. */
const USED_S = 60

/**
 * @param receive takes the probabilities of a shard, (texts, genres)
 * @throws UserError `queue-unreachable`, `no-workers`, `other-version`, `queue-full`, `worker-failed`, `bad-signature`; what aborted `signal`
 */
export async function predictOnWorkers(
  { access, folder }: Pick<RemoteOptions, 'access' | 'folder'>,
  model: TrainedModel,
  shards: readonly TextFile[],
  receive: (shard: TextFile, probabilities: Float32Array) => Promise<void>,
  signal: AbortSignal,
): Promise<void> {
  if (shards.length === 0) return
  const run = crypto.randomUUID()
  const redis = await connect(access)
  const queue = new Queue(QUEUE, on(redis))
  const host = hostOf(access.address)
  const shardOf = (number: number): TextFile => required(shards[number], 'a shard')
  const sent: SentFile[] = []
  /** Texts of the shards on the queue, by their number. */
  const open = new Map<number, SentFile>()
  try {
    await assertWorkers(queue, host)
    await want(redis, run)
    const paths = await pathsOf(model)
    await assertRoom(redis, [...paths.files, ...paths.base, ...paths.adapter, ...shards.slice(0, AHEAD).map(({ path }) => path)])
    const sendAll = async (all: readonly string[]): Promise<SentFile[]> => {
      const files: SentFile[] = []
      for (const path of all) files.push(await sendFile(redis, path, signal))
      sent.push(...files)
      return files
    }
    const files = { files: await sendAll(paths.files), base: await sendAll(paths.base), adapter: await sendAll(paths.adapter) }
    const modelSent: ShardJob['model'] =
      model.family === 'transformer'
        ? { family: 'transformer', config: model.config, genreNames: [...model.genreNames], ...files }
        : { family: 'linear', ...files }
    let [next, renewed] = [0, performance.now()]
    while (next < shards.length || open.size > 0) {
      signal.throwIfAborted()
      for (; open.size < AHEAD && next < shards.length; next++) {
        const texts = await sendFile(redis, shardOf(next).path, signal)
        const message = sign('shard', { version: VERSION, run, shard: next, model: modelSent, texts }, access.secret)
        await queue.add(SHARD, message, { jobId: jobOf(run, next), attempts: 4, backoff: { type: 'exponential', delay: 1000 }, removeOnComplete: { age: AFTER_S }, removeOnFail: { age: 7 * 24 * AFTER_S, count: 1000 } }) // prettier-ignore
        open.set(next, texts)
      }
      let received = 0
      for (const [number, texts] of open) {
        const state = await queue.getJobState(jobOf(run, number))
        if (state === 'failed' || state === 'unknown') throw await failure(queue, jobOf(run, number), host)
        if (state !== 'completed') continue
        const job = await queue.getJob(jobOf(run, number))
        const result = verified('scores', job?.returnvalue, access.secret)
        if (result.run !== run || result.shard !== number) throw new UserError('bad-message', 'The queue returned the scores of another shard.') // prettier-ignore
        const path = await fetchFile(redis, { ...result.scores, name: `received-${number}` }, folder)
        await receive(shardOf(number), floatsIn(path))
        await rm(path, { force: true })
        await job?.remove()
        await expire(redis, [texts, result.scores], USED_S)
        open.delete(number)
        received++
      }
      if (performance.now() - renewed > RENEW_MS) {
        renewed = performance.now()
        await want(redis, run)
      }
      if (received === 0) await setTimeout(LOOK_MS)
    }
  } finally {
    for (const number of open.keys()) await queue.remove(jobOf(run, number)).catch(() => 0)
    await release(redis, run)
    await expire(redis, [...open.values(), ...sent], AFTER_S)
    await queue.close()
    redis.disconnect()
  }
}

interface ModelPaths {
  readonly files: readonly string[]
  readonly base: readonly string[]
  readonly adapter: readonly string[]
}
async function pathsOf(model: TrainedModel): Promise<ModelPaths> {
  if (model.family === 'linear' && model.file !== undefined) return { files: [model.file], base: [], adapter: [] }
  if (model.family !== 'transformer') throw new Error(`workers predict with no ${model.family} model that is in a project`)
  const { folder, modelFolder, adapterFolder } = model
  const within = (of: string, names: readonly string[]): string[] => names.map((name) => join(of, name))
  return {
    files: within(
      folder,
      (await readdir(folder)).filter((name) => !isFoldFile(name)),
    ),
    base: modelFolder === null ? [] : within(modelFolder, await modelFileNames(modelFolder)),
    adapter: adapterFolder === null ? [] : within(adapterFolder, await adapterFileNames(adapterFolder)),
  }
}

const jobOf = (run: string, shard: number): string => idOf(run, `shard-${shard}`)
function floatsIn(path: string): Float32Array {
  const bytes = readFileSync(path)
  return new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength))
}

async function failure(queue: Queue, id: string, host: string): Promise<UserError> {
  const job = await queue.getJob(id)
  const why = job ? `The workers gave up a shard (${job.failedReason}).` : `A shard is not on the queue at ${host} any more.`
  return new UserError('worker-failed', `${why} What is predicted is kept: the same command goes on with the rest.`)
}
