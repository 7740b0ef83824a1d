/** The process that holds trained models: started when it is asked first, ended when nobody has asked for a while. */
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
/** How long it stays without a question: its models take memory, and seconds to be loaded again. */
const IDLE_MS = 60_000

/** Asks the process that answers; starts it when it is needed. */
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
  /** @throws UserError what the process throws; `inference-died` where it ended; the signal's reason, the process ended, where it aborts */
  async ask<Q extends Question>(question: Q, signal?: AbortSignal): Promise<Answer<Q['t']>> {
    if (this.#closed) throw new UserError('closed', 'Reelabel is closing: nothing more is answered.')
    signal?.throwIfAborted()
    const id = this.#next++
    clearTimeout(this.#idle)
    // a native run hears no polite request
    const abort = (): void => this.#end(new UserError('cancelled', 'It was cancelled.'))
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
    this.#idle = setTimeout(() => this.#end(new UserError('closed', 'Nobody asked any more.')), this.#idleMs)
    this.#idle.unref()
  }
  /** Ends the process, and what waits for it. */
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
    this.#end(new UserError('closed', 'Reelabel is closing: nothing more is answered.'))
  }
}

const died = (code: number | null): UserError =>
  new UserError(
    'inference-died',
    `The process that holds the trained models ended before it answered (exit code ${code ?? 'none, killed'}): the memory may not do for the model. Ask again.`,
  )
