import type { Filter } from '../../contract/api.ts'
import type { Bucket } from '../../contract/records.ts'
import { SPLITS } from '../../contract/records.ts'
import { BUCKET_BITS, KIND_NAMES } from '../analysis/triage.ts'
import { OF_THE_SOURCE } from '../store/columns.ts'
import type { Store } from '../store/store.ts'
import type { Catalogue } from './catalogue.ts'
import type { Predictions } from './predictions.ts'

export type BucketCounts = Readonly<Record<Bucket | 'all', number>>
export interface QueryResult {
  /** Rows of the catalogue, in order. */
  readonly rows: Int32Array
  readonly buckets: BucketCounts
}

const { good: GOOD, bad: BAD, impossible: IMPOSSIBLE } = BUCKET_BITS
/** Beside a cell's bucket: the movie carries the genre. */
const CARRIED = 8
const YES_NO = { any: null, yes: 1, no: 0 } as const
/** Room for the row number under the sort key: 4 million movies. */
const ROW_BITS = 2 ** 22
const KEY_STEPS = 2 ** 30

export interface Order {
  /** Rows ascending by the sort key; null: file order. */
  readonly rows: Int32Array | null
  /** How many of them have a key: those without one come last, whichever way the list runs. */
  readonly ranked: number
}

/** Sorted orders of all rows, made when first asked for and kept until what they depend on changes. */
export class Orders {
  readonly #catalogue
  readonly #store
  readonly #cache = new Map<string, Int32Array>()
  #scores: { readonly run: number; version: number; keys: Float32Array; order: Int32Array } | null = null
  constructor(catalogue: Catalogue, store: Store) {
    this.#catalogue = catalogue
    this.#store = store
  }
  get(filter: Filter, predictions: Predictions | null): Order {
    const { n } = this.#catalogue
    if (filter.sort === 'title') return { rows: this.#cached('title', () => this.#byTitle()), ranked: n }
    if (filter.sort === 'file' || !predictions) return { rows: null, ranked: n }
    const column = filter.genre === null ? -1 : this.#catalogue.column(filter.genre)
    const ranked = predictions.has.reduce((sum, has) => sum + has, 0)
    if (filter.sort !== 'probability' || column < 0) return { rows: this.#byScore(predictions), ranked }
    if (!predictions.known[column]) return { rows: null, ranked: 0 }
    return { rows: this.#cached(`probability ${predictions.run} ${column}`, () => this.#byProbability(predictions, column)), ranked }
  }
  #byProbability({ p, has }: Predictions, column: number): Int32Array {
    const { n, k } = this.#catalogue
    return argsort(Float32Array.from({ length: n }, (_, i) => (has[i] ? p[i * k + column]! : NaN)))
  }
  /** A decision moves one movie: the kept order is put right rather than made anew. */
  #byScore({ run, score }: Predictions): Int32Array {
    const { version } = this.#catalogue
    const kept = this.#scores?.run === run ? this.#scores : null
    if (kept?.version === version) return kept.order
    const order = kept ? resort(kept.order, kept.keys, score) : argsort(score)
    this.#scores = { run, version, keys: score.slice(), order }
    return order
  }
  #byTitle(): Int32Array {
    const { ids, n } = this.#catalogue
    const ranks = this.#store.columns.whole(OF_THE_SOURCE, 'title', (ids.at(-1) ?? 0) + 1)
    const rowOf = new Int32Array(ranks.length).fill(-1) // row of each rank
    for (let row = 0; row < n; row++) rowOf[ranks[ids[row]!]!] = row
    return rowOf.filter((row) => row >= 0)
  }
  #cached(key: string, make: () => Int32Array): Int32Array {
    const hit = this.#cache.get(key)
    if (hit) return hit
    if (this.#cache.size > 40) this.#cache.clear()
    const order = make()
    this.#cache.set(key, order)
    return order
  }
}

/**
 * Indices that sort keys in [0, 1] ascending, equal keys by index, NaN last. Key and index share one double, so that the
 * engine's native number sort does the work (10 times faster than a comparator); keys count in steps of 2^-30.
 */
export function argsort(keys: Float32Array): Int32Array {
  const packed = new Float64Array(keys.length)
  for (let i = 0; i < keys.length; i++) packed[i] = pack(keys[i]!, i)
  packed.sort()
  return Int32Array.from(packed, (v) => v % ROW_BITS)
}

function pack(key: number, index: number): number {
  const step = Number.isNaN(key) ? KEY_STEPS + 1 : Math.round(Math.min(1, Math.max(0, key)) * KEY_STEPS)
  return step * ROW_BITS + index
}

/** What `argsort(keys)` gives, from the order of the keys as they were: only those that have changed find new places. */
export function resort(order: Int32Array, was: Float32Array, keys: Float32Array): Int32Array {
  const moved: number[] = []
  for (let i = 0; i < keys.length; i++) if (!Object.is(keys[i], was[i])) moved.push(i)
  if (moved.length === 0) return order
  if (moved.length > keys.length / 16) return argsort(keys)
  const hasMoved = new Uint8Array(keys.length)
  for (const i of moved) hasMoved[i] = 1
  const arriving = Float64Array.from(moved, (i) => pack(keys[i]!, i)).sort()
  const out = new Int32Array(order.length)
  let count = 0
  let next = 0 // in arriving
  for (let at = 0; at < order.length; at++) {
    const row = order[at]!
    if (hasMoved[row]) continue
    if (next < arriving.length) {
      const here = pack(keys[row]!, row)
      while (next < arriving.length && arriving[next]! < here) out[count++] = arriving[next++]! % ROW_BITS
    }
    out[count++] = row
  }
  while (next < arriving.length) out[count++] = arriving[next++]! % ROW_BITS
  return out
}

/** Bucket bits of every row under the filter's genre and kind, with `CARRIED` for a genre; 0 where no cell is in play. (n) */
function bucketBits(c: Catalogue, p: Predictions | null, filter: Filter): Uint8Array {
  if (filter.genre !== null) return genreBits(c, p, filter, c.column(filter.genre))
  if (!p) return new Uint8Array(c.n).fill(filter.kind === 'any' ? GOOD : 0)
  return filter.kind === 'any' ? p.buckets.slice() : kindBits(c, p, filter.kind)
}

function genreBits({ n, k, labels, verdicts }: Catalogue, p: Predictions | null, filter: Filter, column: number): Uint8Array {
  const bits = new Uint8Array(n)
  if (column < 0) return bits
  const kinds = p?.kinds
  const wanted = filter.kind === 'any' ? null : KIND_NAMES.indexOf(filter.kind)
  for (let row = 0, cell = column; row < n; row++, cell += k) {
    if (wanted !== null && kinds?.[cell] !== wanted) continue
    const carried = labels[cell] ? CARRIED : 0
    if (!p) bits[row] = carried && GOOD | CARRIED
    else if (carried || p.predicted[cell] || verdicts[cell]) bits[row] = p.cellBucket(cell) | carried
  }
  return bits
}

function kindBits({ n, k }: Catalogue, p: Predictions, name: Filter['kind']): Uint8Array {
  const bits = new Uint8Array(n)
  const { kinds } = p
  const wanted = KIND_NAMES.indexOf(name as (typeof KIND_NAMES)[number])
  for (let row = 0, cell = 0; row < n; row++)
    for (const end = cell + k; cell < end; cell++) if (kinds[cell] === wanted) bits[row]! |= p.cellBucket(cell)
  return bits
}

/** Takes out the rows in which a column has another value than the wanted one; null wants any. */
function keepOnly(bits: Uint8Array, column: Uint8Array, wanted: number | null): void {
  if (wanted === null) return
  for (let row = 0; row < bits.length; row++) if (column[row] !== wanted) bits[row] = 0
}

/**
 * The rows that pass a filter, in its order, with the size of each bucket under the filter's other conditions. Each
 * condition is one pass over one column: several times faster than asking every condition of every row.
 */
export function query(catalogue: Catalogue, predictions: Predictions | null, store: Store, orders: Orders, filter: Filter): QueryResult {
  const { n } = catalogue
  const bits = bucketBits(catalogue, predictions, filter)
  keepOnly(bits, catalogue.reviewed, YES_NO[filter.reviewed])
  keepOnly(bits, catalogue.split, filter.split === 'any' ? null : SPLITS.indexOf(filter.split))
  if (filter.text.trim() !== '') keepOnly(bits, textMatches(catalogue, store, filter.text), 1)
  // all movies of a genre are those that carry it: what is only missing there is in the bucket bad, or of that kind
  const all = filter.genre !== null && filter.kind === 'any' ? CARRIED : GOOD | BAD | IMPOSSIBLE
  const wanted = filter.bucket === 'all' ? all : BUCKET_BITS[filter.bucket]
  const order = orders.get(filter, predictions)
  const rows = new Int32Array(n)
  let count = 0
  for (let at = 0; at < n; at++) {
    const i = filter.descending && at < order.ranked ? order.ranked - 1 - at : at
    const row = order.rows ? order.rows[i]! : i
    if (bits[row]! & wanted) rows[count++] = row
  }
  return { rows: rows.slice(0, count), buckets: countBuckets(bits, all) }
}

function countBuckets(bits: Uint8Array, all: number): BucketCounts {
  const rows = new Int32Array(16) // rows with each combination of bits
  for (let row = 0; row < bits.length; row++) rows[bits[row]!]!++
  const having = (bit: number): number => rows.reduce((sum, count, combination) => sum + (combination & bit ? count : 0), 0)
  return { all: having(all), good: having(GOOD), bad: having(BAD), impossible: having(IMPOSSIBLE) }
}

function textMatches(catalogue: Catalogue, store: Store, text: string): Uint8Array {
  const found = new Uint8Array(catalogue.n)
  for (const id of store.movies.search(text)) {
    const row = catalogue.row(id)
    if (row >= 0) found[row] = 1
  }
  return found
}
