import { SPLITS, type Split } from '../../../contract/records.ts'

/** Rows of a part, ascending. */
export function rowsOf(split: Uint8Array, part: Split): Int32Array {
  const code = SPLITS.indexOf(part)
  let count = 0
  for (const each of split) if (each === code) count++
  const rows = new Int32Array(count)
  for (let row = 0, at = 0; row < split.length; row++) if (split[row] === code) rows[at++] = row
  return rows
}

/** The given rows of a row-major matrix with k columns, as a new matrix. */
export function gatherRows<T extends Uint8Array | Float32Array>(matrix: T, rows: Int32Array, k: number): T {
  const out = new (matrix.constructor as new (length: number) => T)(rows.length * k)
  rows.forEach((row, i) => out.set(matrix.subarray(row * k, (row + 1) * k), i * k))
  return out
}

/** A matrix of `length` cells with 1 at the given ones; null where there is none. */
export function cellMatrix(cells: Int32Array, length: number): Uint8Array | null {
  if (cells.length === 0) return null
  const out = new Uint8Array(length)
  for (const cell of cells) out[cell] = 1
  return out
}
