/** Requests to the Hub: allowed addresses, access token, timeouts, and errors for failed responses. */
import { UserError } from '../../contract/errors.ts'
import { quoted } from '../../contract/words.ts'
import type { Env } from '../network/address.ts'
import { exchange, interruptionOf, REDIRECTS, useProxies, type Received } from '../network/exchange.ts'
import { Interrupted, type Tries, type Wait } from '../network/retry.ts'
import { accessToken, mayFollow } from './address.ts'

const MAX_REDIRECTS = 5
/** A request ends if no data arrive for that long. */
const TIMEOUT_MS = 30_000

export interface TransportOptions {
  /** Address of the Hub, see `hubAddress`. */
  readonly hub: string
  readonly env: Env
  readonly timeoutMs?: number
  readonly wait?: Wait
}

/** GET requests to the Hub and to the addresses it redirects to. */
export class Transport {
  readonly hub: string
  readonly wait: Wait | undefined
  readonly #token: string | null
  readonly #timeoutMs: number
  constructor({ hub, env, timeoutMs = TIMEOUT_MS, wait }: TransportOptions) {
    this.hub = hub
    this.wait = wait
    this.#token = accessToken(env)
    this.#timeoutMs = timeoutMs
    useProxies(env)
  }
  get tries(): Tries {
    const { host, wait } = this
    const gaveUp: Tries['gaveUp'] = (why, later) =>
      new UserError('hub-unreachable', `${why}. Check the network and try again ${later}. Downloaded files are kept.`)
    return { host, wait, gaveUp }
  }
  get host(): string {
    return new URL(this.hub).host
  }
  get hasToken(): boolean {
    return this.#token !== null
  }
  /**
   * Requests an address of the Hub once and follows redirects. The access token is sent to the Hub only.
   * @throws Interrupted if a retry may help, else UserError
   */
  async get(address: string, headers: Readonly<Record<string, string>>, signal: AbortSignal | undefined): Promise<Received> {
    let url = new URL(address)
    if (url.origin !== new URL(this.hub).origin) throw badResponse(this.host, `it points to ${quoted(url.origin)}`)
    for (let redirects = 0; redirects <= MAX_REDIRECTS; redirects++) {
      const received = await this.#ask(url, headers, signal)
      const { response } = received
      const location = response.headers.get('location')
      if (!REDIRECTS.includes(response.status) || location === null) return this.#checked(url, received)
      received.drop()
      url = this.#target(location, url)
    }
    throw badResponse(this.host, `it redirects more than ${MAX_REDIRECTS} times`)
  }
  #target(location: string, from: URL): URL {
    const target = URL.canParse(location, from.href) ? new URL(location, from) : null
    if (target !== null && mayFollow(target, this.hub)) return target
    throw new UserError(
      'unsafe-redirect',
      `${this.host} redirects to ${quoted(location)}, which is not followed: only https addresses are safe.`,
    )
  }
  #checked(url: URL, received: Received): Received {
    const failure = failureOf(received.response, { url, hub: this.hub, hasToken: this.hasToken })
    if (failure === null) return received
    received.drop()
    throw failure
  }
  #ask(url: URL, headers: Readonly<Record<string, string>>, signal: AbortSignal | undefined): Promise<Received> {
    const token = this.#token !== null && url.origin === new URL(this.hub).origin ? { authorization: `Bearer ${this.#token}` } : {}
    return exchange(url, { headers: { ...headers, ...token }, timeoutMs: this.#timeoutMs, signal })
  }
}

/** The error for a response that does not follow the Hub's interface. */
export const badResponse = (host: string, why: string): UserError =>
  new UserError('hub-response', `${host} does not respond as a Hub does: ${why}. Check its address, or try again later.`)

// errors by the status of a response

interface Asked {
  readonly url: URL
  readonly hub: string
  readonly hasToken: boolean
}
type Meaning = readonly [code: string, text: (asked: Asked) => string]

const page = (asked: Asked): string => new URL(asked.hub).host

/** By the Hub's `x-error-code`. */
const BY_NAME: Readonly<Record<string, Meaning>> = {
  GatedRepo: [
    'hub-gated',
    (a) =>
      a.hasToken
        ? 'The owner of this model wants to know who uses it, and your access token (HF_TOKEN) has no permission. Accept the conditions on its page, then try again.'
        : `The owner of this model wants to know who uses it: accept the conditions on its page at ${page(a)}, set HF_TOKEN to an access token of your account, then try again.`,
  ],
  RepoNotFound: [
    'hub-not-found',
    (a) =>
      `There is no such model at ${page(a)}, or it is not public. Check its name${a.hasToken ? '' : ', or give an access token in HF_TOKEN'}.`,
  ],
  RevisionNotFound: ['hub-not-found', (a) => `${page(a)} no longer has this version of the model. Try again.`],
  EntryNotFound: [
    'hub-not-found',
    (a) => `${page(a)} does not have a file of the model that it listed. Try again later, or choose another model.`,
  ],
}
const BY_STATUS: Readonly<Record<number, Meaning>> = {
  // the Hub also responds 401 for models that do not exist
  401: [
    'hub-refused',
    (a) =>
      a.hasToken
        ? `${page(a)} does not accept the access token in HF_TOKEN. Check it, or unset it.`
        : `${page(a)} shows this model only to users it knows, or there is no such model. Check its name, or give an access token in HF_TOKEN.`,
  ],
  403: ['hub-refused', (a) => `${page(a)} does not permit this download. See the model's page for its conditions.`],
  404: ['hub-not-found', (a) => `There is no such model at ${page(a)}. Check its name.`],
  407: ['hub-refused', () => 'The proxy between this machine and the Hub requires a user name and password: put them into HTTPS_PROXY.'],
  451: ['hub-refused', (a) => `${page(a)} may not provide this model for legal reasons. Choose another one.`],
}
/** Returns null for a successful response, and for 416 (range not satisfiable), which the caller handles. */
function failureOf(response: Response, asked: Asked): UserError | Interrupted | null {
  const { status } = response
  if (response.ok || status === 416) return null
  const interruption = interruptionOf(response)
  if (interruption) return interruption
  // addresses of files on other servers are signed for a limited time: a retry gets a new one
  if (asked.url.origin !== new URL(asked.hub).origin)
    return new Interrupted(`${asked.url.host}, which stores its files, responds with status ${status}`)
  const [code, text] = BY_NAME[response.headers.get('x-error-code') ?? ''] ?? BY_STATUS[status] ?? UNKNOWN
  return new UserError(code, text(asked), { status })
}
const UNKNOWN: Meaning = ['hub-response', (a) => `${page(a)} does not respond as a Hub does. Check its address, or try again later.`]
