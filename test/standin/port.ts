import { EventEmitter } from 'node:events'

/** Replaces MessagePortMain: messages are structured-cloned, delivered asynchronously, and queued until start(). */
export class Port extends EventEmitter<{ message: [{ data: unknown; ports: Port[] }]; close: [] }> {
  peer: Port | undefined
  #started = false
  readonly #kept: unknown[] = []

  postMessage(message: unknown, transfer: readonly Port[] = []): void {
    if (transfer.length > 0) throw new Error('stand-in: a port through a port is not supported')
    const data: unknown = structuredClone(message)
    setImmediate(() => this.peer?.receive(data))
  }
  receive(data: unknown): void {
    if (this.#started) this.emit('message', { data, ports: [] })
    else this.#kept.push(data)
  }
  start(): void {
    this.#started = true
    for (const data of this.#kept.splice(0)) this.emit('message', { data, ports: [] })
  }
  close(): void {
    const { peer } = this
    if (!peer) return
    // after the messages in transit
    setImmediate(() => {
      this.peer = undefined
      peer.peer = undefined
      peer.emit('close')
    })
  }
}
export function channel(): { port1: Port; port2: Port } {
  const port1 = new Port()
  const port2 = new Port()
  port1.peer = port2
  port2.peer = port1
  return { port1, port2 }
}

/** What a link transports: a user's message with the numbers of its ports, a message of a port, or the closing of a port. */
export type Wire =
  | { readonly t: 'msg'; readonly data: unknown; readonly ports: readonly number[] }
  | { readonly t: 'port'; readonly id: number; readonly data: unknown }
  | { readonly t: 'close'; readonly id: number }

/** One end of a link for plain messages (a child's IPC, a page's binding), extended to transport ports too. */
export class PortLink {
  readonly #ports = new Map<number, Port>()
  readonly #send: (m: Wire) => void
  /** The two ends number their ports from 0 and from 1, in steps of two. */
  #next: number

  constructor(send: (m: Wire) => void, first: 0 | 1) {
    this.#send = send
    this.#next = first
  }
  #glue(id: number, port: Port): void {
    this.#ports.set(id, port)
    port.on('message', (e) => this.#send({ t: 'port', id, data: e.data }))
    port.on('close', () => {
      this.#ports.delete(id)
      this.#send({ t: 'close', id })
    })
    port.start()
  }
  post(data: unknown, transfer: readonly Port[] = []): void {
    const ports = transfer.map((p) => {
      const id = (this.#next += 2)
      this.#glue(id, p)
      return id
    })
    this.#send({ t: 'msg', data: structuredClone(data), ports })
  }
  /** Returns the message with real ports if it is one for the user. */
  accept(m: Wire): { data: unknown; ports: Port[] } | undefined {
    if (m.t === 'port') this.#ports.get(m.id)?.postMessage(m.data)
    else if (m.t === 'close') this.#ports.get(m.id)?.close()
    else
      return {
        data: m.data,
        ports: m.ports.map((id) => {
          const { port1, port2 } = channel()
          this.#glue(id, port1)
          return port2
        }),
      }
    return undefined
  }
  /** The other end has closed. */
  closeAll(): void {
    for (const p of this.#ports.values()) p.close()
  }
}
