/** The address of the Hub, and which addresses may be requested. */
import { UserError } from '../../contract/errors.ts'
import { quoted } from '../../contract/words.ts'

export type Env = Readonly<Record<string, string | undefined>>

const HUGGING_FACE = 'https://huggingface.co'
const LOOPBACK = /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])$/

const isLoopback = (url: URL): boolean => LOOPBACK.test(url.hostname)
/** Over http, every machine in between could read and change the response; requests to this machine pass no other one. */
const isSafe = (url: URL): boolean =>
  (url.protocol === 'https:' || (url.protocol === 'http:' && isLoopback(url))) && url.username === '' && url.password === ''

/** Address of the Hub without a trailing slash: `REELABEL_HUB`, or Hugging Face's. @throws UserError `bad-hub-address` */
export function hubAddress(env: Env): string {
  const given = env['REELABEL_HUB'] || HUGGING_FACE
  const url = URL.canParse(given) ? new URL(given) : null
  if (url === null || !isSafe(url) || url.search !== '' || url.hash !== '')
    throw new UserError(
      'bad-hub-address',
      `REELABEL_HUB is ${quoted(given)}, which is not the address of a Hub. Give an address such as ${HUGGING_FACE} (https, without user name; http only for this machine).`,
    )
  return url.href.replace(/\/+$/, '')
}

/** True if a redirect from the Hub may be followed: to https, or to http on this machine if the Hub itself uses http. */
export const mayFollow = (target: URL, hub: string): boolean =>
  isSafe(target) && (target.protocol === 'https:' || new URL(hub).protocol === 'http:')

/** The access token, which is sent to the Hub only; null for none. */
export const accessToken = (env: Env): string | null => env['HF_TOKEN']?.trim() || null

const YES = /^(?:1|on|yes|true)$/i
const OFFLINE = ['REELABEL_OFFLINE', 'HF_HUB_OFFLINE']
/** The environment variable that switches the network off; null for none. */
export const offlineVariable = (env: Env): string | null => OFFLINE.find((name) => YES.test(env[name] ?? '')) ?? null

const PART = '(?!\\.{1,2}(?:/|$))[A-Za-z0-9._-]{1,96}'
const REPO = new RegExp(`^${PART}(?:/${PART})?$`)
/** True for the form of a model's name: `owner/name` or `name`. */
export const isRepoId = (id: string): boolean => REPO.test(id)
