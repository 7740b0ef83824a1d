/** The one product that training asks for, K v = X (X' v), for up to 16 vectors in one sweep over the matrix. */
import { floats, ints, Layout, type Arena, type Place } from './arena.ts'
import { transpose, type Csr } from './csr.ts'
import { loadKernels, type Kernel, type Lanes } from './kernel.ts'

export const MAX_LANES = 16

/** A CSR matrix in shared memory. */
export interface PlacedMatrix {
  readonly rows: number
  readonly columns: number
  readonly indptr: Place
  readonly indices: Place
  readonly values: Place
}
/** The scratch panels of one thread, each with up to 16 lanes side by side. */
export interface PlacedPanels {
  /** (rows, lanes) the vectors v */
  readonly input: Place
  /** (columns, lanes) X' v */
  readonly middle: Place
  /** (rows, lanes) X X' v */
  readonly output: Place
}
/** Everything that a thread needs to multiply; plain data, so that it can be posted. */
export interface PlacedOperator {
  readonly arena: Arena
  readonly matrix: PlacedMatrix
  readonly transposed: PlacedMatrix
  readonly panels: readonly PlacedPanels[]
}

const placeMatrix = (layout: Layout, { rows, columns, values }: Csr): PlacedMatrix => ({
  rows,
  columns,
  indptr: layout.place(rows + 1),
  indices: layout.place(values.length),
  values: layout.place(values.length),
})

function fill(arena: Arena, place: PlacedMatrix, matrix: Csr): void {
  ints(arena, place.indptr).set(matrix.indptr)
  ints(arena, place.indices).set(matrix.indices)
  floats(arena, place.values).set(matrix.values)
}

/** Copies `matrix` and its transpose into shared memory, with scratch panels for `threads` threads; `counts` go beside them. */
export function placeOperator(matrix: Csr, counts: Csr, threads: number): { operator: PlacedOperator; counts: PlacedMatrix } {
  const layout = new Layout()
  const placed = placeMatrix(layout, matrix)
  const flipped = transpose(matrix)
  const transposed = placeMatrix(layout, flipped)
  const placedCounts = placeMatrix(layout, counts)
  const panels = Array.from({ length: threads }, () => ({
    input: layout.place(matrix.rows * MAX_LANES),
    middle: layout.place(matrix.columns * MAX_LANES),
    output: layout.place(matrix.rows * MAX_LANES),
  }))
  const arena = layout.allocate()
  fill(arena, placed, matrix)
  fill(arena, transposed, flipped)
  fill(arena, placedCounts, counts)
  return { operator: { arena, matrix: placed, transposed, panels }, counts: placedCounts }
}

export const viewMatrix = (arena: Arena, { rows, columns, indptr, indices, values }: PlacedMatrix): Csr => ({
  rows,
  columns,
  indptr: ints(arena, indptr),
  indices: ints(arena, indices),
  values: floats(arena, values),
})

/** Answers K v for several vectors at once: `multiply(vectors)` -> one (rows) product for each. */
export interface Operator {
  readonly rows: number
  multiply(vectors: readonly Float64Array[]): Float64Array[]
}

/** The operator of one thread over its own panels. Sums are single precision; a lane never depends on its neighbours. */
export function openOperator(placed: PlacedOperator, thread: number): Operator {
  const { arena, matrix, transposed } = placed
  const panels = placed.panels[thread]!
  const kernels = loadKernels(arena.memory, arena.pages)
  const input = floats(arena, panels.input)
  const output = floats(arena, panels.output)
  const run = (kernel: Kernel, by: PlacedMatrix, from: Place, to: Place): void =>
    kernel(by.indptr.at, by.indices.at, by.values.at, from.at, to.at, by.rows)
  return {
    rows: matrix.rows,
    multiply(vectors) {
      const lanes = (Math.ceil(vectors.length / 4) * 4) as Lanes
      pack(vectors, input, lanes)
      run(kernels[lanes], transposed, panels.input, panels.middle)
      run(kernels[lanes], matrix, panels.middle, panels.output)
      return unpack(output, matrix.rows, vectors.length, lanes)
    },
  }
}

/** The plain variant of {@link openOperator}: the same sums in the same order, without WebAssembly. */
export function plainOperator(matrix: Csr): Operator {
  const transposed = transpose(matrix)
  return {
    rows: matrix.rows,
    multiply: (vectors) =>
      vectors.map((vector) => Float64Array.from(timesPlain(matrix, timesPlain(transposed, Float32Array.from(vector))))),
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
function pack(vectors: readonly Float64Array[], panel: Float32Array, lanes: number): void {
  for (let lane = 0; lane < lanes; lane++) {
    const vector = vectors[lane]
    if (vector === undefined) for (let at = lane; at < panel.length; at += lanes) panel[at] = 0
    else for (let row = 0, at = lane; row < vector.length; row++, at += lanes) panel[at] = vector[row]!
  }
}

function unpack(panel: Float32Array, rows: number, count: number, lanes: number): Float64Array[] {
  return Array.from({ length: count }, (_, lane) => {
    const vector = new Float64Array(rows)
    for (let row = 0, at = lane; row < rows; row++, at += lanes) vector[row] = panel[at]!
    return vector
  })
}
