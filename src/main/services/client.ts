/** One request to a service, and the errors of its responses. */
import { z } from 'zod'
import { UserError } from '../../contract/errors.ts'
import type { Kind, Service } from '../../contract/services.ts'
import { quoted } from '../../contract/words.ts'
import { isSafe } from '../network/address.ts'
import { exchange, interruptionOf, textOf } from '../network/exchange.ts'
import { Interrupted, persistently, type Wait } from '../network/retry.ts'
import type { Answered } from './tasks.ts'

const MAX_RESPONSE_BYTES = 4_000_000

/** @throws UserError `bad-service-address` */
export function serviceAddress(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : null
  if (url && isSafe(url) && url.search === '' && url.hash === '') return url
  throw new UserError(
    'bad-service-address',
    `${quoted(text)} is not the address of a service. Give one such as https://api.openai.com/v1 (https, without user name; http only for this machine, such as http://localhost:11434/v1).`,
  )
}
/** A place below the address of a service: `https://host/v1` + `chat/completions`. */
export const below = (url: string, path: string): URL => new URL(`${serviceAddress(url).href.replace(/\/+$/, '')}/${path}`)
export const completionsUrl = ({ url }: Pick<Service, 'url'>): URL => below(url, 'chat/completions')

/** A response that is not an answer to the question: the next movie may fare better. */
export class BadAnswer extends Error {
  constructor(why: string) {
    super(why)
    this.name = 'BadAnswer'
  }
}

const logprob = z.object({ token: z.string(), logprob: z.number() })
const COMPLETION = z.object({
  choices: z
    .array(
      z.object({
        finish_reason: z.string().nullish(),
        message: z.object({ content: z.string().nullish() }),
        // of another form: there are none that can be used
        logprobs: z
          .object({ content: z.array(logprob.extend({ top_logprobs: z.array(logprob).nullish() })).nullish() })
          .nullish()
          .catch(null),
      }),
    )
    .min(1),
  usage: z.object({ prompt_tokens: z.int().nonnegative(), completion_tokens: z.int().nonnegative() }).nullish(),
})

export interface Completion extends Answered {
  /** As the service counts them; null: it does not. */
  readonly used: { readonly tokensIn: number; readonly tokensOut: number } | null
}

export interface Client {
  readonly name: string
  readonly service: Service
  readonly key: string | null
  readonly wait?: Wait | undefined
  /** Called before every try. @throws UserError `offline` */
  readonly assertOnline: () => void
}

/** A request without the key of the service. */
export interface Request {
  readonly url: URL
  /** JSON that is posted; absent: the request is a GET. */
  readonly body?: string
}

/** How each kind of service takes its key. */
const KEYED: Readonly<Record<Kind, (url: URL, key: string) => { readonly url: URL; readonly bearer: boolean }>> = {
  openai: (url) => ({ url, bearer: true }),
  // TMDB has keys for the address, and longer tokens, which have dots, for the header
  tmdb: (url, key) => (key.includes('.') ? { url, bearer: true } : { url: withParameter(url, 'api_key', key), bearer: false }),
  omdb: (url, key) => ({ url: withParameter(url, 'apikey', key), bearer: false }),
}
function withParameter(url: URL, name: string, value: string): URL {
  const keyed = new URL(url)
  keyed.searchParams.set(name, value)
  return keyed
}

export const complete = (client: Client, body: string, signal: AbortSignal): Promise<Completion> =>
  send(client, { url: completionsUrl(client.service), body }, completionOf, signal)

/**
 * Sends a request, again after interruptions.
 * @param read the response, which is JSON. @throws BadAnswer
 * @throws BadAnswer if this request gets no answer; UserError `service-…` if others would not either; the signal's reason
 */
export function send<T>(client: Client, request: Request, read: (json: unknown) => T, signal: AbortSignal): Promise<T> {
  const { name, wait } = client
  const { host } = request.url
  const gaveUp = (why: string, later: string): UserError =>
    new UserError(
      'service-unreachable',
      `The service ${name} at ${why}. Check its address and the network, and try again ${later}. Answers so far are kept.`,
    )
  return persistently(async () => read(await sendOnce(client, request, signal)), { host, wait, signal, gaveUp })
}

async function sendOnce(client: Client, { url, body }: Request, signal: AbortSignal): Promise<unknown> {
  client.assertOnline()
  const { service, key } = client
  const keyed = key === null ? { url, bearer: false } : KEYED[service.kind](url, key)
  const headers = {
    accept: 'application/json',
    ...(body !== undefined && { 'content-type': 'application/json' }),
    ...(keyed.bearer && { authorization: `Bearer ${key}` }),
  }
  const posted = body === undefined ? {} : { method: 'POST' as const, body }
  const received = await exchange(keyed.url, { ...posted, headers, timeoutMs: 1000 * service.timeoutSeconds, signal })
  const { response } = received
  const interruption = interruptionOf(response)
  if (interruption) received.drop()
  if (interruption) throw interruption
  const text = await textOf(received, MAX_RESPONSE_BYTES, () => new BadAnswer('its response is too long'))
  // a database answers with this status that it has no such movie
  if (!response.ok && !(response.status === 404 && service.kind !== 'openai')) throw failureOf(response.status, text, client, url)
  try {
    return JSON.parse(text)
  } catch {
    // most often a proxy that cuts or replaces a response
    throw new Interrupted('its response is not JSON')
  }
}

/** @throws BadAnswer */
function completionOf(json: unknown): Completion {
  const parsed = COMPLETION.safeParse(json)
  if (!parsed.success) throw new BadAnswer('its response is not a chat completion')
  const { choices, usage } = parsed.data
  const [choice] = choices
  const content = choice?.message.content ?? ''
  if (choice?.finish_reason === 'length') throw new BadAnswer('its answer was cut off because it is too long')
  if (content === '') throw new BadAnswer('its answer is empty')
  const tokens = choice?.logprobs?.content?.map(({ token, top_logprobs }) => ({
    token,
    alternatives: (top_logprobs ?? []).map((other) => ({ token: other.token, logProbability: other.logprob })),
  }))
  const used = usage ? { tokensIn: usage.prompt_tokens, tokensOut: usage.completion_tokens } : null
  return { text: content, tokens: tokens ?? null, used }
}

/** The meaning of statuses that no retry overcomes. */
const MEANINGS: Readonly<Record<number, (client: Client) => string>> = {
  401: ({ key }) =>
    key === null
      ? 'it wants a key: set one with `reelabel services key`'
      : 'it does not accept the key: set another one with `reelabel services key`',
  402: () => 'it wants to be paid: check the account',
  403: () => 'the key has no permission for this: check the account',
  404: ({ service }) => `it has no model ${quoted(service.model)}, or its address is wrong: it usually ends in /v1`,
}
/** Statuses that are about one request: its text is too long, or refused. */
const ABOUT_THE_REQUEST = [400, 413, 422]

function failureOf(status: number, text: string, client: Client, url: URL): UserError | BadAnswer {
  const said = saidIn(text, client.key)
  if (ABOUT_THE_REQUEST.includes(status)) return new BadAnswer(`it refuses the request (status ${status})${said}`)
  const meaning = `${MEANINGS[status]?.(client) ?? `it responds with status ${status}`}${said}`
  return new UserError('service-refused', `The service ${client.name} at ${url.host} cannot be used: ${meaning}. Answers so far are kept.`)
}

/** Messages of errors of the interface of OpenAI, of OMDb and of TMDB. */
const SAID = z.union([
  z
    .object({ error: z.object({ message: z.string() }).or(z.string()) })
    .transform(({ error }) => (typeof error === 'string' ? error : error.message)),
  z.object({ Error: z.string() }).transform(({ Error }) => Error),
  z.object({ status_message: z.string() }).transform(({ status_message }) => status_message),
])

/** The service's own message, without the key, which some services repeat. */
function saidIn(text: string, key: string | null): string {
  try {
    const message = SAID.parse(JSON.parse(text))
    return `: ${quoted(key === null ? message : message.replaceAll(key, '…'))}`
  } catch {
    return ''
  }
}
