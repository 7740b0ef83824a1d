/** Clients of the browser host: strangers without the token, and pages with it that send and ask for too much. */
import { request } from 'node:http'
import { connect, type Socket } from 'node:net'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { WebSocket } from 'ws'
import { againstHost, megabytes, type AttackedHost, type Client } from './support/host-process.ts'
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
const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))
/** Opens `count` connections of strangers that stay open from their side and read nothing; sends each `text`. */
async function strangers(host: AttackedHost, count: number, text: string): Promise<Socket[]> {
  const all = Array.from({ length: count }, () => connect({ host: '127.0.0.1', port: host.port, allowHalfOpen: true }))
  for (const socket of all) socket.on('error', () => socket.destroy()).pause()
  await Promise.all(all.map((socket) => new Promise((resolve) => socket.once('connect', resolve).once('close', resolve))))
  for (const socket of all) socket.write(text)
  return all
}
/** Most memory that an attack may cost the host. */
const MAX_BYTES = 400e6
/** Watches the host for some seconds. @throws Error if it uses more memory or connections than it may */
async function watched(host: AttackedHost, seconds: number, mostSockets: number): Promise<string> {
  let [rss, sockets] = [0, 0]
  for (let i = 0; i < seconds * 5; i++) {
    const now = await host.resources()
    rss = Math.max(rss, now.rss)
    sockets = now.sockets
    await pause(200)
  }
  const seen = `${megabytes(rss)} at most, ${sockets} connections left`
  if (rss > MAX_BYTES || sockets > mostSockets) throw new Error(seen)
  return seen
}
/** Longest wait that a message may cause another client, milliseconds. */
const MAX_WAIT_MS = 100
/** Attempts to stay below it, because the machine may have other work. */
const ATTEMPTS = 8
/** The longest wait of another client while the message is handled, in the first attempt that stays below the limit, else in the best one. */
async function waitFor(host: AttackedHost, message: string): Promise<number> {
  let least = Infinity
  for (let i = 0; i < ATTEMPTS && least > MAX_WAIT_MS; i++) {
    const sender = await host.connect()
    const wait = await host.longestWaitDuring(async () => {
      sender.ws.send(message)
      // the reply or the close; a message that is no call may have neither
      await Promise.race([new Promise((r) => sender.ws.once('message', r)), new Promise((r) => sender.ws.once('close', r)), pause(1000)])
      await pause(50)
    })
    sender.ws.terminate()
    least = Math.min(least, wait)
  }
  return Math.round(least)
}
const call = (method: string, args: string): string => `{"t":"req","id":1,"method":"${method}","args":${args}}`
const upload = (bytes: number): string =>
  call(
    'files.put',
    `{"name":"x.csv","upload":"upload-0001","offset":0,"bytes":{"$kind":"Uint8Array","$b64":"${Buffer.alloc(bytes, 'x').toString('base64')}"}}`,
  )
const MB = 1e6
/** Large messages, of about 5 MB unless a limit of values or levels is what they test. */
const LARGE: Readonly<Record<string, () => string>> = {
  'millions of numbers': () => call('review.rows', `{"movies":[${'1,'.repeat(2.5 * MB)}1]}`),
  'millions of objects': () => call('labels.apply', `{"changes":[${'{},'.repeat(1.7 * MB)}{}]}`),
  'as many keys as are allowed': () =>
    call('clean.set', `{"switches":{${Array.from({ length: 12_000 }, (_, i) => `"k${i}":true`).join()}}}`),
  'more keys than are allowed': () =>
    call('clean.set', `{"switches":{${Array.from({ length: 300_000 }, (_, i) => `"k${i}":true`).join()}}}`),
  'millions of levels': () => call('labels.apply', '['.repeat(5 * MB)),
  'one string': () => call('clean.load', `{"text":"${'\\\\u00e9'.repeat(0.7 * MB)}"}`),
  'a string of backslashes': () => call('clean.load', `{"text":"${'\\\\'.repeat(2.5 * MB)}"}`),
  'the largest piece of an upload': () => upload(4 << 20),
}

/** A frame as a client sends it (RFC 6455, 5.2); `length` is what it claims. */
function frame(first: number, content: Buffer, { masked = true, length = BigInt(content.length) } = {}): Buffer {
  const head = Buffer.alloc(10)
  head[0] = first
  head[1] = (masked ? 0x80 : 0) | 127
  head.writeBigUInt64BE(length, 2)
  return Buffer.concat([head, ...(masked ? [Buffer.alloc(4)] : []), content])
}
const [TEXT, BINARY, RESERVED, CONTINUATION] = [0x81, 0x82, 0x83, 0x00]
const FRAMES: Readonly<Record<string, () => Buffer>> = {
  'not masked': () => frame(TEXT, Buffer.from('{}'), { masked: false }),
  'of a claimed terabyte': () => frame(TEXT, Buffer.from('{}'), { length: 2n ** 40n }),
  'of a reserved kind': () => frame(RESERVED, Buffer.from('{}')),
  binary: () => frame(BINARY, Buffer.from('{}')),
  'that are not UTF-8': () => frame(TEXT, Buffer.from([0xc3, 0x28])),
  'with reserved bits': () => frame(0xf1, Buffer.from('{}')),
  'that continue nothing': () => frame(CONTINUATION, Buffer.from('{}')),
  'a long ping': () => frame(0x89, Buffer.alloc(1000)),
  'no JSON': () => frame(TEXT, Buffer.from('{"t":')),
  '200,000 pieces without an end': () => Buffer.concat([frame(0x01, Buffer.from('[')), ...Array<Buffer>(200_000).fill(frame(0x00, Buffer.from('1')))]),
} // prettier-ignore
/** Connects with the right token and sends bytes. Resolves to `closed`, or `open` if the host does not end the connection. */
function sent(host: AttackedHost, bytes: Buffer): Promise<string> {
  const lines = [
    'GET /ws HTTP/1.1',
    `host: ${new URL(host.origin).host}`,
    `origin: ${host.origin}`,
    'connection: upgrade',
    'upgrade: websocket',
    'sec-websocket-version: 13',
    'sec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==',
    `sec-websocket-protocol: reelabel, ${host.token}`,
  ]
  return new Promise((resolve) => {
    const socket = connect(host.port, '127.0.0.1', () => socket.write(`${lines.join('\r\n')}\r\n\r\n`))
    const end = (how: string): void => {
      clearTimeout(timer)
      socket.destroy()
      resolve(how)
    }
    const timer = setTimeout(() => end('open'), 10_000)
    socket.once('data', (data) => {
      if (!data.toString('latin1').startsWith('HTTP/1.1 101')) end('not connected')
      else socket.write(bytes)
      // a frame that closes the connection, which the host then leaves within seconds
      socket.on('data', (answer: Buffer) => {
        if (answer[0] === 0x88) end('closed')
      })
    })
    socket.once('error', () => end('closed'))
    socket.once('close', () => end('closed'))
    socket.once('end', () => end('closed'))
  })
}

export const attacks: readonly Attack[] = [
  {
    name: 'frames that break the protocol',
    run: ({ folder }) =>
      againstHost(folder, async (host) => {
        const seen = await each(FRAMES, (build) => sent(host, build()))
        const { rss } = await host.resources()
        if (rss > MAX_BYTES) throw new Error(megabytes(rss))
        return expectAll(seen, (how) => how === 'closed')
      }),
  },
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
  {
    name: '1,000 connections that ask for the largest file five times and never read',
    slow: true,
    run: ({ folder }) =>
      againstHost(folder, async (host) => {
        const get = `GET /script.js HTTP/1.1\r\nhost: 127.0.0.1:${host.port}\r\n\r\n`
        const all = await strangers(host, 1000, get.repeat(5))
        await host.connect()
        const seen = await watched(host, 26, 10)
        for (const socket of all) socket.destroy()
        return seen
      }),
  },
  {
    name: '500 refused upgrades whose client keeps its half open',
    run: ({ folder }) =>
      againstHost(folder, async (host) => {
        const get = `GET /ws HTTP/1.1\r\nhost: 127.0.0.1:${host.port}\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\n`
        const all = await strangers(host, 500, get)
        const seen = await watched(host, 1, 10)
        for (const socket of all) socket.destroy()
        return seen
      }),
  },
  {
    name: '300 connections that send nothing, and 300 that send a header byte by byte',
    slow: true,
    run: ({ folder }) =>
      againstHost(folder, async (host) => {
        const all = [
          ...(await strangers(host, 300, '')),
          ...(await strangers(host, 300, `GET / HTTP/1.1\r\nhost: 127.0.0.1:${host.port}\r\nx: `)),
        ]
        const drip = setInterval(() => all.slice(300).forEach((socket) => socket.writable && socket.write('a')), 2000)
        try {
          return await watched(host, 20, 10)
        } finally {
          clearInterval(drip)
          for (const socket of all) socket.destroy()
        }
      }),
  },
  {
    name: '60 windows, of which 32 may connect',
    run: ({ folder }) =>
      againstHost(folder, async (host) => {
        const windows = await Promise.allSettled(Array.from({ length: 60 }, () => host.connect()))
        const open = windows.flatMap((w) => (w.status === 'fulfilled' ? [w.value] : []))
        if (open.length > 32) throw new Error(`${open.length} windows are connected`)
        for (const { ws } of open) ws.terminate()
        await pause(200)
        return `${open.length} connected`
      }),
  },
  {
    name: 'eight windows that ask for large answers and never read them',
    slow: true,
    run: ({ folder }) =>
      againstHost(
        folder,
        async (host) => {
          const deaf: Client[] = []
          for (let i = 0; i < 8; i++) deaf.push(await host.connect())
          for (const { ws } of deaf) {
            ws.pause()
            for (let id = 1; id <= 900; id++) ws.send(`{"t":"req","id":${id},"method":"labels.history","args":{"limit":1000}}`)
          }
          const seen = await watched(host, 5, 20)
          for (const { ws } of deaf) ws.terminate()
          return seen
        },
        20_000,
      ),
  },
  {
    name: 'members __proto__, and methods of every object',
    run: ({ folder }) =>
      againstHost(folder, async (host) => {
        const { ws } = await host.connect()
        const replyTo = async (text: string): Promise<string> => {
          const reply = new Promise<string>((resolve) => ws.once('message', (data: Buffer) => resolve(data.toString())))
          ws.send(text)
          return reply
        }
        const seen = await each(
          {
            'among the switches': call('clean.set', '{"switches":{"__proto__":true}}'),
            'an object among the switches': call('clean.set', '{"switches":{"__proto__":{"placeholder":true}}}'),
            'among the arguments': call('clean.set', '{"__proto__":{"x":1}}'),
            'in a mapping': call('import.inspect', '{"paths":["x"],"mapping":{"__proto__":"x"}}'),
            'a method __proto__': call('__proto__', '{}'),
            'a method toString': call('toString', '{}'),
            'a path with a null character': call('import.inspect', '{"paths":["x\\u0000.csv"]}'),
          },
          replyTo,
        )
        return expectAll(seen, (reply) => /"code":"(bad-arguments|no-method)"/.test(String(reply)))
      }),
  },
  {
    name: '5,000 calls at once, of which each is answered or refused',
    run: ({ folder }) =>
      againstHost(folder, async (host) => {
        const client = await host.connect()
        const ends = await Promise.all(
          Array.from({ length: 5000 }, () =>
            client.call('labels.state', {}).then(
              () => 'answered',
              (error: unknown) => String(error),
            ),
          ),
        )
        const other = ends.find((end) => end !== 'answered' && !end.includes('waiting for a reply'))
        if (other !== undefined) throw new Error(other)
        return `${ends.filter((end) => end === 'answered').length} answered`
      }),
  },
  {
    name: 'uploads of windows that leave',
    run: ({ folder }) =>
      againstHost(folder, async (host) => {
        for (let i = 0; i < 20; i++) {
          const window = await host.connect()
          await window.call('files.put', { name: 'x.csv', upload: `upload-${1000 + i}`, offset: 0, bytes: new Uint8Array(1000) })
          window.ws.terminate()
        }
        await pause(200)
        const left = readdirSync(join(host.dataDir, 'temporary'), { recursive: true, encoding: 'utf8' }).filter((name) =>
          name.endsWith('.csv'),
        )
        if (left.length > 0) throw new Error(`${left.length} uploads are left`)
        return '20 uploads, none left'
      }),
  },
  ...Object.entries(LARGE).map(([name, message]): Attack => ({
    name: `a large message: ${name}`,
    slow: true,
    run: ({ folder }) =>
      againstHost(folder, async (host) => {
        const wait = await waitFor(host, message())
        const { rss } = await host.resources()
        const seen = `another client waited ${wait} ms at most, ${megabytes(rss)}`
        if (wait > MAX_WAIT_MS || rss > MAX_BYTES) throw new Error(seen)
        return seen
      }),
  })),
]
