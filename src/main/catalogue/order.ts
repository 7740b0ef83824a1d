import type { Bits } from './bits.ts'

export interface Order {
  /** Rows in ascending order of the sort key; null: file order. */
  readonly rows: Int32Array | null
  /** Number of rows with a key; rows without one come last in both directions. */
  readonly ranked: number
}

export interface Reading {
  /** True: the rows with a key begin with the last one. */
  readonly descending?: boolean
  readonly limit?: number
  /** Leaves out the rows without a key. */
  readonly onlyRanked?: boolean
}

/** The rows of an order whose bit is set, those with a bit in `last` behind the others. */
export function rowsIn(
  { rows, ranked }: Order,
  bits: Bits,
  last: Bits,
  { descending = false, limit = Infinity, onlyRanked = false }: Reading,
): Int32Array {
  const out = new Int32Array(Math.min(limit, bits.count()))
  const end = onlyRanked ? ranked : bits.length
  let count = 0
  for (const chosen of [bits.copy().andNot(last), bits.copy().and(last)])
    for (let at = 0; at < end && count < out.length; at++) {
      const i = descending && at < ranked ? ranked - 1 - at : at
      const row = rows ? rows[i]! : i
      if (chosen.has(row)) out[count++] = row
    }
  return out.subarray(0, count)
}
