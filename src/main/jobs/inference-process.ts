/** The process that holds trained models. It starts with the first request and ends when there has been none for a while. */
import type { InferenceReply, InferenceRequest } from '../../contract/jobs.ts'
import { fromReply, UserError } from '../../contract/errors.ts'
import type { SpawnProcess, WorkProcess } from '../processes/work-process.ts'

type WithoutId<T> = T extends unknown ? Omit<T, 'id'> : never
export type Question = WithoutId<InferenceRequest>
type AnswerTo = { readonly devices: 'devices'; readonly predict: 'predicted'; readonly explain: 'explained'; readonly export: 'exported' }
type Answer<T extends keyof AnswerTo> = Extract<InferenceReply, { readonly t: AnswerTo[T] }>

interface Waiting {
  resolve(reply: InferenceReply): void
  reject(error: Error): void
}
/** How long an idle process is kept: its models take memory, but loading them again takes seconds. */
const IDLE_MS = 60_000

/** Sends requests to the inference process, which it starts if necessary. */
export class InferenceProcess {
  readonly #spawn: SpawnProcess
  readonly #idleMs: number
  readonly #waiting = new Map<number, Waiting>()
  #process: WorkProcess<'inference'> | null = null
  #idle: NodeJS.Timeout | undefined
  #next = 1
  #closed = false

  constructor(spawn: SpawnProcess, idleMs = IDLE_MS) {
    this.#spawn = spawn
    this.#idleMs = idleMs
  }
  /** @throws UserError the error of the process; `inference-died` if it ended; `cancelled` if the signal aborts, which ends the process */
  async ask<Q extends Question>(question: Q, signal?: AbortSignal): Promise<Answer<Q['t']>> {
    if (this.#closed) throw new UserError('closed', 'Reelabel is closing: no more requests are accepted.')
    signal?.throwIfAborted()
    const id = this.#next++
    clearTimeout(this.#idle)
    // native code cannot be interrupted, so the process is killed
    const abort = (): void => this.#end(new UserError('cancelled', 'The request was cancelled.'))
    signal?.addEventListener('abort', abort)
    try {
      return (await new Promise<InferenceReply>((resolve, reject) => {
        this.#waiting.set(id, { resolve, reject })
        this.#running().post({ ...question, id })
      })) as Answer<Q['t']>
    } finally {
      signal?.removeEventListener('abort', abort)
      if (this.#waiting.size === 0) this.#rest()
    }
  }
  #running(): WorkProcess<'inference'> {
    if (this.#process) return this.#process
    const process = this.#spawn('inference')
    this.#process = process
    process.onMessage((reply) => this.#receive(reply))
    process.onExit((code) => {
      if (this.#process === process) this.#end(died(code))
    })
    return process
  }
  #receive(reply: InferenceReply): void {
    const waiting = this.#waiting.get(reply.id)
    this.#waiting.delete(reply.id)
    if (reply.t !== 'failed') return waiting?.resolve(reply)
    waiting?.reject(fromReply(reply.error))
  }
  #rest(): void {
    clearTimeout(this.#idle)
    this.#idle = setTimeout(() => this.#end(new UserError('closed', 'The inference process was idle.')), this.#idleMs)
    this.#idle.unref()
  }
  /** Ends the process and rejects every pending request. */
  #end(error: Error): void {
    clearTimeout(this.#idle)
    const process = this.#process
    this.#process = null
    process?.kill()
    for (const each of this.#waiting.values()) each.reject(error)
    this.#waiting.clear()
  }
  close(): void {
    this.#closed = true
    this.#end(new UserError('closed', 'Reelabel is closing: no more requests are accepted.'))
  }
}

const died = (code: number | null): UserError =>
  new UserError(
    'inference-died',
    `The inference process ${code === null ? 'was killed' : `stopped with exit code ${code}`} before it returned a result. The model may need more memory than is free. Try again.`,
  )
