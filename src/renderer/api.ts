/** Connects to the engine: through Electron's preload bridge, or by WebSocket if the page is served to a browser. */
import type { Api } from '../contract/api.ts'
import { PORT_MESSAGE, type Bridge, type Disconnect } from '../contract/bridge.ts'
import { decode, encode, MAX_MESSAGE_BYTES } from '../contract/web.ts'
import { UserError, messageOf } from '../contract/errors.ts'
import { RpcClient } from '../contract/rpc.ts'
import { m } from './messages/index.ts'

declare global {
  interface Window {
    /** Exists under Electron only. */
    readonly reelabel?: Bridge
  }
}

export interface Host {
  /** Path of a dropped or chosen file; null if the page cannot know it and has to send the bytes. */
  pathForFile(file: File): Promise<string | null>
  /** Asks where to save. Null (instead of the function) if only downloads are possible. */
  readonly chooseSave: ((name: string) => Promise<string | null>) | null
  onMenu(listener: (action: string) => void): () => void
  /** Functions that only Electron has. */
  readonly native?: Bridge
}
/** Why there is no connection, and what the user can do. */
export interface Stop {
  readonly title: string
  readonly text: string
  /** Label of the button; null if trying again cannot help. */
  readonly retry: string | null
  /** True if the window waits for the engine to answer again. */
  readonly waits?: true
}
export interface Connection {
  readonly api: Api
  readonly host: Host
  /** Resolves with the reason when the engine has stopped. */
  readonly closed: Promise<Stop>
}

export const ENGINE_STOPPED = 'engine-stopped'
const PAGE_STOPPED: Stop = { title: m.connection.stopped, text: m.connection.stoppedPage, retry: m.connection.tryAddress, waits: true }

/** Why the window could not connect, for the dialog. */
export function stopOf(error: unknown): Stop {
  const text = messageOf(error)
  const code = error instanceof UserError ? error.code : ''
  if (code === 'no-token') return { title: m.connection.noToken, text, retry: null }
  if (code === 'no-engine') return { title: m.connection.unreachable, text, retry: m.connection.tryAddress }
  return { title: m.connection.failed, text, retry: m.common.tryAgain }
}

/** The port that the preload passes on from the engine. Messages from other windows and frames are ignored. */
function portOf(bridge: Bridge): Promise<MessagePort> {
  return new Promise((resolve) => {
    const receive = (e: MessageEvent): void => {
      const [port] = e.ports
      if (e.source !== window || e.data !== PORT_MESSAGE || !port) return
      window.removeEventListener('message', receive)
      resolve(port)
    }
    window.addEventListener('message', receive)
    bridge.connect()
  })
}

async function overBridge(bridge: Bridge): Promise<Connection> {
  const { promise: gone, resolve } = Promise.withResolvers<Disconnect>()
  const off = bridge.onDisconnect((why) => {
    off()
    resolve(why)
  })
  const stopped = ({ message }: Disconnect): UserError => new UserError(ENGINE_STOPPED, message)
  const port = await Promise.race([portOf(bridge), gone.then((why) => Promise.reject(stopped(why)))])
  const rpc = new RpcClient({
    post: (message) => port.postMessage(message),
    onMessage: (l) => (port.onmessage = (e) => l(e.data)),
  })
  return {
    api: rpc,
    host: {
      pathForFile: async (file) => (await bridge.pathForFile(file)) || null,
      chooseSave: (name) => bridge.chooseSave(name),
      onMenu: (listener) => bridge.onMenu(listener),
      native: bridge,
    },
    closed: gone.then((why) => {
      rpc.fail(stopped(why))
      return { title: m.connection.stopped, text: m.connection.stoppedText(why.message), retry: m.connection.reconnect }
    }),
  }
}

const TOKEN_KEY = 'reelabel-token'

/** The token is part of the first address, and is then kept for reloads of this tab only. */
function takeToken(): string {
  const given = new URLSearchParams(location.hash.slice(1)).get('token')
  if (given === null) return sessionStorage.getItem(TOKEN_KEY) ?? ''
  sessionStorage.setItem(TOKEN_KEY, given)
  history.replaceState(null, '', location.pathname + location.search)
  return given
}

/** A message as the host takes it. @throws UserError if it is too large: the host would end the connection, and with it the window */
export function toText(message: unknown): string {
  const text = encode(message)
  // no character has more than three bytes for each of its UTF-16 units
  if (text.length > MAX_MESSAGE_BYTES / 3 && new Blob([text]).size > MAX_MESSAGE_BYTES)
    throw new UserError('message-too-large', m.connection.tooLarge(MAX_MESSAGE_BYTES / 2 ** 20))
  return text
}

async function overWebSocket(): Promise<Connection> {
  const token = takeToken()
  if (token === '') throw new UserError('no-token', m.connection.noTokenText)
  const socket = new WebSocket(`${location.origin.replace(/^http/, 'ws')}/ws`, ['reelabel', token])
  await new Promise<void>((resolve, reject) => {
    socket.onopen = () => resolve()
    socket.onerror = () => reject(new UserError('no-engine', m.connection.unreachableText))
  })
  const rpc = new RpcClient({
    post: (message) => socket.send(toText(message)),
    onMessage: (l) => (socket.onmessage = (e: MessageEvent<string>) => l(decode(e.data))),
  })
  const closed = new Promise<Stop>((resolve) => {
    socket.onclose = () => {
      rpc.fail(new UserError(ENGINE_STOPPED, PAGE_STOPPED.text))
      resolve(PAGE_STOPPED)
    }
  })
  return { api: rpc, host: { pathForFile: () => Promise.resolve(null), chooseSave: null, onMenu: () => () => undefined }, closed }
}

/** @throws UserError that says what to do if there is no engine */
export const connect = (): Promise<Connection> => (window.reelabel ? overBridge(window.reelabel) : overWebSocket())
