import type { Mix, QueueName } from '../../contract/queues.ts'
import type { BucketCounts, Filter } from '../../contract/review.ts'
import type { Store } from '../store/store.ts'
import type { Catalogue } from './catalogue.ts'
import { Orders } from './orders.ts'
import { Planes } from './planes.ts'
import type { Predictions } from './predictions.ts'
import { countBuckets, query, select } from './query.ts'
import type { Suspects } from './suspects.ts'
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

  private constructor(store: Store, catalogue: Catalogue, predictions: Predictions | null, suspects: Suspects | null, planes: Planes) {
    this.planes = planes
    this.#catalogue = catalogue
    this.#predictions = predictions
    this.#orders = new Orders({ catalogue, store, predictions, suspects })
    this.#text = new TextSearch(store, catalogue)
  }
  static *loadInSteps(
    store: Store,
    catalogue: Catalogue,
    predictions: Predictions | null,
    suspects: Suspects | null,
  ): Generator<undefined, ReviewIndex> {
    const index = new ReviewIndex(store, catalogue, predictions, suspects, yield* Planes.loadInSteps(catalogue, predictions))
    // the order that the list shows first
    index.#orders.get({ sort: 'suspects', genre: null, seed: 0 })
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
      const { rows } = this.#orders.get({ sort: 'suspects', genre: null, seed: 0 })
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
    let text = this.#text.now(filter.text)
    if (text === undefined) {
      const { [filter.bucket]: bits } = select(this.#catalogue, this.planes, filter, null)
      const search = this.#text.rows(filter.text)
      const rest = bits.andNot(this.planes.marks.skipped)
      const found = filter.sort === 'mixed' ? null : this.#text.first(filter.text, this.#orders.get(filter), rest, filter.descending, limit)
      if (found) {
        // a later call for the whole list reports the error
        search.catch(() => undefined)
        return { movies: this.#ids(found), buckets: null, complete: false }
      }
      text = await search
    }
    const selection = select(this.#catalogue, this.planes, filter, text)
    const buckets = countBuckets(selection, filter, this.planes)
    const movies = this.#ids(this.#orders.rows(filter, selection[filter.bucket], this.planes.marks.skipped, { limit }))
    return { movies, buckets, complete: movies.length === buckets[filter.bucket] }
  }
  /** For each queue why it cannot be used; null: it can. */
  queues(mix: Mix): Record<QueueName, string | null> {
    return this.#orders.unavailable(mix)
  }
  /** The rows that a filter's queue ranks, without a text search. */
  ranked(filter: Filter): Int32Array {
    const { [filter.bucket]: bits } = select(this.#catalogue, this.planes, filter, null)
    return this.#orders.rows(filter, bits, this.planes.marks.skipped, { onlyRanked: true })
  }
  /** The bucket counts of a filter; null if its text has not been searched yet. */
  buckets(filter: Filter): BucketCounts | null {
    const text = this.#text.now(filter.text)
    return text === undefined ? null : countBuckets(select(this.#catalogue, this.planes, filter, text), filter, this.planes)
  }
  #ids(rows: Int32Array): Int32Array {
    const { ids } = this.#catalogue
    for (let i = 0; i < rows.length; i++) rows[i] = ids[rows[i]!]!
    return rows
  }
}
