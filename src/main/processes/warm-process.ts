/** A process that handles one request after another, and ends after a while without requests. */
import { fromReply, UserError } from '../../contract/errors.ts'
import type { ReplyKinds, ProcessMessages } from '../../contract/jobs.ts'
import type { SpawnProcess, WorkProcess } from './work-process.ts'

export type WarmKind = keyof ReplyKinds
type WithoutId<T> = T extends unknown ? Omit<T, 'id'> : never
export type RequestOf<K extends WarmKind> = WithoutId<ProcessMessages[K]['request']>
export type ReplyTo<K extends WarmKind, T extends keyof ReplyKinds[K]> = Extract<
  ProcessMessages[K]['reply'],
  { readonly t: ReplyKinds[K][T] }
>

/** How long an idle process is kept: what it has in memory takes seconds to load again. */
const IDLE_MS = 60_000

export interface AskOptions {
  /** Cancels the request; if it is being handled, the process is ended, because native code cannot be interrupted. */
  readonly signal?: AbortSignal | undefined
  /** Longest time of handling the request, without its time in the queue, and the error after which the process is ended. */
  readonly limit?: { readonly ms: number; readonly timeoutError: () => UserError }
  /** The error if the process ends; else that of the options of the process. */
  readonly died?: (code: number | null) => UserError
}
interface Pending {
  readonly request: object
  readonly id: number
  readonly options: AskOptions
  resolve(reply: unknown): void
  reject(error: Error): void
}

/** Sends requests to a process, which it starts if necessary. */
export class WarmProcess<K extends WarmKind> {
  readonly #kind: K
  readonly #spawn: SpawnProcess
  readonly #died: (code: number | null) => UserError
  readonly #idleMs: number
  readonly #waiting: Pending[] = []
  #current: Pending | null = null
  #process: WorkProcess<K> | null = null
  #timer: NodeJS.Timeout | undefined
  #next = 1
  #closed = false

  constructor(kind: K, spawn: SpawnProcess, died: (code: number | null) => UserError, idleMs = IDLE_MS) {
    this.#kind = kind
    this.#spawn = spawn
    this.#died = died
    this.#idleMs = idleMs
  }
  /** @throws UserError the error of the process; `cancelled`, or the signal's own; the errors of the options; `closed` */
  async ask<Q extends RequestOf<K> & { readonly t: keyof ReplyKinds[K] }>(
    request: Q,
    options: AskOptions = {},
  ): Promise<ReplyTo<K, Q['t']>> {
    if (this.#closed) throw closed()
    const { signal } = options
    signal?.throwIfAborted()
    const reply = Promise.withResolvers<unknown>()
    const pending: Pending = { request, id: this.#next++, options, ...reply }
    const abort = (): void => this.#drop(pending, signal?.reason instanceof UserError ? signal.reason : cancelled())
    signal?.addEventListener('abort', abort)
    this.#waiting.push(pending)
    this.#sendNext()
    try {
      return (await reply.promise) as ReplyTo<K, Q['t']>
    } finally {
      signal?.removeEventListener('abort', abort)
    }
  }
  #sendNext(): void {
    if (this.#current) return
    clearTimeout(this.#timer)
    const pending = this.#waiting.shift()
    if (!pending) {
      if (this.#process) this.#timer = setTimeout(() => this.#end(), this.#idleMs).unref()
      return
    }
    this.#current = pending
    const { limit } = pending.options
    if (limit) this.#timer = setTimeout(() => this.#drop(pending, limit.timeoutError()), limit.ms).unref()
    this.#running().post({ ...pending.request, id: pending.id } as ProcessMessages[K]['request'])
  }
  #running(): WorkProcess<K> {
    if (this.#process) return this.#process
    const process = this.#spawn(this.#kind)
    this.#process = process
    process.onMessage((reply) => this.#receive(reply))
    process.onExit((code) => {
      if (this.#process !== process) return
      this.#process = null
      this.#settle((pending) => pending.reject((pending.options.died ?? this.#died)(code)))
    })
    return process
  }
  #receive(reply: ProcessMessages[WarmKind]['reply']): void {
    if (reply.id !== this.#current?.id) return
    // what it has read may have left so much memory in use that the next request would have too little
    if ('full' in reply && reply.full) this.#end()
    this.#settle((pending) => (reply.t === 'failed' ? pending.reject(fromReply(reply.error)) : pending.resolve(reply)))
  }
  /** Rejects a request. If it is the one being handled, the process ends. */
  #drop(pending: Pending, error: UserError): void {
    if (pending === this.#current) {
      this.#end()
      return void this.#settle(() => pending.reject(error))
    }
    const at = this.#waiting.indexOf(pending)
    if (at >= 0) this.#waiting.splice(at, 1)
    pending.reject(error)
  }
  #settle(settle: (pending: Pending) => void): void {
    const pending = this.#current
    this.#current = null
    if (pending) settle(pending)
    this.#sendNext()
  }
  #end(): void {
    clearTimeout(this.#timer)
    const process = this.#process
    this.#process = null
    process?.kill()
  }
  close(): void {
    this.#closed = true
    for (const pending of this.#waiting.splice(0)) pending.reject(closed())
    this.#end()
    this.#settle((pending) => pending.reject(closed()))
  }
}

const cancelled = (): UserError => new UserError('cancelled', 'The request was cancelled.')
const closed = (): UserError => new UserError('closed', 'Reelabel is closing: no more requests are accepted.')
