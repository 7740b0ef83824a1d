/** Resolution of the keys: 2^-30. */
const KEY_STEPS = 2 ** 30
const DIGIT_BITS = 11
const DIGITS = 1 << DIGIT_BITS

/** A key in [0, 1] as an integer; NaN is greater than every key. */
const stepOf = (key: number): number => (Number.isNaN(key) ? KEY_STEPS + 1 : Math.round(Math.min(1, Math.max(0, key)) * KEY_STEPS))

/**
 * Indices that sort keys in [0, 1] ascending, NaN last: a radix sort, three passes of 11 bits.
 * @param ties all indices; equal keys come in this order (default: by index)
 */
export function argsort(keys: Float32Array, ties: Int32Array | null = null): Int32Array {
  const n = keys.length
  let [steps, order] = [new Uint32Array(n), new Int32Array(n)]
  let [otherSteps, otherOrder] = [new Uint32Array(n), new Int32Array(n)]
  for (let i = 0; i < n; i++) {
    const index = ties ? ties[i]! : i
    steps[i] = stepOf(keys[index]!)
    order[i] = index
  }
  for (let shift = 0; shift < 3 * DIGIT_BITS; shift += DIGIT_BITS) {
    scatter(steps, order, shift, otherSteps, otherOrder)
    ;[steps, otherSteps] = [otherSteps, steps]
    ;[order, otherOrder] = [otherOrder, order]
  }
  return order
}

/** One stable pass by the digit that starts at bit `shift`. */
function scatter(steps: Uint32Array, order: Int32Array, shift: number, toSteps: Uint32Array, toOrder: Int32Array): void {
  const next = new Uint32Array(DIGITS)
  for (let i = 0; i < steps.length; i++) next[(steps[i]! >>> shift) & (DIGITS - 1)]!++
  for (let digit = 0, at = 0; digit < DIGITS; digit++) {
    const count = next[digit]!
    next[digit] = at
    at += count
  }
  for (let i = 0; i < steps.length; i++) {
    const step = steps[i]!
    const to = next[(step >>> shift) & (DIGITS - 1)]!++
    toSteps[to] = step
    toOrder[to] = order[i]!
  }
}

/** An order made by {@link argsort} that stays sorted while single keys change. */
export class SortedRows {
  readonly rows: Int32Array
  /** The keys that `rows` is sorted by. */
  readonly #keys: Float32Array
  constructor(keys: Float32Array) {
    this.#keys = keys.slice()
    this.rows = argsort(keys)
  }
  /** Moves a row to its new position after its key has changed. */
  move(row: number, key: number): void {
    if (Object.is(Math.fround(key), this.#keys[row])) return
    const from = this.#place(this.#keys[row]!, row)
    this.#keys[row] = key
    // shift the rows between the old and the new position
    const to = this.#place(key, row, from)
    if (to > from) this.rows.copyWithin(from, from + 1, to + 1)
    else this.rows.copyWithin(to + 1, to, from)
    this.rows[to] = row
  }
  /** The position of a row with this key, if the row at `gap` were removed. */
  #place(key: number, row: number, gap = this.rows.length): number {
    const step = stepOf(key)
    let low = 0
    let high = gap < this.rows.length ? this.rows.length - 1 : this.rows.length
    while (low < high) {
      const middle = (low + high) >>> 1
      const other = this.rows[middle < gap ? middle : middle + 1]!
      const otherStep = stepOf(this.#keys[other]!)
      if (otherStep < step || (otherStep === step && other < row)) low = middle + 1
      else high = middle
    }
    return low
  }
}
