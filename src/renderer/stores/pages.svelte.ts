import { Latest } from './latest.ts'

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
  readonly #lists = new Latest()
  #loading = false

  constructor(private readonly fetch: Fetch<T>) {}
  reset(): void {
    this.#lists.begin()
    this.#next = 0
    this.#loading = false
    this.items = []
    this.total = null
  }
  /** Reads the list again. The old items stay until the first page arrives. */
  async reload(): Promise<void> {
    this.#next = 0
    this.#loading = false
    await this.#page(this.#lists.begin(), true)
  }
  /** Fetches the next page if positions up to `end` are shown. */
  need(end: number): void {
    if (end >= this.items.length && this.#next !== null && !this.#loading) void this.#page(this.#lists.current(), false)
  }
  async #page(latest: () => boolean, replace: boolean): Promise<void> {
    this.#loading = true
    const page = await this.fetch(this.#next ?? 0)
    if (!latest()) return
    this.#loading = false
    if (!page) {
      this.#next = null
      return
    }
    this.items = replace ? page.items : [...this.items, ...page.items]
    this.total = page.total
    this.#next = page.last
  }
}
