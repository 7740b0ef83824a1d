/** The most similar movies by the cosine of their words, exactly, by an inverted index. */
import type { Neighbours } from '../../analysis/suspects/evidence.ts'
import { transpose, type Csr } from './csr.ts'
import type { MatrixShape, MatrixSpace } from './matrix-space.ts'

/** Rows between two turns. */
const TURN = 256

/**
 * The `count` nearest rows of every row but itself, over the word columns of a TF-IDF matrix, in which rows have length 1. Equal cosines
 * keep the order of rows.
 * @param turn lets messages arrive
 */
export async function nearest(
  { rows: n, firstColumns }: MatrixShape,
  space: MatrixSpace,
  count: number,
  turn: () => Promise<void>,
): Promise<Neighbours> {
  const words = wordBlock(n, firstColumns, space)
  const postings = transpose(words)
  const out = { count, rows: new Int32Array(n * count).fill(-1), cosines: new Float32Array(n * count) }
  const scores = new Float32Array(n)
  const best = new Int32Array(count)
  for (let row = 0; row < n; row++) {
    if (row % TURN === 0) await turn()
    scores.fill(0)
    for (let i = words.indptr[row]!; i < words.indptr[row + 1]!; i++) {
      const factor = words.values[i]!
      const column = words.indices[i]!
      for (let j = postings.indptr[column]!, end = postings.indptr[column + 1]!; j < end; j++)
        scores[postings.indices[j]!]! += factor * postings.values[j]!
    }
    scores[row] = 0
    let size = 0
    let least = 0
    for (let other = 0; other < n; other++) {
      const score = scores[other]!
      if (score <= least) continue
      // insertion into the sorted list
      let at = size < count ? size++ : count - 1
      for (; at > 0 && scores[best[at - 1]!]! < score; at--) best[at] = best[at - 1]!
      best[at] = other
      if (size === count) least = scores[best[count - 1]!]!
    }
    for (let i = 0; i < size; i++) {
      out.rows[row * count + i] = best[i]!
      out.cosines[row * count + i] = scores[best[i]!]!
    }
  }
  return out
}

/** The first block, whose entries come first in each row. */
export function wordBlock(n: number, columns: number, { indptr, indices, values }: MatrixSpace): Csr {
  const starts = new Int32Array(n + 1)
  for (let row = 0; row < n; row++) {
    let end = indptr[row]!
    while (end < indptr[row + 1]! && indices[end]! < columns) end++
    starts[row + 1] = starts[row]! + end - indptr[row]!
  }
  const out = { rows: n, columns, indptr: starts, indices: new Int32Array(starts[n]!), values: new Float32Array(starts[n]!) }
  for (let row = 0; row < n; row++) {
    const [from, size] = [indptr[row]!, starts[row + 1]! - starts[row]!]
    out.indices.set(indices.subarray(from, from + size), starts[row])
    out.values.set(values.subarray(from, from + size), starts[row])
  }
  return out
}

/** The first `count` neighbours of each row. */
export function closest({ count: all, rows, cosines }: Neighbours, count: number): Neighbours {
  const kept = Math.min(all, count)
  const keep = (_: unknown, i: number): boolean => i % all < kept
  return { count: kept, rows: rows.filter(keep), cosines: cosines.filter(keep) }
}
