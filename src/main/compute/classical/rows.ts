/** Rows of a sparse matrix as vectors. */
import { transpose, type Csr } from '../linear/csr.ts'

/** The given rows, in their order; a row may occur more than once. */
export function selectRows({ columns, indptr, indices, values }: Csr, rows: Int32Array): Csr {
  const ends = new Int32Array(rows.length + 1)
  rows.forEach((row, i) => (ends[i + 1] = ends[i]! + indptr[row + 1]! - indptr[row]!))
  const out = { indices: new Int32Array(ends[rows.length]!), values: new Float32Array(ends[rows.length]!) }
  rows.forEach((row, i) => {
    out.indices.set(indices.subarray(indptr[row], indptr[row + 1]), ends[i])
    out.values.set(values.subarray(indptr[row], indptr[row + 1]), ends[i])
  })
  return { rows: rows.length, columns, indptr: ends, ...out }
}

/** One matrix above the other. */
export function stack(a: Csr, b: Csr): Csr {
  const size = a.indices.length
  return {
    rows: a.rows + b.rows,
    columns: a.columns,
    indptr: Int32Array.from([...a.indptr, ...b.indptr.subarray(1).map((end) => end + size)]),
    indices: Int32Array.from([...a.indices, ...b.indices]),
    values: Float32Array.from([...a.values, ...b.values]),
  }
}

/** A matrix of `rows` x `columns` numbers without zeros left out. */
export const denseRows = (values: Float32Array, rows: number, columns: number): Csr => ({
  rows,
  columns,
  indptr: Int32Array.from({ length: rows + 1 }, (_, row) => row * columns),
  indices: Int32Array.from(values, (_, i) => i % columns),
  values,
})

/** The matrix with further columns. @param extra (rows, count) */
export function withColumns(x: Csr, extra: Uint8Array, count: number): Csr {
  const added = extra.reduce((sum, value) => sum + (value === 0 ? 0 : 1), 0)
  const indptr = new Int32Array(x.rows + 1)
  const indices = new Int32Array(x.indices.length + added)
  const values = new Float32Array(indices.length)
  let size = 0
  for (let row = 0; row < x.rows; row++) {
    const [from, end] = [x.indptr[row]!, x.indptr[row + 1]!]
    indices.set(x.indices.subarray(from, end), size)
    values.set(x.values.subarray(from, end), size)
    size += end - from
    for (let j = 0; j < count; j++) {
      if (extra[row * count + j] === 0) continue
      indices[size] = x.columns + j
      values[size++] = extra[row * count + j]!
    }
    indptr[row + 1] = size
  }
  return { rows: x.rows, columns: x.columns + count, indptr, indices, values }
}

/** x . w for each row. */
export function times(x: Csr, w: ArrayLike<number>): Float64Array {
  const out = new Float64Array(x.rows)
  for (let row = 0; row < x.rows; row++) {
    let sum = 0
    for (let i = x.indptr[row]!; i < x.indptr[row + 1]!; i++) sum += x.values[i]! * w[x.indices[i]!]!
    out[row] = sum
  }
  return out
}

export function squaredNorms({ rows, indptr, values }: Csr): Float64Array {
  const out = new Float64Array(rows)
  for (let row = 0; row < rows; row++) for (let i = indptr[row]!; i < indptr[row + 1]!; i++) out[row]! += values[i]! ** 2
  return out
}

/**
 * The `count` rows of `among` nearest to each row of `x` by Euclidean distance, the nearest first; of equals, the first. -1 where there are
 * fewer. @param skip True for a pair (row of x, row of among) that does not count
 */
export function nearestRows(x: Csr, among: Csr, count: number, skip: (row: number, other: number) => boolean = () => false): Int32Array {
  const postings = transpose(among)
  const norms = squaredNorms(among)
  const out = new Int32Array(x.rows * count).fill(-1)
  const products = new Float64Array(among.rows)
  const distances = new Float64Array(count)
  for (let row = 0; row < x.rows; row++) {
    products.fill(0)
    for (let i = x.indptr[row]!; i < x.indptr[row + 1]!; i++) {
      const column = x.indices[i]!
      for (let j = postings.indptr[column]!; j < postings.indptr[column + 1]!; j++)
        products[postings.indices[j]!]! += x.values[i]! * postings.values[j]!
    }
    const best = out.subarray(row * count, (row + 1) * count)
    let size = 0
    for (let other = 0; other < among.rows; other++) {
      // the row's own norm is the same for all of them
      const distance = norms[other]! - 2 * products[other]!
      if ((size === count && distance >= distances[count - 1]!) || skip(row, other)) continue
      let at = size < count ? size++ : count - 1
      for (; at > 0 && distances[at - 1]! > distance; at--) {
        distances[at] = distances[at - 1]!
        best[at] = best[at - 1]!
      }
      distances[at] = distance
      best[at] = other
    }
  }
  return out
}
