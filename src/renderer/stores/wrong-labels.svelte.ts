import type { Api } from '../../contract/api.ts'
import type { JobEvent } from '../../contract/events.ts'
import type { Health } from '../../contract/suspects.ts'
import type { Jobs } from './jobs.svelte.ts'
import { Latest } from './latest.ts'
import type { Notices } from './notices.svelte.ts'

/** How many labels are probably wrong, and the search that finds out. */
export class WrongLabels {
  /** Null before the first search; undefined until the engine has answered. */
  health = $state.raw<Health | null | undefined>(undefined)
  readonly #api: Api
  readonly #notices: Notices
  readonly #jobs: Jobs
  readonly #requests = new Latest()

  constructor(api: Api, notices: Notices, jobs: Jobs) {
    this.#api = api
    this.#notices = notices
    this.#jobs = jobs
  }
  /** The newest search that was started by itself; a training ends with one of its own. */
  get job(): JobEvent | null {
    return this.#jobs.latest('suspects')
  }
  /** Another project is open. */
  reset(): void {
    this.#requests.begin()
    this.health = undefined
  }
  async load(): Promise<void> {
    const latest = this.#requests.begin()
    const health = await this.#notices.guard(() => this.#api.call('suspects.health', {}))
    if (latest() && health !== undefined) this.health = health
  }
  /** Searches again; the engine's `changed` event brings the result. */
  async search(): Promise<void> {
    await this.#notices.guard(() => this.#api.call('suspects.find', {}))
  }
}
