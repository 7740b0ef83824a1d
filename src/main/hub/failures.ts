/** What the status of an answer means, in words. */
import { UserError } from '../../contract/errors.ts'
import { Interrupted, retryAfter } from './retry.ts'

export interface Asked {
  readonly url: URL
  readonly hub: string
  readonly hasToken: boolean
}
type Meaning = readonly [code: string, text: (asked: Asked) => string]

const page = (asked: Asked): string => new URL(asked.hub).host

/** By what the Hub calls an error in `x-error-code`. */
const BY_NAME: Readonly<Record<string, Meaning>> = {
  GatedRepo: [
    'hub-gated',
    (a) =>
      a.hasToken
        ? 'The owner of this model wants to know who uses it, and your access token (HF_TOKEN) does not have their leave. Accept their conditions on its page, then try again.'
        : `The owner of this model wants to know who uses it: accept their conditions on its page at ${page(a)}, put an access token of your account into HF_TOKEN, then try again.`,
  ],
  RepoNotFound: [
    'hub-not-found',
    (a) =>
      `There is no such model at ${page(a)}, or it is not public. Check its name${a.hasToken ? '' : ', or give an access token in HF_TOKEN'}.`,
  ],
  RevisionNotFound: ['hub-not-found', (a) => `${page(a)} does not have this version of the model any more. Try again.`],
  EntryNotFound: [
    'hub-not-found',
    (a) => `${page(a)} does not have a file of the model that it listed. Try again later, or choose another model.`,
  ],
}
const BY_STATUS: Readonly<Record<number, Meaning>> = {
  // also what it says of models that are not there
  401: [
    'hub-refused',
    (a) =>
      a.hasToken
        ? `${page(a)} does not accept the access token in HF_TOKEN. Check it, or do without.`
        : `${page(a)} shows this model only to whom it knows, or there is no such model. Check its name, or give an access token in HF_TOKEN.`,
  ],
  403: ['hub-refused', (a) => `${page(a)} does not let us have this. Look at the model's page for its conditions.`],
  404: ['hub-not-found', (a) => `There is no such model at ${page(a)}. Check its name.`],
  407: ['hub-refused', () => 'The proxy on the way to the Hub wants a user name and password: put them into HTTPS_PROXY.'],
  451: ['hub-refused', (a) => `${page(a)} may not hand this model out for legal reasons. Choose another one.`],
}
/** Worth another try. */
const TRANSIENT: Readonly<Record<number, string>> = {
  408: 'it took too long',
  425: 'it is busy',
  429: 'it wants fewer requests',
  500: 'it has an error of its own',
  502: 'it is out of order at the moment',
  503: 'it is out of order at the moment',
  504: 'it took too long',
}

/** null for an answer that is one. A range that cannot be had (416) is left to who asked for it. */
export function failureOf(response: Response, asked: Asked): UserError | Interrupted | null {
  const { status } = response
  if (response.ok || status === 416) return null
  const transient = TRANSIENT[status]
  if (transient !== undefined) return new Interrupted(transient, retryAfter(response.headers.get('retry-after')))
  // addresses of files elsewhere are signed for a while: another try gets a new one
  if (asked.url.origin !== new URL(asked.hub).origin) return new Interrupted(`${asked.url.host}, which keeps its files, answers ${status}`)
  const [code, text] = BY_NAME[response.headers.get('x-error-code') ?? ''] ?? BY_STATUS[status] ?? UNKNOWN
  return new UserError(code, text(asked), { status })
}
const UNKNOWN: Meaning = ['hub-answer', (a) => `${page(a)} does not answer as a Hub does. Check its address, or try again later.`]
