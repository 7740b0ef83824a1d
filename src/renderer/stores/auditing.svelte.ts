import { SvelteSet } from 'svelte/reactivity'
import type { ArgsIn, Result } from '../../contract/api.ts'
import type { AuditMovie, AuditResult, AuditState } from '../../contract/audit.ts'
import type { Agreement, AssignmentProgress } from '../../contract/people.ts'
import { m } from '../messages/index.ts'
import type { Labels } from './labels.svelte.ts'
import { Latest } from './latest.ts'
import type { Notices } from './notices.svelte.ts'
import type { ProjectApi } from './project-api.ts'

/** The blind audit: the current movie, the genres that the analyst chose for it, and the result. */
export class Auditing {
  /** Null before the first audit; undefined until the engine has answered. */
  state = $state.raw<AuditState | null | undefined>(undefined)
  /** Null when all are labelled. */
  movie = $state.raw<AuditMovie | null>(null)
  result = $state.raw<AuditResult | null>(null)
  /** The changes that applying the answers would make. */
  pending = $state.raw<Result<'audit.apply'> | null>(null)
  /** How far people agree; null until the engine has answered. */
  agreement = $state.raw<Agreement | null>(null)
  /** How far people are with the movies that are assigned to them. */
  assigned = $state.raw<readonly AssignmentProgress[]>([])
  readonly chosen = new SvelteSet<number>()
  readonly #requests = new Latest()

  constructor(
    private readonly api: ProjectApi,
    private readonly notices: Notices,
    private readonly labels: Labels,
  ) {}
  /** Another project is open. */
  reset(): void {
    this.#requests.begin()
    this.state = undefined
    this.#show(null)
    this.result = this.pending = this.agreement = null
    this.assigned = []
  }
  async load(): Promise<void> {
    const latest = this.#requests.begin()
    await this.api.guard(async () => {
      const [state, agreement, assigned] = await Promise.all([
        this.api.call('audit.state', {}),
        this.api.call('people.agreement', {}),
        this.api.call('people.assigned', {}),
      ])
      const movie = state && !state.finished ? await this.api.call('audit.movie', {}) : null
      const result = state && (await this.api.call('audit.result', {}))
      const pending = state?.finished ? await this.api.call('audit.apply', { dryRun: true }) : null
      if (!latest()) return
      Object.assign(this, { state, result, pending, agreement, assigned })
      if (movie?.movie !== this.movie?.movie) this.#show(movie)
    })
  }
  #show(movie: AuditMovie | null): void {
    this.movie = movie
    this.chosen.clear()
    for (const genre of movie?.answer ?? []) this.chosen.add(genre)
  }
  /** Draws a sample, in the place of any other: {@link startAgain} has asked. */
  async start(args: ArgsIn<'audit.start'>): Promise<void> {
    await this.api.ask('audit.start', { ...args, replace: true })
    await this.load()
  }
  async extend(width: number): Promise<void> {
    await this.api.ask('audit.extend', { width })
    await this.load()
  }
  toggle(genre: number): void {
    if (!this.chosen.delete(genre)) this.chosen.add(genre)
  }
  /** Stores the chosen genres and goes on; the first movie without an answer follows. */
  async answer(): Promise<void> {
    const { movie } = this
    if (!movie) return
    const stored = await this.api.ask('audit.answer', { movie: movie.movie, genres: [...this.chosen] })
    if (stored && this.movie === movie) await this.load()
  }
  /** Shows the movie before this one, with its answer. */
  async back(): Promise<void> {
    const index = (this.movie?.index ?? 0) - 1
    const movie = index < 0 ? null : await this.api.ask('audit.movie', { index })
    if (movie) this.#show(movie)
  }
  async apply(): Promise<void> {
    const done = await this.api.ask('audit.apply', { dryRun: false })
    if (done) {
      this.labels.state = done
      this.notices.info(m.audit.applied(done.labels, done.movies))
    }
    await this.load()
  }
  async assign(args: ArgsIn<'people.assign'>): Promise<void> {
    const done = await this.api.ask('people.assign', args)
    if (!done) return
    this.assigned = done.people
    this.notices.info(m.assign.done(done))
  }
  /** Asks before all assignments are taken back. */
  unassign(): void {
    const act = () => this.api.ask('people.unassign', {}, () => (this.assigned = []))
    this.notices.question = { ...m.assign.clear, act }
  }
  /** Asks before an audit is given up. */
  startAgain(): void {
    this.notices.question = { ...m.audit.again, act: () => (this.state = null) }
  }
}
