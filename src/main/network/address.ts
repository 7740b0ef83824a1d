/** Which addresses may be requested, and whether the environment switches the network off. */
export type Env = Readonly<Record<string, string | undefined>>

const LOOPBACK = /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])$/

/** True if the address is on this machine. */
export const isLoopback = (url: URL): boolean => LOOPBACK.test(url.hostname)
/** Over http, every machine in between could read and change the response; requests to this machine pass no other one. */
export const isSafe = (url: URL): boolean =>
  (url.protocol === 'https:' || (url.protocol === 'http:' && isLoopback(url))) && url.username === '' && url.password === ''

const YES = /^(?:1|on|yes|true)$/i
const OFFLINE = ['REELABEL_OFFLINE', 'HF_HUB_OFFLINE']
/** The environment variable that switches the network off; null for none. */
export const offlineVariable = (env: Env): string | null => OFFLINE.find((name) => YES.test(env[name] ?? '')) ?? null
