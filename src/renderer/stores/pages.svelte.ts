/** Fetches the page after `after`. `last`: start of the next page, or null at the end. Undefined if it failed with a notice. */
type Fetch<T> = (
  after: number,
) => Promise<{ readonly items: readonly T[]; readonly total: number; readonly last: number | null } | undefined>

/** A list that is fetched page by page. */
export class Pages<T> {
  items = $state.raw<readonly T[]>([])
  /** Length of the whole list; null while unknown. */
  total = $state.raw<number | null>(null)
  #next: number | null = 0
  #turn = 0
  #loading = false
  readonly #fetch: Fetch<T>

  constructor(fetch: Fetch<T>) {
    this.#fetch = fetch
  }
  reset(): void {
    this.#turn++
    this.#next = 0
    this.#loading = false
    this.items = []
    this.total = null
  }
  /** Reads the list again. The old items stay until the first page arrives. */
  async reload(): Promise<void> {
    this.#next = 0
    this.#loading = false
    await this.#page(++this.#turn, true)
  }
  /** Fetches the next page if positions up to `end` are shown. */
  need(end: number): void {
    if (end >= this.items.length && this.#next !== null && !this.#loading) void this.#page(this.#turn, false)
  }
  async #page(turn: number, anew: boolean): Promise<void> {
    this.#loading = true
    const page = await this.#fetch(this.#next ?? 0)
    if (turn !== this.#turn) return
    this.#loading = false
    if (!page) {
      this.#next = null
      return
    }
    this.items = anew ? page.items : [...this.items, ...page.items]
    this.total = page.total
    this.#next = page.last
  }
}
