/** A Hub on this machine: its API and files at one address and the large files at another one, like the real Hub. */
import { createHash } from 'node:crypto'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface FakeModel {
  readonly id: string
  readonly files: Readonly<Record<string, Buffer>>
  /** Id of its commit; an update has another one. */
  readonly sha?: string
  readonly gated?: boolean | string
  readonly downloads?: number
  /** Replaces the API's description of the model. */
  readonly info?: Readonly<Record<string, unknown>>
  /** Replaces the list of files. */
  readonly tree?: unknown
}
export interface Asked {
  readonly server: 'hub' | 'store'
  readonly path: string
  /** Name of the requested file, if a file is requested. */
  readonly file: string | null
  readonly headers: IncomingMessage['headers']
  /** How often that path of that server was requested, from 1. */
  readonly times: number
}
/** The fault of a response. */
export interface Fault {
  readonly status?: number
  readonly headers?: Readonly<Record<string, string>>
  /** Replaces the body. */
  readonly body?: Buffer | string
  /** The connection breaks after this number of bytes. */
  readonly cutAfter?: number
  readonly ignoreRange?: boolean
  /** The response has no length. */
  readonly chunked?: boolean
  /** The body is sent in pieces with this pause in between. */
  readonly pauseMs?: number
  /** The body is never sent. */
  readonly hang?: boolean
}
export type Faults = (asked: Asked) => Fault | undefined

export interface FakeHub {
  readonly url: string
  readonly storeUrl: string
  readonly asked: Asked[]
  models: FakeModel[]
  faults: Faults
  /** Requested file names with their ranges, such as `model.safetensors bytes=10-`, at the server that has the file. */
  fetched(): string[]
  close(): Promise<void>
}

const SHA = 'a'.repeat(40)
export const sha256 = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex')
export const gitSha1 = (bytes: Buffer): string => createHash('sha1').update(`blob ${bytes.length}\0`).update(bytes).digest('hex')
const isLarge = (name: string): boolean => name.endsWith('.safetensors')

export async function startFakeHub(models: FakeModel[] = []): Promise<FakeHub> {
  const hub = new Fake(models)
  await hub.start()
  return hub
}

class Fake implements FakeHub {
  models: FakeModel[]
  readonly asked: Asked[] = []
  faults: Faults = () => undefined
  readonly #hub = createServer((q, s) => this.#answer('hub', q, s))
  readonly #store = createServer((q, s) => this.#answer('store', q, s))
  constructor(models: FakeModel[]) {
    this.models = models
  }
  async start(): Promise<void> {
    await Promise.all([this.#hub, this.#store].map((s) => new Promise<void>((done) => s.listen(0, '127.0.0.1', done))))
  }
  get url(): string {
    return addressOf(this.#hub)
  }
  get storeUrl(): string {
    return addressOf(this.#store)
  }
  fetched(): string[] {
    return this.asked
      .filter((a) => a.file !== null && a.server === (isLarge(a.file) ? 'store' : 'hub'))
      .map((a) => `${a.file ?? ''} ${a.headers.range ?? ''}`.trim())
  }
  async close(): Promise<void> {
    for (const server of [this.#hub, this.#store]) {
      server.closeAllConnections()
      await new Promise((done) => server.close(done))
    }
  }
  #answer(server: Asked['server'], request: IncomingMessage, response: ServerResponse): void {
    const url = new URL(request.url ?? '/', this.url)
    const path = decodeURIComponent(url.pathname)
    const file = /\/(?:resolve\/[^/]+|blobs\/[^/]+)\/(?<file>.+)$/.exec(path)?.groups?.['file'] ?? null
    const times = this.asked.filter((a) => a.server === server && a.path === path).length + 1
    const asked: Asked = { server, path, file, headers: request.headers, times }
    this.asked.push(asked)
    const fault = this.faults(asked) ?? {}
    if (fault.status !== undefined && file === null) {
      response.writeHead(fault.status, fault.headers).end(fault.body)
    } else if (file === null) this.#api(url, path, response, fault)
    else if (server === 'hub') this.#resolve(path, file, request, response, fault)
    else this.#send(this.#blob(path), request, response, fault)
  }
  #api(url: URL, path: string, response: ServerResponse, fault: Fault): void {
    const json = (value: unknown): void => {
      response.writeHead(200, { 'content-type': 'application/json', ...fault.headers }).end(fault.body ?? JSON.stringify(value))
    }
    if (path === '/api/models') {
      const words = url.searchParams.get('search') ?? ''
      return void json(this.models.filter((m) => m.id.includes(words)).map((m) => infoOf(m)))
    }
    const model = this.models.find((m) => path.startsWith(`/api/models/${m.id}/`))
    if (!model) return void response.writeHead(401, { 'x-error-code': 'RepoNotFound' }).end('{"error":"Invalid username or password."}')
    json(!path.includes('/tree/') ? infoOf(model) : model.tree === undefined ? treeOf(model) : model.tree)
  }
  /** Serves small files after a redirect to itself; large ones are redirected to the store. */
  #resolve(path: string, file: string, request: IncomingMessage, response: ServerResponse, fault: Fault): void {
    const model = this.models.find((m) => path.startsWith(`/${m.id}/resolve/${m.sha ?? SHA}/`))
    const bytes = model?.files[file]
    if (!model || bytes === undefined) {
      response.writeHead(404, { 'x-error-code': 'EntryNotFound' }).end()
    } else if (fault.status === undefined && isLarge(file)) {
      const location = fault.headers?.['location'] ?? `${this.storeUrl}/blobs/${sha256(bytes)}/${file}?signature=1`
      response.writeHead(302, { location, 'x-linked-etag': `"${sha256(bytes)}"`, 'x-repo-commit': SHA }).end()
    } else this.#send(bytes, request, response, fault)
  }
  #blob(path: string): Buffer | undefined {
    const digest = path.split('/')[2]
    return this.models.flatMap((m) => Object.values(m.files)).find((b) => sha256(b) === digest)
  }
  #send(found: Buffer | undefined, request: IncomingMessage, response: ServerResponse, fault: Fault): void {
    if (found === undefined) return void response.writeHead(404).end()
    const bytes = fault.body === undefined ? found : Buffer.from(fault.body)
    const start =
      fault.ignoreRange === true ? 0 : Number(/^bytes=(?<start>\d+)-$/.exec(request.headers.range ?? '')?.groups?.['start'] ?? 0)
    if (start > 0 && start >= bytes.length) return void response.writeHead(416).end()
    const range = start > 0 ? { 'content-range': `bytes ${start}-${bytes.length - 1}/${bytes.length}` } : {}
    const length = fault.chunked === true ? {} : { 'content-length': String(bytes.length - start) }
    const headers = { ...length, ...range, ...fault.headers }
    response.writeHead(fault.status ?? (start > 0 ? 206 : 200), headers)
    void stream(response, bytes.subarray(start), fault)
  }
}

async function stream(response: ServerResponse, bytes: Buffer, fault: Fault): Promise<void> {
  if (fault.hang === true) return void response.flushHeaders()
  const end = fault.cutAfter ?? bytes.length
  // a broken connection loses bytes that the client has not read yet: they are sent slowly, so that a busy client has read most of them
  const pauseMs = fault.pauseMs ?? (fault.cutAfter === undefined ? 0 : 2)
  const step = pauseMs === 0 ? end : 4096
  for (let at = 0; at < end && !response.destroyed; at += step) {
    await new Promise<void>((done) => response.write(bytes.subarray(at, Math.min(end, at + step)), () => done()))
    if (pauseMs > 0) await new Promise((done) => setTimeout(done, pauseMs))
  }
  if (fault.cutAfter === undefined) return void response.end()
  await new Promise((done) => setTimeout(done, 30))
  response.destroy()
}

const addressOf = (server: Server): string => `http://127.0.0.1:${(server.address() as AddressInfo).port}`

function infoOf(m: FakeModel): Record<string, unknown> {
  const config = m.files['config.json']
  return {
    _id: 'x',
    id: m.id,
    sha: m.sha ?? SHA,
    private: false,
    gated: m.gated ?? false,
    downloads: m.downloads ?? 10,
    likes: 1,
    lastModified: '2026-01-02T03:04:05.000Z',
    config: config ? (JSON.parse(config.toString()) as unknown) : undefined,
    cardData: { license: 'apache-2.0' },
    safetensors: { parameters: { F32: 12 }, total: 12 },
    siblings: Object.keys(m.files).map((rfilename) => ({ rfilename })),
    tags: [],
    ...m.info,
  }
}
function treeOf(m: FakeModel): unknown[] {
  return Object.entries(m.files).map(([path, bytes]) => ({
    type: 'file',
    path,
    size: bytes.length,
    oid: gitSha1(bytes),
    ...(isLarge(path) ? { lfs: { oid: sha256(bytes), size: bytes.length, pointerSize: 130 } } : {}),
  }))
}
