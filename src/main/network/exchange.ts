/** One request over https, or over http on this machine: timeouts, proxies, and errors of the network. */
import * as http from 'node:http'
import { UserError } from '../../contract/errors.ts'
import type { Env } from './address.ts'
import { Interrupted, retryAfter } from './retry.ts'

export const REDIRECTS = [301, 302, 303, 307, 308]

/** A response whose body has not been read. */
export interface Received {
  readonly response: Response
  /** Bytes of the body as they arrive. @throws Interrupted if they stop arriving */
  body(): AsyncGenerator<Uint8Array>
  /** Closes a response whose body is not needed. */
  drop(): void
}

export interface Exchange {
  /** By default GET. */
  readonly method?: 'POST'
  readonly headers: Readonly<Record<string, string>>
  readonly body?: string
  /** The request ends if no data arrive for that long. */
  readonly timeoutMs: number
  readonly signal: AbortSignal | undefined
}
/** Sends one request and returns the response, whatever its status. Redirects are not followed. @throws Interrupted if a retry may help, else UserError */
export async function exchange(url: URL, { timeoutMs, signal, headers, ...request }: Exchange): Promise<Received> {
  const timeout = new Timeout(timeoutMs)
  try {
    const response = await fetch(url, {
      ...request,
      headers: { 'user-agent': 'reelabel', ...headers },
      redirect: 'manual',
      signal: signal ? AbortSignal.any([signal, timeout.signal]) : timeout.signal,
    })
    return { response, body: () => bodyOf(response, timeout, signal), drop: () => timeout.end(true) }
  } catch (error) {
    timeout.end()
    throw interruption(error, signal)
  }
}

/** The whole body of a response as text. @throws the error of `tooLong` if it has more than `maxBytes`, and what `body` throws */
export async function textOf(received: Received, maxBytes: number, tooLong: () => Error): Promise<string> {
  const chunks: Uint8Array[] = []
  let bytes = 0
  for await (const chunk of received.body()) {
    bytes += chunk.byteLength
    if (bytes > maxBytes) throw tooLong()
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString('utf8')
}

/** Ends a request if no data arrive for a while. */
class Timeout {
  readonly #abort = new AbortController()
  readonly #timer: NodeJS.Timeout
  constructor(ms: number) {
    this.#timer = setTimeout(() => this.#abort.abort(new Interrupted(`no data arrived for ${Math.round(ms / 1000)} s`)), ms)
  }
  get signal(): AbortSignal {
    return this.#abort.signal
  }
  restart(): void {
    this.#timer.refresh()
  }
  end(abort = false): void {
    clearTimeout(this.#timer)
    if (abort) this.#abort.abort(new Interrupted('it was not needed'))
  }
}

async function* bodyOf(response: Response, timeout: Timeout, signal: AbortSignal | undefined): AsyncGenerator<Uint8Array> {
  try {
    for await (const chunk of response.body ?? []) {
      timeout.restart()
      yield chunk as Uint8Array
    }
  } catch (error) {
    throw interruption(error, signal)
  } finally {
    timeout.end(true)
  }
}

/** The reason why a request failed: cancelled, timed out, or a network error. */
function interruption(error: unknown, signal: AbortSignal | undefined): unknown {
  if (signal?.aborted === true) return signal.reason
  if (error instanceof Interrupted || error instanceof UserError) return error
  if (!(error instanceof Error)) return error
  // fetch throws "fetch failed" or "terminated"; the reason is in its cause
  const cause = error.cause instanceof Error ? error.cause : error
  const code = (cause as NodeJS.ErrnoException).code ?? ''
  if (/CERT|SIGNATURE|ISSUER/.test(code))
    return new UserError(
      'untrusted-server',
      `The server's certificate cannot be verified (${code}): nothing was sent to it. Check the clock, and proxies between this machine and the server.`,
    )
  return new Interrupted(NETWORK[code] ?? `the connection broke (${code === '' ? cause.message : code})`)
}
const NETWORK: Readonly<Record<string, string>> = {
  ENOTFOUND: 'its address is unknown; is there a network?',
  EAI_AGAIN: 'its address cannot be looked up; is there a network?',
  ECONNREFUSED: 'it refuses connections',
  ENETUNREACH: 'there is no network',
  EHOSTUNREACH: 'it cannot be reached',
  ETIMEDOUT: 'it does not respond in time',
  UND_ERR_CONNECT_TIMEOUT: 'it does not respond in time',
}

const PROXIES = ['http_proxy', 'https_proxy', 'HTTP_PROXY', 'HTTPS_PROXY'] as const
let proxied = false
/** Uses the proxies of the environment, except for addresses of this machine. */
export function useProxies(env: Env): void {
  // missing in Node 20
  if (proxied || !('setGlobalProxyFromEnv' in http) || !PROXIES.some((name) => env[name])) return
  proxied = true
  const except = [env['no_proxy'] ?? env['NO_PROXY'] ?? '', 'localhost', '127.0.0.1', '[::1]'].filter((n) => n !== '').join(',')
  http.setGlobalProxyFromEnv({ ...env, no_proxy: except, NO_PROXY: except })
}

/** Statuses after which a request is retried. */
const TRANSIENT: Readonly<Record<number, string>> = {
  408: 'it took too long',
  425: 'it is busy',
  429: 'it received too many requests',
  500: 'it has an internal error',
  502: 'it is unavailable at the moment',
  503: 'it is unavailable at the moment',
  504: 'it took too long',
}
/** Why a response with this status is asked for again; null: another try would get the same. */
export function interruptionOf({ status, headers }: Response): Interrupted | null {
  const why = TRANSIENT[status]
  return why === undefined ? null : new Interrupted(why, retryAfter(headers.get('retry-after')))
}
