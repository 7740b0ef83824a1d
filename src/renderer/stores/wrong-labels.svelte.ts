import type { JobEvent } from '../../contract/events.ts'
import type { Health } from '../../contract/suspects.ts'
import type { Jobs } from './jobs.svelte.ts'
import { Latest } from './latest.ts'
import type { ProjectApi } from './project-api.ts'

/** The estimate of wrong labels, and the search for suspects. */
export class WrongLabels {
  /** Null before the first search; undefined until the engine has answered. */
  health = $state.raw<Health | null | undefined>(undefined)
  readonly #requests = new Latest()

  constructor(
    private readonly api: ProjectApi,
    private readonly jobs: Jobs,
  ) {}
  /** The newest search that was started by itself; a training ends with one of its own. */
  get job(): JobEvent | null {
    return this.jobs.latest('suspects')
  }
  /** Another project is open. */
  reset(): void {
    this.#requests.begin()
    this.health = undefined
  }
  async load(): Promise<void> {
    const latest = this.#requests.begin()
    const health = await this.api.ask('suspects.health', {})
    if (latest() && health !== undefined) this.health = health
  }
  /** Searches again; the engine's `changed` event brings the result. */
  async search(): Promise<void> {
    await this.api.ask('suspects.find', {})
  }
}
