import { messageOf, UserError } from '../../contract/errors.ts'
import { FILTER_PROBLEM } from '../../contract/filter.ts'
import type { JobEvent } from '../../contract/events.ts'
import type { Result } from '../../contract/api.ts'
import type { AreaRow, MapState, MapVectors } from '../../contract/map.ts'
import type { MovieRow } from '../../contract/records.ts'
import type { Jobs } from './jobs.svelte.ts'
import { Latest } from './latest.ts'
import type { ProjectApi } from './project-api.ts'
import { Screen } from './screen.ts'

type Colours = Result<'map.colours'>
/** A point with its movie, and the movies of the points around it. */
export interface Focus {
  readonly movie: MovieRow
  readonly near: readonly MovieRow[]
}

/** The map of all movies: its computation, its colours, its areas, and what is selected on it. */
export class MovieMap extends Screen {
  /** Null before the first computation; undefined until the engine has answered. */
  map = $state.raw<MapState | null | undefined>(undefined)
  failed = $state.raw<string | null>(null)
  by = $state.raw('genre')
  colours = $state.raw<Colours | null>(null)
  /** Why the chosen colours cannot be shown. */
  problem = $state.raw<string | null>(null)
  /** Codes whose points are hidden. */
  hidden = $state.raw<readonly number[]>([])
  level = $state.raw(1)
  areas = $state.raw<readonly AreaRow[]>([])
  /** A selection as a filter, and how many movies it has. */
  selection = $state.raw<{ readonly where: string; readonly movies: number } | null>(null)
  columns = $state.raw<readonly string[]>([])
  focus = $state.raw<Focus | null>(null)
  readonly #requests = new Latest()
  readonly #colouring = new Latest()
  readonly #focusing = new Latest()

  constructor(
    private readonly api: ProjectApi,
    private readonly jobs: Jobs,
  ) {
    super()
  }
  get job(): JobEvent | null {
    return this.jobs.latest('map')
  }
  reset(): void {
    this.#requests.begin()
    this.#colouring.begin()
    this.#focusing.begin()
    this.map = undefined
    this.failed = this.colours = this.problem = this.selection = this.focus = null
    this.areas = this.columns = []
    this.by = 'genre'
    this.hidden = []
    this.forget()
  }
  async load(): Promise<void> {
    this.loading()
    const latest = this.#requests.begin()
    try {
      const map = await this.api.call('map.get', {})
      const columns = map ? (await this.api.call('review.names', {})).columns : []
      if (!latest()) return
      this.map = map
      this.failed = null
      this.columns = columns.filter(({ type }) => type !== 'text').map(({ name }) => name)
      if (map) await Promise.all([this.colour(this.by), this.showAreas(this.level)])
    } catch (error) {
      if (latest()) this.failed = messageOf(error)
    }
  }
  /** @param model id of the library's model whose vectors make movies similar; null for other vectors */
  async compute(vectors: MapVectors, model: string | null): Promise<void> {
    await this.api.ask('map.compute', { vectors, model })
  }
  async colour(by: string): Promise<void> {
    if (by !== this.by) this.hidden = []
    this.by = by
    const latest = this.#colouring.begin()
    try {
      const colours = await this.api.call('map.colours', { by })
      if (!latest()) return
      this.colours = colours
      this.problem = null
    } catch (error) {
      const said = FILTER_PROBLEM.safeParse(error instanceof UserError ? error.details : null)
      if (latest()) this.problem = said.success ? said.data.problem : messageOf(error)
    }
  }
  toggle(code: number): void {
    this.hidden = this.hidden.includes(code) ? this.hidden.filter((other) => other !== code) : [...this.hidden, code]
  }
  async showAreas(level: number): Promise<void> {
    this.level = level
    const areas = await this.api.ask('map.areas', { level })
    if (areas && level === this.level) this.areas = areas
  }
  async select(where: string | null): Promise<void> {
    this.selection = null
    const found = where === null ? undefined : await this.api.ask('review.query', { where })
    if (found && where !== null) this.selection = { where, movies: found.movies.length }
  }
  /** @param points that of the movie, and those around it; none: nothing is in focus */
  async look(points: readonly number[]): Promise<void> {
    const latest = this.#focusing.begin()
    const movies = points.map((point) => this.map?.movies[point] ?? 0)
    const [movie, ...near] = movies.length === 0 ? [] : ((await this.api.ask('review.rows', { movies })) ?? [])
    if (latest()) this.focus = movie ? { movie, near } : null
  }
}
