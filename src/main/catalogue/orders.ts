import { SINGLE_QUEUE_NAMES, SINGLE_QUEUES, type Mix, type QueueName, type SingleQueue } from '../../contract/queues.ts'
import type { Filter } from '../../contract/review.ts'
import { argsort, SortedRows } from '../analysis/argsort.ts'
import { interleave } from '../analysis/queues/interleave.ts'
import { OF_THE_SOURCE } from '../store/columns.ts'
import type { Bits } from './bits.ts'
import { rowsIn, type Order, type Reading } from './order.ts'
import type { Predictions } from './predictions.ts'
import { QUEUE_RULES, unavailable, type QueueSource } from './queues.ts'

/** `column`: the genre for the order by probability; -1: none. */
type Sorted = Pick<Filter, 'sort' | 'mix' | 'seed' | 'descending'> & { readonly column: number }

/** Number of cached orders by probability. */
const KEPT = 8
/** Up to this many changed rows are moved one by one; for more, the order is sorted again. */
const MAX_MOVES = 500

/** Sorted orders of all rows, computed on first use and kept until what they depend on changes. */
export class Orders {
  readonly #source: QueueSource
  readonly #catalogue
  readonly #store
  readonly #predictions
  readonly #byProbability = new Map<number, Int32Array>()
  readonly #byQueue = new Map<SingleQueue, { readonly key: string; readonly order: Order }>()
  #byScore: SortedRows | null = null
  #byTitle: Int32Array | null = null
  constructor(source: QueueSource) {
    this.#source = source
    this.#catalogue = source.catalogue
    this.#store = source.store
    this.#predictions = source.predictions
  }
  /** For each queue why it cannot be used; null: it can. */
  unavailable(mix: Mix): Record<QueueName, string | null> {
    const why = (name: SingleQueue): string | null => unavailable(name, this.#source)
    const missing = SINGLE_QUEUE_NAMES.filter((name) => mix[name] !== undefined && why(name) !== null)
    const mixed = missing.length > 0 ? missing.map((name) => `${SINGLE_QUEUES[name].title}: ${why(name)}`).join(' ') : null
    const singles = SINGLE_QUEUE_NAMES.map((name) => [name, why(name)] as const)
    return { ...(Object.fromEntries(singles) as Record<SingleQueue, string | null>), mixed }
  }
  /** Rows whose bit is set in the order of a filter, those with a bit in `last` behind the others. */
  rows(filter: Sorted, bits: Bits, last: Bits, { limit = Infinity, onlyRanked = false }: Omit<Reading, 'descending'> = {}): Int32Array {
    if (filter.sort !== 'mixed') return rowsIn(this.get(filter), bits, last, { descending: filter.descending, limit, onlyRanked })
    const [first, behind] = [bits.copy().andNot(last), bits.copy().and(last)].map((chosen) => {
      const rows = (sort: SingleQueue, reading: Reading): Int32Array => rowsIn(this.get({ ...filter, sort }), chosen, last, reading)
      const mixed = SINGLE_QUEUE_NAMES.filter((sort) => filter.mix[sort] !== undefined)
      const parts = mixed.map((sort) => ({ share: filter.mix[sort] ?? 0, rows: rows(sort, { onlyRanked: true }) }))
      return interleave(onlyRanked ? parts : [...parts, { share: 0, rows: rows('suspects', {}) }], this.#catalogue.n)
    })
    return Int32Array.from([...first!, ...behind!]).subarray(0, limit)
  }
  /** The order of a filter other than the mixed queue; file order where it cannot be used. */
  get({ sort, column, seed }: Omit<Sorted, 'mix' | 'descending'>): Order {
    const { n } = this.#catalogue
    const p = this.#predictions
    if (sort === 'title') return { rows: (this.#byTitle ??= this.#titles()), ranked: n }
    if (sort === 'file' || sort === 'mixed') return { rows: null, ranked: n }
    if (sort === 'flagged')
      return {
        rows: argsort(
          Float32Array.from(this.#catalogue.marks.flagged).map((x) => 1 - x),
          this.#suspicion(),
        ),
        ranked: n,
      }
    if (sort !== 'suspects' && sort !== 'probability') return this.#queue(sort, seed)
    if (!p || sort === 'suspects' || column < 0) return { rows: this.#suspicion(), ranked: p?.seen ?? n }
    if (!p.known[column]) return { rows: null, ranked: 0 }
    return { rows: this.#probabilities(p, column), ranked: p.seen }
  }
  /** Updates the order after the scores of these rows have changed. */
  refresh(rows: readonly number[]): void {
    if (!this.#byScore || !this.#predictions) return
    if (rows.length > MAX_MOVES) this.#byScore = null
    else for (const row of rows) this.#byScore.move(row, this.#predictions.score[row]!)
  }
  /** The order by score is sorted again when it is asked for next. */
  forgetScores(): void {
    this.#byScore = null
    this.#byQueue.clear()
  }
  /** Rows, the most suspicious first; null before the first training and the first search. */
  #suspicion(): Int32Array | null {
    if (this.#predictions) return (this.#byScore ??= new SortedRows(this.#predictions.score)).rows
    const { suspects } = this.#source
    return suspects && argsort(Float32Array.from({ length: this.#catalogue.n }, (_, row) => 1 - suspects.movie(row)))
  }
  #queue(name: Exclude<SingleQueue, 'suspects'>, seed: number): Order {
    const rule = QUEUE_RULES[name]
    if (unavailable(name, this.#source) !== null) return { rows: null, ranked: 0 }
    const key = `${rule.labels ? this.#catalogue.lastBatch : ''} ${rule.key?.(this.#source, seed) ?? ''}`
    const kept = this.#byQueue.get(name)
    if (kept?.key === key) return kept.order
    const order = rule.order(this.#source, this.#suspicion(), seed)
    this.#byQueue.set(name, { key, order })
    return order
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
