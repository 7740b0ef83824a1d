/** Processes that work for the engine under Electron, where only the shell may start one: the engine's side. */
import { setTimeout } from 'node:timers/promises'
import type { MessagePortMain } from 'electron'
import type { ProcessKind } from '../contract/jobs.ts'
import type { FromEngine } from '../contract/shell.ts'
import type { SpawnProcess, WorkProcess } from './jobs/processes.ts'

type LinePort = Pick<MessagePortMain, 'postMessage' | 'on' | 'once' | 'start'>
/** How long the line may outlive its process. */
const LAST_WORDS_MS = 1000

/** One process; what is posted before its port arrives waits. */
class Line {
  #port: LinePort | undefined
  /** The end of the line, once there is one. */
  #ended: Promise<void> = Promise.resolve()
  readonly #held: unknown[] = []
  readonly #onMessage = new Set<(m: never) => void>()
  readonly #onExit = new Set<(code: number | null) => void>()

  process<K extends ProcessKind>(kill: () => void): WorkProcess<K> {
    return {
      post: (m) => void (this.#port ? this.#port.postMessage(m) : this.#held.push(m)),
      onMessage: (l) => void this.#onMessage.add(l),
      onExit: (l) => void this.#onExit.add(l),
      kill,
    }
  }
  connect(port: LinePort): void {
    this.#port = port
    port.on('message', (e) => {
      for (const l of this.#onMessage) l(e.data as never)
    })
    this.#ended = new Promise((resolve) => port.once('close', () => resolve()))
    port.start()
    for (const m of this.#held.splice(0)) port.postMessage(m)
  }
  /** The notice comes through the shell, the last messages straight: they are waited for. */
  async exited(code: number | null): Promise<void> {
    await Promise.race([this.#ended, setTimeout(LAST_WORDS_MS)])
    for (const l of this.#onExit) l(code)
  }
}

export class RemoteProcesses {
  readonly #tell: (m: FromEngine) => void
  readonly #lines = new Map<number, Line>()
  #next = 1

  constructor(tell: (m: FromEngine) => void) {
    this.#tell = tell
  }
  readonly spawn: SpawnProcess = (kind) => {
    const id = this.#next++
    const line = new Line()
    this.#lines.set(id, line)
    this.#tell({ t: 'spawn', kind, id })
    return line.process(() => this.#tell({ t: 'kill', id }))
  }
  connect(id: number, port: LinePort): void {
    this.#lines.get(id)?.connect(port)
  }
  exited(id: number, code: number | null): void {
    const line = this.#lines.get(id)
    this.#lines.delete(id)
    void line?.exited(code)
  }
}
