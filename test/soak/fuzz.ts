/** Sends wrong messages to an engine over a port and over the browser host: the engine must survive, and nothing may change. */
import { hash } from 'node:crypto'
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setImmediate as turn } from 'node:timers/promises'
import { WebSocket } from 'ws'
import { asRequest, type Port } from '../../src/contract/rpc.ts'
import { decode, encode, MAX_MESSAGE_BYTES } from '../../src/contract/web.ts'
import { seededDraws } from '../../src/main/analysis/random.ts'
import { Engine } from '../../src/main/engine.ts'
import { isTooLargeText } from '../../src/main/host/large-message.ts'
import { startHost, type Host } from '../../src/main/host/serve.ts'
import { generateProject, guessingCompute } from '../support/generate.ts'
import { wrongMessage, type Below } from './messages.ts'

export interface FuzzResult {
  readonly port: { readonly messages: number; readonly refused: number; readonly ignored: number }
  readonly socket: { readonly messages: number; readonly refused: number; readonly closed: number; readonly upgradesRefused: number }
}
type Reply = { t: string; id: number; ok?: boolean; error?: { code: string } }
/** Maximum number of messages without a reply. */
const AT_ONCE = 200

/** Name and digest of every file below a folder, except lock files and the names of the last project and the one being opened, which change after some seconds. */
function digestsOf(folder: string): string[] {
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => !/\.open-|-shm$|(?:last|opening)-project$/.test(name) && statSync(join(folder, name)).isFile())
    .sort()
  return files.map((name) => `${name} ${hash('sha256', readFileSync(join(folder, name)))}`)
}

/**
 * Sends `messages` wrong messages, half over each transport.
 * @throws Error if the engine dies, accepts a wrong message, or anything changes
 */
export async function fuzz(
  folder: string,
  messages: number,
  seed: number,
  tell: (line: string) => void = () => undefined,
): Promise<FuzzResult> {
  const path = join(folder, 'fuzzed.reel')
  await generateProject(path, 200, { runs: 1 })
  const data = join(folder, 'data')
  const renderer = join(folder, 'page')
  mkdirSync(renderer)
  writeFileSync(join(renderer, 'index.html'), 'page')
  const engine = await Engine.start({ dataDir: data, open: path, spawn: guessingCompute })
  const host = await startHost({ engine, rendererDir: renderer })
  const { genres } = await engine.call('project.info', {})
  const movie = (await engine.call('review.query', {})).movies[0]!
  await engine.call('labels.apply', {
    changes: [
      { field: 'label', movie, genre: genres[0]!.id, to: true },
      { field: 'note', movie, to: 'x' },
    ],
  })
  const before = digestsOf(folder)
  try {
    const below = seededDraws(seed)
    const port = await fuzzPort(engine, Math.ceil(messages / 2), below, tell)
    const socket = await fuzzSocket(host, Math.floor(messages / 2), below, tell)
    await assertAlive(engine)
    const after = digestsOf(folder)
    const changed = [...after.filter((file) => !before.includes(file)), ...before.filter((file) => !after.includes(file))]
    if (changed.length > 0) throw new Error(`something changed on the disk: ${changed.join(', ')}`)
    if (Object.keys(Object.prototype).length > 0 || 'polluted' in {}) throw new Error('the prototype of objects was polluted')
    return { port, socket }
  } finally {
    await host.close()
    await engine.close()
  }
}

async function assertAlive(engine: Engine): Promise<void> {
  const { corrections } = await engine.call('labels.state', {})
  if (typeof corrections !== 'number') throw new Error('the engine does not answer as it did')
}

async function fuzzPort(engine: Engine, messages: number, below: Below, tell: (line: string) => void): Promise<FuzzResult['port']> {
  let send: (m: unknown) => void = () => undefined
  let answered = 0
  const port: Port = {
    post: (m) => {
      const reply = m as Reply
      if (reply.t !== 'res') throw new Error(`an event came of wrong messages: ${JSON.stringify(m)}`)
      if (reply.ok || reply.error?.code === 'internal')
        throw new Error(`call ${reply.id} was not refused: ${JSON.stringify(m).slice(0, 500)}`)
      answered++
    },
    onMessage: (listener) => (send = listener),
  }
  const stop = engine.serve(port)
  let expected = 0
  for (let i = 1; i <= messages; i++) {
    const message = wrongMessage(below, i)
    if (asRequest(message)) expected++
    send(message)
    if (i % AT_ONCE === 0) await turn()
    if (i % 100_000 === 0) tell(`${i} messages over a port`)
  }
  for (let wait = 0; answered < expected && wait < 10_000; wait++) await turn()
  stop()
  if (answered !== expected) throw new Error(`${expected} calls, ${answered} answers`)
  return { messages, refused: answered, ignored: messages - expected }
}

/** One connection to the host. Whatever it sends must be refused or close the connection. */
class Page {
  readonly #ws: WebSocket
  refused = 0
  sent = 0
  closed = false
  wrong: string | null = null
  #wake: () => void = () => undefined
  constructor(host: Host, headers: Record<string, string> = {}, token = host.token) {
    this.#ws = new WebSocket(`${host.origin.replace('http', 'ws')}/ws`, ['reelabel', token], {
      headers: { origin: host.origin, ...headers },
    })
    this.#ws.on('message', (data: Buffer) => {
      const reply = JSON.parse(data.toString()) as Reply
      if (reply.t === 'res' && (reply.ok || reply.error?.code === 'internal')) this.wrong ??= data.toString().slice(0, 500)
      if (reply.t === 'res') this.refused++
      this.#wake()
    })
    this.#ws.on('close', () => this.#end())
    this.#ws.on('error', () => this.#end())
  }
  #end(): void {
    this.closed = true
    this.#wake()
  }
  opened(): Promise<boolean> {
    return new Promise((resolve) => {
      this.#ws.once('open', () => resolve(true))
      this.#ws.once('error', () => resolve(false))
    })
  }
  send(data: string | Buffer, answers: boolean): void {
    if (answers) this.sent++
    this.#ws.send(data)
  }
  /** Waits until the connection is closed or at most `most` calls are without a reply. */
  async settled(most: number): Promise<void> {
    while (!this.closed && this.sent - this.refused > most) await new Promise<void>((resolve) => (this.#wake = resolve))
  }
  async gone(): Promise<void> {
    while (!this.closed) await new Promise<void>((resolve) => (this.#wake = resolve))
  }
  close(): void {
    this.#ws.close()
  }
}

/** Bytes that are not a message. */
const NO_MESSAGES: readonly ((below: Below) => string | Buffer)[] = [
  () => '{"t":"req"',
  () => '',
  () => 'undefined',
  () => '['.repeat(100_000),
  () => '{"$kind":"Evil","$b64":""}',
  () => '{"$kind":"Float32Array","$b64":"AAA="}',
  () => Buffer.from([1, 2, 3]),
  (below) => Buffer.from(Array.from({ length: 50 }, () => below(256))),
  () => 'x'.repeat(MAX_MESSAGE_BYTES + 1),
]

async function fuzzSocket(host: Host, messages: number, below: Below, tell: (line: string) => void): Promise<FuzzResult['socket']> {
  let page = new Page(host)
  await page.opened()
  const total = { refused: 0, closed: 0, upgradesRefused: 0 }
  const closedBy = async (message: string | Buffer): Promise<void> => {
    await page.settled(0)
    page.send(message, false)
    await page.gone()
    total.closed++
    total.refused += page.refused
    page = new Page(host)
    if (!(await page.opened())) throw new Error('the host lets nobody in any more')
  }
  const throughCodec = (m: unknown): unknown => decode(encode(m))
  for (let i = 1; i <= messages; i++) {
    if (below(5000) === 0) {
      const intruder = below(2) ? new Page(host, { origin: 'http://evil.test' }) : new Page(host, {}, '0'.repeat(48))
      if (await intruder.opened()) throw new Error('a connection with a wrong origin or token was accepted')
      total.upgradesRefused++
    }
    if (below(2000) === 0) {
      // the last entry is large and therefore rare
      await closedBy(NO_MESSAGES[below(10) === 0 ? below(NO_MESSAGES.length) : below(NO_MESSAGES.length - 1)]!(below))
      continue
    }
    const text = textOf(below, i, throughCodec)
    if (isTooLargeText(Buffer.from(text)) && !/^\{"t":"req","id":\d/.test(text)) {
      await closedBy(text)
      continue
    }
    page.send(text, asRequest(decode(text)) !== null)
    if (i % AT_ONCE === 0) await page.settled(AT_ONCE)
    if (page.wrong) throw new Error(`a wrong message was answered: ${page.wrong}`)
    if (page.closed) throw new Error(`the connection was closed for a message that it should only refuse (${text.slice(0, 300)})`)
    if (i % 100_000 === 0) tell(`${i} messages over the browser host`)
  }
  await page.settled(0)
  total.refused += page.refused
  page.close()
  return { messages, ...total }
}

/** A wrong message as text; values that JSON cannot express are drawn again. */
function textOf(below: Below, id: number, as: (m: unknown) => unknown): string {
  for (;;) {
    try {
      const message = wrongMessage(below, id, as)
      const text = encode(message)
      decode(text)
      if (text !== undefined && text.length < MAX_MESSAGE_BYTES) return text
    } catch {
      // not expressible as JSON, or too deeply nested
    }
  }
}
