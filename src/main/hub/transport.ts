/** Requests to the Hub: where they may go, what they carry, how long they may hang, and what their failures mean. */
import * as http from 'node:http'
import { UserError } from '../../contract/errors.ts'
import { accessToken, mayFollow, type Env } from './address.ts'
import { failureOf } from './failures.ts'
import { Interrupted, type Wait } from './retry.ts'
import { quoted } from '../../contract/words.ts'

const MOST_REDIRECTS = 5
/** Longest silence of the other side, in milliseconds. */
const SILENCE_MS = 30_000
const REDIRECTS = [301, 302, 303, 307, 308]

export interface TransportOptions {
  /** Address of the Hub, see `hubAddress`. */
  readonly hub: string
  readonly env: Env
  readonly silenceMs?: number
  readonly wait?: Wait
}

/** An answer whose body has not been read. */
export interface Answer {
  readonly response: Response
  /** Bytes of the body as they come. Throws Interrupted where they stop coming. */
  body(): AsyncGenerator<Uint8Array>
  /** Lets go of a body that is not wanted. */
  drop(): void
}

/** Requests to the Hub and where it redirects to: https, no more redirects than allowed, no silence. */
export class Transport {
  readonly hub: string
  readonly wait: Wait | undefined
  readonly #token: string | null
  readonly #silenceMs: number
  constructor({ hub, env, silenceMs = SILENCE_MS, wait }: TransportOptions) {
    this.hub = hub
    this.wait = wait
    this.#token = accessToken(env)
    this.#silenceMs = silenceMs
    useProxies(env)
  }
  get host(): string {
    return new URL(this.hub).host
  }
  get hasToken(): boolean {
    return this.#token !== null
  }
  /**
   * Gets an address of the Hub, following its redirects; the access token goes to the Hub alone. One try.
   * @throws Interrupted where another try may help; UserError where not
   */
  async get(address: string, headers: Readonly<Record<string, string>>, signal: AbortSignal | undefined): Promise<Answer> {
    let url = new URL(address)
    if (url.origin !== new URL(this.hub).origin) throw badAnswer(this.host, `it points to ${quoted(url.origin)}`)
    for (let redirects = 0; redirects <= MOST_REDIRECTS; redirects++) {
      const answer = await this.#ask(url, headers, signal)
      const { response } = answer
      const location = response.headers.get('location')
      if (!REDIRECTS.includes(response.status) || location === null) return this.#checked(url, answer)
      answer.drop()
      url = this.#target(location, url)
    }
    throw badAnswer(this.host, `it redirects more than ${MOST_REDIRECTS} times`)
  }
  #target(location: string, from: URL): URL {
    const target = URL.canParse(location, from.href) ? new URL(location, from) : null
    if (target !== null && mayFollow(target, this.hub)) return target
    throw new UserError(
      'unsafe-redirect',
      `${this.host} sends us to ${quoted(location)}, which is not asked: only https addresses are safe.`,
    )
  }
  #checked(url: URL, answer: Answer): Answer {
    const failure = failureOf(answer.response, { url, hub: this.hub, hasToken: this.hasToken })
    if (failure === null) return answer
    answer.drop()
    throw failure
  }
  async #ask(url: URL, headers: Readonly<Record<string, string>>, signal: AbortSignal | undefined): Promise<Answer> {
    const silence = new Silence(this.#silenceMs)
    const token = this.#token !== null && url.origin === new URL(this.hub).origin ? { authorization: `Bearer ${this.#token}` } : {}
    const request = {
      headers: { 'user-agent': 'reelabel', ...headers, ...token },
      redirect: 'manual',
      signal: signal ? AbortSignal.any([signal, silence.signal]) : silence.signal,
    } as const
    try {
      const response = await fetch(url, request)
      return { response, body: () => bodyOf(response, silence, signal), drop: () => silence.end(true) }
    } catch (error) {
      silence.end()
      throw interruption(error, signal)
    }
  }
}

/** Ends a request when nothing comes for a while. */
class Silence {
  readonly #abort = new AbortController()
  readonly #timer: NodeJS.Timeout
  constructor(ms: number) {
    this.#timer = setTimeout(() => this.#abort.abort(new Interrupted(`nothing came for ${Math.round(ms / 1000)} s`)), ms)
  }
  get signal(): AbortSignal {
    return this.#abort.signal
  }
  heard(): void {
    this.#timer.refresh()
  }
  end(abort = false): void {
    clearTimeout(this.#timer)
    if (abort) this.#abort.abort(new Interrupted('it was not wanted'))
  }
}

async function* bodyOf(response: Response, silence: Silence, signal: AbortSignal | undefined): AsyncGenerator<Uint8Array> {
  try {
    for await (const chunk of response.body ?? []) {
      silence.heard()
      yield chunk as Uint8Array
    }
  } catch (error) {
    throw interruption(error, signal)
  } finally {
    silence.end(true)
  }
}

/** What broke a request: whoever cancelled it, silence, or the network. */
function interruption(error: unknown, signal: AbortSignal | undefined): unknown {
  if (signal?.aborted === true) return signal.reason
  if (error instanceof Interrupted || error instanceof UserError) return error
  if (!(error instanceof Error)) return error
  // fetch says "fetch failed" or "terminated", and why in its cause
  const cause = error.cause instanceof Error ? error.cause : error
  const code = (cause as NodeJS.ErrnoException).code ?? ''
  if (/CERT|SIGNATURE|ISSUER/.test(code))
    return new UserError(
      'hub-untrusted',
      `The Hub cannot prove who it is (${code}): nothing was fetched. Check the clock and who is on the way, such as a proxy.`,
    )
  return new Interrupted(NETWORK[code] ?? `the connection broke (${code === '' ? cause.message : code})`)
}
const NETWORK: Readonly<Record<string, string>> = {
  ENOTFOUND: 'its address is not known; is there a network?',
  EAI_AGAIN: 'its address cannot be looked up; is there a network?',
  ECONNREFUSED: 'it does not answer',
  ENETUNREACH: 'there is no network',
  EHOSTUNREACH: 'it cannot be reached',
  ETIMEDOUT: 'it does not answer in time',
  UND_ERR_CONNECT_TIMEOUT: 'it does not answer in time',
}

/** An answer that no Hub would give. */
export const badAnswer = (host: string, why: string): UserError =>
  new UserError('hub-answer', `${host} does not answer as a Hub does: ${why}. Check its address, or try again later.`)

const PROXIES = ['http_proxy', 'https_proxy', 'HTTP_PROXY', 'HTTPS_PROXY'] as const
let proxied = false
/** Honours the proxies of the environment, as other programs do; never for addresses on this machine. */
function useProxies(env: Env): void {
  // newer than the oldest Node that a checkout runs with
  if (proxied || !('setGlobalProxyFromEnv' in http) || !PROXIES.some((name) => env[name])) return
  proxied = true
  const except = [env['no_proxy'] ?? env['NO_PROXY'] ?? '', 'localhost', '127.0.0.1', '[::1]'].filter((n) => n !== '').join(',')
  http.setGlobalProxyFromEnv({ ...env, no_proxy: except, NO_PROXY: except })
}
