/** The browser host: serves the engine and the built window to browsers on this machine only. */
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import { createServer, type IncomingMessage, type Server } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { join, relative, sep } from 'node:path'
import { WebSocketServer, type RawData, type WebSocket } from 'ws'
import { UserError } from '../../contract/errors.ts'
import { refused, TOO_LARGE, type Port } from '../../contract/rpc.ts'
import { decode, encode, MAX_MESSAGE_BYTES, pageHeaders } from '../../contract/web.ts'
import { isTooLargeText } from './large-message.ts'

const PROTOCOL = 'reelabel'
/** Close codes of RFC 6455, section 7.4.1. */
const CLOSE = { unsupported: 1003, malformed: 1007 } as const
/** Limit of simultaneous connections of windows: enough for a few windows, and a bound on a page that opens them in a loop. */
const MAX_SOCKETS = 32
/** Limit of the other connections, which load the page: a browser opens six. Beyond it the oldest is ended. */
const MAX_REQUESTING = 128
/** A connection that loads the page is ended when this long nothing is sent or read, or a request is not complete. */
const IDLE_MS = 10_000
const TIMEOUTS = { headersTimeout: IDLE_MS, requestTimeout: IDLE_MS, connectionsCheckingInterval: 2000 } as const
/** Replies that a page has not received yet: above the first number its calls wait, above the second the connection is ended. */
const PAUSED_ABOVE_BYTES = 4 << 20
const MAX_UNSENT_BYTES = 64 << 20
/** The connection of a page that reads nothing for this long while its calls wait is ended. */
const UNREAD_MS = 30_000

export interface HostOptions {
  readonly engine: { serve(port: Port, options: { readonly confined: true }): () => void }
  /** Folder of the built window. */
  readonly rendererDir: string
  /** The port to listen on; 0, the default, chooses a free one. */
  readonly port?: number
}
export interface Host {
  /** The address to open. The token is in the fragment, which is part of no request. */
  readonly url: string
  readonly origin: string
  readonly token: string
  /** Stops serving; the caller closes the engine. */
  close(): Promise<void>
}

const digest = (s: string): Buffer => createHash('sha256').update(s).digest()
const same = (a: string, b: string): boolean => timingSafeEqual(digest(a), digest(b))

/** Serves on 127.0.0.1. Throws a UserError `port-taken` when the port is in use. */
export async function startHost({ engine, rendererDir, port = 0 }: HostOptions): Promise<Host> {
  const token = randomBytes(24).toString('hex')
  let origin = ''
  const page = await readPage(rendererDir)
  /** Refuses other host names that resolve to 127.0.0.1 (DNS rebinding). */
  const isOurHost = (req: IncomingMessage): boolean => `http://${req.headers.host ?? ''}` === origin

  const server = createServer(TIMEOUTS, (req, res) => {
    if (!isOurHost(req) || (req.method !== 'GET' && req.method !== 'HEAD')) return void res.writeHead(403).end()
    const path = (req.url ?? '/').split('?', 1)[0] ?? '/'
    const file = page.get(path === '/' ? '/index.html' : path)
    if (file) res.writeHead(200, file.headers).end(file.body)
    else res.writeHead(404).end()
  })
  server.timeout = IDLE_MS
  const requesting = new Set<Socket>()
  server.on('connection', (socket) => {
    requesting.add(socket)
    socket.once('close', () => requesting.delete(socket))
    if (requesting.size > MAX_REQUESTING) requesting.values().next().value?.destroy()
  })
  const sockets = new WebSocketServer({ noServer: true, maxPayload: MAX_MESSAGE_BYTES, handleProtocols: () => PROTOCOL })
  server.on('upgrade', (req, socket, head) => {
    const [protocol, given] = (req.headers['sec-websocket-protocol'] ?? '').split(',').map((s) => s.trim())
    const allowed =
      isOurHost(req) && req.headers.origin === origin && req.url === '/ws' && protocol === PROTOCOL && same(given ?? '', token)
    if (!allowed || sockets.clients.size >= MAX_SOCKETS) return void refuse(req.socket)
    requesting.delete(req.socket)
    sockets.handleUpgrade(req, socket, head, (ws) => serveSocket(engine, ws))
  })

  await listen(server, port)
  origin = originOf((server.address() as AddressInfo).port)
  return {
    origin,
    token,
    url: `${origin}/#token=${token}`,
    close: async () => {
      for (const c of sockets.clients) c.terminate()
      server.closeAllConnections()
      await new Promise<void>((resolve) => server.close(() => resolve()))
    },
  }
}

/** The origin as browsers write it: without port 80, which is the default. */
export const originOf = (port: number): string => new URL(`http://127.0.0.1:${port}`).origin

async function listen(server: Server, port: number): Promise<void> {
  const why: Readonly<Record<string, string>> = {
    EADDRINUSE: `Port ${port} is in use. Choose another with --port, or leave it out.`,
    EACCES: `You may not use port ${port}. Choose one above 1023 with --port, or leave it out.`,
  }
  await new Promise<void>((resolve, reject) => {
    server.once('error', (e: NodeJS.ErrnoException) => {
      const text = why[e.code ?? '']
      reject(text === undefined ? e : new UserError('port-taken', text))
    })
    server.listen(port, '127.0.0.1', resolve)
  })
}

/** Responses for a folder's files by the path of their URL, read once: no request opens a file, and all responses share the bytes. */
async function readPage(dir: string): Promise<ReadonlyMap<string, { readonly headers: Record<string, string>; readonly body: Buffer }>> {
  const entries = (await readdir(dir, { recursive: true, withFileTypes: true })).filter((e) => e.isFile())
  const files = entries.map(async ({ parentPath, name }) => {
    const path = join(parentPath, name)
    return [`/${relative(dir, path).replaceAll(sep, '/')}`, { headers: pageHeaders(path), body: await readFile(path) }] as const
  })
  return new Map(await Promise.all(files))
}

function refuse(socket: Socket): void {
  socket.on('error', () => socket.destroy())
  socket.end('HTTP/1.1 403 Forbidden\r\nconnection: close\r\n\r\n')
  // does not wait for the client to end its half
  socket.destroySoon()
}

/** The beginning of a call as the window sends it. */
const CALL = /^\{"t":"req","id":(\d{1,15}),/

/** Serves one connection. An invalid message closes it and has no other effect. */
function serveSocket(engine: HostOptions['engine'], ws: WebSocket): void {
  let unread: NodeJS.Timeout | undefined
  const holdBack = (): void => {
    if (ws.bufferedAmount <= PAUSED_ABOVE_BYTES) return void ws.resume()
    ws.pause()
    unread ??= setTimeout(() => ws.terminate(), UNREAD_MS)
  }
  const port: Port = {
    post: (m) => {
      if (ws.readyState !== ws.OPEN) return
      ws.send(encode(m), () => {
        clearTimeout(unread)
        unread = undefined
        holdBack()
      })
      if (ws.bufferedAmount > MAX_UNSENT_BYTES) ws.terminate()
      else holdBack()
    },
    onMessage: (listener) =>
      void ws.on('message', (data: RawData, isBinary: boolean) => {
        if (isBinary) return void ws.close(CLOSE.unsupported, 'text messages only')
        const bytes = data as Buffer
        if (isTooLargeText(bytes)) {
          const id = CALL.exec(bytes.toString('latin1', 0, 64))?.[1]
          return id === undefined ? void ws.close(CLOSE.malformed, 'too many values') : void port.post(refused(Number(id), TOO_LARGE))
        }
        let message: unknown
        try {
          message = decode(bytes.toString('utf8'))
        } catch {
          return void ws.close(CLOSE.malformed, 'not a message')
        }
        listener(message)
      }),
  }
  const stop = engine.serve(port, { confined: true })
  // ws itself closes the connection after a message that is too large or not UTF-8
  ws.on('error', () => ws.terminate())
  ws.on('close', () => {
    clearTimeout(unread)
    stop()
  })
}
