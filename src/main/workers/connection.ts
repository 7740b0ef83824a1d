/** The queue: the only module that imports BullMQ and the client of Redis. */
import {
  FlowProducer,
  Queue,
  QueueEvents,
  UnrecoverableError,
  WaitingError,
  Worker,
  type FlowJob,
  type Job,
  type WorkerOptions,
} from 'bullmq'
import { Redis } from 'ioredis'
import { messageOf, UserError } from '../../contract/errors.ts'
import type { QueueAccess } from '../../contract/workers.ts'
import { checkAccess, hostOf } from './access.ts'

export { FlowProducer, Queue, QueueEvents, UnrecoverableError, WaitingError, Worker, Redis }
export type { FlowJob, Job, WorkerOptions }

/** Name of the queue within {@link PREFIX}, which all keys of Redis begin with. */
export const QUEUE = 'parts'
/** Name of the jobs that predict a shard; all others are parts of trainings. */
export const SHARD = 'shard'
export const PREFIX = 'reelabel'
/** Longest time until a queue must have answered, in milliseconds. */
const ANSWER_MS = 10_000

/**
 * Connects to the queue. Later interruptions are repaired: commands wait for the connection.
 * @throws UserError `bad-queue`, `queue-unreachable`
 */
export async function connect(access: QueueAccess): Promise<Redis> {
  checkAccess(access)
  const redis = new Redis(access.address, {
    lazyConnect: true,
    maxRetriesPerRequest: null,
    connectTimeout: ANSWER_MS,
    retryStrategy: (times) => Math.min(3000, 200 * times),
  })
  const answer = Promise.withResolvers<true>()
  const tooLate = setTimeout(() => answer.reject(new Error('it did not answer')), ANSWER_MS)
  redis.once('ready', () => answer.resolve(true))
  redis.once('error', answer.reject)
  try {
    redis.connect().catch(answer.reject)
    await answer.promise
    await redis.ping()
  } catch (error) {
    redis.disconnect()
    throw new UserError('queue-unreachable', `The queue at ${hostOf(access.address)} cannot be used (${messageOf(error)}): check its address, its password and whether Redis is running there.`) // prettier-ignore
  } finally {
    clearTimeout(tooLate)
    redis.off('error', answer.reject)
  }
  // an interruption is repaired, and would end the program otherwise
  redis.on('error', () => undefined)
  return redis
}

/** Options of the parts of BullMQ. */
export const on = (redis: Redis): { readonly connection: Redis; readonly prefix: string } => ({ connection: redis, prefix: PREFIX })

/** A worker that is connected. */
export interface ConnectedWorker {
  readonly version: string
  readonly host: string
}
/** The name under which Redis lists a worker. */
export const workerName = ({ version, host }: ConnectedWorker): string => `${version}@${host.replaceAll(/[^\w.-]/g, '_')}`

/** The workers of all versions that are connected to the queue. */
export async function connectedWorkers(queue: Queue): Promise<ConnectedWorker[]> {
  const found = await queue.getWorkers()
  return found.map(({ rawname }) => {
    const [version = '', host = ''] = (rawname?.split(':w:').at(-1) ?? '').split('@')
    return { version, host }
  })
}
