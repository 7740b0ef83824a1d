import type { Change, ChangeResult, Filter, Place } from '../../contract/review.ts'
import { UserError } from '../../contract/errors.ts'
import { genreTerm } from '../../contract/filter.ts'
import type { Mark, MovieDetail } from '../../contract/records.ts'
import { m } from '../messages/index.ts'
import { Explaining } from './explaining.svelte.ts'
import { genreOfFilter, joined } from './filter-logic.ts'
import type { Keymap } from './keymap.svelte.ts'
import type { Labels } from './labels.svelte.ts'
import { Latest } from './latest.ts'
import { EVERYTHING, FIRST, MovieList } from './movie-list.svelte.ts'
import { OTHER_PROJECT, type ProjectApi } from './project-api.ts'
import type { Project } from './project.svelte.ts'
import { draftOf, dropDraft, keepDraft } from './note-draft.ts'
import { DetailCache, UnderWay } from './review-cache.ts'
import type { PickMode } from './picked.svelte.ts'
import { Similar } from './similar.svelte.ts'
import { Sweep } from './sweep.svelte.ts'
import { Visited } from './visited.svelte.ts'
import {
  acceptChanges,
  acceptedInWords,
  acceptOne,
  cellOrder,
  genreKeys,
  keepChanges,
  keepOne,
  nextSuggestion,
  optimistic,
  rowAfter,
  rowOf,
  shortTitle,
  suggestionFor,
  suggestionsOf,
  titleOf,
  whyOf,
  withBehind,
  withMovie,
  type Suggestion,
} from './review-logic.ts'

/** The change log's entry for a decision about a movie with this title. */
type Description = (title: string) => string

const NOTE_MS = 800
const REMEMBER_MS = 2000
/** Changes that one batch may have. */
const MAX_BROUGHT_BACK = 1000

/** The review: the list of movies, and the decisions on the current one. */
export class Review extends MovieList {
  movie = $state.raw<MovieDetail | null>(null)
  genre = $state.raw<number | null>(null)
  /** The field that finds a genre by its name is open. */
  findingGenre = $state(false)
  /** The reason that is typed for settling a dispute. */
  reason = $state('')
  /** The dispute that is settled next: about the selected genre, else the first of the movie. */
  readonly dispute = $derived.by(() => this.movie?.disputes.find((d) => d.genre === this.genre) ?? this.movie?.disputes[0] ?? null)
  readonly explaining: Explaining
  readonly similar: Similar
  readonly sweep: Sweep
  readonly visits = new Visited()
  /** True while a visited place is shown again, which is not a new visit. */
  #returning = false
  /** The places that were left for a similar movie or for the proof of a reason, the last one at the end. */
  trail = $state.raw<readonly Place[]>([])
  readonly keys = $derived.by(() => genreKeys(this.project.commonest, this.project.info?.keys, this.keymap.letters))
  /** Cells of the current movie, in their order when it was first shown, so that nothing moves under the pointer during decisions. */
  readonly cells = $derived.by(() => this.#order.flatMap((genre) => this.movie?.allCells.find((c) => c.genre === genre) ?? []))
  #order = $state.raw<readonly number[]>([])
  readonly #details: DetailCache
  /** Movies with decisions that are being sent: a reply from before these decisions would make the view flicker. */
  readonly #deciding = new UnderWay()
  readonly #projects = new Latest()
  #noteTimer: ReturnType<typeof setTimeout> | undefined
  #rememberTimer: ReturnType<typeof setTimeout> | undefined

  constructor(
    api: ProjectApi,
    private readonly project: Project,
    private readonly labels: Labels,
    private readonly keymap: Keymap,
  ) {
    super(api)
    this.explaining = new Explaining(api)
    this.similar = new Similar(api)
    this.sweep = new Sweep(api, labels, this.explaining, {
      moved: () => this.#remember(),
      ended: (movies) => {
        this.#remember()
        void this.reread(movies)
        if (this.movie) void this.#explain()
      },
    })
    this.#details = new DetailCache((movie) => api.call('review.movie', { movie }))
    labels.onRevert(
      () => this.filter,
      (result, filter) => {
        this.sweep.reverted(result)
        this.#goTo(result, filter)
      },
    )
  }

  /** Another project is open: movie and genre numbers mean something else from here on. */
  override reset(): void {
    super.reset()
    clearTimeout(this.#noteTimer)
    clearTimeout(this.#rememberTimer)
    this.#projects.begin()
    this.#details.forgetAll()
    this.#deciding.clear()
    this.#order = []
    this.movie = null
    this.genre = null
    this.explaining.clear()
    this.similar.forget()
    this.sweep.reset()
    this.visits.reset()
    this.#returning = false
    this.trail = []
  }

  // ---- places

  /** @param key of a movie to show, whatever the list is */
  async show(key: string | null = null): Promise<void> {
    const found = key === null ? undefined : await this.api.ask('review.find', { key })
    if (!this.queried && this.filter === FIRST) await this.#resume(found?.movie)
    else if (!this.queried || this.outdated) await this.query(found?.movie)
    if (found) await this.visit(found.movie)
  }
  /** Goes on where the analyst was before a reload or a restart. */
  async #resume(movie?: number): Promise<void> {
    const place = await this.api.ask('review.place', {})
    if (this.queried || this.filter !== FIRST) return
    if (place) this.filter = place.filter
    if (place?.sweep && !this.sweep.begun) void this.sweep.start(place.sweep.genre, place.sweep)
    await this.query(movie ?? place?.movie)
  }
  /** Not worth an error: a place that is not stored costs one search. */
  #remember(): void {
    clearTimeout(this.#rememberTimer)
    this.#rememberTimer = setTimeout(() => {
      void this.api.call('review.remember', { filter: this.filter, movie: this.selected, sweep: this.sweep.place }).catch(() => undefined)
    }, REMEMBER_MS)
  }
  /** From another screen: everything else unfiltered. */
  open(patch: Partial<Filter>): void {
    this.filter = { ...EVERYTHING, ...patch }
    this.outdated = true
    this.trail = []
  }
  /** Opens a movie from another screen: in the list of all movies, to which it is added if cleaning removed it. */
  async openMovie(movie: number): Promise<void> {
    this.filter = { ...EVERYTHING, sort: 'file' }
    // the screen that opens would query an outdated list again: one query is enough
    this.outdated = false
    this.trail = []
    await this.query()
    await this.#reach(movie)
  }
  /** Shows a movie; one that the list lacks is first inserted before the current movie. */
  async #reach(movie: number): Promise<void> {
    if (movie === this.selected) return
    const at = this.ids.indexOf(movie)
    if (at < 0) this.showList(withMovie(this.ids, this.index, movie))
    await this.select(at < 0 ? this.index : at)
  }
  #leave(): void {
    this.trail = [...this.trail, { filter: this.filter, movie: this.selected }]
  }
  /** Shows another movie; {@link back} leads back. */
  async visit(movie: number): Promise<void> {
    this.#leave()
    await this.#reach(movie)
  }
  /** Lists the movies that have all these genres; {@link back} leads back. */
  listTogether(genres: readonly string[]): void {
    this.#leave()
    this.setFilter({ ...EVERYTHING, where: genres.map((name) => genreTerm('genre', name)).join(' ') })
  }
  /** Returns to the place that was left last. */
  async back(): Promise<void> {
    const place = this.trail.at(-1)
    if (!place) return
    this.trail = this.trail.slice(0, -1)
    await this.#return(place)
  }
  visited(): void {
    if (this.#returning || this.filtering.draft !== '' || this.filter !== this.listed) return
    this.visits.visit({ filter: this.filter, movie: this.selected })
  }
  /** To the movie that was visited before or after this one, in the list where it was visited. */
  async go(by: -1 | 1): Promise<void> {
    const place = this.visits.go(by)
    if (!place) return
    this.#returning = true
    await this.#return(place)
    this.#returning = false
  }
  async #return(place: Place): Promise<void> {
    if (this.filter !== place.filter) {
      this.filter = place.filter
      await this.query(place.movie)
    }
    if (place.movie !== null) await this.#reach(place.movie)
  }
  // ---- the movie at hand

  /** Makes the movie at this position the one at hand, and selects it for a bulk edit as `mode` says. */
  async pick(index: number, mode: PickMode): Promise<void> {
    this.picked.pick(Math.max(0, Math.min(index, this.ids.length - 1)), mode)
    await this.select(index)
  }
  /** Selects the movie at hand and those of the list that are most similar to it. */
  async pickSimilar(): Promise<void> {
    const { selected } = this
    const found = selected === null ? undefined : await this.api.ask('suspects.movie', { movie: selected })
    const alike = found?.neighbours.map((n) => n.movie).filter((movie) => this.ids.includes(movie)) ?? []
    if (selected !== null && selected === this.selected) this.picked.set([selected, ...alike])
  }
  runsOf(movie: number) {
    return this.api.ask('review.runs', { movie })
  }
  next = (): Promise<void> => this.select(this.index + 1)
  previous = (): Promise<void> => this.select(this.index - 1)
  async select(index: number): Promise<void> {
    this.index = Math.max(0, Math.min(index, this.ids.length - 1))
    this.#remember()
    await this.#loadMovie()
  }
  /** @param relabelled true if only labels changed, so that the explanation on screen still applies */
  async #loadMovie(relabelled = false): Promise<void> {
    const id = this.selected
    if (!relabelled) this.visited()
    if (id === null) {
      this.movie = null
      this.explaining.clear()
      return
    }
    const detail = await this.api.guard(() => this.#details.get(id))
    if (this.selected !== id || !detail) return
    const same = !this.newList && this.movie?.movie === id && this.#order.length === detail.allCells.length
    this.movie = detail
    this.rows.set(id, rowOf(detail))
    this.newList = false
    if (!same) {
      this.reason = ''
      this.#order = cellOrder(detail).map((c) => c.genre)
      // the genre that the list is filtered by is what the analyst is after
      this.genre = genreOfFilter(this.filter.where, this.project.genres)?.id ?? this.#order[0] ?? null
      const draft = draftOf(this.project.info?.path, id)
      if (draft !== null) void this.note(draft)
    }
    void this.similar.show(id)
    const following = this.ids[this.index + 1]
    if (following !== undefined) this.#details.get(following).catch(() => undefined)
    // do not wait for the explanation: the first one starts a process
    if (!same || !relabelled) void this.#explain()
  }
  /** Selects the genre `by` lines further down, without changing it. */
  stepGenre(by: number): void {
    const at = this.#order.indexOf(this.genre ?? 0) + by
    const genre = this.#order[Math.max(0, Math.min(at, this.#order.length - 1))]
    if (genre !== undefined && genre !== this.genre) this.chooseGenre(genre)
  }
  chooseGenre(genre: number): void {
    this.genre = genre
    void this.#explain()
  }
  async #explain(): Promise<void> {
    const { movie, genre } = this
    if (!movie || genre === null) this.explaining.clear()
    else await this.explaining.ask(movie, genre)
  }

  // ---- decisions

  /**
   * Accepts the suggestion for the selected genre. Where there is none it only goes to a genre that has one; where no genre has one, the
   * movie is reviewed.
   */
  async accept(): Promise<void> {
    const { movie, genre } = this
    if (!movie || movie.movie !== this.selected) return
    const suggestion = suggestionFor(movie, genre)
    const next = nextSuggestion(movie, genre)
    if (suggestion) await this.answer(suggestion, true)
    else if (next) this.chooseGenre(next.genre)
    else await this.acceptAll()
  }
  /** Accepts or refuses a suggestion for the movie at hand, and goes on. What is refused is not suggested again. */
  async answer(suggestion: Suggestion, accepted: boolean): Promise<void> {
    const { movie } = this
    if (!movie) return
    const changes = (accepted ? acceptOne : keepOne)(movie.movie, suggestion)
    const describe = (title: string) => (accepted ? acceptedInWords(suggestion, title) : m.labels.keptOne(title, suggestion.name))
    const applied = this.#apply(movie, changes, describe, true, whyOf([suggestion]))
    await this.#goOn(movie, suggestion.genre)
    await applied
  }
  /** To the next suggestion, or with none left to the next movie. */
  async #goOn(movie: MovieDetail, genre: number): Promise<void> {
    const next = nextSuggestion(movie, genre)
    if (next) this.chooseGenre(next.genre)
    else await this.next()
  }
  /** Accepts every suggestion and goes on; with none left it marks the movie as reviewed. */
  acceptAll = (): Promise<void> =>
    this.#decide(
      (movie) => [acceptChanges(movie), suggestionsOf(movie).length > 0 ? m.labels.acceptedAll : m.labels.marks.reviewed.on],
      true,
    )
  keep = (): Promise<void> => this.#decide((movie) => [keepChanges(movie), m.labels.kept], false)
  async toggle(genre: number): Promise<void> {
    const cell = this.movie?.allCells.find((c) => c.genre === genre)
    const movie = this.movie
    if (!cell || !movie) return
    this.chooseGenre(genre)
    const changes: Change[] = [{ field: 'label', movie: movie.movie, genre, to: !cell.label }]
    const text = m.labels.accepted[cell.label ? 'remove' : 'add']
    await this.#apply(movie, changes, (title) => text(title, cell.name), cell.predicted === !cell.label)
  }
  /** Marks the selected genre's cell, and goes on. */
  async impossible(): Promise<void> {
    const cell = this.movie?.allCells.find((c) => c.genre === this.genre)
    if (!cell || !this.movie) return
    const movie = this.movie
    const to = cell.verdict === 'impossible' ? null : 'impossible'
    const changes: Change[] = [{ field: 'verdict', movie: movie.movie, genre: cell.genre, to }]
    const text = to ? m.labels.accepted.impossible : m.labels.possible
    const applied = this.#apply(movie, changes, (title) => text(title, cell.name), false)
    if (to) await this.#goOn(movie, cell.genre)
    await applied
  }
  /** Settles {@link dispute}, and goes on to the next one, or to the next movie. */
  async settle(has: boolean): Promise<void> {
    const { movie, dispute, filter } = this
    if (!movie || !dispute || movie.movie !== this.selected) return
    const { genre } = dispute
    const done = await this.labels.adjudicate({ movie: movie.movie, genre, has, reason: this.reason, filter })
    if (!done) return
    this.reason = ''
    this.labels.confirm(done.description)
    await this.#take(done, filter)
    if (this.movie?.movie !== movie.movie) return
    const [left] = this.movie.disputes
    if (left) this.chooseGenre(left.genre)
    else await this.next()
  }
  async setMark(field: Mark, to: boolean): Promise<void> {
    const { movie } = this
    if (movie) await this.#apply(movie, [{ field, movie: movie.movie, to }], m.labels.marks[field][to ? 'on' : 'off'], false)
  }
  flag = async (): Promise<void> => {
    if (this.movie) await this.setMark('flagged', !this.movie.flagged)
  }
  /** Puts the movie off and goes on, or brings it back. */
  skip = async (): Promise<void> => {
    const to = this.movie?.skipped === false
    const applied = this.setMark('skipped', to)
    if (to) await this.next()
    await applied
  }
  /** Brings back the skipped movies of the list. */
  async bringBack(): Promise<void> {
    const filter: Filter = { ...this.filter, where: joined(this.filter.where, 'skipped:yes') }
    const skipped = await this.api.ask('review.query', filter)
    const movies = [...(skipped?.movies.subarray(0, MAX_BROUGHT_BACK) ?? [])]
    if (movies.length === 0) return
    const changes = movies.map((movie): Change => ({ field: 'skipped', movie, to: false }))
    const entry = { description: m.labels.broughtBack(movies.length), suggestion: false, why: '' }
    const done = await this.labels.apply(changes, entry, { filter: this.filter, prefetch: [] })
    if (!done) return
    this.labels.confirm(done.description)
    await this.reread(movies)
    await this.reload()
  }
  /** Saves a note while it is typed. Until the engine has it, this tab keeps it. */
  typeNote(text: string): void {
    if (!this.movie) return
    keepDraft({ project: this.project.info?.path, movie: this.movie.movie, text })
    clearTimeout(this.#noteTimer)
    this.#noteTimer = setTimeout(() => void this.note(text), NOTE_MS)
  }
  async note(text: string): Promise<void> {
    clearTimeout(this.#noteTimer)
    const { movie } = this
    if (!movie || text === movie.note) return
    const changes: Change[] = [{ field: 'note', movie: movie.movie, to: text }]
    const describe = text === '' ? m.labels.noteRemoved : m.labels.note
    if (await this.#apply(movie, changes, describe, false)) dropDraft(movie.movie, text)
  }
  async #decide(decision: (movie: MovieDetail) => [Change[], Description], suggestion: boolean): Promise<void> {
    const id = this.selected
    if (id === null) return
    const movie = this.movie?.movie === id ? this.movie : await this.api.guard(() => this.#details.get(id))
    if (!movie) return
    const [changes, describe] = decision(movie)
    const why = suggestion ? whyOf(suggestionsOf(movie)) : ''
    const applied: Promise<unknown> = changes.length > 0 ? this.#apply(movie, changes, describe, suggestion, why) : Promise.resolve()
    await this.next()
    await applied
  }
  /** Shows the change at once, sends it, and then shows what the store made of it. Returns false if the store did not take it. */
  async #apply(movie: MovieDetail, changes: readonly Change[], describe: Description, suggestion: boolean, why = ''): Promise<boolean> {
    const guess = optimistic(movie, changes)
    if (this.movie?.movie === movie.movie) this.movie = guess
    const row = this.rows.get(movie.movie)
    if (row) this.rows.set(movie.movie, { ...row, ...rowAfter({ ...movie, cells: movie.allCells }, changes) })
    this.#details.put(movie.movie, Promise.resolve(guess))
    const ended = this.#deciding.begin([movie.movie])
    const sameProject = this.#projects.current()
    const { filter } = this
    // the reply brings the movie after the next one, which would be fetched when the next one is shown
    const ahead = this.ids[this.index + 2]
    const prefetch = ahead === undefined || this.#details.has(ahead) ? [] : [ahead]
    const applied = this.labels.apply(changes, { description: describe(shortTitle(titleOf(movie))), suggestion, why }, { filter, prefetch })
    for (const id of prefetch) this.#details.get(id, () => this.#detailFrom(applied, id, sameProject)).catch(() => undefined)
    const result = await applied
    ended()
    if (!sameProject()) return false
    // a note is on screen where it was typed; for anything else one key may have been enough, meant or not
    if (result?.changes && changes.every((c) => c.field !== 'note')) this.labels.confirm(result.description)
    else this.labels.expire()
    if (result) await this.#take(result, filter)
    else await this.reread([movie.movie])
    return result !== undefined
  }
  /** The detail from the reply to a change, or from a call of its own if the reply lacks it. */
  async #detailFrom(applied: Promise<ChangeResult | undefined>, movie: number, sameProject: () => boolean): Promise<MovieDetail> {
    const detail = (await applied)?.after.details.find((d) => d.movie === movie)
    if (detail) return detail
    if (!sameProject()) throw new UserError(OTHER_PROJECT, m.connection.otherProject)
    return this.api.call('review.movie', { movie })
  }
  /** Shows the changed movies as the store has them after a change of this window, without another call where the result has them. */
  async #take({ movies, after }: ChangeResult, filter: Filter): Promise<void> {
    if (!after.rows) return this.reread(movies)
    const settled = (movie: number): boolean => !this.#deciding.has(movie)
    this.#details.forget(movies.filter(settled))
    for (const row of after.rows) if (settled(row.movie) && this.rows.has(row.movie)) this.rows.set(row.movie, row)
    for (const detail of after.details)
      if (settled(detail.movie) && movies.includes(detail.movie)) this.#details.put(detail.movie, Promise.resolve(detail))
    if (this.selected !== null && movies.includes(this.selected)) await this.#loadMovie(true)
    if (!after.buckets) this.recount()
    else if (filter === this.filter) this.buckets = after.buckets
  }

  // ---- changes by other clients

  /** Reads these movies again, in place; the order of the list stays. */
  async reread(changed: readonly number[]): Promise<void> {
    const movies = changed.filter((m) => !this.#deciding.has(m))
    this.#details.forget(movies)
    const shown = movies.filter((m) => this.rows.has(m))
    for (let i = 0; i < shown.length; i += 500) await this.loadRows(shown.slice(i, i + 500))
    if (this.selected !== null && movies.includes(this.selected)) await this.#loadMovie()
    this.recount()
  }
  /** Reads everything again after labels have changed elsewhere: cached rows and details may be stale. */
  rereadAll(): void {
    this.similar.forget()
    const here = this.#forget()
    if (this.queried) void this.reread(here)
  }
  /** Forgets all details, and all rows but the last 500, which it returns: they are read again in place. */
  #forget(): number[] {
    this.#details.forgetAll(this.#deciding.has)
    const here = [...this.rows.keys()].slice(-500)
    for (const m of [...this.rows.keys()].slice(0, -500)) this.rows.delete(m)
    return here
  }
  /** The order was computed again: what is behind the movie at hand follows it, the rest stays, and so does the movie itself. */
  async reorder(moved: number): Promise<void> {
    const { filter, complete } = this
    if (!this.queried || !complete || !['suspects', 'mixed'].includes(filter.sort) || filter !== this.listed) return
    const latest = this.lists.current()
    const list = await this.api.ask('review.query', filter)
    if (!list || !latest()) return
    this.ids = withBehind(this.ids, this.index, list.movies)
    this.reordered = moved
    const here = this.#forget().filter((movie) => movie !== this.selected)
    await this.reread(here)
  }
  /** Another run or catalogue: the list itself is out of date. */
  invalidate(visible: boolean): void {
    this.rows.clear()
    this.#details.forgetAll()
    this.similar.forget()
    this.outdated = true
    if (!visible || !this.queried) return
    if (this.ids.length === 0 || this.movie?.score === null) void this.query()
    else void this.#loadMovie()
  }
  #goTo(result: ChangeResult, filter: Filter): void {
    const [first, second] = result.movies
    const at = first === undefined ? -1 : this.ids.indexOf(first)
    if (at >= 0) this.index = at
    // a movie that is not in the list is shown anyway: the user has to see what was undone
    else if (first !== undefined && second === undefined && this.queried) this.showList(withMovie(this.ids, this.index, first))
    void this.#take(result, filter)
  }
}
