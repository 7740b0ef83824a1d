/** Where the Hub is, and which addresses may be asked at all. */
import { UserError } from '../../contract/errors.ts'
import { quoted } from '../../contract/words.ts'

export type Env = Readonly<Record<string, string | undefined>>

const HUGGING_FACE = 'https://huggingface.co'
const LOOPBACK = /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])$/

const isLoopback = (url: URL): boolean => LOOPBACK.test(url.hostname)
/** http would show and let everybody on the way change what is fetched; on this machine nobody is on the way. */
const isSafe = (url: URL): boolean =>
  (url.protocol === 'https:' || (url.protocol === 'http:' && isLoopback(url))) && url.username === '' && url.password === ''

/** Address of the Hub, without a slash at its end: that of Hugging Face, or `REELABEL_HUB`. @throws UserError `bad-hub-address` */
export function hubAddress(env: Env): string {
  const given = env['REELABEL_HUB'] || HUGGING_FACE
  const url = URL.canParse(given) ? new URL(given) : null
  if (url === null || !isSafe(url) || url.search !== '' || url.hash !== '')
    throw new UserError(
      'bad-hub-address',
      `REELABEL_HUB is ${quoted(given)}, which is no address of a Hub: give one such as ${HUGGING_FACE} (https, without user name; http only on this machine).`,
    )
  return url.href.replace(/\/+$/, '')
}

/** Whether a redirect from the Hub may be followed: https, or http on this machine where the Hub itself is there. */
export const mayFollow = (target: URL, hub: string): boolean =>
  isSafe(target) && (target.protocol === 'https:' || new URL(hub).protocol === 'http:')

/** The access token that is shown to the Hub alone; null for none. */
export const accessToken = (env: Env): string | null => env['HF_TOKEN']?.trim() || null

const YES = /^(?:1|on|yes|true)$/i
const OFFLINE = ['REELABEL_OFFLINE', 'HF_HUB_OFFLINE']
/** The environment variable that forbids all network; null for none. */
export const offlineVariable = (env: Env): string | null => OFFLINE.find((name) => YES.test(env[name] ?? '')) ?? null

const PART = '(?!\\.{1,2}(?:/|$))[A-Za-z0-9._-]{1,96}'
const REPO = new RegExp(`^${PART}(?:/${PART})?$`)
/** Whether this is what names of models look like: `owner/name`, or a name alone. */
export const isRepoId = (id: string): boolean => REPO.test(id)
