import type { Filter } from '../../contract/review.ts'
import { OF_THE_SOURCE } from '../store/columns.ts'
import type { Store } from '../store/store.ts'
import { argsort, SortedRows } from './argsort.ts'
import type { Catalogue } from './catalogue.ts'
import type { Predictions } from './predictions.ts'

export interface Order {
  /** Rows in ascending order of the sort key; null: file order. */
  readonly rows: Int32Array | null
  /** Number of rows with a key; rows without one come last in both directions. */
  readonly ranked: number
}

/** Number of cached orders by probability. */
const KEPT = 8
/** Up to this many changed rows are moved one by one; for more, the order is sorted again. */
const MOST_MOVES = 500

/** Sorted orders of all rows, computed on first use. */
export class Orders {
  readonly #catalogue
  readonly #store
  readonly #predictions
  readonly #byProbability = new Map<number, Int32Array>()
  #byScore: SortedRows | null = null
  #byTitle: Int32Array | null = null
  constructor(catalogue: Catalogue, store: Store, predictions: Predictions | null) {
    this.#catalogue = catalogue
    this.#store = store
    this.#predictions = predictions
  }
  get({ sort, genre }: Pick<Filter, 'sort' | 'genre'>): Order {
    const { n } = this.#catalogue
    const p = this.#predictions
    if (sort === 'title') return { rows: (this.#byTitle ??= this.#titles()), ranked: n }
    if (sort === 'file' || !p) return { rows: null, ranked: n }
    const column = genre === null ? -1 : this.#catalogue.column(genre)
    if (sort !== 'probability' || column < 0) return { rows: (this.#byScore ??= new SortedRows(p.score)).rows, ranked: p.seen }
    if (!p.known[column]) return { rows: null, ranked: 0 }
    return { rows: this.#probabilities(p, column), ranked: p.seen }
  }
  /** Updates the order after the scores of these rows have changed. */
  refresh(rows: readonly number[]): void {
    if (!this.#byScore || !this.#predictions) return
    if (rows.length > MOST_MOVES) this.#byScore = null
    else for (const row of rows) this.#byScore.move(row, this.#predictions.score[row]!)
  }
  /** The order by score is sorted again when it is asked for next. */
  forgetScores(): void {
    this.#byScore = null
  }
  #probabilities({ p, has }: Predictions, column: number): Int32Array {
    const kept = this.#byProbability.get(column)
    if (kept) return kept
    const { n, k } = this.#catalogue
    const keys = new Float32Array(n)
    for (let i = 0; i < n; i++) keys[i] = has[i] ? p[i * k + column]! : NaN
    const [oldest] = this.#byProbability.keys()
    if (this.#byProbability.size >= KEPT) this.#byProbability.delete(oldest!)
    const order = argsort(keys)
    this.#byProbability.set(column, order)
    return order
  }
  #titles(): Int32Array {
    const { ids, n } = this.#catalogue
    const ranks = this.#store.columns.whole(OF_THE_SOURCE, 'title', (ids.at(-1) ?? 0) + 1)
    const rowOf = new Int32Array(ranks.length).fill(-1) // row of each rank
    for (let row = 0; row < n; row++) rowOf[ranks[ids[row]!]!] = row
    const out = new Int32Array(n)
    let count = 0
    for (const row of rowOf) if (row >= 0) out[count++] = row
    return out
  }
}
