import { messageOf } from '../../contract/errors.ts'
import type { Result } from '../../contract/api.ts'
import type { HubModel } from '../../contract/models.ts'
import { isConsent } from './models.svelte.ts'
import type { ProjectApi } from './project-api.ts'

export type Description = Result<'models.describe'>

/** Search, description and download of the Hub's models, each only after the user has agreed to what is sent. */
export class Hub {
  open = $state(false)
  query = $state('')
  results = $state.raw<readonly HubModel[] | null>(null)
  /** A description of the request, from the engine, until the user agrees. */
  asking = $state.raw('')
  /** The model selected for download, and its files. */
  chosen = $state.raw<Description | null>(null)
  busy = $state.raw(false)
  problem = $state.raw('')
  /** The user's consent, valid until this window closes. */
  #agreed = false
  #waiting: (() => Promise<void>) | null = null

  constructor(private readonly api: ProjectApi) {}
  show(): void {
    this.open = true
    this.problem = ''
  }
  close(): void {
    this.open = false
    this.chosen = null
    this.asking = ''
    this.#waiting = null
  }
  search(): Promise<void> {
    const query = this.query.trim()
    if (query === '') return Promise.resolve()
    this.chosen = null
    return this.#ask(async (consent) => {
      this.results = await this.api.call('models.search', { query, consent })
    })
  }
  look(model: HubModel): Promise<void> {
    return this.#ask(async (consent) => {
      this.chosen = await this.api.call('models.describe', { id: model.id, consent })
    })
  }
  /** Downloads after the user has agreed in the dialog. */
  async download(): Promise<void> {
    const id = this.chosen?.id
    if (id === undefined) return
    await this.#run(async () => {
      await this.api.call('models.download', { id, consent: true })
      this.close()
    })
  }
  agree(): Promise<void> {
    this.#agreed = true
    this.asking = ''
    const waiting = this.#waiting
    this.#waiting = null
    return waiting?.() ?? Promise.resolve()
  }
  refuse(): void {
    this.asking = ''
    this.#waiting = null
  }
  #ask(work: (consent: boolean) => Promise<void>): Promise<void> {
    return this.#run(async () => {
      try {
        await work(this.#agreed)
      } catch (error) {
        if (this.#agreed || !isConsent(error)) throw error
        this.asking = error.message
        this.#waiting = () => this.#ask(work)
      }
    })
  }
  async #run(work: () => Promise<void>): Promise<void> {
    if (this.busy) return
    this.busy = true
    this.problem = ''
    try {
      await work()
    } catch (error) {
      this.problem = messageOf(error)
    }
    this.busy = false
  }
}
