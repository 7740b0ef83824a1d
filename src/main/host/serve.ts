/** The browser host: serves the engine and the built window to browsers on this machine only. */
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Duplex } from 'node:stream'
import { WebSocketServer, type RawData, type WebSocket } from 'ws'
import { decode, encode } from '../../contract/web.ts'
import { UserError } from '../../contract/errors.ts'
import type { Port } from '../../contract/rpc.ts'
import { MAX_MESSAGE_BYTES, pageHeaders } from '../../contract/web.ts'
import { fileInside } from './page-files.ts'

const PROTOCOL = 'reelabel'
/** Close codes of RFC 6455, section 7.4.1. */
const CLOSE = { unsupported: 1003, malformed: 1007, tooSlow: 1008 } as const
/** Limit of simultaneous connections: enough for a few windows, and a bound on a page that opens them in a loop. */
const MOST_SOCKETS = 32
/** Limit of the replies that a page has not received yet. */
const MOST_UNSENT_BYTES = 256 << 20

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
  /** Refuses other host names that resolve to 127.0.0.1 (DNS rebinding). */
  const isOurHost = (req: IncomingMessage): boolean => `http://${req.headers.host ?? ''}` === origin

  const server = createServer((req, res) => {
    if (!isOurHost(req) || (req.method !== 'GET' && req.method !== 'HEAD')) return void res.writeHead(403).end()
    void sendFile(fileInside(rendererDir, (req.url ?? '/').split('?', 1)[0] ?? '/'), res)
  })
  const sockets = new WebSocketServer({ noServer: true, maxPayload: MAX_MESSAGE_BYTES, handleProtocols: () => PROTOCOL })
  server.on('upgrade', (req, socket, head) => {
    const [protocol, given] = (req.headers['sec-websocket-protocol'] ?? '').split(',').map((s) => s.trim())
    const allowed =
      isOurHost(req) && req.headers.origin === origin && req.url === '/ws' && protocol === PROTOCOL && same(given ?? '', token)
    if (!allowed || sockets.clients.size >= MOST_SOCKETS) return void refuse(socket)
    sockets.handleUpgrade(req, socket, head, (ws) => serveSocket(engine, ws))
  })

  await listen(server, port)
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
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

async function listen(server: ReturnType<typeof createServer>, port: number): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', (e: NodeJS.ErrnoException) =>
      reject(
        e.code === 'EADDRINUSE' ? new UserError('port-taken', `Port ${port} is in use. Choose another with --port, or leave it out.`) : e,
      ),
    )
    server.listen(port, '127.0.0.1', resolve)
  })
}

async function sendFile(file: string | null, res: ServerResponse): Promise<void> {
  try {
    if (file === null) throw new Error('outside')
    const body = await readFile(file)
    res.writeHead(200, pageHeaders(file)).end(body)
  } catch {
    res.writeHead(404).end()
  }
}

function refuse(socket: Duplex): void {
  socket.on('error', () => socket.destroy())
  socket.end('HTTP/1.1 403 Forbidden\r\nconnection: close\r\n\r\n')
}

/** Serves one connection. An invalid message closes it and has no other effect. */
function serveSocket(engine: HostOptions['engine'], ws: WebSocket): void {
  const port: Port = {
    post: (m) => {
      if (ws.readyState !== ws.OPEN) return
      if (ws.bufferedAmount > MOST_UNSENT_BYTES) ws.close(CLOSE.tooSlow, 'replies are not read')
      else ws.send(encode(m))
    },
    onMessage: (listener) =>
      void ws.on('message', (data: RawData, isBinary: boolean) => {
        if (isBinary) return void ws.close(CLOSE.unsupported, 'text messages only')
        let message: unknown
        try {
          message = decode((data as Buffer).toString('utf8'))
        } catch {
          return void ws.close(CLOSE.malformed, 'not a message')
        }
        listener(message)
      }),
  }
  const stop = engine.serve(port, { confined: true })
  // ws itself closes the connection after a message that is too large or not UTF-8
  ws.on('error', () => ws.terminate())
  ws.on('close', stop)
}
