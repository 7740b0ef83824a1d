/** Asks the address that the settings name for the newest version of the program: only when somebody presses the button. */
import { z } from 'zod'
import { UserError } from '../../contract/errors.ts'
import { isSafe } from '../network/address.ts'
import { exchange, textOf } from '../network/exchange.ts'
import { Interrupted } from '../network/retry.ts'

const TIMEOUT_MS = 10_000
const MAX_BYTES = 65_536
/** The answer of the address, in JSON. */
const ANSWER = z.object({ version: z.string().regex(/^\d{1,6}\.\d{1,6}\.\d{1,6}$/) })

/** @throws UserError `offline`, `unsafe-address`, `no-update-answer` */
export function newestVersion(address: string, assertOnline: () => void): Promise<string> {
  const url = new URL(address)
  if (!isSafe(url))
    throw new UserError(
      'unsafe-address',
      `${url.host} was not asked for updates: use an address that begins with https and has no password.`,
    )
  assertOnline()
  return newestAt(url)
}

async function newestAt(url: URL): Promise<string> {
  const no = (why: string): UserError =>
    new UserError('no-update-answer', `${url.host} does not say which version is the newest (${why}): check the address in Settings.`)
  try {
    const received = await exchange(url, { headers: { accept: 'application/json' }, timeoutMs: TIMEOUT_MS, signal: undefined })
    const text = await textOf(received, MAX_BYTES, () => no('its answer is too long'))
    if (!received.response.ok) throw no(`status ${received.response.status}`)
    return ANSWER.parse(JSON.parse(text)).version
  } catch (error) {
    if (error instanceof Interrupted) throw no(error.message)
    if (error instanceof SyntaxError || error instanceof z.ZodError) throw no('its answer is not like {"version": "1.2.3"}')
    throw error
  }
}

/** True if version `a` is newer than `b`. */
export function isAfter(a: string, b: string): boolean {
  const [x, y] = [a, b].map((version) => version.split('.').map(Number))
  const difference = x?.map((part, i) => part - (y?.[i] ?? 0)).find((d) => d !== 0) ?? 0
  return difference > 0
}
