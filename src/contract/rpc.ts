/** Calls and events over any channel. */
import { isMethod, type Api, type ArgsIn, type Method, type Result } from './api.ts'
import type { EventName, Events } from './events.ts'
import { toReply, UserError, type ErrorReply } from './errors.ts'

/** The interface of a channel: MessagePort, WebSocket and process IPC all provide it. */
export interface Port {
  post(message: unknown): void
  onMessage(listener: (message: unknown) => void): void
}
export type Request = { readonly t: 'req'; readonly id: number; readonly method: Method; readonly args: unknown }
export type Reply =
  | { readonly t: 'res'; readonly id: number; readonly ok: true; readonly value: unknown }
  | { readonly t: 'res'; readonly id: number; readonly ok: false; readonly error: ErrorReply }
export type EventMessage = { readonly t: 'evt'; readonly event: EventName; readonly payload: unknown }

const isObject = (v: unknown): v is Record<string, unknown> => typeof v === 'object' && v !== null

/** A well-formed call, with `known` null if there is no such method; null for anything else. */
export function asRequest(v: unknown): { id: number; method: string; args: unknown; known: Method | null } | null {
  if (!isObject(v) || v['t'] !== 'req' || !Number.isSafeInteger(v['id']) || typeof v['method'] !== 'string') return null
  return { id: v['id'] as number, method: v['method'], args: v['args'], known: isMethod(v['method']) ? v['method'] : null }
}

/** Limits for one call's arguments: values (members and elements) and nesting levels. Both are far more than any call needs. */
export const MAX_VALUES = 50_000
export const MAX_LEVELS = 40
/** Limit for unanswered calls on one port. */
export const MAX_WAITING = 1000

export const TOO_LARGE = new UserError('bad-arguments', 'The arguments hold more values than any call needs: split the call.')
const PROTOTYPE = new UserError('bad-arguments', 'The arguments have a member __proto__, which no call needs: leave it out.')

/**
 * Why arguments are refused before their schema reads them; null if they are not. Schemas drop a member `__proto__` of a record without an
 * error. Stops at the limits, because arguments may be circular.
 */
export function refusalOf(args: unknown): UserError | null {
  let level: unknown[] = [args]
  let values = 1
  for (let depth = 0; level.length > 0; depth++) {
    if (depth > MAX_LEVELS) return TOO_LARGE
    const below: unknown[] = []
    for (const v of level) {
      if (!isObject(v) || ArrayBuffer.isView(v)) continue
      if (Object.hasOwn(v, '__proto__')) return PROTOTYPE
      const inside = Array.isArray(v) ? v : Object.values(v)
      values += inside.length
      if (values > MAX_VALUES) return TOO_LARGE
      for (const x of inside) if (isObject(x)) below.push(x)
    }
    level = below
  }
  return null
}

/** The reply to a call that is refused. */
export const refused = (id: number, error: UserError): Reply => ({ t: 'res', id, ok: false, error: toReply(error) })

/** The calling end of a channel. Errors arrive as {@link UserError} with the engine's code. */
export class RpcClient implements Api {
  readonly #port: Port
  readonly #waiting = new Map<number, { resolve(v: unknown): void; reject(e: Error): void }>()
  readonly #listeners = new Map<EventName, Set<(payload: never) => void>>()
  #next = 1
  #failed: Error | undefined

  constructor(port: Port) {
    this.#port = port
    port.onMessage((m) => this.#receive(m as Reply | EventMessage))
  }
  #receive(m: Reply | EventMessage): void {
    if (m.t === 'evt') {
      for (const l of this.#listeners.get(m.event) ?? []) l(m.payload as never)
      return
    }
    const w = this.#waiting.get(m.id)
    this.#waiting.delete(m.id)
    if (m.ok) w?.resolve(m.value)
    else w?.reject(new UserError(m.error.code, m.error.message, m.error.details))
  }
  call<M extends Method>(method: M, args: ArgsIn<M>): Promise<Result<M>> {
    if (this.#failed) return Promise.reject(this.#failed)
    const id = this.#next++
    return new Promise<Result<M>>((resolve, reject) => {
      this.#waiting.set(id, { resolve: resolve, reject })
      this.#port.post({ t: 'req', id, method, args } satisfies Request)
    })
  }
  on<E extends EventName>(event: E, listener: (payload: Events[E]) => void): () => void {
    const set = this.#listeners.get(event) ?? new Set()
    this.#listeners.set(event, set)
    set.add(listener)
    return () => set.delete(listener)
  }
  /** Rejects every waiting and later call, because the other side is gone. */
  fail(error: Error): void {
    this.#failed = error
    for (const w of this.#waiting.values()) w.reject(error)
    this.#waiting.clear()
  }
}
