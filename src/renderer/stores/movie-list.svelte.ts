import { SvelteMap } from 'svelte/reactivity'
import type { Result } from '../../contract/api.ts'
import { DEFAULT_MIX } from '../../contract/queues.ts'
import type { MovieRow } from '../../contract/records.ts'
import type { BucketCounts, Filter } from '../../contract/review.ts'
import { Filtering } from './filtering.svelte.ts'
import { Latest } from './latest.ts'
import type { ProjectApi } from './project-api.ts'
import { Picked } from './picked.svelte.ts'
import { UnderWay } from './review-cache.ts'
import { placeOf, wanted } from './review-logic.ts'

export const EVERYTHING: Filter = { where: '', bucket: 'all', sort: 'suspects', mix: DEFAULT_MIX, seed: 1, descending: false }
/** The list of a project that was never reviewed. */
export const FIRST: Filter = { ...EVERYTHING, where: 'reviewed:no' }
const COUNT_MS = 400

/** The movies that a filter selects: a snapshot of ids, whose rows come page by page. One of them is at hand. */
export abstract class MovieList {
  filter = $state.raw<Filter>(FIRST)
  ids = $state.raw<Int32Array>(new Int32Array())
  /** False while `ids` are the first movies of a list whose rest is on its way. */
  complete = $state.raw(true)
  /** Counts the lists: another one is shown from its top, the rest of this one where it belongs. */
  list = $state.raw(0)
  buckets = $state.raw<BucketCounts | null>(null)
  /** For each queue why it cannot be used; null before the engine has said so. */
  unavailable = $state.raw<Result<'review.queues'> | null>(null)
  /** The filter and order of the list. */
  protected listed = $state.raw<Filter>(FIRST)
  /** The list was made before the current run or import: a refresh would change its order. */
  outdated = $state.raw(false)
  /** How many movies moved up when the order of this list was last computed again; null: it was not. */
  reordered = $state.raw<number | null>(null)
  index = $state.raw(0)
  readonly rows = new SvelteMap<number, MovieRow>()
  /** The original columns that the list shows, and their values in the rows that were read with them. */
  columns = $state.raw<readonly string[]>([])
  readonly values = new SvelteMap<number, readonly string[]>()
  readonly selected = $derived(this.ids[this.index] ?? null)
  readonly filtering: Filtering
  readonly picked: Picked
  protected queried = false
  /** True until the first movie of a new list is shown: the genre of the filter is then selected even if that movie was shown before. */
  protected newList = false
  protected readonly lists = new Latest()
  protected readonly loading = new UnderWay()
  #timer: ReturnType<typeof setTimeout> | undefined
  #countTimer: ReturnType<typeof setTimeout> | undefined

  constructor(protected readonly api: ProjectApi) {
    this.filtering = new Filtering(api, this)
    this.picked = new Picked(this)
  }

  /** Makes the movie at this position the one at hand. */
  abstract select(index: number): Promise<void>
  /** The movie at hand was visited, in this list. */
  abstract visited(): void
  /** Another project is open. */
  reset(): void {
    clearTimeout(this.#timer)
    clearTimeout(this.#countTimer)
    this.lists.begin()
    this.queried = false
    this.loading.clear()
    this.rows.clear()
    this.values.clear()
    this.filter = FIRST
    this.ids = new Int32Array()
    this.complete = true
    this.buckets = null
    this.outdated = false
    this.index = 0
    this.filtering.reset()
    this.picked.clear()
    this.unavailable = null
  }
  /** @param delayMs waits for more, while the filter is typed */
  setFilter(patch: Partial<Filter>, delayMs = 0): void {
    this.filter = { ...this.filter, ...patch }
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => void this.query(), delayMs)
  }
  async checkQueues(): Promise<void> {
    const found = await this.api.ask('review.queues', { mix: this.filter.mix })
    if (found) this.unavailable = found
  }
  clearFilters(): void {
    const { sort, descending, mix, seed } = this.filter
    this.setFilter({ ...EVERYTHING, sort, descending, mix, seed })
  }
  /** A new snapshot of the list, from its top, or on the movie `kept` if the new list has it. */
  async query(kept: number | null = null): Promise<void> {
    const latest = this.lists.begin()
    this.queried = true
    await this.api.guard(async () => {
      const { filter } = this
      const first = await this.filtering.refused(this.api.call('review.first', filter), latest)
      if (!first || !latest()) return
      const rest = first.complete ? null : this.api.call('review.query', filter)
      rest?.catch(() => undefined) // reported where it is awaited
      // the kept movie may be far down the list
      const shown = rest && kept !== null ? await rest : first
      if (!latest()) return
      this.buckets = shown.buckets
      this.outdated = false
      this.reordered = null
      this.complete = rest === null || shown !== first
      if (this.listed !== filter) this.picked.clear()
      this.listed = filter
      const following = kept === null ? [] : [kept, ...this.ids.subarray(this.index + 1)]
      this.showList(shown.movies)
      // a movie that no longer matches gives its place to the next one that does
      const at = placeOf(following, this.ids)
      this.newList ||= kept === null
      await this.select(Math.max(0, at))
      const whole = await rest
      if (whole && latest()) this.#completeWith(whole)
    })
  }
  protected showList(ids: Int32Array): void {
    this.ids = ids
    this.list++
  }
  /** Replaces the first movies by the whole list; the current movie stays where it is. */
  #completeWith(whole: Result<'review.query'>): void {
    if (this.complete) return
    const at = this.selected === null || whole.movies[this.index] === this.selected ? -1 : whole.movies.indexOf(this.selected)
    this.ids = whole.movies
    this.buckets = whole.buckets
    this.complete = true
    if (at >= 0) this.index = at
  }
  /** Fetches the rows of positions [start, end) of the list, or of another one, page by page. */
  need(start: number, end: number, ids = this.ids): void {
    for (const movies of wanted(ids, start, end, (m) => this.#isRead(m) || this.loading.has(m))) void this.loadRows(movies)
  }
  #isRead(movie: number): boolean {
    return this.rows.has(movie) && (this.columns.length === 0 || this.values.has(movie))
  }
  /** The rows in view are read again with these columns. */
  showColumns(names: readonly string[]): void {
    if (names.join('\n') === this.columns.join('\n')) return
    this.columns = names
    this.values.clear()
  }
  protected async loadRows(movies: number[]): Promise<void> {
    const ended = this.loading.begin(movies)
    const { columns } = this
    const rows = await this.api.ask('review.rows', { movies, columns: [...columns] })
    ended()
    for (const { values, ...row } of rows ?? []) {
      this.rows.set(row.movie, row)
      if (values && columns === this.columns) this.values.set(row.movie, values)
    }
  }
  protected recount(): void {
    clearTimeout(this.#countTimer)
    this.#countTimer = setTimeout(() => {
      const filter = this.filter
      void this.api.guard(async () => {
        const first = await this.filtering.refused(this.api.call('review.first', { ...filter, limit: 1 }), () => filter === this.filter)
        if (filter === this.filter && first?.buckets) this.buckets = first.buckets
      })
    }, COUNT_MS)
  }
  /** Movies that were decided on and no longer match the filter. They keep their places until the list is reloaded. */
  get departed(): number {
    const { buckets, filter } = this
    return this.complete && buckets && filter === this.listed ? Math.max(0, this.ids.length - buckets[filter.bucket]) : 0
  }
  reload = (): Promise<void> => this.query(this.selected)
  /** Movies in the list; null while that is being counted. */
  get size(): number | null {
    return this.complete ? this.ids.length : (this.buckets?.[this.filter.bucket] ?? null)
  }
}
