import type { BucketCounts, Filter } from '../../contract/review.ts'
import type { Store } from '../store/store.ts'
import type { Catalogue } from './catalogue.ts'
import { Orders } from './orders.ts'
import { Planes } from './planes.ts'
import type { Predictions } from './predictions.ts'
import { countBuckets, query, rowsIn, select } from './query.ts'
import { TextSearch } from './text-search.ts'

/** The whole list under a filter: movie ids in order. */
export interface ReviewList {
  readonly movies: Int32Array
  readonly buckets: BucketCounts
}
/** The first movies of a list. */
export interface ReviewBeginning {
  readonly movies: Int32Array
  /** Null if counting takes longer than finding the first movies. */
  readonly buckets: BucketCounts | null
  /** True if these are all movies of the list. */
  readonly complete: boolean
}

/** The movies that come next in a review. */
const NEXT = 100

/** Serves every filter, sort and text search of the review list; the caller reports changes one by one. */
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
    // the order that the list shows first
    index.#orders.get({ sort: 'score', genre: null })
    yield
    return index
  }
  /** Updates predictions and lists after the labels, verdicts or marks of these rows have changed in the catalogue. */
  refresh(rows: readonly number[]): void {
    for (const row of rows) {
      this.#predictions?.refresh(row)
      this.planes.refresh(row)
    }
    this.#orders.refresh(rows)
  }
  /** Orders the list by new scores. Returns how many movies that are not reviewed have come among the first {@link NEXT}. */
  *rescore(): Generator<undefined, number> {
    const { reviewed } = this.#catalogue.marks
    const next = (): Int32Array => {
      const { rows } = this.#orders.get({ sort: 'score', genre: null })
      return (rows ?? new Int32Array()).filter((row) => reviewed[row] === 0).slice(0, NEXT)
    }
    const before = new Set(next())
    if (this.#predictions) yield* this.#predictions.rescore()
    this.#orders.forgetScores()
    return next().filter((row) => !before.has(row)).length
  }
  async query(filter: Filter): Promise<ReviewList> {
    const text = await this.#text.rows(filter.text)
    const { rows, buckets } = query(this.#catalogue, this.planes, this.#orders, filter, text)
    return { movies: this.#ids(rows), buckets }
  }
  /** The first movies of the list. In a large project they are found before all text matches are known. */
  async first(filter: Filter, limit: number): Promise<ReviewBeginning> {
    const order = this.#orders.get(filter)
    let text = this.#text.now(filter.text)
    if (text === undefined) {
      const { [filter.bucket]: bits } = select(this.#catalogue, this.planes, filter, null)
      const search = this.#text.rows(filter.text)
      const found = this.#text.first(filter.text, order, bits.andNot(this.planes.marks.skipped), filter.descending, limit)
      if (found) {
        // a later call for the whole list reports the error
        search.catch(() => undefined)
        return { movies: this.#ids(found), buckets: null, complete: false }
      }
      text = await search
    }
    const selection = select(this.#catalogue, this.planes, filter, text)
    const buckets = countBuckets(selection)
    const movies = this.#ids(
      rowsIn(this.#orders.get(filter), selection[filter.bucket], this.planes.marks.skipped, filter.descending, limit),
    )
    return { movies, buckets, complete: movies.length === buckets[filter.bucket] }
  }
  /** The bucket counts of a filter; null if its text has not been searched yet. */
  buckets(filter: Filter): BucketCounts | null {
    const text = this.#text.now(filter.text)
    return text === undefined ? null : countBuckets(select(this.#catalogue, this.planes, filter, text))
  }
  #ids(rows: Int32Array): Int32Array {
    const { ids } = this.#catalogue
    for (let i = 0; i < rows.length; i++) rows[i] = ids[rows[i]!]!
    return rows
  }
}
