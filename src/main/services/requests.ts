/** Runs many requests to one service: so many in a minute, so many at a time, and none while the service asks to wait. */
import PQueue from 'p-queue'
import type { Service } from '../../contract/services.ts'
import { wait as sleep, type Wait } from '../network/retry.ts'
import { BadAnswer } from './client.ts'

/** Movies in a row without an answer after which the service is taken for unusable. */
const MAX_FAILURES_IN_A_ROW = 10
/** Items that wait in the queue. */
const AHEAD = 100

export interface Run<T> {
  readonly items: Iterable<T>
  readonly service: Pick<Service, 'perMinute' | 'parallel'>
  /** Requests about each item, which follow each other. */
  readonly requestsEach?: number
  readonly signal: AbortSignal
  /** Asks about one item. `wait` must be used for its pauses. @throws BadAnswer if this item gets no answer, else an error that ends the run */
  readonly ask: (item: T, wait: Wait) => Promise<void>
  readonly failed: (item: T, why: string) => void
  /** The error after too many failures in a row. */
  readonly unusable: (why: string) => Error
  /** Replaced in tests. */
  readonly wait?: Wait | undefined
}

/**
 * Asks about all items. After an error that ends the run, requests that were sent already may still end, because they are paid for; after a
 * cancel they are ended at once.
 * @throws the error that ended it; the signal's reason
 */
export async function askAll<T>({ items, service, requestsEach = 1, signal, ask, failed, unusable, wait = sleep }: Run<T>): Promise<void> {
  const queue = new PQueue({
    concurrency: service.parallel,
    intervalCap: 1,
    interval: Math.ceil((60_000 * requestsEach) / service.perMinute),
  })
  let [pauses, inARow] = [0, 0]
  let end: { readonly error: unknown } | null = null
  const pausing: Wait = async (ms, waitSignal) => {
    pauses++
    queue.pause()
    try {
      await wait(ms, waitSignal)
    } finally {
      if (--pauses === 0) queue.start()
    }
  }
  const work = async (item: T): Promise<void> => {
    try {
      await ask(item, pausing)
      inARow = 0
    } catch (error) {
      if (!(error instanceof BadAnswer)) {
        end ??= { error }
        queue.clear()
        return
      }
      failed(item, error.message)
      if (++inARow >= MAX_FAILURES_IN_A_ROW) {
        end ??= { error: unusable(error.message) }
        queue.clear()
      }
    }
  }
  const isEnded = (): boolean => end !== null || signal.aborted
  const cancel = (): void => queue.clear()
  signal.addEventListener('abort', cancel)
  try {
    for (const item of items) {
      await queue.onSizeLessThan(AHEAD)
      if (isEnded()) break
      void queue.add(() => (isEnded() ? undefined : work(item)))
    }
    await queue.onIdle()
  } finally {
    signal.removeEventListener('abort', cancel)
  }
  signal.throwIfAborted()
  if (end !== null) throw (end as { readonly error: unknown }).error
}
