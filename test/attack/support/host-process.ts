/** A browser host in a process of its own, which an attack may fill, block or end without harm to this one. */
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { WebSocket } from 'ws'
import type { ArgsIn, Method, Result } from '../../../src/contract/api.ts'
import { RpcClient } from '../../../src/contract/rpc.ts'
import { decode, encode } from '../../../src/contract/web.ts'
import { generateProject } from '../../support/generate.ts'
import type { Begin, Resources } from './host-child.ts'

/** A window: one connection with the right token. */
export interface Client {
  readonly ws: WebSocket
  call<M extends Method>(method: M, args: ArgsIn<M>): Promise<Result<M>>
}
export interface AttackedHost {
  readonly origin: string
  readonly token: string
  readonly port: number
  /** Folder of uploads and projects. */
  readonly dataDir: string
  /** Connects as a window does. */
  connect(): Promise<Client>
  resources(): Promise<Resources>
  /** Longest time in milliseconds that another client waits for an answer while `work` runs. */
  longestWaitDuring(work: () => Promise<unknown>): Promise<number>
}
export const megabytes = (bytes: number): string => `${Math.round(bytes / 1e6)} MB`

/** Size of the page's script, which is the largest file of the page: about that of the built window. */
const SCRIPT_BYTES = 1_200_000

/** Projects by their number of movies, each generated once in this process, which may be ended before it could delete a file. */
const projects = new Map<number, Promise<Buffer>>()
function projectOf(movies: number): Promise<Buffer> {
  const made = projects.get(movies) ?? generated(movies)
  projects.set(movies, made)
  return made
}
async function generated(movies: number): Promise<Buffer> {
  const folder = mkdtempSync(join(tmpdir(), 'reelabel-attacked-'))
  try {
    const path = join(folder, 'attacked.reel')
    await generateProject(path, movies)
    return readFileSync(path)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** Starts a host with a project of 200 movies, runs `attack` against it, and ends the host. @throws Error also if the host has ended before */
export async function againstHost<T>(folder: string, attack: (host: AttackedHost) => Promise<T>, movies = 200): Promise<T> {
  const open = join(folder, 'attacked.reel')
  writeFileSync(open, await projectOf(movies))
  const begin: Begin = { dataDir: join(folder, 'data'), rendererDir: join(folder, 'page'), open }
  mkdirSync(begin.rendererDir)
  writeFileSync(join(begin.rendererDir, 'index.html'), 'page')
  writeFileSync(join(begin.rendererDir, 'script.js'), '/'.repeat(SCRIPT_BYTES))
  const child = fork(join(import.meta.dirname, 'host-child.ts'), [], { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] })
  const ended = Promise.withResolvers<never>()
  child.once('exit', (code, signal) => ended.reject(new Error(`the host ended with ${signal ?? code}`)))
  ended.promise.catch(() => undefined)
  const answer = async <A>(message: unknown): Promise<A> => {
    child.send(message as object)
    return ((await Promise.race([once(child, 'message'), ended.promise])) as [A])[0]
  }
  const clients: WebSocket[] = []
  try {
    const { origin, token } = await answer<{ origin: string; token: string }>(begin)
    const connect = async (): Promise<Client> => {
      const client = await connectTo(origin, token)
      clients.push(client.ws)
      return client
    }
    const host: AttackedHost = {
      origin,
      token,
      port: Number(new URL(origin).port),
      dataDir: begin.dataDir,
      connect,
      resources: () => answer({}),
      longestWaitDuring: async (work) => {
        const watching = await connect()
        try {
          return await longestWait(watching, work)
        } finally {
          watching.ws.terminate()
        }
      },
    }
    const result = await Promise.race([attack(host), ended.promise])
    await (await connect()).call('labels.state', {})
    return result
  } finally {
    for (const ws of clients) ws.terminate()
    child.removeAllListeners('exit')
    child.kill('SIGKILL')
    if (child.exitCode === null && child.signalCode === null) await once(child, 'exit')
  }
}

/** @throws Error if the host refuses the connection */
async function connectTo(origin: string, token: string): Promise<Client> {
  const ws = new WebSocket(`${origin.replace('http', 'ws')}/ws`, ['reelabel', token], { headers: { origin } })
  await once(ws, 'open')
  ws.on('error', () => ws.terminate())
  const client = new RpcClient({
    post: (m) => ws.send(encode(m)),
    onMessage: (l) => void ws.on('message', (data: Buffer) => l(decode(data.toString()))),
  })
  ws.on('close', (code) => client.fail(new Error(`the connection was closed (${code})`)))
  return { ws, call: (method, args) => client.call(method, args) }
}

async function longestWait(client: Client, work: () => Promise<unknown>): Promise<number> {
  let working = true
  let longest = 0
  const watch = (async () => {
    while (working) {
      const sent = performance.now()
      await client.call('labels.state', {})
      longest = Math.max(longest, performance.now() - sent)
      await new Promise((resolve) => setTimeout(resolve, 2))
    }
  })()
  try {
    await work()
  } finally {
    working = false
  }
  await watch
  return longest
}
