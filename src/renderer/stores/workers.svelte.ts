import type { Sends } from '../../contract/training.ts'
import type { QueueInfo, WorkerInfo } from '../../contract/workers.ts'
import type { ProjectApi } from './project-api.ts'

/** The queue of workers, and whether the next training runs on them. */
export class Workers {
  info = $state.raw<QueueInfo | null>(null)
  /** The workers that the last test found; null: nobody has tested the queue. */
  found = $state.raw<readonly WorkerInfo[] | null>(null)
  testing = $state(false)
  /** The data that a training on workers would send; null until they are asked for. */
  sends = $state.raw<Sends | null>(null)
  #wanted = $state(false)

  constructor(private readonly api: ProjectApi) {}
  /** Another project is open. */
  reset(): void {
    this.#wanted = false
    this.sends = null
  }
  /** True if the next training runs on the workers. */
  get wanted(): boolean {
    return this.#wanted && this.info?.host != null
  }
  async want(wanted: boolean): Promise<void> {
    this.#wanted = wanted
    if (wanted) await this.api.ask('train.sends', {}, (sends) => (this.sends = sends))
  }
  async load(): Promise<void> {
    await this.api.ask('queue.get', {}, (info) => (this.info = info))
  }
  /** Returns true if the queue was saved. Nothing is contacted. */
  async save(address: string, secret: string): Promise<boolean> {
    this.found = null
    return (await this.api.ask('queue.set', { address, secret }, (info) => (this.info = info))) !== undefined
  }
  async forget(): Promise<void> {
    this.found = null
    await this.api.ask('queue.set', { address: null }, (info) => (this.info = info))
  }
  /** Connects to the queue. */
  async test(): Promise<void> {
    this.testing = true
    this.found = null
    await this.api.ask('queue.test', {}, ({ workers }) => (this.found = workers))
    this.testing = false
  }
}
