/** A thread that is fed with the movies of an import as they are written, may ask questions, and answers once. */
import type { Worker } from 'node:worker_threads'
import type { ErrorReply } from '../../../contract/errors.ts'
import type { MovieBatch } from './columns.ts'
import { fromReply, startThread, type ThreadEntry } from './threads.ts'

/** Batches on their way at most. */
const MOST_WAITING = 16

/** To the thread; `A` are answers to what it asks. */
export type ToFed<A = never> = { readonly t: 'movies'; readonly batch: MovieBatch } | { readonly t: 'end' } | A
/** From the thread; `Q` is what it asks or tells beside its result. */
export type FromFed<R, Q = never> =
  { readonly t: 'taken' } | { readonly t: 'made'; readonly result: R } | { readonly t: 'error'; readonly error: ErrorReply } | Q

export class FedThread<R, Q extends { readonly t: string } = never, A = never> {
  readonly #worker: Worker
  readonly #answer: (message: Q) => void
  readonly #made = Promise.withResolvers<R>()
  #waiting = 0
  #failed = false
  #wake = (): void => undefined

  constructor(entry: ThreadEntry, workerData: unknown, answer: (message: Q) => void = () => undefined) {
    this.#answer = answer
    this.#worker = startThread(entry, workerData)
    this.#worker.on('message', (m: FromFed<R, Q>) => this.#receive(m))
    this.#worker.on('error', (error) => this.fail(error))
    this.#worker.on('exit', (code) => this.fail(new Error(`the thread ${entry} ended with exit code ${code}`)))
    // it may fail before anybody waits for it
    this.#made.promise.catch(() => undefined)
  }
  get failed(): boolean {
    return this.#failed
  }
  /** Settles when another batch may be sent; a thread that has failed takes anything. */
  async whenReady(): Promise<void> {
    while (this.#waiting >= MOST_WAITING && !this.#failed) await new Promise<void>((resolve) => (this.#wake = resolve))
  }
  feed(batch: MovieBatch): void {
    this.#waiting++
    this.post({ t: 'movies', batch })
  }
  /** There are no more movies. */
  end(): void {
    this.post({ t: 'end' })
  }
  post(m: ToFed<A>): void {
    this.#worker.postMessage(m)
  }
  /** Throws what the thread threw. */
  made(): Promise<R> {
    return this.#made.promise
  }
  fail(error: unknown): void {
    this.#failed = true
    this.#made.reject(error)
    this.#wake()
  }
  async close(): Promise<void> {
    await this.#worker.terminate()
  }
  #receive(m: FromFed<R, Q>): void {
    if (m.t === 'taken') {
      this.#waiting--
      this.#wake()
    } else if (m.t === 'made') this.#made.resolve((m as { result: R }).result)
    else if (m.t === 'error') this.fail(fromReply((m as { error: ErrorReply }).error))
    else this.#ask(m as Q)
  }
  #ask(m: Q): void {
    try {
      this.#answer(m)
    } catch (error) {
      this.fail(error)
    }
  }
}
