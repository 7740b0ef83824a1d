import type { Result } from '../../contract/api.ts'
import type { Jobs } from './jobs.svelte.ts'
import type { ProjectApi } from './project-api.ts'

/** A plot that a database has of a movie without one. */
export type Suggested = Result<'services.results'>['movies'][number]
type Found = Suggested & { readonly answer: { readonly task: 'plot' } }

/** Plots of databases for movies without one, which are accepted or taken back. */
export class PlotsStore {
  /** The newest answer about each movie; null before it is read. */
  list = $state.raw<readonly Found[] | null>(null)
  readonly found = $derived(this.list?.filter(({ answer }) => answer.found !== null) ?? [])
  readonly accepted = $derived(this.found.filter(({ accepted }) => accepted))
  /** Suggestions that are accepted together. */
  readonly certain = $derived(this.found.filter(({ accepted, answer }) => !accepted && answer.doubt === null))

  constructor(
    private readonly api: ProjectApi,
    jobs: Jobs,
  ) {
    jobs.onEnd(({ kind }) => {
      if (this.list !== null && (kind === 'ask' || kind === 'clean')) void this.load()
    })
  }
  /** Another project is open. */
  reset(): void {
    this.list = null
  }
  async load(): Promise<void> {
    await this.api.ask('services.results', { task: 'plot', limit: 10_000 }, ({ movies }) => {
      this.list = movies.filter((movie): movie is Found => movie.answer.task === 'plot')
    })
  }
  /** Accepts the plots of these movies, or all that are certain; a job. */
  async accept(movies: number[] | null): Promise<void> {
    await this.api.ask('plots.accept', { movies })
  }
  /** Takes the accepted plots of these movies back, or all; a job. */
  async takeBack(movies: number[] | null): Promise<void> {
    await this.api.ask('plots.takeBack', { movies })
  }
}
