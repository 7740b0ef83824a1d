import { FilterError } from '../../contract/filter.ts'
import type { Mix, QueueName } from '../../contract/queues.ts'
import type { BucketCounts, Filter } from '../../contract/review.ts'
import type { Store } from '../store/store.ts'
import type { Catalogue } from './catalogue.ts'
import type { Bits } from './bits.ts'
import { Orders } from './orders.ts'
import { Disputes } from './disputes.ts'
import { Disagreements } from './disagreements.ts'
import { MovieMap } from './movie-map.ts'
import { OriginalColumns, type RunSteps } from './original-columns.ts'
import { Planes } from './planes.ts'
import type { Predictions } from './predictions.ts'
import { countBuckets, select, type Selection } from './query.ts'
import type { Suspects } from './suspects.ts'
import { TextSearch } from './text-search.ts'
import { Where } from './where.ts'

/** Movies tested one by one for the first matches: about ten milliseconds. */
const MAX_TESTED_MOVIES = 1000

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

/** How many movies at the head of the list count as next. */
const NEXT = 100
export interface IndexOptions {
  /** Runs the reading of columns between other calls. */
  readonly run?: RunSteps
  /** See {@link TextSearch}. */
  readonly atOnce?: number
  /** Columns of this catalogue that were already read. */
  readonly columns?: OriginalColumns
}

/** Serves every filter, sort and text search of the review list; the caller reports changes one by one. */
export class ReviewIndex {
  readonly planes: Planes
  readonly #catalogue: Catalogue
  readonly #predictions: Predictions | null
  readonly #orders: Orders
  readonly #text: TextSearch
  readonly #where: Where
  readonly columns: OriginalColumns
  readonly map: MovieMap
  readonly disputes: Disputes

  private constructor(
    store: Store,
    catalogue: Catalogue,
    predictions: Predictions | null,
    suspects: Suspects | null,
    planes: Planes,
    { run, atOnce, columns }: IndexOptions,
  ) {
    this.planes = planes
    this.#catalogue = catalogue
    this.#predictions = predictions
    this.#orders = new Orders({ catalogue, store, predictions, suspects })
    this.#text = new TextSearch(store, catalogue, atOnce)
    this.columns = columns ?? new OriginalColumns(store, catalogue, run)
    const disagreements = new Disagreements(store, catalogue, predictions, run)
    this.map = new MovieMap(store, catalogue)
    this.disputes = new Disputes(store, catalogue, predictions)
    const { columns: read, map, disputes } = this
    this.#where = new Where({
      store,
      catalogue,
      planes,
      predictions,
      suspects,
      text: this.#text,
      columns: read,
      disagreements,
      map,
      disputes,
    })
  }
  static *loadInSteps(
    store: Store,
    catalogue: Catalogue,
    predictions: Predictions | null,
    suspects: Suspects | null,
    options: IndexOptions = {},
  ): Generator<undefined, ReviewIndex> {
    const planes = yield* Planes.loadInSteps(catalogue, predictions)
    const index = new ReviewIndex(store, catalogue, predictions, suspects, planes, options)
    // compute the default order in advance
    index.#orders.get({ sort: 'suspects', column: -1, seed: 0 })
    yield
    return index
  }
  /** Updates predictions and lists after the labels, verdicts or marks of these rows have changed in the catalogue. */
  *refresh(rows: readonly number[]): Generator<undefined, void> {
    for (const [i, row] of rows.entries()) {
      this.#predictions?.refresh(row)
      this.planes.refresh(row)
      if (i % 500 === 499) yield
    }
    this.#orders.refresh(rows)
    this.#where.forget()
  }
  /** Orders the list by new scores. Returns how many movies that are not reviewed have come among the first {@link NEXT}. */
  *rescore(): Generator<undefined, number> {
    const { reviewed } = this.#catalogue.marks
    const next = (): Int32Array => {
      const { rows } = this.#orders.get({ sort: 'suspects', column: -1, seed: 0 })
      return (rows ?? new Int32Array()).filter((row) => reviewed[row] === 0).slice(0, NEXT)
    }
    const before = new Set(next())
    if (this.#predictions) yield* this.#predictions.rescore()
    this.#orders.forgetScores()
    this.#where.forget()
    return next().filter((row) => !before.has(row)).length
  }
  /** @throws FilterError, as all that take a filter */
  async query(filter: Filter): Promise<ReviewList> {
    const { selection, sorted } = this.#selected(filter, await this.#where.rows(filter.where))
    const movies = this.#ids(this.#orders.rows(sorted, selection[filter.bucket], this.planes.marks.skipped))
    return { movies, buckets: countBuckets(selection, filter, this.planes) }
  }
  /** The first movies of the list. In a large project they are found before all text matches are known. */
  async first(filter: Filter, limit: number): Promise<ReviewBeginning> {
    // the list is in view: a search may follow
    if (filter.where === '') this.#text.prepare()
    let rows = this.#where.now(filter.where)
    if (!rows) {
      const all = this.#where.rows(filter.where)
      const found = this.#begin(filter, limit)
      if (found) {
        // a later call for the whole list reports the error
        all.catch(() => undefined)
        return { movies: this.#ids(found), buckets: null, complete: false }
      }
      rows = await all
    }
    const { selection, sorted } = this.#selected(filter, rows)
    const buckets = countBuckets(selection, filter, this.planes)
    const movies = this.#ids(this.#orders.rows(sorted, selection[filter.bucket], this.planes.marks.skipped, { limit }))
    return { movies, buckets, complete: movies.length === buckets[filter.bucket] }
  }
  /** For each queue why it cannot be used; null: it can. */
  queues(mix: Mix): Record<QueueName, string | null> {
    return this.#orders.unavailable(mix)
  }
  /** The rows that a filter's queue ranks. */
  async ranked(filter: Filter): Promise<Int32Array> {
    const { selection, sorted } = this.#selected(filter, await this.#where.rows(filter.where))
    return this.#orders.rows(sorted, selection[filter.bucket], this.planes.marks.skipped, { onlyRanked: true })
  }
  /** The bucket counts of a filter; null if something has to be read first, or the filter has lost its meaning. */
  buckets(filter: Filter): BucketCounts | null {
    try {
      const rows = this.#where.now(filter.where)
      return rows ? countBuckets(this.#selected(filter, rows).selection, filter, this.planes) : null
    } catch (error) {
      if (error instanceof FilterError) return null
      throw error
    }
  }
  /** Movies that match, in any order. */
  matching(where: string): Promise<Bits> {
    return this.#where.rows(where)
  }
  /** False if the conditions are not a valid filter for this catalogue. */
  isMeaningful(where: string): boolean {
    try {
      this.#where.condition(where)
      return true
    } catch (error) {
      if (error instanceof FilterError) return false
      throw error
    }
  }
  /** Call this when slices, the map, the codebook or assignments have changed. */
  forgetFilters(): void {
    this.disputes.forgetAssignments()
    this.map.forget()
    this.#where.forget()
  }
  #selected(filter: Filter, rows: Bits): { readonly selection: Selection; readonly sorted: Filter & { readonly column: number } } {
    const { column } = this.#where.condition(filter.where)
    return { selection: select(this.planes, rows, column), sorted: { ...filter, column } }
  }
  /**
   * The first rows that match, tested one by one: fast if many match. Null if `limit` of them were not found soon, or if only the index can
   * decide.
   */
  #begin(filter: Filter, limit: number): Int32Array | null {
    const condition = this.#where.condition(filter.where)
    const matches = condition.test()
    if (!matches) return null
    const { column } = condition
    const { [filter.bucket]: bits } = select(this.planes, condition.possible(), column)
    const candidates = this.#orders.rows({ ...filter, column }, bits, this.planes.marks.skipped, { limit: MAX_TESTED_MOVIES })
    const found = new Int32Array(limit)
    let count = 0
    for (const row of candidates) {
      if (!matches(row)) continue
      found[count++] = row
      if (count === limit) return found
    }
    return null
  }
  #ids(rows: Int32Array): Int32Array {
    const { ids } = this.#catalogue
    for (let i = 0; i < rows.length; i++) rows[i] = ids[rows[i]!]!
    return rows
  }
}
