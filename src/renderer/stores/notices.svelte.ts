import { ENGINE_STOPPED } from '../api.ts'
import { UserError } from '../../contract/errors.ts'

export interface Notice {
  readonly id: number
  readonly kind: 'error' | 'info'
  readonly text: string
}
const INFO_MS = 6000

/** What the analyst has to be told. Errors stay until they are dismissed. */
export class Notices {
  list = $state.raw<readonly Notice[]>([])
  #next = 1

  #add(kind: Notice['kind'], text: string): number {
    const id = this.#next++
    // one piece of information at a time; errors pile up until they are read
    const kept = this.list.filter((n) => n.text !== text && (kind === 'error' || n.kind === 'error'))
    this.list = [...kept, { id, kind, text }]
    return id
  }
  info(text: string): void {
    const id = this.#add('info', text)
    setTimeout(() => this.dismiss(id), INFO_MS)
  }
  error(error: unknown): void {
    // the whole window says so already
    if (error instanceof UserError && error.code === ENGINE_STOPPED) return
    this.#add('error', error instanceof Error ? error.message : String(error))
  }
  dismiss(id: number): void {
    this.list = this.list.filter((n) => n.id !== id)
  }
  /** Runs `work`; an error becomes a notice and the answer undefined. */
  async guard<T>(work: () => Promise<T>): Promise<T | undefined> {
    try {
      return await work()
    } catch (error) {
      this.error(error)
      return undefined
    }
  }
}
