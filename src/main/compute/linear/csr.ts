/** A sparse matrix by rows: row r holds `values[i]` at column `indices[i]` for indptr[r] <= i < indptr[r + 1]. */
export interface Csr {
  readonly rows: number
  readonly columns: number
  /** (rows + 1) */
  readonly indptr: Int32Array
  /** (nonzeros), each column at most once in a row, in any order */
  readonly indices: Int32Array
  /** (nonzeros) */
  readonly values: Float32Array
}

/** The transpose: row c lists the rows of `matrix` with a value in column c, ascending. */
export function transpose(matrix: Csr): Csr {
  const indptr = new Int32Array(matrix.columns + 1)
  for (const column of matrix.indices) indptr[column + 1]!++
  for (let c = 0; c < matrix.columns; c++) indptr[c + 1]! += indptr[c]!
  const next = indptr.slice(0, matrix.columns)
  const indices = new Int32Array(matrix.indices.length)
  const values = new Float32Array(matrix.indices.length)
  for (let r = 0; r < matrix.rows; r++) {
    for (let i = matrix.indptr[r]!; i < matrix.indptr[r + 1]!; i++) {
      const to = next[matrix.indices[i]!]!++
      indices[to] = r
      values[to] = matrix.values[i]!
    }
  }
  return { rows: matrix.columns, columns: matrix.rows, indptr, indices, values }
}

/** transpose(matrix) . dense for one dense vector (rows) -> (columns), without building the transpose. */
export function transposedTimes(matrix: Csr, dense: ArrayLike<number>): Float64Array {
  const out = new Float64Array(matrix.columns)
  for (let r = 0; r < matrix.rows; r++) {
    const factor = dense[r]!
    if (factor === 0) continue
    for (let i = matrix.indptr[r]!; i < matrix.indptr[r + 1]!; i++) out[matrix.indices[i]!]! += matrix.values[i]! * factor
  }
  return out
}
