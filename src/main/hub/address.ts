/** The address of the Hub, and which addresses may be requested. */
import { UserError } from '../../contract/errors.ts'
import { quoted } from '../../contract/words.ts'
import { isSafe, type Env } from '../network/address.ts'

const HUGGING_FACE = 'https://huggingface.co'
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

const PART = '(?!\\.{1,2}(?:/|$))[A-Za-z0-9._-]{1,96}'
const REPO = new RegExp(`^${PART}(?:/${PART})?$`)
/** True for the form of a model's name: `owner/name` or `name`. */
export const isRepoId = (id: string): boolean => REPO.test(id)
