import type { Store } from '../store/store.ts'
import { anyMatcherOf, matcherOf, type TextQuery } from '../store/search/matcher.ts'
import { searchInThread, startSearchThread } from '../store/search/search.ts'
import { Bits } from './bits.ts'
import type { Catalogue } from './catalogue.ts'

/** Number of cached searches. */
const KEPT = 32
/** Up to this many movies a search is too quick to be worth a thread. */
const MAX_MOVIES_INLINE = 20_000

/** Rows whose title and plot, or note, contain the words of a query, or whose id it is; recent searches are cached. */
export class TextSearch {
  readonly #store
  readonly #catalogue
  readonly #atOnce
  /** The most recently used one is last. */
  readonly #kept = new Map<string, Bits>()
  readonly #underWay = new Map<string, Promise<Bits>>()

  /** @param atOnce up to this many movies of the source a search runs in the calling thread */
  constructor(store: Store, catalogue: Catalogue, atOnce = MAX_MOVIES_INLINE) {
    this.#store = store
    this.#catalogue = catalogue
    this.#atOnce = atOnce
  }
  /** Starts the search thread in advance, if searches need one. */
  prepare(): void {
    if (!this.#isQuick) startSearchThread()
  }
  get #isQuick(): boolean {
    return this.#catalogue.movies <= this.#atOnce
  }
  /** The matching rows; undefined if the search needs a thread. */
  now(query: TextQuery): Bits | undefined {
    const key = keyOf(query)
    const kept = this.#kept.get(key)
    if (kept) {
      this.#kept.delete(key)
      this.#kept.set(key, kept)
    }
    const found = kept ?? (this.#isQuick ? this.#keep(key, this.#store.movies.search(query)) : undefined)
    return found && this.#withOthers(query, found)
  }
  async rows(query: TextQuery): Promise<Bits> {
    const now = this.now(query)
    if (now) return now
    const key = keyOf(query)
    let search = this.#underWay.get(key)
    if (!search) {
      search = searchInThread(this.#store.path, query)
        .then((movies) => this.#keep(key, movies))
        .finally(() => this.#underWay.delete(key))
      this.#underWay.set(key, search)
    }
    return this.#withOthers(query, await search)
  }
  /** The test of one row; null if only the index can decide. */
  test(query: TextQuery): ((row: number) => boolean) | null {
    const matches = matcherOf(query)
    if (!matches) return null
    const { movies } = this.#store
    const others = new Set(this.#others(query))
    const { ids } = this.#catalogue
    return (row) => {
      const text = movies.sourceText(ids[row]!)
      return others.has(row) || (text !== null && matches(text.title, text.plot))
    }
  }
  /** Rows that the index of titles and plots does not find: by the movie's id, and by the words of its note. */
  *#others(query: TextQuery): Generator<number> {
    if (query.part !== 'all') return
    const byKey = this.#store.movies.idOfKey(query.text.trim())
    if (byKey !== null) yield this.#catalogue.row(byKey)
    yield* this.noted(query)
  }
  /** Rows with a note that matches. */
  *noted(query: TextQuery): Generator<number> {
    const matches = anyMatcherOf(query)
    for (const [movie, note] of this.#catalogue.notes) if (matches('', note)) yield this.#catalogue.row(movie)
  }
  #withOthers(query: TextQuery, found: Bits): Bits {
    const others = [...this.#others(query)].filter((row) => row >= 0)
    const all = others.length > 0 ? found.copy() : found
    for (const row of others) all.set(row, true)
    return all
  }
  #keep(key: string, movies: Int32Array): Bits {
    const bits = new Bits(this.#catalogue.n)
    for (const movie of movies) {
      const row = this.#catalogue.row(movie)
      if (row >= 0) bits.set(row, true)
    }
    const [oldest] = this.#kept.keys()
    if (this.#kept.size >= KEPT) this.#kept.delete(oldest!)
    this.#kept.set(key, bits)
    return bits
  }
}

const keyOf = ({ text, part, exact }: TextQuery): string => `${part} ${exact} ${text.trim()}`
