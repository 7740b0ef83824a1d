/** The page behind `after`, and where the next one begins (null: nowhere); nothing where it failed and said so. */
type Fetch<T> = (
  after: number,
) => Promise<{ readonly items: readonly T[]; readonly total: number; readonly last: number | null } | undefined>

/** A list that the engine gives page by page, each from where the last one ended. */
export class Pages<T> {
  items = $state.raw<readonly T[]>([])
  /** How many there are in all; null while that is not known. */
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
  /** From the beginning; what is there stays until the first page has come. */
  async reload(): Promise<void> {
    this.#next = 0
    this.#loading = false
    await this.#page(++this.#turn, true)
  }
  /** Positions up to `end` are to be shown. */
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
