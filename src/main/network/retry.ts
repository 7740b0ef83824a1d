/** Retries of requests that the network or a busy server interrupted. */
import { setTimeout as sleep } from 'node:timers/promises'
import type { UserError } from '../../contract/errors.ts'

/** A failure that a retry may overcome. `why` is a phrase. */
export class Interrupted extends Error {
  /** Milliseconds that the server asks to wait; null if it does not say. */
  readonly retryAfterMs: number | null
  constructor(why: string, retryAfterMs: number | null = null) {
    super(why)
    this.name = 'Interrupted'
    this.retryAfterMs = retryAfterMs
  }
}

/** Waits between tries; replaced in tests. */
export type Wait = (ms: number, signal: AbortSignal | undefined) => Promise<void>
export const wait: Wait = (ms, signal) => sleep(ms, undefined, signal ? { signal } : {})

const FIRST_PAUSE_MS = 500
const MAX_TRIES = 7
/** If a server asks for a longer pause, the request fails at once. */
const MAX_PAUSE_MS = 120_000

/** Exponential backoff with up to 25% of jitter, so that many programs do not retry at the same time. */
const backoff = (failures: number): number => FIRST_PAUSE_MS * 2 ** (failures - 1) * (1 + Math.random() / 4)

export interface Tries {
  /** Name of the server in messages: `huggingface.co`. */
  readonly host: string
  readonly signal?: AbortSignal | undefined
  readonly wait?: Wait | undefined
  /** The error after the last failure. `why` says what failed and how often, `later` when to try again. */
  readonly gaveUp: (why: string, later: string) => UserError
}
/**
 * Repeats `task` until it does not throw {@link Interrupted}. The count of failures restarts whenever `progressed` returns true.
 * @throws UserError of `gaveUp` after seven failures, or if the server asks for a longer pause; the signal's reason
 */
export async function persistently<T>(task: () => Promise<T>, tries: Tries, progressed: () => boolean = () => false): Promise<T> {
  for (let failures = 1; ; failures++) {
    tries.signal?.throwIfAborted()
    try {
      return await task()
    } catch (error) {
      tries.signal?.throwIfAborted()
      if (!(error instanceof Interrupted)) throw error
      if (progressed()) failures = 1
      const pause = error.retryAfterMs ?? backoff(failures)
      if (failures >= MAX_TRIES || pause > MAX_PAUSE_MS) throw lastError(tries, error, failures)
      await (tries.wait ?? wait)(pause, tries.signal)
    }
  }
}

function lastError({ host, gaveUp }: Tries, { message, retryAfterMs }: Interrupted, failures: number): UserError {
  const later = retryAfterMs === null ? 'later' : `in ${Math.ceil(retryAfterMs / 60_000)} minutes`
  const times = failures === 1 ? '' : ` (tried ${failures} times)`
  return gaveUp(`${host}: ${message}${times}`, later)
}

/** Milliseconds of a `Retry-After` header, which holds seconds or a date. */
export function retryAfter(header: string | null, now = Date.now()): number | null {
  if (header === null) return null
  // an HTTP date begins with the day's name; Date.parse would accept other texts, too
  const ms = /^\d{1,9}$/.test(header) ? Number(header) * 1000 : /^[A-Z]/i.test(header) ? Date.parse(header) - now : NaN
  return Number.isFinite(ms) ? Math.max(0, ms) : null
}
