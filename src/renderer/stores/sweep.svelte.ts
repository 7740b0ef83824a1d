import { SvelteMap } from 'svelte/reactivity'
import { answerOf, type ChangeResult, type SweepPlace } from '../../contract/review.ts'
import type { Genre, MovieDetail } from '../../contract/records.ts'
import type { SweepMovie } from '../../contract/suspects.ts'
import { m } from '../messages/index.ts'
import type { Explaining } from './explaining.svelte.ts'
import type { Labels } from './labels.svelte.ts'
import { Latest } from './latest.ts'
import { Pace } from './pace.ts'
import { DetailCache } from './review-cache.ts'
import { shortTitle, titleOf } from './review-logic.ts'
import type { ProjectApi } from './project-api.ts'

const NOTHING_YET = { answered: 0, changed: 0 }

interface Listeners {
  /** Called when the place in the sweep has changed. */
  readonly moved: () => void
  /** The sweep was left; these movies were answered. */
  readonly ended: (movies: readonly number[]) => void
}

/** The sweep of one genre: for each of its doubtful movies one question, whether it has the genre. */
export class Sweep {
  /** Null: none is under way. */
  genre = $state.raw<Genre | null>(null)
  /** The doubtful movies, as when the sweep began; null while they are on their way. */
  movies = $state.raw<readonly SweepMovie[] | null>(null)
  index = $state.raw(0)
  /** The movie at hand, with its plot. */
  detail = $state.raw<MovieDetail | null>(null)
  perMinute = $state.raw<number | null>(null)
  /** By movie: true if it has the genre. */
  readonly answers = new SvelteMap<number, boolean>()
  /** The movie at hand; null at the end. */
  readonly current = $derived(this.movies?.[this.index] ?? null)
  /** Answers from before a restart count too. */
  #before = $state.raw(NOTHING_YET)
  readonly answered = $derived(this.#before.answered + this.answers.size)
  readonly total = $derived(this.#before.answered + (this.movies?.length ?? 0))
  readonly changed = $derived(
    this.#before.changed + (this.movies ?? []).filter((s) => (this.answers.get(s.movie) ?? s.given) !== s.given).length,
  )
  readonly open = $derived((this.movies ?? []).filter(({ movie }) => !this.answers.has(movie)).length)
  readonly #details: DetailCache
  readonly #lists = new Latest()
  #pace = new Pace()
  /** True from the moment one is asked for. */
  begun = false

  constructor(
    private readonly api: ProjectApi,
    private readonly labels: Labels,
    private readonly explaining: Explaining,
    private readonly listeners: Listeners,
  ) {
    this.#details = new DetailCache((movie) => api.call('review.movie', { movie }))
  }
  /** Another project is open. */
  reset(): void {
    this.#lists.begin()
    this.#details.forgetAll()
    this.genre = this.movies = this.detail = null
    this.begun = false
  }
  get place(): SweepPlace | null {
    return this.genre && { genre: this.genre.id, answered: this.answered, changed: this.changed }
  }
  /** @param genre its id or name */
  async start(genre: number | string, before = NOTHING_YET): Promise<void> {
    const latest = this.#lists.begin()
    this.begun = true
    const found = await this.api.ask('suspects.sweep', { genre })
    if (!found || !latest()) return
    this.#details.forgetAll()
    this.answers.clear()
    this.#before = before
    this.#pace = new Pace()
    this.perMinute = null
    this.genre = found.genre
    this.movies = found.movies
    await this.#goTo(0)
  }
  end(): void {
    const answered = [...this.answers.keys()]
    const under = this.genre !== null
    this.reset()
    if (under) this.listeners.ended(answered)
  }
  next = (): Promise<void> => this.#goTo(this.index + 1)
  previous = (): Promise<void> => this.#goTo(this.index - 1)
  async #goTo(index: number): Promise<void> {
    const { movies } = this
    if (!movies) return
    this.index = Math.max(0, Math.min(index, movies.length))
    this.listeners.moved()
    const { current, genre } = this
    if (!current || !genre) return void (this.detail = null)
    const detail = await this.api.guard(() => this.#details.get(current.movie))
    if (!detail || this.current !== current) return
    this.detail = detail
    const following = movies[this.index + 1]
    if (following) this.#details.get(following.movie).catch(() => undefined)
    await this.explaining.ask(detail, genre.id)
  }
  /** Decides whether the movie at hand has the genre, and goes on to the next one without an answer. */
  async answer(has: boolean): Promise<void> {
    const { current, genre, movies } = this
    if (!current || !genre || !movies) return
    const { movie, given } = current
    // an answer may be changed
    const label = this.answers.get(movie) ?? given
    this.answers.set(movie, has)
    this.#pace.tick()
    this.perMinute = this.#pace.perMinute(this.answers.size)
    const title = shortTitle(titleOf({ ...current, excerpt: this.detail?.excerpt ?? '' }))
    const entry = { description: m.sweep.answers[has ? 'yes' : 'no'](title, genre.name), suggestion: true, why: m.sweep.why(genre.name) }
    const applied = this.labels.apply([answerOf(movie, genre.id, label, has)], entry, { filter: null, prefetch: [] })
    const next = movies.findIndex((s, i) => i > this.index && !this.answers.has(s.movie))
    await this.#goTo(next < 0 ? movies.length : next)
    const done = await applied
    if (this.genre !== genre) return
    if (done) this.#details.forget([movie])
    else this.answers.delete(movie)
    this.listeners.moved()
  }
  /** Goes through the movies without an answer again. */
  async again(): Promise<void> {
    await this.#goTo(this.movies?.findIndex(({ movie }) => !this.answers.has(movie)) ?? 0)
  }
  /** Shows the movie of an answer that was undone or redone. */
  reverted({ movies, after }: ChangeResult): void {
    const at = this.movies?.findIndex(({ movie }) => movies.includes(movie)) ?? -1
    const row = after.rows?.find(({ movie }) => movie === this.movies?.[at]?.movie)
    if (!row) return
    const cell = row.cells.find(({ genre }) => genre === this.genre?.id)
    if (cell?.verdict) this.answers.set(row.movie, cell.label)
    else this.answers.delete(row.movie)
    this.#details.forget([row.movie])
    void this.#goTo(at)
  }
}
