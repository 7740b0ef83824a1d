/** An endpoint with the interface of OpenAI, or of a database of movies, on this machine, which answers as told, or misbehaves. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface Received {
  readonly path: string
  readonly headers: IncomingMessage['headers']
  readonly body: string
  /** The movie that the request is about. */
  readonly movie: { readonly title: string; readonly plot: string }
  /** How many requests have arrived, with this one. */
  readonly number: number
}
/** What a request gets. */
export interface Response {
  /** Content of the message: an object becomes JSON. */
  readonly content?: unknown
  readonly status?: number
  readonly headers?: Readonly<Record<string, string>>
  /** Replaces the whole body. */
  readonly body?: string
  /** The connection breaks after this number of bytes of the body. */
  readonly cutAfter?: number
  /** Pause before the response. */
  readonly pauseMs?: number
  /** No response ever comes. */
  readonly hang?: boolean
  /** Members of the choice, such as `finish_reason` and `logprobs`. */
  readonly choice?: Readonly<Record<string, unknown>>
  readonly usage?: { readonly prompt_tokens: number; readonly completion_tokens: number } | null
}

export interface FakeService {
  /** Address of its interface. */
  readonly url: string
  readonly received: Received[]
  answer: (request: Received) => Response
  close(): Promise<void>
}

const USAGE = { prompt_tokens: 100, completion_tokens: 20 }

export async function startFakeService(answer: FakeService['answer']): Promise<FakeService> {
  const received: Received[] = []
  const server = createServer((request, response) => void serve(request, response))
  const fake: FakeService = {
    get url() {
      return `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`
    },
    received,
    answer,
    close: () => {
      server.closeAllConnections()
      return new Promise((done) => server.close(() => done()))
    },
  }
  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    let body = ''
    for await (const chunk of request) body += String(chunk)
    // a database of movies is asked without a body
    const { messages } = JSON.parse(body || '{"messages":[]}') as { messages: { content: string }[] }
    const movie = JSON.parse(messages[1]?.content ?? '{}') as Received['movie']
    const asked = { path: request.url ?? '', headers: request.headers, body, movie, number: received.length + 1 }
    received.push(asked)
    send(response, fake.answer(asked))
  }
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  return fake
}

function send(response: ServerResponse, told: Response): void {
  if (told.hang) return
  const { content = '', status = 200, headers = {}, choice = {}, usage = USAGE } = told
  const message = { role: 'assistant', content: typeof content === 'string' ? content : JSON.stringify(content) }
  const body = told.body ?? JSON.stringify({ choices: [{ index: 0, finish_reason: 'stop', message, ...choice }], ...(usage && { usage }) })
  setTimeout(() => {
    response.writeHead(status, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body), ...headers })
    if (told.cutAfter === undefined) return void response.end(body)
    response.write(body.slice(0, told.cutAfter), () => response.destroy())
  }, told.pauseMs ?? 0)
}
