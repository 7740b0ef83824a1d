import type { Filter } from '../../contract/api.ts'
import type { Bucket } from '../../contract/records.ts'
import { SPLITS } from '../../contract/records.ts'
import { BUCKET_BITS, KIND_NAMES } from '../analysis/triage.ts'
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
const YES_NO = { any: null, yes: 1, no: 0 } as const
/** Room for the row number under the sort key: 4 million movies. */
const ROW_BITS = 2 ** 22
const KEY_STEPS = 2 ** 30

/** Sorted orders of all rows, made when first asked for and kept until what they depend on changes. */
export class Orders {
  readonly #catalogue
  readonly #store
  readonly #cache = new Map<string, { version: number; order: Int32Array }>()
  constructor(catalogue: Catalogue, store: Store) {
    this.#catalogue = catalogue
    this.#store = store
  }
  /** Rows ascending by the filter's sort key; null where that is file order. */
  get(filter: Filter, predictions: Predictions | null): Int32Array | null {
    if (filter.sort === 'title') return this.#cached('title', 0, () => this.#byTitle())
    if (filter.sort === 'file' || !predictions) return null
    const column = filter.genre === null ? -1 : this.#catalogue.column(filter.genre)
    if (filter.sort === 'probability' && column >= 0)
      return this.#cached(`probability ${predictions.run} ${column}`, 0, () => {
        const { n, k } = this.#catalogue
        return argsort(Float32Array.from({ length: n }, (_, i) => predictions.p[i * k + column]!))
      })
    return this.#cached(`score ${predictions.run}`, this.#catalogue.version, () => argsort(predictions.score))
  }
  #byTitle(): Int32Array {
    return this.#store.movies.byTitle().map((id) => this.#catalogue.row(id))
  }
  #cached(key: string, version: number, make: () => Int32Array): Int32Array {
    const hit = this.#cache.get(key)
    if (hit?.version === version) return hit.order
    if (this.#cache.size > 40) this.#cache.clear()
    const order = make()
    this.#cache.set(key, { version, order })
    return order
  }
}

/**
 * Indices that sort keys in [0, 1] ascending, equal keys by index, NaN last. Key and index share one double, so that the
 * engine's native number sort does the work (10 times faster than a comparator); keys count in steps of 2^-30.
 */
export function argsort(keys: Float32Array): Int32Array {
  const packed = new Float64Array(keys.length)
  for (let i = 0; i < keys.length; i++) {
    const key = keys[i]!
    const step = Number.isNaN(key) ? KEY_STEPS + 1 : Math.round(Math.min(1, Math.max(0, key)) * KEY_STEPS)
    packed[i] = step * ROW_BITS + i
  }
  packed.sort()
  return Int32Array.from(packed, (v) => v % ROW_BITS)
}

/** Says of a row whether it passes everything but the bucket. */
function rowTest(c: Catalogue, filter: Filter, found: Uint8Array | null): (row: number) => boolean {
  const reviewed = YES_NO[filter.reviewed]
  const split = filter.split === 'any' ? null : SPLITS.indexOf(filter.split)
  return (row) =>
    (reviewed === null || c.reviewed[row] === reviewed) &&
    (split === null || c.split[row] === split) &&
    (found === null || found[row] === 1)
}

/** Bucket bits of a row under the filter's genre and kind; 0 where no cell is in play. */
function bucketBits(c: Catalogue, p: Predictions | null, filter: Filter): (row: number) => number {
  const kind = filter.kind === 'any' ? null : KIND_NAMES.indexOf(filter.kind)
  const { k } = c
  if (filter.genre !== null) {
    const column = c.column(filter.genre)
    return (row) => {
      if (column < 0) return 0
      const cell = row * k + column
      if (!p) return c.labels[cell] ? GOOD : 0
      if (kind !== null && p.kinds[cell] !== kind) return 0
      return c.labels[cell] || p.predicted[cell] || c.verdicts[cell] ? p.cellBucket(cell) : 0
    }
  }
  if (!p) return () => GOOD
  if (kind === null) return (row) => p.buckets[row]!
  return (row) => {
    let bits = 0
    for (let cell = row * k; cell < (row + 1) * k; cell++) if (p.kinds[cell] === kind) bits |= p.cellBucket(cell)
    return bits
  }
}

/** The rows that pass a filter, in its order, with the size of each bucket under the filter's other conditions. */
export function query(catalogue: Catalogue, predictions: Predictions | null, store: Store, orders: Orders, filter: Filter): QueryResult {
  const { n } = catalogue
  const passes = rowTest(catalogue, filter, filter.text.trim() === '' ? null : textMatches(catalogue, store, filter.text))
  const bits = bucketBits(catalogue, predictions, filter)
  const wanted = filter.bucket === 'all' ? GOOD | BAD | IMPOSSIBLE : BUCKET_BITS[filter.bucket]
  const order = orders.get(filter, predictions)
  const counts = { all: 0, good: 0, bad: 0, impossible: 0 }
  const rows = new Int32Array(n)
  let count = 0
  for (let at = 0; at < n; at++) {
    const i = filter.descending ? n - 1 - at : at
    const row = order ? order[i]! : i
    if (!passes(row)) continue
    const b = bits(row)
    if (b === 0) continue
    counts.all++
    if (b & GOOD) counts.good++
    if (b & BAD) counts.bad++
    if (b & IMPOSSIBLE) counts.impossible++
    if (b & wanted) rows[count++] = row
  }
  return { rows: rows.slice(0, count), buckets: counts }
}

function textMatches(catalogue: Catalogue, store: Store, text: string): Uint8Array {
  const found = new Uint8Array(catalogue.n)
  for (const id of store.movies.search(text)) {
    const row = catalogue.row(id)
    if (row >= 0) found[row] = 1
  }
  return found
}
