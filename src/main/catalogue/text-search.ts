import type { Store } from '../store/store.ts'
import { searchInThread, startSearchThread } from '../store/search/search.ts'
import { Bits } from './bits.ts'
import type { Catalogue } from './catalogue.ts'
import type { Order } from './order.ts'

/** Number of cached searches. */
const KEPT = 32
/** Up to this many movies a search is too quick to be worth a thread. */
const AT_ONCE = 20_000
/** Movies tested one by one for the first matches: about ten milliseconds. */
const LOOKED_AT = 1000

/** Rows whose title and plot, or note, contain the words of a query, or whose id it is; recent searches are cached. */
export class TextSearch {
  readonly #store
  readonly #catalogue
  readonly #atOnce
  /** The most recently used one is last. */
  readonly #kept = new Map<string, Bits>()
  readonly #underWay = new Map<string, Promise<Bits>>()

  /** @param atOnce up to this many movies of the source a search runs in the calling thread */
  constructor(store: Store, catalogue: Catalogue, atOnce = AT_ONCE) {
    this.#store = store
    this.#catalogue = catalogue
    this.#atOnce = atOnce
  }
  /** The matching rows; null if there is no query, undefined if the search needs a thread. */
  now(text: string): Bits | null | undefined {
    const query = text.trim()
    const atOnce = this.#catalogue.movies <= this.#atOnce
    if (query === '') {
      // the list is in view: a search may follow
      if (!atOnce) startSearchThread()
      return null
    }
    const kept = this.#kept.get(query)
    if (kept) {
      this.#kept.delete(query)
      this.#kept.set(query, kept)
    }
    const found = kept ?? (atOnce ? this.#keep(query, this.#store.movies.search(query)) : undefined)
    return found && this.#withOthers(query, found)
  }
  async rows(text: string): Promise<Bits | null> {
    const now = this.now(text)
    if (now !== undefined) return now
    const query = text.trim()
    let search = this.#underWay.get(query)
    if (!search) {
      search = searchInThread(this.#store.path, query)
        .then((movies) => this.#keep(query, movies))
        .finally(() => this.#underWay.delete(query))
      this.#underWay.set(query, search)
    }
    return this.#withOthers(query, await search)
  }
  /**
   * The first rows of an order that match and have their bit set, tested one by one: fast if many match. Null if `limit` of them were not
   * found soon, or if only the index can decide.
   */
  first(text: string, order: Order, bits: Bits, descending: boolean, limit: number): Int32Array | null {
    const matches = matcherOf(text)
    if (!matches) return null
    const { movies } = this.#store
    const others = new Set(this.#others(text.trim()))
    const { ids, n } = this.#catalogue
    let left = LOOKED_AT
    const found = new Int32Array(limit)
    for (let at = 0, count = 0; at < n; at++) {
      const i = descending && at < order.ranked ? order.ranked - 1 - at : at
      const row = order.rows ? order.rows[i]! : i
      if (!bits.has(row)) continue
      const text = movies.sourceText(ids[row]!)
      if (others.has(row) || (text && matches(text.title, text.plot))) found[count++] = row
      if (count === limit) return found
      if (--left === 0) return null
    }
    return null
  }
  /** Rows that the index of titles and plots does not find: by the movie's id, and by the words of its note. */
  *#others(query: string): Generator<number> {
    const { notes } = this.#catalogue
    const byKey = this.#store.movies.idOfKey(query)
    if (byKey !== null) yield this.#catalogue.row(byKey)
    const matches = matcherOf(query) ?? ((_, note) => fold(note).includes(fold(query)))
    for (const [movie, note] of notes) if (matches('', note)) yield this.#catalogue.row(movie)
  }
  #withOthers(query: string, found: Bits): Bits {
    const others = [...this.#others(query)].filter((row) => row >= 0)
    const all = others.length > 0 ? found.copy() : found
    for (const row of others) all.set(row, true)
    return all
  }
  #keep(query: string, movies: Int32Array): Bits {
    const bits = new Bits(this.#catalogue.n)
    for (const movie of movies) {
      const row = this.#catalogue.row(movie)
      if (row >= 0) bits.set(row, true)
    }
    const [oldest] = this.#kept.keys()
    if (this.#kept.size >= KEPT) this.#kept.delete(oldest!)
    this.#kept.set(query, bits)
    return bits
  }
}

/** Returns true if a title and a plot match a query. */
type Matcher = (title: string, plot: string) => boolean

/** Letters and digits without combining marks: the index tokenises others in its own way. */
const PLAIN_WORDS = /^[\p{Script=Latin}\p{Script=Greek}\p{Script=Cyrillic}\p{Nd}]+$/u
const WORD_SIGN = '[\\p{L}\\p{N}]'
/** ASCII needs no folding of accents. */
// eslint-disable-next-line no-control-regex
const ASCII = /^[\x00-\x7f]*$/

const fold = (text: string): string => (ASCII.test(text) ? text : text.normalize('NFD').replace(/\p{M}/gu, '')).toLowerCase()

/**
 * The matches of the text index, decided for one movie at a time: every word occurs, the last one may be a prefix, ignoring case and
 * accents. For a few movies this is faster than the index. Null for words that the index may tokenise differently.
 */
export function matcherOf(query: string): Matcher | null {
  const words = query.normalize('NFC').match(/[\p{L}\p{N}\p{M}]+/gu) ?? []
  if (words.length === 0 || words.some((word) => !PLAIN_WORDS.test(word))) return null
  const patterns = words.map((word, i) => {
    const end = i === words.length - 1 ? '' : `(?!${WORD_SIGN})`
    return { letters: fold(word), whole: new RegExp(`(?<!${WORD_SIGN})${fold(word)}${end}`, 'u') }
  })
  return (title, plot) => {
    const text = `${fold(title)} ${fold(plot)}`
    // most movies lack the letters, so this check is several times faster than the pattern alone
    return patterns.every(({ letters, whole }) => text.includes(letters) && whole.test(text))
  }
}
