/** The reading side of an import: in a thread of its own beside the one that writes, or in turns with it where files are small. */
import type { ErrorReply } from '../../../contract/errors.ts'
import type { ReadPlan } from '../../data/import/read.ts'
import { recordBatches, type RecordBatch } from './batches.ts'
import { fromReply, startThread } from './threads.ts'

/** Batches that wait for the writer at most. */
const MOST_WAITING = 8

/** What the thread sends; it reads on when it hears back. */
export type FromReader =
  { readonly t: 'batch'; readonly batch: RecordBatch } | { readonly t: 'end' } | { readonly t: 'error'; readonly error: ErrorReply }
export interface ReaderInput {
  readonly plan: ReadPlan
  readonly mostWaiting: number
}

/** Batches on their way: the writer takes what is there, and may do other work while nothing is. */
export interface Reading {
  /** The next batch; null where it has not come yet. Throws what reading threw. */
  take(): RecordBatch | null
  /** Nothing comes any more, and everything was taken. */
  readonly ended: boolean
  /** Settles when there is something to take, or nothing any more. */
  arrival(): Promise<void>
  close(): Promise<void>
}

class Arrivals {
  readonly #batches: RecordBatch[] = []
  #over = false
  #failure: Error | null = null
  #wake = (): void => undefined
  readonly #taken: () => void

  constructor(taken: () => void) {
    this.#taken = taken
  }
  push(batch: RecordBatch): void {
    this.#batches.push(batch)
    this.#wake()
  }
  end(failure: Error | null): void {
    this.#over = true
    this.#failure ??= failure
    this.#wake()
  }
  take(): RecordBatch | null {
    const batch = this.#batches.shift() ?? null
    if (batch) this.#taken()
    else if (this.#failure) throw this.#failure
    return batch
  }
  get waiting(): number {
    return this.#batches.length
  }
  get ended(): boolean {
    return this.#over && this.#failure === null && this.#batches.length === 0
  }
  async arrival(): Promise<void> {
    if (this.#batches.length === 0 && !this.#over) await new Promise<void>((resolve) => (this.#wake = resolve))
  }
}

export function startReading(plan: ReadPlan, threaded: boolean): Reading {
  return threaded ? readInThread(plan) : readHere(plan)
}

/** In this thread. */
export function readHere(plan: ReadPlan): Reading {
  let wake = (): void => undefined
  let closed = false
  const arrivals = new Arrivals(() => wake())
  const read = async (): Promise<void> => {
    for await (const batch of recordBatches(plan)) {
      arrivals.push(batch)
      while (arrivals.waiting >= MOST_WAITING && !closed) await new Promise<void>((resolve) => (wake = resolve))
      if (closed) return
    }
  }
  const done = read().then(
    () => arrivals.end(null),
    (error: unknown) => arrivals.end(asError(error)),
  )
  return asReading(arrivals, async () => {
    closed = true
    wake()
    await done
  })
}

/** In a thread of its own. */
export function readInThread(plan: ReadPlan): Reading {
  const workerData: ReaderInput = { plan, mostWaiting: MOST_WAITING }
  const worker = startThread('read-worker', workerData)
  const arrivals = new Arrivals(() => worker.postMessage('taken'))
  worker.on('message', (m: FromReader) => {
    if (m.t === 'batch') arrivals.push(m.batch)
    else arrivals.end(m.t === 'end' ? null : fromReply(m.error))
  })
  worker.on('error', (error) => arrivals.end(asError(error)))
  worker.on('exit', (code) => arrivals.end(code === 0 ? null : new Error(`the reading thread ended with exit code ${code}`)))
  return asReading(arrivals, async () => void (await worker.terminate()))
}

function asReading(arrivals: Arrivals, close: () => Promise<void>): Reading {
  return {
    take: () => arrivals.take(),
    get ended() {
      return arrivals.ended
    },
    arrival: () => arrivals.arrival(),
    close,
  }
}

const asError = (error: unknown): Error => (error instanceof Error ? error : new Error(String(error)))
