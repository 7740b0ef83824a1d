/** The arrays of the training matrix, allocated once its size is known; they may be in memory shared by threads. */

/** Sizes of a matrix. */
export interface MatrixShape {
  readonly rows: number
  readonly columns: number
  readonly nonzeros: number
  /** Columns of the first block, whose entries come first in each row: the words, if there are any. */
  readonly firstColumns: number
}
/** TF-IDF values by rows, as {@link Csr}. */
export interface MatrixSpace {
  /** (rows + 1) */
  readonly indptr: Int32Array
  /** (nonzeros) */
  readonly indices: Int32Array
  /** (nonzeros) */
  readonly values: Float32Array
}

/** Memory of the calling thread. */
export const ownSpace = ({ rows, nonzeros }: MatrixShape): MatrixSpace => ({
  indptr: new Int32Array(rows + 1),
  indices: new Int32Array(nonzeros),
  values: new Float32Array(nonzeros),
})

/** Copies a filled matrix into another space of the same shape. */
export function copySpace(from: MatrixSpace, to: MatrixSpace): void {
  to.indptr.set(from.indptr)
  to.indices.set(from.indices)
  to.values.set(from.values)
}
