import { fork } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { Hub } from '../../src/main/hub/hub.ts'
import { Library } from '../../src/main/hub/library.ts'
import { startFakeHub, type FakeHub } from './fake-hub.ts'
import { tinyFiles, tinyModel } from './tiny-model.ts'

const DOWNLOADER = join(import.meta.dirname, 'downloader.ts')
const ID = 'ann/tiny'

let fake: FakeHub
let dir: string
beforeEach(async () => {
  fake = await startFakeHub([tinyModel()])
  dir = mkdtempSync(join(tmpdir(), 'hub-'))
})
afterEach(async () => {
  await fake.close()
  rmSync(dir, { recursive: true, force: true })
})

/** Downloads in a separate process, which is killed once it has this number of bytes. Returns how it ended. */
function inProcess(env: Record<string, string>, killAt = Infinity): Promise<string> {
  const child = fork(DOWNLOADER, [dir, ID], { env: { ...process.env, ...env }, silent: true })
  let message = ''
  child.on('message', (m: { done?: number; error?: string }) => {
    message = m.error ?? message
    if ((m.done ?? 0) > killAt) child.kill('SIGKILL')
  })
  return new Promise((ended) => child.on('exit', (code, signal) => ended(signal ?? (message === '' ? `exit ${code}` : message))))
}

test('a killed download is resumed', async () => {
  fake.faults = ({ server }) => (server === 'store' ? { pauseMs: 4 } : undefined)
  expect(await inProcess({ REELABEL_HUB: fake.url }, 60_000)).toBe('SIGKILL')
  const library = new Library({ dir, env: { REELABEL_HUB: fake.url } })
  expect(library.list()).toEqual([])
  fake.faults = () => undefined
  fake.asked.length = 0
  const { path } = await new Hub({ library }).download(ID, { consent: true })
  expect(fake.fetched()).toEqual([expect.stringMatching(/^model\.safetensors bytes=[1-9]\d{4,}-$/)])
  expect(readFileSync(join(path, 'model.safetensors')).equals(tinyFiles()['model.safetensors']!)).toBe(true)
})

test('the proxy of the environment is used, except for addresses on this machine', async () => {
  const asked: string[] = []
  const proxy = createServer((q: IncomingMessage, s) => {
    asked.push(q.url ?? '')
    s.writeHead(502).end()
  }).on('connect', (q: IncomingMessage, socket) => {
    asked.push(q.url ?? '')
    socket.end('HTTP/1.1 407 Proxy Authentication Required\r\n\r\n')
  })
  await new Promise<void>((done) => proxy.listen(0, '127.0.0.1', done))
  const address = `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`
  const proxied = { HTTPS_PROXY: address, HTTP_PROXY: address, https_proxy: '', http_proxy: '', NO_PROXY: '', no_proxy: '' }
  try {
    expect(await inProcess({ ...proxied, REELABEL_HUB: 'https://hub.invalid' })).toMatch(/^hub\.invalid: /)
    expect(asked).toContain('hub.invalid:443')
    asked.length = 0
    expect(await inProcess({ ...proxied, REELABEL_HUB: fake.url })).toBe('exit 0')
    expect(asked).toEqual([])
  } finally {
    proxy.close()
  }
})
