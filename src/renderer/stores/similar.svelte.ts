import type { Neighbour } from '../../contract/suspects.ts'
import { Latest } from './latest.ts'
import type { ProjectApi } from './project-api.ts'

/** The movies most similar to the one at hand, while their panel is open. */
export class Similar {
  open = $state(false)
  /** `neighbours` is null if suspects, and with them similar movies, were never searched for. */
  found = $state.raw<{ readonly movie: number; readonly neighbours: readonly Neighbour[] | null } | null>(null)
  readonly #requests = new Latest()

  constructor(private readonly api: ProjectApi) {}
  /** Labels, the search or the project have changed. */
  forget(): void {
    this.#requests.begin()
    this.found = null
  }
  async toggle(movie: number | null, open = !this.open): Promise<void> {
    this.open = open
    if (movie !== null) await this.show(movie)
  }
  /** Fetches the neighbours of the movie at hand if the panel is open. */
  async show(movie: number): Promise<void> {
    if (!this.open || this.found?.movie === movie) return
    const latest = this.#requests.begin()
    const found = await this.api.ask('suspects.movie', { movie })
    if (found !== undefined && latest()) this.found = { movie, neighbours: found?.neighbours ?? null }
  }
}
