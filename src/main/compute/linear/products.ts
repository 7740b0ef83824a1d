/** The single product that training needs, K v = X S X' v with a diagonal S, for up to 16 vectors in one sweep over the matrix. */
import { floats, ints, Layout, type Arena, type Place } from './arena.ts'
import { transpose, type Csr } from './csr.ts'
import { loadKernels, type Kernel, type Lanes } from './kernel.ts'
import type { MatrixShape, MatrixSpace } from './matrix-space.ts'

const MAX_LANES = 16

/** The matrix in shared memory. */
export interface PlacedMatrix {
  readonly shape: MatrixShape
  readonly indptr: Place
  readonly indices: Place
  readonly values: Place
}
/** The scratch panels of one thread, each with as many lanes side by side as the operator has. */
export interface PlacedPanels {
  /** (rows, lanes) the vectors v, then X X' v */
  readonly rows: Place
  /** (columns, lanes) X' v */
  readonly columns: Place
}
/** Everything that a thread needs to multiply, as plain data, so that it can be posted. */
export interface PlacedOperator {
  readonly arena: Arena
  readonly matrix: PlacedMatrix
  /** Maximum vectors in one sweep: 4, 8, 12 or 16. */
  readonly lanes: Lanes
  readonly panels: readonly PlacedPanels[]
}

/** Reserves shared memory for a matrix, and scratch panels for `threads` threads. */
export function placeOperator(shape: MatrixShape, threads: number, lanes: Lanes = MAX_LANES): PlacedOperator {
  const layout = new Layout()
  const matrix = {
    shape,
    indptr: layout.place(shape.rows + 1),
    indices: layout.place(shape.nonzeros),
    values: layout.place(shape.nonzeros),
  }
  const panels = Array.from({ length: threads }, () => ({
    rows: layout.place(shape.rows * lanes),
    columns: layout.place(shape.columns * lanes),
  }))
  return { arena: layout.allocate(), matrix, lanes, panels }
}

/** Views of the matrix's arrays. */
export const spaceOf = ({ arena, matrix }: PlacedOperator): MatrixSpace => ({
  indptr: ints(arena, matrix.indptr),
  indices: ints(arena, matrix.indices),
  values: floats(arena, matrix.values),
})

/** A vector v (rows), the buffer for K v (rows), which may be the same, and the diagonal of S (columns), null: all 1. */
export interface Request {
  readonly vector: Float64Array
  readonly product: Float64Array
  readonly scale: Float32Array | null
}
/** Computes several products in one sweep over the matrix. */
export interface Operator {
  /** Maximum number of products. */
  readonly lanes: number
  multiply(requests: readonly Request[]): void
}

/** The operator of one thread on its own panels. Sums are in single precision; a lane never depends on its neighbours. */
export function openOperator(placed: PlacedOperator, thread: number): Operator {
  const { arena, matrix } = placed
  const { rows } = matrix.shape
  const panels = placed.panels[thread]!
  const kernels = loadKernels(arena.memory, arena.pages)
  const inRows = floats(arena, panels.rows)
  const inColumns = floats(arena, panels.columns)
  const scales = new ScalePanel(matrix.shape.columns)
  const run = (kernel: Kernel, from: Place, to: Place): void =>
    kernel(matrix.indptr.at, matrix.indices.at, matrix.values.at, from.at, to.at, rows)
  return {
    lanes: placed.lanes,
    multiply(requests) {
      const lanes = (Math.ceil(requests.length / 4) * 4) as Lanes
      pack(requests, inRows, rows, lanes)
      inColumns.fill(0, 0, matrix.shape.columns * lanes)
      run(kernels[lanes].transposedTimes, panels.rows, panels.columns)
      if (requests.some(({ scale }) => scale !== null)) multiplyBy(inColumns, scales.of(requests, lanes))
      run(kernels[lanes].times, panels.columns, panels.rows)
      unpack(inRows, requests, rows, lanes)
    },
  }
}

/** The plain implementation of {@link openOperator}: the same sums in the same order, without WebAssembly. */
export function plainOperator(matrix: Csr): Operator {
  const transposed = transpose(matrix)
  return {
    lanes: MAX_LANES,
    multiply(requests) {
      for (const { vector, product, scale } of requests) {
        const inColumns = timesPlain(transposed, Float32Array.from(vector))
        if (scale !== null) multiplyBy(inColumns, scale)
        product.set(timesPlain(matrix, inColumns))
      }
    },
  }
}

/** matrix . dense in single precision, one lane. */
function timesPlain(matrix: Csr, dense: Float32Array): Float32Array {
  const out = new Float32Array(matrix.rows)
  for (let row = 0; row < matrix.rows; row++) {
    let sum = 0
    for (let i = matrix.indptr[row]!; i < matrix.indptr[row + 1]!; i++)
      sum = Math.fround(sum + Math.fround(dense[matrix.indices[i]!]! * matrix.values[i]!))
    out[row] = sum
  }
  return out
}

/** Interleaves the vectors: panel[row * lanes + lane]. */
function pack(requests: readonly Request[], panel: Float32Array, rows: number, lanes: number): void {
  for (let lane = 0; lane < lanes; lane++) {
    const vector = requests[lane]?.vector
    if (vector === undefined) for (let row = 0, at = lane; row < rows; row++, at += lanes) panel[at] = 0
    else for (let row = 0, at = lane; row < rows; row++, at += lanes) panel[at] = vector[row]!
  }
}

function multiplyBy(panel: Float32Array, factors: Float32Array): void {
  for (let i = 0; i < factors.length; i++) panel[i]! *= factors[i]!
}

/** The scales of the lanes side by side, (columns, lanes). Between two sweeps few lanes change, and only these are written. */
class ScalePanel {
  private readonly columns: number
  private panel = new Float32Array(0)
  private written: (Float32Array | null | undefined)[] = []

  constructor(columns: number) {
    this.columns = columns
  }
  of(requests: readonly Pick<Request, 'scale'>[], lanes: number): Float32Array {
    const { columns } = this
    if (this.panel.length !== columns * lanes) {
      this.panel = new Float32Array(columns * lanes)
      this.written = []
    }
    requests.forEach(({ scale }, lane) => {
      if (this.written[lane] === scale) return
      this.written[lane] = scale
      for (let column = 0, at = lane; column < columns; column++, at += lanes) this.panel[at] = scale === null ? 1 : scale[column]!
    })
    return this.panel
  }
}

function unpack(panel: Float32Array, requests: readonly Request[], rows: number, lanes: number): void {
  requests.forEach(({ product }, lane) => {
    for (let row = 0, at = lane; row < rows; row++, at += lanes) product[row] = panel[at]!
  })
}
