/** Builds the window and serves it with the real headers on a free port, in front of the fake engine: `node test/renderer/dev.ts`. */
import { readFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join, normalize } from 'node:path'
import { svelte } from '@sveltejs/vite-plugin-svelte'
import { build } from 'vite'
import { WebSocketServer } from 'ws'
import { decode, encode } from '../../src/contract/codec.ts'
import { toReply } from '../../src/contract/errors.ts'
import { asRequest } from '../../src/contract/rpc.ts'
import { MAX_MESSAGE_BYTES, pageHeaders } from '../../src/contract/web.ts'
import { FakeApi } from './fake-api.ts'

export async function buildWindow(outDir: string): Promise<void> {
  await build({
    root: join(import.meta.dirname, '../../src/renderer'),
    base: './',
    plugins: [svelte()],
    logLevel: 'warn',
    build: { outDir, emptyOutDir: true, target: 'chrome152', chunkSizeWarningLimit: 1000 },
  })
}

export async function serveFake(outDir: string, api: FakeApi): Promise<{ url: string; close: () => void }> {
  const server = createServer((req, res) => {
    const name = new URL(req.url ?? '/', 'http://x').pathname
    const file = normalize(name === '/' ? '/index.html' : name)
    void readFile(join(outDir, file)).then(
      (body) => res.writeHead(200, pageHeaders(file)).end(body),
      () => res.writeHead(404).end(),
    )
  })
  const sockets = new WebSocketServer({ server, path: '/ws', maxPayload: MAX_MESSAGE_BYTES, handleProtocols: () => 'reelabel' })
  sockets.on('connection', (socket) => {
    const offs = (['job', 'epoch', 'changed'] as const).map((event) =>
      api.on(event, (payload) => socket.send(encode({ t: 'evt', event, payload }))),
    )
    socket.on('close', () => offs.forEach((off) => off()))
    socket.on('message', (data: Buffer) => {
      const request = asRequest(decode(data.toString()))
      if (!request?.known) return
      const { id } = request
      api.call(request.known, request.args as never).then(
        (value) => socket.send(encode({ t: 'res', id, ok: true, value })),
        (error: unknown) => socket.send(encode({ t: 'res', id, ok: false, error: toReply(error) })),
      )
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/#token=dev`
  const close = () => {
    for (const client of sockets.clients) client.terminate()
    server.close()
  }
  return { url, close }
}

if (import.meta.main) {
  const outDir = join(tmpdir(), 'reelabel-window')
  await buildWindow(outDir)
  console.log((await serveFake(outDir, new FakeApi({ jobMs: 800, trained: !process.argv.includes('--untrained') }))).url)
}
