/** A process that answers one question after another, and ends when there has been none for a while. */
import { fromReply, UserError } from '../../contract/errors.ts'
import type { ReplyKinds, ProcessMessages } from '../../contract/jobs.ts'
import type { SpawnProcess, WorkProcess } from './work-process.ts'

export type WarmKind = keyof ReplyKinds
type WithoutId<T> = T extends unknown ? Omit<T, 'id'> : never
export type Question<K extends WarmKind> = WithoutId<ProcessMessages[K]['request']>
export type Answer<K extends WarmKind, T extends keyof ReplyKinds[K]> = Extract<
  ProcessMessages[K]['reply'],
  { readonly t: ReplyKinds[K][T] }
>

/** How long an idle process is kept: what it has in memory takes seconds to load again. */
const IDLE_MS = 60_000

export interface AskOptions {
  /** Cancels the question; if it is being answered, the process is ended, because native code cannot be interrupted. */
  readonly signal?: AbortSignal | undefined
  /** Longest time of the answer, without the time that the question waits for others, and the error after it: the process is then ended. */
  readonly limit?: { readonly ms: number; readonly late: () => UserError }
  /** The error if the process ends; else that of the options of the process. */
  readonly died?: (code: number | null) => UserError
}
interface Pending {
  readonly question: object
  readonly id: number
  readonly options: AskOptions
  resolve(reply: unknown): void
  reject(error: Error): void
}

/** Sends questions to a process, which it starts if necessary. */
export class WarmProcess<K extends WarmKind> {
  readonly #kind: K
  readonly #spawn: SpawnProcess
  readonly #died: (code: number | null) => UserError
  readonly #idleMs: number
  readonly #waiting: Pending[] = []
  #asked: Pending | null = null
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
  async ask<Q extends Question<K> & { readonly t: keyof ReplyKinds[K] }>(
    question: Q,
    options: AskOptions = {},
  ): Promise<Answer<K, Q['t']>> {
    if (this.#closed) throw closed()
    const { signal } = options
    signal?.throwIfAborted()
    const answer = Promise.withResolvers<unknown>()
    const pending: Pending = { question, id: this.#next++, options, ...answer }
    const abort = (): void => this.#drop(pending, signal?.reason instanceof UserError ? signal.reason : cancelled())
    signal?.addEventListener('abort', abort)
    this.#waiting.push(pending)
    this.#ask()
    try {
      return (await answer.promise) as Answer<K, Q['t']>
    } finally {
      signal?.removeEventListener('abort', abort)
    }
  }
  #ask(): void {
    if (this.#asked) return
    clearTimeout(this.#timer)
    const pending = this.#waiting.shift()
    if (!pending) {
      if (this.#process) this.#timer = setTimeout(() => this.#end(), this.#idleMs).unref()
      return
    }
    this.#asked = pending
    const { limit } = pending.options
    if (limit) this.#timer = setTimeout(() => this.#drop(pending, limit.late()), limit.ms).unref()
    this.#running().post({ ...pending.question, id: pending.id } as ProcessMessages[K]['request'])
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
    if (reply.id !== this.#asked?.id) return
    // what it has read may have left so much memory in use that the next question would find too little
    if ('full' in reply && reply.full) this.#end()
    this.#settle((pending) => (reply.t === 'failed' ? pending.reject(fromReply(reply.error)) : pending.resolve(reply)))
  }
  /** Rejects a question. If it is the one being answered, the process ends. */
  #drop(pending: Pending, error: UserError): void {
    if (pending === this.#asked) {
      this.#end()
      return void this.#settle(() => pending.reject(error))
    }
    const at = this.#waiting.indexOf(pending)
    if (at >= 0) this.#waiting.splice(at, 1)
    pending.reject(error)
  }
  #settle(settle: (pending: Pending) => void): void {
    const pending = this.#asked
    this.#asked = null
    if (pending) settle(pending)
    this.#ask()
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
