/**
 * Word vectors from the plots themselves: positive pointwise mutual information of words in a window, factorised by a truncated SVD (Levy,
 * Goldberg and Dagan 2015). A text's vector is the mean of its words' vectors.
 */
import { transpose, type Csr } from '../linear/csr.ts'
import { words } from '../linear/tokens.ts'
import { mersenneTwister } from '../../analysis/numpy-random.ts'
import { denseRows } from './rows.ts'

export interface WordVectors {
  /** Place of each word. */
  readonly ids: ReadonlyMap<string, number>
  readonly dim: number
  /** (words, dim) left singular vectors, each times the square root of its singular value */
  readonly vectors: Float64Array
}
export interface VectorOptions {
  readonly dim: number
  /** Words on each side that count as context. */
  readonly window: number
  readonly minCount: number
  readonly mostWords: number
  readonly seed: number
}

/** Exponent of the context's frequency, which keeps rare contexts from dominating. */
const SMOOTHING = 0.75
/** Further random directions, and multiplications with the matrix, of the randomised SVD (Halko, Martinsson and Tropp 2011). */
const [OVERSAMPLED, POWERS] = [20, 8]

/** Learns vectors from texts, of which none is kept. */
export function learnVectors(texts: Iterable<string>, options: VectorOptions): WordVectors {
  const lists: string[][] = []
  const counts = new Map<string, number>()
  for (const text of texts) {
    const list = words(text.toLowerCase())
    lists.push(list)
    for (const word of list) counts.set(word, (counts.get(word) ?? 0) + 1)
  }
  const kept = [...counts].filter(([, count]) => count >= options.minCount).sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1))
  const ids = new Map(kept.slice(0, options.mostWords).map(([word], id) => [word, id]))
  const matrix = mutualInformation(lists, ids, options.window)
  const dim = Math.min(options.dim, ids.size)
  return { ids, dim, vectors: factorised(matrix, dim, options.seed) }
}

/** PPMI of words and contexts: max(0, log(#(w, c) * sum_c #(c)^a / (#(w) * #(c)^a))); symmetric counts, a = 0.75 for contexts. */
function mutualInformation(lists: readonly string[][], ids: ReadonlyMap<string, number>, window: number): Csr {
  const n = ids.size
  const pairs = Array.from({ length: n }, () => new Map<number, number>())
  const sums = new Float64Array(n)
  for (const list of lists) {
    const known = list.map((word) => ids.get(word) ?? -1)
    known.forEach((word, at) => {
      for (let to = Math.max(0, at - window); word >= 0 && to <= Math.min(known.length - 1, at + window); to++) {
        const context = known[to]!
        if (to === at || context < 0) continue
        pairs[word]!.set(context, (pairs[word]!.get(context) ?? 0) + 1)
        sums[word]!++
      }
    })
  }
  const smoothed = sums.map((sum) => sum ** SMOOTHING)
  const total = smoothed.reduce((a, b) => a + b, 0)
  const indptr = new Int32Array(n + 1)
  const [indices, values]: [number[], number[]] = [[], []]
  pairs.forEach((row, word) => {
    for (const [context, count] of row) {
      const information = Math.log((count * total) / (sums[word]! * smoothed[context]!))
      if (information <= 0) continue
      indices.push(context)
      values.push(information)
    }
    indptr[word + 1] = indices.length
  })
  return { rows: n, columns: n, indptr, indices: Int32Array.from(indices), values: Float32Array.from(values) }
}

/** (rows, dim) U sqrt(S) of the largest singular values of a square matrix, by power iterations on a random subspace. */
function factorised(matrix: Csr, dim: number, seed: number): Float64Array {
  const n = matrix.rows
  const width = Math.min(n, dim + OVERSAMPLED)
  const next = mersenneTwister(seed)
  const across = transpose(matrix)
  let basis: Float64Array = Float64Array.from({ length: n * width }, () => next() / 2 ** 31 - 1)
  for (let i = 0; i < POWERS; i++)
    basis = orthonormal(product(across, orthonormal(product(matrix, basis, width), n, width), width), n, width)
  // A V = U S on the subspace: the eigenvectors of (A V)'(A V) turn V's columns into singular vectors
  const image = product(matrix, basis, width)
  const { values, vectors } = eigen(gram(image, n, width), width)
  // image . vector = U S; divided by sqrt(S) it is U sqrt(S), and S is the root of the eigenvalue
  const scales = values.map((value) => (value > 0 ? value ** -0.25 : 0))
  return rotated(image, n, width, vectors, scales, dim)
}

function product({ rows, indptr, indices, values }: Csr, dense: Float64Array, width: number): Float64Array {
  const out = new Float64Array(rows * width)
  for (let row = 0; row < rows; row++)
    for (let i = indptr[row]!; i < indptr[row + 1]!; i++) {
      const from = indices[i]! * width
      for (let j = 0; j < width; j++) out[row * width + j]! += values[i]! * dense[from + j]!
    }
  return out
}
/** An orthonormal basis of the columns; directions that depend on the others become 0. */
function orthonormal(a: Float64Array, n: number, width: number): Float64Array {
  const { values, vectors } = eigen(gram(a, n, width), width)
  const scales = values.map((value) => (value > 1e-12 * values[0]! ? 1 / Math.sqrt(value) : 0))
  return rotated(a, n, width, vectors, scales, width)
}

/** (n, dim) a . vectors, each of its first `dim` columns times its scale. */
function rotated(a: Float64Array, n: number, width: number, vectors: Float64Array, scales: Float64Array, dim: number): Float64Array {
  const out = new Float64Array(n * dim)
  for (let row = 0; row < n; row++)
    for (let i = 0; i < width; i++) {
      const factor = a[row * width + i]!
      for (let j = 0; j < dim; j++) out[row * dim + j]! += factor * vectors[i * width + j]! * scales[j]!
    }
  return out
}

function gram(a: Float64Array, n: number, width: number): Float64Array {
  const out = new Float64Array(width * width)
  for (let row = 0; row < n * width; row += width)
    for (let i = 0; i < width; i++) for (let j = 0; j < width; j++) out[i * width + j]! += a[row + i]! * a[row + j]!
  return out
}

/** Eigenvalues, the largest first, and eigenvectors (columns) of a symmetric matrix, by Jacobi rotations. */
function eigen(matrix: Float64Array, n: number): { values: Float64Array; vectors: Float64Array } {
  const a = matrix.slice()
  const v = Float64Array.from({ length: n * n }, (_, i) => (i % (n + 1) === 0 ? 1 : 0))
  for (let sweep = 0; sweep < 60; sweep++) {
    let off = 0
    for (let p = 0; p < n; p++)
      for (let q = p + 1; q < n; q++) {
        const apq = a[p * n + q]!
        if (Math.abs(apq) < 1e-14 * Math.sqrt(Math.abs(a[p * n + p]! * a[q * n + q]!))) continue
        off++
        const theta = (a[q * n + q]! - a[p * n + p]!) / (2 * apq)
        const t = Math.sign(theta || 1) / (Math.abs(theta) + Math.sqrt(theta * theta + 1))
        const [c, s] = [1 / Math.sqrt(t * t + 1), t / Math.sqrt(t * t + 1)]
        const turn = (m: Float64Array, i: number, j: number): void => {
          const [x, y] = [m[i]!, m[j]!]
          m[i] = c * x - s * y
          m[j] = s * x + c * y
        }
        for (let i = 0; i < n; i++) turn(a, i * n + p, i * n + q)
        for (let i = 0; i < n; i++) turn(a, p * n + i, q * n + i)
        for (let i = 0; i < n; i++) turn(v, i * n + p, i * n + q)
      }
    if (off === 0) break
  }
  const order = Array.from({ length: n }, (_, i) => i).sort((i, j) => a[j * n + j]! - a[i * n + i]!)
  return {
    values: Float64Array.from(order, (i) => a[i * n + i]!),
    vectors: Float64Array.from({ length: n * n }, (_, at) => v[Math.floor(at / n) * n + order[at % n]!]!),
  }
}

/** (texts, dim) the mean of the vectors of each text's known words; 0 without any. */
export function textVectors({ ids, dim, vectors }: WordVectors, texts: readonly string[]): Csr {
  const out = new Float32Array(texts.length * dim)
  texts.forEach((text, row) => {
    const known = words(text.toLowerCase()).flatMap((word) => ids.get(word) ?? [])
    for (const id of known) for (let j = 0; j < dim; j++) out[row * dim + j]! += vectors[id * dim + j]! / known.length
  })
  return denseRows(out, texts.length, dim)
}
