/** Truncated singular value decomposition of a sparse matrix. */
import { mersenneTwister } from '../../analysis/numpy-random.ts'
import { transpose, type Csr } from './csr.ts'

/** Further random directions, and multiplications with the matrix, of the randomised SVD (Halko, Martinsson and Tropp 2011). */
const [OVERSAMPLED, POWERS] = [20, 8]

/**
 * The right singular vectors (columns, dim) of the `dim` largest singular values, and these values, by power iterations on a random subspace.
 * The matrix times these vectors is U S.
 */
export function singularVectors(matrix: Csr, dim: number, seed: number): { readonly right: Float64Array; readonly values: Float64Array } {
  const { rows, columns } = matrix
  const width = Math.min(rows, columns, dim + OVERSAMPLED)
  const next = mersenneTwister(seed)
  const across = transpose(matrix)
  let basis: Float64Array = Float64Array.from({ length: columns * width }, () => next() / 2 ** 31 - 1)
  for (let i = 0; i < POWERS; i++)
    basis = orthonormal(product(across, orthonormal(product(matrix, basis, width), rows, width), width), columns, width)
  // A V = U S on the subspace: the eigenvectors of (A V)'(A V), whose eigenvalues are squared singular values, turn V into singular vectors
  const { values, vectors } = eigen(gram(product(matrix, basis, width), rows, width), width)
  const ones = new Float64Array(width).fill(1)
  return { right: rotated(basis, columns, width, vectors, ones, dim), values: values.slice(0, dim).map((x) => Math.sqrt(Math.max(0, x))) }
}

/** (rows, width) matrix . dense. */
export function product({ rows, indptr, indices, values }: Csr, dense: Float64Array, width: number): Float64Array {
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
