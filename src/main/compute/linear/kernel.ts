/**
 * A WebAssembly module with two functions for each number of lanes (4, 8, 12, 16): a sparse matrix, and its transpose, times a
 * dense panel.
 *
 *   timesN(indptr, indices, values, input, output, rows)     // addresses in bytes; input, output: (…, N) float32
 *   transposedTimesN(… the same …)                           // adds to `output`
 *
 * Written here instruction by instruction because the product is where training spends its time and JavaScript has no
 * vector instructions: four lanes a step, a row's sums (or factors) in registers. The transpose is never built: each row adds
 * to its columns, in the order of the rows, as a product with the transpose would. `timesPlain` in products.ts is the
 * same in plain words, and a test holds the two equal bit for bit.
 */

/**
 * The part of WebAssembly's JavaScript interface that is used here; its types belong to the DOM library, which this code does not
 * include.
 */
export interface SharedMemory {
  readonly buffer: SharedArrayBuffer
}
interface Interface {
  readonly Memory: new (limits: { initial: number; maximum: number; shared: true }) => SharedMemory
  readonly Module: new (bytes: Uint8Array) => object
  readonly Instance: new (
    module: object,
    imports: { env: { memory: SharedMemory } },
  ) => { readonly exports: Readonly<Record<string, unknown>> }
}

export const wasm = (globalThis as unknown as { readonly WebAssembly: Interface }).WebAssembly

const LANES = [4, 8, 12, 16] as const
export type Lanes = (typeof LANES)[number]
export interface Kernels {
  readonly times: Kernel
  readonly transposedTimes: Kernel
}
export type Kernel = (indptr: number, indices: number, values: number, input: number, output: number, rows: number) => void

const I32 = 0x7f
const V128 = 0x7b
const VOID = 0x40

/** Unsigned LEB128. */
function leb(value: number): number[] {
  const bytes: number[] = []
  do {
    const low = value & 0x7f
    value >>>= 7
    bytes.push(value === 0 ? low : low | 0x80)
  } while (value !== 0)
  return bytes
}
const vector = (items: readonly (readonly number[])[]): number[] => [...leb(items.length), ...items.flat()]
const section = (id: number, body: readonly number[]): number[] => [id, ...leb(body.length), ...body]
const text = (name: string): number[] => [...leb(name.length), ...Array.from(name, (letter) => letter.charCodeAt(0))]

/** The instructions in use, by their names in the WebAssembly specification. */
const get = (local: number): number[] => [0x20, ...leb(local)]
const set = (local: number): number[] => [0x21, ...leb(local)]
/** Signed LEB128 of 0 … 8191. */
const i32Const = (value: number): number[] => [0x41, ...(value < 64 ? [value] : [(value & 0x7f) | 0x80, value >>> 7])]
const i32Load = (offset: number): number[] => [0x28, 2, ...leb(offset)]
const f32Load = [0x2a, 2, 0]
const i32Add = [0x6a]
const i32Sub = [0x6b]
const i32Shl = [0x74]
const i32Mul = [0x6c]
const i32LtU = [0x49]
const block = (body: number[]): number[] => [0x02, VOID, ...body, 0x0b]
const loop = (body: number[]): number[] => [0x03, VOID, ...body, 0x0b]
const br = (depth: number): number[] => [0x0c, depth]
const brIf = (depth: number): number[] => [0x0d, depth]
const i32Eqz = [0x45]
const v128Load = (offset: number): number[] => [0xfd, 0x00, 4, ...leb(offset)]
const v128Store = (offset: number): number[] => [0xfd, 0x0b, 4, ...leb(offset)]
const v128Zero = [0xfd, 0x0c, ...new Array<number>(16).fill(0)]
const f32x4Splat = [0xfd, 0x13]
const f32x4Add = [0xfd, 0xe4, 0x01]
const f32x4Mul = [0xfd, 0xe6, 0x01]

/** Locals: the six parameters, then these. */
const [INDPTR, INDICES, VALUES, INPUT, OUTPUT, ROWS] = [0, 1, 2, 3, 4, 5]
const [AT, END, SOURCE, STOP, FACTOR, SUMS] = [6, 7, 8, 9, 10, 11]

/** Code before a row's values, for each of them, and after them, for vector `i` of four lanes. */
interface Step {
  /** The panel indexed by a value's column. */
  readonly panel: number
  readonly before: (i: number) => number[]
  readonly value: (i: number) => number[]
  readonly after: (i: number) => number[]
  /** The panel traversed row by row. */
  readonly walked: number
}
/* prettier-ignore */
const TIMES: Step = {
  panel: INPUT,
  before: (i) => [...v128Zero, ...set(SUMS + i)],
  value: (i) => [...get(SUMS + i), ...get(SOURCE), ...v128Load(16 * i), ...get(FACTOR), ...f32x4Mul, ...f32x4Add, ...set(SUMS + i)],
  after: (i) => [...get(OUTPUT), ...get(SUMS + i), ...v128Store(16 * i)],
  walked: OUTPUT,
}
/* prettier-ignore */
const TRANSPOSED_TIMES: Step = {
  panel: OUTPUT,
  before: (i) => [...get(INPUT), ...v128Load(16 * i), ...set(SUMS + i)],
  value: (i) => [...get(SOURCE), ...get(SOURCE), ...v128Load(16 * i), ...get(SUMS + i), ...get(FACTOR), ...f32x4Mul, ...f32x4Add, ...v128Store(16 * i)],
  after: () => [],
  walked: INPUT,
}

/** The body of a function: one loop over rows, one over the row's values. */
function body(lanes: Lanes, step: Step): number[] {
  const vectors = Array.from({ length: lanes / 4 }, (_, i) => i)
  const stride = i32Const(lanes * 4)
  // prettier-ignore
  const value = [
    ...get(step.panel), ...get(AT), ...i32Load(0), ...stride, ...i32Mul, ...i32Add, ...set(SOURCE),
    ...get(AT), ...get(VALUES), ...i32Add, ...f32Load, ...f32x4Splat, ...set(FACTOR),
    ...vectors.flatMap(step.value),
    ...get(AT), ...i32Const(4), ...i32Add, ...set(AT),
  ]
  // prettier-ignore
  const row = [
    ...vectors.flatMap(step.before),
    ...get(INDPTR), ...i32Load(4), ...i32Const(2), ...i32Shl, ...get(INDICES), ...i32Add, ...set(END),
    ...block(loop([...get(AT), ...get(END), ...i32LtU, ...i32Eqz, ...brIf(1), ...value, ...br(0)])),
    ...vectors.flatMap(step.after),
    ...get(step.walked), ...stride, ...i32Add, ...set(step.walked),
    ...get(INDPTR), ...i32Const(4), ...i32Add, ...set(INDPTR),
  ]
  // prettier-ignore
  return [
    // VALUES becomes its distance from INDICES, so that one pointer traverses both
    ...get(VALUES), ...get(INDICES), ...i32Sub, ...set(VALUES),
    ...get(INDPTR), ...i32Load(0), ...i32Const(2), ...i32Shl, ...get(INDICES), ...i32Add, ...set(AT),
    ...get(INDPTR), ...get(ROWS), ...i32Const(2), ...i32Shl, ...i32Add, ...set(STOP),
    ...block(loop([...get(INDPTR), ...get(STOP), ...i32LtU, ...i32Eqz, ...brIf(1), ...row, ...br(0)])),
  ]
}

/** One entry of the code section: its locals, its body. */
function code(lanes: Lanes, step: Step): number[] {
  const locals = vector([
    [4, I32],
    [...leb(1 + lanes / 4), V128],
  ])
  const content = [...locals, ...body(lanes, step), 0x0b]
  return [...leb(content.length), ...content]
}

const FUNCTIONS = LANES.flatMap((lanes) => [
  { name: `times${lanes}`, lanes, step: TIMES },
  { name: `transposedTimes${lanes}`, lanes, step: TRANSPOSED_TIMES },
])

function moduleBytes(maximumPages: number): Uint8Array<ArrayBuffer> {
  const signature = [0x60, ...vector(new Array<number[]>(6).fill([I32])), ...vector([])]
  const sharedMemory = [...text('env'), ...text('memory'), 0x02, 0x03, ...leb(1), ...leb(maximumPages)]
  return new Uint8Array([
    ...[0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    ...section(1, vector([signature])),
    ...section(2, vector([sharedMemory])),
    ...section(3, vector(FUNCTIONS.map(() => [0]))),
    ...section(7, vector(FUNCTIONS.map(({ name }, i) => [...text(name), 0x00, ...leb(i)]))),
    ...section(10, vector(FUNCTIONS.map(({ lanes, step }) => code(lanes, step)))),
  ])
}

/** The kernels over a shared memory of at most `maximumPages` pages. */
export function loadKernels(memory: SharedMemory, maximumPages: number): Record<Lanes, Kernels> {
  const { exports } = new wasm.Instance(new wasm.Module(moduleBytes(maximumPages)), { env: { memory } })
  const kernels = LANES.map((lanes) => [lanes, { times: exports[`times${lanes}`], transposedTimes: exports[`transposedTimes${lanes}`] }])
  return Object.fromEntries(kernels) as Record<Lanes, Kernels>
}
