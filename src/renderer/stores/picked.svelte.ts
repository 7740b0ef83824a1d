/** The list that {@link Picked} selects from. */
interface List {
  readonly ids: Int32Array
  readonly index: number
  /** Movies in the list; null while that is being counted. */
  readonly size: number | null
}
/** How a click or a key selects: this movie alone, this movie as well, or all from the last one selected on. */
export type PickMode = 'only' | 'toggle' | 'range'

const NONE: ReadonlySet<number> = new Set()
/** Movies that can be selected one by one: a bulk edit sends their ids. */
const MAX_PICKED = 100_000

/** The movies of the list that are selected for a bulk edit, beside the one at hand. */
export class Picked {
  #ids = $state.raw<ReadonlySet<number>>(NONE)
  /** Every movie of the list is selected, those that were not counted yet as well. */
  whole = $state.raw(false)
  /** Where a range begins; -1: at the movie at hand. */
  #anchor = -1

  constructor(private readonly list: List) {}
  get count(): number {
    return this.whole ? (this.list.size ?? this.list.ids.length) : this.#ids.size
  }
  has(movie: number): boolean {
    return this.whole || this.#ids.has(movie)
  }
  /** Ids of the selected movies in the order of their selection; null: the whole list. */
  get movies(): readonly number[] | null {
    return this.whole ? null : [...this.#ids]
  }
  clear(): void {
    if (this.#ids !== NONE) this.#ids = NONE
    this.whole = false
    this.#anchor = -1
  }
  all(): void {
    this.#ids = NONE
    this.whole = true
  }
  /** Selects exactly these movies. */
  set(movies: Iterable<number>): void {
    this.whole = false
    // eslint-disable-next-line svelte/prefer-svelte-reactivity -- it is replaced, never changed
    this.#ids = new Set([...movies].slice(0, MAX_PICKED))
  }
  pick(index: number, mode: PickMode): void {
    const { ids } = this.list
    const movie = ids[index]
    if (mode === 'only' || movie === undefined) {
      this.clear()
      return
    }
    if (this.#anchor < 0) this.#anchor = this.list.index
    if (mode === 'range') {
      this.set(ids.subarray(Math.min(this.#anchor, index), Math.max(this.#anchor, index) + 1))
      return
    }
    // the first movie that is added joins the one at hand
    const before = this.whole ? [...ids] : this.count === 0 ? [ids[this.list.index] ?? movie] : [...this.#ids]
    this.set(before.includes(movie) && this.count > 0 ? before.filter((id) => id !== movie) : [...before, movie])
    this.#anchor = index
  }
}
