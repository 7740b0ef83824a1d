import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs'
import { get, type RequestOptions } from 'node:http'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setImmediate as turn } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { WebSocket } from 'ws'
import { decode, encode, CSP, MAX_MESSAGE_BYTES } from '../../../src/contract/web.ts'
import { MAX_VALUES, type Port } from '../../../src/contract/rpc.ts'
import { originOf, startHost, type Host } from '../../../src/main/host/serve.ts'

/** Echoes every message and counts the connections. */
const echo = {
  open: 0,
  send: null as Port['post'] | null,
  serve(port: Port, options: { readonly confined: true }): () => void {
    this.open++
    this.send = (m) => port.post(m)
    port.onMessage((m) => port.post({ ...(m as object), ...options }))
    return () => void this.open--
  },
}
let host: Host
let rendererDir = ''
beforeAll(async () => {
  const dir = mkdtempSync(join(tmpdir(), 'reelabel-host-'))
  writeFileSync(join(dir, 'secret.txt'), 'secret')
  mkdirSync(join(dir, 'renderer'))
  writeFileSync(join(dir, 'renderer/index.html'), '<!doctype html><title>page</title>')
  mkdirSync(join(dir, 'renderer-of-others'))
  writeFileSync(join(dir, 'renderer-of-others/x.js'), '1')
  rendererDir = join(dir, 'renderer')
  host = await startHost({ engine: echo, rendererDir })
})
afterAll(() => host.close())

const socket = (protocols: string[], headers: Record<string, string> = {}, path = '/ws'): WebSocket =>
  new WebSocket(`${host.origin.replace('http', 'ws')}${path}`, protocols, { headers: { origin: host.origin, ...headers } })
const opened = (ws: WebSocket): Promise<WebSocket> =>
  new Promise((resolve, reject) => {
    ws.on('open', () => resolve(ws))
    ws.on('error', reject)
  })
const closed = (ws: WebSocket): Promise<number> => new Promise((resolve) => ws.on('close', resolve))
const request = (path: string, options: RequestOptions = {}): Promise<{ status: number; body: string; headers: Record<string, unknown> }> =>
  new Promise((resolve, reject) =>
    get(`${host.origin}${path}`, options, (res) => {
      let body = ''
      res.on('data', (d: Buffer) => (body += d.toString()))
      res.on('end', () => resolve({ status: res.statusCode ?? 0, body, headers: res.headers }))
    }).on('error', reject),
  )

describe('sockets', () => {
  test.each<[string, () => WebSocket]>([
    ['no token', () => socket(['reelabel'])],
    ['no protocol', () => socket([])],
    ['a wrong token', () => socket(['reelabel', '0'.repeat(48)])],
    ['another protocol', () => socket(['other', host.token])],
    ['another origin', () => socket(['reelabel', host.token], { origin: 'http://evil.test' })],
    ['another host name', () => socket(['reelabel', host.token], { host: 'evil.test' })],
    ['another path', () => socket(['reelabel', host.token], {}, '/other')],
  ])('%s is refused', async (_name, make) => {
    await expect(opened(make())).rejects.toThrow('403')
    expect(echo.open).toBe(0)
  })
  test('messages pass in both directions and keep typed arrays', async () => {
    const ws = await opened(socket(['reelabel', host.token]))
    expect(ws.protocol).toBe('reelabel')
    const answer = new Promise((resolve) => ws.once('message', (d: Buffer) => resolve(decode(d.toString()))))
    ws.send(encode({ t: 'req', id: 1, bytes: new Uint8Array([1, 2, 255]) }))
    expect(await answer).toEqual({ t: 'req', id: 1, bytes: new Uint8Array([1, 2, 255]), confined: true })
    expect(echo.open).toBe(1)
    ws.close()
    await closed(ws)
    await expect.poll(() => echo.open).toBe(0)
  })
  test.each<[string, string | Buffer, number]>([
    ['text that is no JSON', '{"t":', 1007],
    ['an unknown array kind', '{"$kind":"Evil","$b64":""}', 1007],
    ['base64 that is none', '{"$kind":"Uint8Array","$b64":"%"}', 1007],
    ['an array of half a number', '{"$kind":"Float32Array","$b64":"AAA="}', 1007],
    ['bytes', Buffer.from([1, 2, 3]), 1003],
    ['a message with too many levels', '['.repeat(100_000), 1007],
    ['a message that is too large', 'x'.repeat(MAX_MESSAGE_BYTES + 1), 1009],
  ])('%s closes the connection and nothing else', async (_name, data, code) => {
    const ws = await opened(socket(['reelabel', host.token]))
    const gone = closed(ws)
    ws.send(data)
    const got = await gone
    // the client may lose the connection before it has read the reason
    expect([code, 1006]).toContain(got)
    expect((await request('/')).status).toBe(200)
  })
})

describe('connections', () => {
  test('a call with too many values is refused before it is parsed, and the connection stays', async () => {
    const ws = await opened(socket(['reelabel', host.token]))
    const answer = new Promise((resolve) => ws.once('message', (d: Buffer) => resolve(decode(d.toString()))))
    // what follows is no JSON, so that parsing it would close the connection
    ws.send(`{"t":"req","id":7,"method":"labels.state","args":[${'1,'.repeat(MAX_VALUES + 1)}`)
    expect(await answer).toMatchObject({ t: 'res', id: 7, ok: false, error: { code: 'bad-arguments' } })
    ws.terminate()
  })
  test('the calls of a client that does not read its replies wait until it does, and none is lost', async () => {
    const ws = await opened(socket(['reelabel', host.token]))
    let replies = 0
    ws.on('message', () => replies++)
    ws.pause()
    const large = encode({ t: 'req', id: 1, pad: 'x'.repeat(5 << 20) })
    for (let i = 0; i < 30; i++) ws.send(large)
    // without the wait, the host would end the connection at 64 MiB of replies
    for (let i = 0; i < 3000; i++) await turn()
    expect(echo.open).toBe(1)
    ws.resume()
    await expect.poll(() => replies, { timeout: 30_000 }).toBe(30)
    ws.terminate()
    await expect.poll(() => echo.open).toBe(0)
  })
  test('a client that does not read the events of others is ended', async () => {
    const ws = await opened(socket(['reelabel', host.token]))
    ws.pause()
    for (let i = 0; i < 20; i++) echo.send?.({ t: 'evt', pad: 'x'.repeat(8 << 20) })
    await expect.poll(() => echo.open).toBe(0)
    ws.terminate()
  })
  test('a refused upgrade is ended although the client keeps its half open', async () => {
    const { port } = new URL(host.origin)
    const stranger = connect({ host: '127.0.0.1', port: Number(port), allowHalfOpen: true })
    stranger.write(`GET /ws HTTP/1.1\r\nhost: 127.0.0.1:${port}\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\n`)
    stranger.resume()
    await new Promise((resolve) => stranger.once('end', resolve))
    // the host has no socket any more, so that a byte to it is answered with a reset
    const gone = new Promise((resolve) => stranger.once('error', resolve))
    const again = setInterval(() => stranger.write('x'), 5)
    await expect(gone).resolves.toMatchObject({ code: expect.stringMatching(/ECONNRESET|EPIPE|ECONNABORTED/) as string })
    clearInterval(again)
    stranger.destroy()
  })
  test('of many connections that load the page, the oldest are ended', async () => {
    const idle = Array.from({ length: 200 }, () => connect(Number(new URL(host.origin).port), '127.0.0.1'))
    let ended = 0
    for (const s of idle) s.on('error', () => s.destroy()).on('close', () => ended++)
    await expect.poll(() => ended).toBeGreaterThanOrEqual(72)
    expect((await request('/')).status).toBe(200)
    for (const s of idle) s.destroy()
  })
})

describe('pages', () => {
  test('the page has the content security policy and is not cached', async () => {
    const { status, headers, body } = await request('/')
    expect({ status, body }).toEqual({ status: 200, body: '<!doctype html><title>page</title>' })
    expect(headers).toMatchObject({
      'content-security-policy': CSP,
      'content-type': 'text/html; charset=utf-8',
      'x-content-type-options': 'nosniff',
      'cache-control': 'no-store',
    })
  })
  test.each([
    '/../secret.txt',
    '/..%2fsecret.txt',
    '/%2e%2e/secret.txt',
    '/..%5csecret.txt',
    '/../renderer-of-others/x.js',
    '/nothing.js',
    '/%',
    '/%00',
    '//etc/passwd',
  ])('%s is not found', async (path) => {
    const { status, body } = await request(path)
    expect({ status, body }).toEqual({ status: 404, body: '' })
  })
  test('another host name and another method are refused', async () => {
    expect((await request('/', { headers: { host: 'evil.test' } })).status).toBe(403)
    expect((await request('/', { headers: { host: `localhost:${new URL(host.origin).port}` } })).status).toBe(403)
    expect((await request('/', { method: 'POST' })).status).toBe(403)
  })
  test('the origin is what browsers write: without port 80', () => {
    expect([originOf(80), originOf(8080)]).toEqual(['http://127.0.0.1', 'http://127.0.0.1:8080'])
  })
  test('the host listens only on this machine', () => expect(host.origin).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/))
  test('a port in use is reported', async () => {
    const port = Number(new URL(host.origin).port)
    await expect(startHost({ engine: echo, rendererDir, port })).rejects.toMatchObject({ code: 'port-taken' })
  })
})
