/**
 * The messages between this program and workers on other machines. Messages are data: they are checked by these schemas, and signed
 * with the secret of the queue (main/workers/signed.ts).
 */
import { z } from 'zod'
import type { Conclusion, TrainingPart } from './jobs.ts'
import { appMethod, type } from './method.ts'
import { TRANSFORMER_CONFIG, type EpochFigures } from './models.ts'
import type { LinearConfig } from './records.ts'
import { LINEAR_CONFIG } from './training.ts'

/** A queue of Redis or Valkey, and who may put work on it. */
export interface QueueAccess {
  /** `redis://` or, with TLS, `rediss://`, with the name and password of a user if there is one. */
  readonly address: string
  /** All programs and workers of the queue have the same one. */
  readonly secret: string
}
/** Shortest secret of a queue, in characters. */
export const MIN_SECRET = 16

/** A file in chunks, each named by the SHA-256 of its bytes. */
export const SENT_FILE = z.strictObject({
  name: z.string().regex(/^\w[\w.-]{0,200}$/),
  chunks: z.array(z.string().regex(/^[0-9a-f]{64}$/)).max(100_000),
})
export type SentFile = z.output<typeof SENT_FILE>
const files = z.array(SENT_FILE).max(100_000)

const part = z.custom<TrainingPart>((text) => typeof text === 'string' && /^(?:warm-up|final|fold-\d{1,2})$/.test(text))
/** Names one part of one run. */
const whose = {
  /** Version of the program that made the message. */
  version: z.string().min(1).max(50),
  run: z.uuid(),
  part,
}

/** A recipe without anything left to a default. */
const RECIPE = z.discriminatedUnion('family', [LINEAR_CONFIG.required().partial({ columns: true, dropWords: true }), TRANSFORMER_CONFIG])

/** Work for a worker: a part of a training. */
export const PART_JOB = z.strictObject({
  ...whose,
  config: RECIPE,
  genreNames: z.array(z.string()).max(10_000),
  /** The text of the movies that models read, as the compute process gathers it. */
  texts: z.array(z.strictObject({ first: z.int().nonnegative(), end: z.int().positive(), file: SENT_FILE })).max(100_000),
  /** Labels, weights and the division into parts. */
  data: SENT_FILE,
  /** Files of the base model and of an adapter; null: there is none. */
  model: files.nullable(),
  adapter: files.nullable(),
  /** Results of parts that were computed before. */
  known: files,
})
export type PartJob = z.output<typeof PART_JOB>

const numbers = z.array(z.number()).max(10_000)
const CONCLUSION: z.ZodType<Conclusion> = z.strictObject({
  thresholds: numbers,
  scales: z.array(z.strictObject({ slope: z.number(), offset: z.number() })).max(10_000),
  summary: z.looseObject({ part: z.enum(['test', 'oof']), microF1: z.number(), macroF1: z.number(), jaccard: z.number() }),
  movies: z.int().nonnegative(),
})

/** Work for a worker: the probabilities of a shard of texts by a finished model. */
export const SHARD_JOB = z.strictObject({
  version: whose.version,
  run: whose.run,
  shard: z.int().nonnegative(),
  /** `files`: of the model itself. `base`, `adapter`: of what a transformer was trained from; empty: there is none. */
  model: z.discriminatedUnion('family', [
    z.strictObject({ family: z.literal('linear'), files, base: files, adapter: files }),
    z.strictObject({ family: z.literal('transformer'), config: TRANSFORMER_CONFIG, genreNames: z.array(z.string()).max(10_000), files, base: files, adapter: files }), // prettier-ignore
  ]),
  texts: SENT_FILE,
})
export type ShardJob = z.output<typeof SHARD_JOB>
/** `scores`: 32-bit floats, (texts, genres). */
export const SHARD_SCORES = z.strictObject({ version: whose.version, run: whose.run, shard: z.int().nonnegative(), scores: SENT_FILE })
export type ShardScores = z.output<typeof SHARD_SCORES>

/** Result of a part. Of the final one, `files` are the predictions and the model. */
export const PART_RESULT = z.strictObject({
  ...whose,
  files,
  final: z
    .strictObject({
      conclusion: CONCLUSION,
      /** See `features` of a run. */
      features: z.int().nonnegative(),
      memoryMb: z.number().nonnegative(),
    })
    .nullable(),
})
export type PartResult = z.output<typeof PART_RESULT>

const figure = z.number().nullable()
const EPOCH: z.ZodType<EpochFigures> = z.strictObject({
  fold: z.int().nullable(),
  stage: z.enum(['warm-up', 'fine-tuning']),
  epoch: z.int(),
  epochs: z.int(),
  trainLoss: z.number(),
  validLoss: figure,
  microF1: figure,
  macroF1: figure,
  learningRate: z.number(),
  tokensPerSecond: z.number(),
  memoryMb: z.number(),
  elapsedMs: z.number(),
  best: z.boolean(),
})
const words = z.string().max(2000)
/** The progress that a worker reports. */
export const PART_EVENT = z.discriminatedUnion('t', [
  z.strictObject({ t: z.literal('progress'), done: z.number().min(0).max(1), phase: words, worker: words }),
  z.strictObject({ t: z.literal('epoch'), figures: EPOCH }),
  z.strictObject({ t: z.literal('note'), text: words }),
  z.strictObject({ t: z.literal('device'), text: words }),
])
export type PartEvent = z.output<typeof PART_EVENT>

/** The parts of a training that workers compute beside each other, before the final one. */
export function partsBefore(config: LinearConfig | z.output<typeof TRANSFORMER_CONFIG>): {
  /** The common beginning of all others; null if there is none. */
  readonly first: TrainingPart | null
  readonly folds: readonly TrainingPart[]
} {
  const folds = Array.from({ length: config.folds }, (_, fold): TrainingPart => `fold-${fold}`)
  if (config.family === 'linear') return { first: null, folds }
  const first = config.model.source === 'scratch' && config.model.warmUpEpochs > 0 ? 'warm-up' : null
  // heads on a frozen body cost less than its outputs, which every worker would have to compute
  return config.mode === 'head' || config.outOfFold === 'head' ? { first: null, folds: [] } : { first, folds }
}

/** The queue that is set. Its password and its secret stay in the engine. */
export interface QueueInfo {
  /** Host and port; null: none is set. */
  readonly host: string | null
  /** True if the connection is encrypted (TLS). */
  readonly encrypted: boolean
}
/** A worker that is connected to the queue. `fits`: it has the version of this program. */
export interface WorkerInfo {
  readonly version: string
  readonly host: string
  readonly fits: boolean
}

/** Where trainings on workers go. Only `queue.test` and a training on workers contact the queue. */
export const QUEUE_METHODS = {
  'queue.get': appMethod({}, type<QueueInfo>()),
  /** Sets the queue; without a secret, the former one stays. A null address forgets both. @throws UserError `bad-queue` */
  'queue.set': appMethod({ address: z.string().trim().max(2000).nullable(), secret: z.string().max(1000).default('') }, type<QueueInfo>()),
  /** Connects to the queue. @throws UserError `no-queue`, `queue-unreachable` */
  'queue.test': appMethod({}, type<{ readonly workers: readonly WorkerInfo[] }>()),
}
