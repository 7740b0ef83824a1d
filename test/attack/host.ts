/** Clients of the browser host: strangers without the token, and pages with it that send and ask for too much. */
import { request } from 'node:http'
import { connect, type Socket } from 'node:net'
import { WebSocket } from 'ws'
import { againstHost, type AttackedHost } from './support/host-process.ts'
import type { Attack } from './support/run.ts'

/** Status of an upgrade with these headers; 101 if the host lets the client in. */
function upgrade(host: AttackedHost, protocols: readonly string[], headers: Record<string, string>, path = '/ws'): Promise<number> {
  return new Promise((resolve, reject) => {
    const ws = new WebSocket(`${host.origin.replace('http', 'ws')}${path}`, [...protocols], {
      headers: { origin: host.origin, ...headers },
    })
    ws.on('open', () => {
      ws.terminate()
      resolve(101)
    })
    ws.on('unexpected-response', (_req, res) => {
      res.destroy()
      resolve(res.statusCode ?? 0)
    })
    ws.on('error', reject)
  })
}
/** Status of a request. The path is sent as it is. */
function status(host: AttackedHost, path: string, method = 'GET', headers: Record<string, string> = {}): Promise<number> {
  return new Promise((resolve, reject) => {
    const req = request({ host: '127.0.0.1', port: host.port, path, method, headers: { host: new URL(host.origin).host, ...headers } })
    req.on('response', (res) => {
      res.destroy()
      resolve(res.statusCode ?? 0)
    })
    req.on('error', reject)
    req.end()
  })
}
/** Sends bytes over a connection of its own; resolves to the first line of the answer, or `closed`. */
function raw(host: AttackedHost, text: string): Promise<string> {
  return new Promise((resolve) => {
    const socket: Socket = connect(host.port, '127.0.0.1', () => socket.write(text))
    const end = (line: string): void => {
      socket.destroy()
      resolve(line)
    }
    socket.once('data', (data) => end(data.toString('latin1').split('\r\n', 1)[0] ?? ''))
    socket.once('error', () => end('closed'))
    socket.once('close', () => end('closed'))
  })
}
function expectAll(seen: Readonly<Record<string, unknown>>, allowed: (seen: unknown) => boolean): string {
  const through = Object.entries(seen).filter(([, value]) => !allowed(value))
  if (through.length > 0) throw new Error(`let through: ${through.map(([what, value]) => `${what} (${String(value)})`).join(', ')}`)
  return `${Object.keys(seen).length} of ${Object.keys(seen).length} refused`
}
/** Runs `attempt` for each entry of a table, one after the other. */
async function each<T>(table: Readonly<Record<string, T>>, attempt: (entry: T) => Promise<unknown>): Promise<Record<string, unknown>> {
  const seen: Record<string, unknown> = {}
  for (const [name, entry] of Object.entries(table)) seen[name] = await attempt(entry)
  return seen
}

export const attacks: readonly Attack[] = [
  {
    name: 'connections of strangers',
    run: ({ folder }) =>
      againstHost(folder, async (host) => {
        const { host: name } = new URL(host.origin)
        const tries: Record<string, [readonly string[], Record<string, string>, string?]> = {
          'no token': [['reelabel'], {}],
          'last digit changed': [['reelabel', host.token.slice(0, -1) + (host.token.endsWith('0') ? '1' : '0')], {}],
          'upper case': [['reelabel', host.token.toUpperCase() === host.token ? 'A' : host.token.toUpperCase()], {}],
          prefix: [['reelabel', host.token.slice(0, -1)], {}],
          'another origin': [['reelabel', host.token], { origin: 'http://evil.example' }],
          'origin null': [['reelabel', host.token], { origin: 'null' }],
          'https origin': [['reelabel', host.token], { origin: `https://${name}` }],
          localhost: [['reelabel', host.token], { origin: `http://localhost:${host.port}`, host: `localhost:${host.port}` }],
          'another name of this machine': [
            ['reelabel', host.token],
            { origin: `http://rebind.example:${host.port}`, host: `rebind.example:${host.port}` },
          ],
          'token in the query': [['reelabel'], {}, `/ws?token=${host.token}`],
          'another path': [['reelabel', host.token], {}, '//ws'],
        }
        return expectAll(await each(tries, ([protocols, headers, path]) => upgrade(host, protocols, headers, path)), (s) => s === 403)
      }),
  },
  {
    name: 'paths that lead out of the page, and methods other than GET',
    run: ({ folder }) =>
      againstHost(folder, async (host) => {
        const paths = [
          '/../package.json',
          '/..%2fpackage.json',
          '/%2e%2e/%2e%2e/package.json',
          '/..%5c..%5cpackage.json',
          '//etc/passwd',
          '/%00',
        ]
        const more = ['/index.html%00.js', '/....//....//etc/passwd', '/%c0%ae%c0%ae/etc/passwd', '/.', '/..', '/%252e%252e/package.json']
        const refused = (s: unknown): boolean => Number(s) >= 400 && Number(s) < 500
        const found = await each(Object.fromEntries([...paths, ...more].map((p) => [p, p])), (path) => status(host, path))
        const methods = await each(Object.fromEntries(['POST', 'PUT', 'DELETE', 'OPTIONS', 'TRACE', 'PATCH'].map((m) => [m, m])), (m) =>
          status(host, '/', m),
        )
        return `${expectAll(found, refused)}; methods: ${expectAll(methods, refused)}`
      }),
  },
  {
    name: 'requests that are not well formed',
    run: ({ folder }) =>
      againstHost(folder, async (host) => {
        const name = `host: 127.0.0.1:${host.port}`
        const seen = await each(
          {
            'no Host': 'GET / HTTP/1.0\r\n\r\n',
            'two lengths': `GET / HTTP/1.1\r\n${name}\r\ncontent-length: 5\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n`,
            '100 kB of header': `GET / HTTP/1.1\r\n${name}\r\nx: ${'a'.repeat(100_000)}\r\n\r\n`,
            'not HTTP': '\u0016\u0003\u0001\u0002\u0000\r\n\r\n',
          },
          (text) => raw(host, text),
        )
        return expectAll(seen, (line) => line === 'closed' || /^HTTP\/1\.1 4\d\d /.test(String(line)))
      }),
  },
]
