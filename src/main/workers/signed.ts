/** Messages of a queue as text with a keyed digest: without the queue's secret nobody can submit jobs or results. */
import { createHmac, timingSafeEqual } from 'node:crypto'
import { z } from 'zod'
import pkg from '../../../package.json' with { type: 'json' }
import { schemaProblems, UserError } from '../../contract/errors.ts'
import {
  PART_JOB,
  PART_RESULT,
  SHARD_JOB,
  SHARD_SCORES,
  type PartJob,
  type PartResult,
  type ShardJob,
  type ShardScores,
} from '../../contract/workers.ts'

/** Programs and workers of the same version give the same numbers. */
export const VERSION = pkg.version

const SIGNED = z.strictObject({ text: z.string(), mac: z.string().regex(/^[0-9a-f]{64}$/) })
export type Signed = z.output<typeof SIGNED>
/** Each kind of message has digests of its own, so that none passes for another. */
const KINDS = { job: PART_JOB, result: PART_RESULT, shard: SHARD_JOB, scores: SHARD_SCORES } as const
type Messages = { readonly job: PartJob; readonly result: PartResult; readonly shard: ShardJob; readonly scores: ShardScores }

const macOf = (kind: keyof Messages, text: string, secret: string): Buffer =>
  createHmac('sha256', secret).update(`reelabel ${kind}\n`).update(text).digest()

export function sign<K extends keyof Messages>(kind: K, message: Messages[K], secret: string): Signed {
  const text = JSON.stringify(message)
  return { text, mac: macOf(kind, text, secret).toString('hex') }
}

/**
 * Reads a message of a queue.
 * @throws UserError `bad-signature` if it was made without the secret, `other-version`, `bad-message` if its contents are not of this kind
 */
export function verified<K extends keyof Messages>(kind: K, message: unknown, secret: string): Messages[K] {
  const signed = SIGNED.safeParse(message)
  if (!signed.success || !timingSafeEqual(macOf(kind, signed.data.text, secret), Buffer.from(signed.data.mac, 'hex')))
    throw new UserError(
      'bad-signature',
      `A ${kind} on the queue is not signed with this queue's secret: give the program and all workers the same one. It was not used.`,
    )
  const contents: unknown = JSON.parse(signed.data.text)
  const version = (contents as { readonly version?: unknown } | null)?.version
  if (version !== VERSION)
    throw new UserError(
      'other-version',
      `The ${kind} was made by Reelabel ${String(version)}, and this is ${VERSION}: install the same version on all machines of the queue.`,
    )
  const parsed = KINDS[kind].safeParse(contents)
  if (parsed.success) return parsed.data as Messages[K]
  throw new UserError('bad-message', `The ${kind} cannot be used (${schemaProblems(parsed.error, 'all of it')}).`)
}
