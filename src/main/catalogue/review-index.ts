import type { Filter } from '../../contract/api.ts'
import type { Store } from '../store/store.ts'
import type { Catalogue } from './catalogue.ts'
import { Orders } from './orders.ts'
import { Planes } from './planes.ts'
import type { Predictions } from './predictions.ts'
import { countBuckets, query, rowsIn, select, type BucketCounts } from './query.ts'
import { TextSearch } from './text-search.ts'

/** The whole list under a filter: movie ids in order. */
export interface ReviewList {
  readonly movies: Int32Array
  readonly buckets: BucketCounts
}
/** The beginning of a list. */
export interface ReviewBeginning {
  readonly movies: Int32Array
  /** Null where counting takes longer than finding the first movies. */
  readonly buckets: BucketCounts | null
  /** These are all. */
  readonly complete: boolean
}

/** What answers every filter, sort and text of the review list; decisions are told to it one by one. */
export class ReviewIndex {
  readonly planes: Planes
  readonly #catalogue: Catalogue
  readonly #predictions: Predictions | null
  readonly #orders: Orders
  readonly #text: TextSearch

  private constructor(store: Store, catalogue: Catalogue, predictions: Predictions | null, planes: Planes) {
    this.planes = planes
    this.#catalogue = catalogue
    this.#predictions = predictions
    this.#orders = new Orders(catalogue, store, predictions)
    this.#text = new TextSearch(store, catalogue)
  }
  static *loadInSteps(store: Store, catalogue: Catalogue, predictions: Predictions | null): Generator<undefined, ReviewIndex> {
    const index = new ReviewIndex(store, catalogue, predictions, yield* Planes.loadInSteps(catalogue, predictions))
    // what the first look at the list sorts by
    index.#orders.get({ sort: 'score', genre: null })
    yield
    return index
  }
  /** The labels, verdicts or marks of these rows have changed in the catalogue: predictions and lists follow. */
  refresh(rows: readonly number[]): void {
    for (const row of rows) {
      this.#predictions?.refresh(row)
      this.planes.refresh(row)
    }
    this.#orders.refresh(rows)
  }
  async query(filter: Filter): Promise<ReviewList> {
    const text = await this.#text.rows(filter.text)
    const { rows, buckets } = query(this.#catalogue, this.planes, this.#orders, filter, text)
    return { movies: this.#ids(rows), buckets }
  }
  /** The first movies of the list: of words that are sought in a large project before all matches are known. */
  async first(filter: Filter, limit: number): Promise<ReviewBeginning> {
    const order = this.#orders.get(filter)
    let text = this.#text.now(filter.text)
    if (text === undefined) {
      const { [filter.bucket]: bits } = select(this.#catalogue, this.planes, filter, null)
      const search = this.#text.rows(filter.text)
      const found = this.#text.first(filter.text, order, bits, filter.descending, limit)
      if (found) {
        // whoever asks for the whole list will hear of it
        search.catch(() => undefined)
        return { movies: this.#ids(found), buckets: null, complete: false }
      }
      text = await search
    }
    const selection = select(this.#catalogue, this.planes, filter, text)
    const buckets = countBuckets(selection)
    const movies = this.#ids(rowsIn(this.#orders.get(filter), selection[filter.bucket], filter.descending, limit))
    return { movies, buckets, complete: movies.length === buckets[filter.bucket] }
  }
  #ids(rows: Int32Array): Int32Array {
    const { ids } = this.#catalogue
    for (let i = 0; i < rows.length; i++) rows[i] = ids[rows[i]!]!
    return rows
  }
}
