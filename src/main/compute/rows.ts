/** Rows of row-major matrices with k columns. */

/** The given rows, in their order, as a new matrix. */
export function gather<T extends Uint8Array | Float32Array>(matrix: T, rows: Int32Array, k: number): T {
  const out = new (matrix.constructor as new (length: number) => T)(rows.length * k)
  rows.forEach((row, i) => out.set(matrix.subarray(row * k, row * k + k), i * k))
  return out
}
/** Writes row i of `from` to row rows[i] of `to`. */
export const scatter = (to: Float32Array, from: Float32Array, rows: Int32Array, k: number): void =>
  rows.forEach((row, i) => to.set(from.subarray(i * k, i * k + k), row * k))
