/** The only user of the transport: Electron's preload bridge, or a WebSocket where the page is served to a browser. */
import type { Api } from '../contract/api.ts'
import { decode, encode } from '../contract/codec.ts'
import { UserError } from '../contract/errors.ts'
import { RpcClient } from '../contract/rpc.ts'

/** What only Electron's window can do. */
interface Bridge extends Api {
  pathForFile?(file: File): string
  chooseSave?(name: string): Promise<string | null>
  onMenu?(listener: (command: string) => void): void
  onClose?(listener: () => void): void
}
declare global {
  interface Window {
    readonly reelabel?: Bridge
  }
}

export interface Host {
  /** The path of a dropped or chosen file; null where the page cannot know it and has to send the bytes. */
  pathForFile(file: File): string | null
  /** Asks where to save; null (instead of the function) where only a download is possible. */
  readonly chooseSave: ((name: string) => Promise<string | null>) | null
  onMenu(listener: (command: string) => void): void
}
export interface Connection {
  readonly api: Api
  readonly host: Host
  /** Resolves when the engine is gone. */
  readonly closed: Promise<void>
}

export const ENGINE_STOPPED = 'engine-stopped'
const stopped = () => new UserError(ENGINE_STOPPED, 'The engine stopped. Reconnect to go on; every confirmed decision is saved.')
const TOKEN_KEY = 'reelabel-token'

/** The bridge as an Api. The engine's death shows as an error that says so. */
function overBridge(bridge: Bridge): Connection {
  let close: () => void
  const closed = new Promise<void>((resolve) => (close = resolve))
  bridge.onClose?.(() => close())
  return {
    api: { call: (method, args) => bridge.call(method, args), on: (event, listener) => bridge.on(event, listener) },
    host: {
      pathForFile: (file) => bridge.pathForFile?.(file) || null,
      chooseSave: bridge.chooseSave ? (name) => bridge.chooseSave?.(name) ?? Promise.resolve(null) : null,
      onMenu: (listener) => bridge.onMenu?.(listener),
    },
    closed,
  }
}

/** The token comes with the address once, and is then kept for reloads of this tab only. */
function takeToken(): string {
  const given = new URLSearchParams(location.hash.slice(1)).get('token')
  if (given === null) return sessionStorage.getItem(TOKEN_KEY) ?? ''
  sessionStorage.setItem(TOKEN_KEY, given)
  history.replaceState(null, '', location.pathname + location.search)
  return given
}

async function overWebSocket(): Promise<Connection> {
  const token = takeToken()
  if (token === '') throw new UserError('no-token', 'This address lacks its token. Open the whole address that Reelabel printed when it started.')
  const socket = new WebSocket(`${location.origin.replace(/^http/, 'ws')}/ws`, ['reelabel', token])
  await new Promise<void>((resolve, reject) => {
    socket.onopen = () => resolve()
    socket.onerror = () => reject(new UserError('no-engine', 'The engine does not answer. Start Reelabel again, then reconnect.'))
  })
  const rpc = new RpcClient({
    post: (m) => socket.send(encode(m)),
    onMessage: (l) => (socket.onmessage = (e: MessageEvent<string>) => l(decode(e.data))),
  })
  const closed = new Promise<void>((resolve) => {
    socket.onclose = () => {
      rpc.fail(stopped())
      resolve()
    }
  })
  return { api: rpc, host: { pathForFile: () => null, chooseSave: null, onMenu: () => undefined }, closed }
}

/** Throws a UserError that says what to do when there is no engine to talk to. */
export const connect = (): Promise<Connection> => (window.reelabel ? Promise.resolve(overBridge(window.reelabel)) : overWebSocket())
