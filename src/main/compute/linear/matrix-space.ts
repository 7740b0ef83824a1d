/** The arrays of the training matrix, allocated once its size is known; they may be in memory shared by threads. */

/** Sizes of a matrix and of the counts beside it. */
export interface MatrixShape {
  readonly rows: number
  readonly columns: number
  readonly nonzeros: number
  /** Columns of the first block, and the nonzeros in them, which naive Bayes counts. */
  readonly countColumns: number
  readonly counted: number
}
/**
 * TF-IDF values by rows, as {@link Csr}, and plain counts for naive Bayes. The first block's entries come first in each row, so that its
 * counts need no columns of their own.
 */
export interface MatrixSpace {
  /** (rows + 1) */
  readonly indptr: Int32Array
  /** (nonzeros) */
  readonly indices: Int32Array
  /** (nonzeros) */
  readonly values: Float32Array
  /** (rows + 1) first count of each row */
  readonly countPtr: Int32Array
  /** (counted) at most 65,535 each */
  readonly counts: Uint16Array
}

/** Plain counts by rows: entry i of row r has the column `indices[starts[r] + i]` and the count `values[indptr[r] + i]`. */
export interface CountMatrix {
  readonly rows: number
  readonly columns: number
  readonly starts: Int32Array
  readonly indptr: Int32Array
  readonly indices: Int32Array
  readonly values: ArrayLike<number>
}

export const LARGEST_COUNT = 65_535

/** Memory of the calling thread. */
export const ownSpace = ({ rows, nonzeros, counted }: MatrixShape): MatrixSpace => ({
  indptr: new Int32Array(rows + 1),
  indices: new Int32Array(nonzeros),
  values: new Float32Array(nonzeros),
  countPtr: new Int32Array(rows + 1),
  counts: new Uint16Array(counted),
})

/** Copies a filled matrix into another space of the same shape. */
export function copySpace(from: MatrixSpace, to: MatrixSpace): void {
  to.indptr.set(from.indptr)
  to.indices.set(from.indices)
  to.values.set(from.values)
  to.countPtr.set(from.countPtr)
  to.counts.set(from.counts)
}

export const countsIn = ({ rows, countColumns }: MatrixShape, space: MatrixSpace): CountMatrix => ({
  rows,
  columns: countColumns,
  starts: space.indptr,
  indptr: space.countPtr,
  indices: space.indices,
  values: space.counts,
})
