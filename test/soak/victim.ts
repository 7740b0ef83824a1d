import { fork, type ChildProcess } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { JobEvent } from '../../src/contract/events.ts'
import { RpcClient } from '../../src/contract/rpc.ts'
import type { Begin } from './engine-child.ts'

/** An engine process that will be killed. */
export class Victim {
  readonly #child: ChildProcess
  readonly rpc: RpcClient
  readonly #messages = new Set<(m: unknown) => void>()
  readonly gone: Promise<void>
  alive = true
  constructor() {
    this.#child = fork(join(import.meta.dirname, 'engine-child.ts'), [], {
      serialization: 'advanced',
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    })
    this.rpc = new RpcClient({
      post: (m) => {
        if (this.alive) this.#child.send(m as object, () => undefined)
      },
      onMessage: (l) => void this.#messages.add(l),
    })
    this.gone = new Promise((resolve) =>
      this.#child.once('exit', () => {
        this.alive = false
        this.rpc.fail(new Error('the engine was killed'))
        resolve()
      }),
    )
    this.#child.on('error', () => undefined)
  }
  /** Starts the engine; false if it was killed or failed. */
  begin(begin: Begin): Promise<string | null> {
    return new Promise((resolve) => {
      void this.gone.then(() => resolve('killed'))
      this.#child.on('message', (m: unknown) => {
        if (m === 'ready') resolve(null)
        else if (typeof m === 'object' && m !== null && 'failed' in m) resolve(String(m.failed))
        else for (const l of this.#messages) l(m)
      })
      this.#child.send(begin, () => undefined)
    })
  }
  /** Ids of its child processes; empty where the system does not list them. */
  workers(): number[] {
    try {
      const pid = this.#child.pid!
      return readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ').filter(Boolean).map(Number)
    } catch {
      return []
    }
  }
  kill(): void {
    this.#child.kill('SIGKILL')
  }
  /** Waits for the end of a job; null if the engine ended first. */
  async job(start: () => Promise<{ job: number }>): Promise<JobEvent | null> {
    const ends = new Map<number, JobEvent>()
    let wake = (): void => undefined
    const off = this.rpc.on('job', (e) => {
      if (e.state !== 'running') ends.set(e.job, e)
      wake()
    })
    try {
      const { job } = await start()
      while (!ends.has(job) && this.alive) await Promise.race([this.gone, new Promise<void>((resolve) => (wake = resolve))])
      return ends.get(job) ?? null
    } finally {
      off()
    }
  }
}
