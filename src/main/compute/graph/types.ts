/** The parts of a graph. A graph is data: nodes in an order in which they can run. */

export type DType = 'float32' | 'float64' | 'float16' | 'bfloat16' | 'int64' | 'int32' | 'bool' | 'uint8'
/** A number, or a symbol that is known when the graph runs: `batch`, `tokens`, or a product of such, `4*batch*tokens`. */
export type Dim = number | string
export type Shape = readonly Dim[]

/** A tensor of a graph. */
export interface Value {
  readonly name: string
  readonly dtype: DType
  readonly shape: Shape
  /** Its contents, if they are known while the graph is built: shapes, axes, indices, scalars. Row-major. */
  readonly known?: readonly Dim[]
}

export type Attribute = number | string | readonly number[]
export type Attributes = Readonly<Record<string, Attribute>>

export interface Node {
  /** Unique in its graph. */
  readonly name: string
  readonly op: string
  /** '' for the standard domain. */
  readonly domain: string
  /** null: an omitted optional input. */
  readonly inputs: readonly (Value | null)[]
  readonly outputs: readonly Value[]
  readonly attributes: Attributes
}

/** Contents of an initializer: in memory, or a range of a file (little-endian). */
export type TensorData =
  | Float32Array
  | Float64Array
  | BigInt64Array
  | Int32Array
  | Uint8Array
  | Uint16Array
  | { readonly file: string; readonly offset: number; readonly bytes: number }
export interface Initializer {
  readonly value: Value
  readonly data: TensorData
}

export interface Graph {
  readonly name: string
  /** The inputs by name. */
  readonly inputs: readonly Value[]
  /** Inputs (int64, of one axis) that hold a shape: the caller that runs the graph fills them when it knows the symbols. */
  readonly shapes: readonly ShapeInput[]
  readonly initializers: readonly Initializer[]
  readonly nodes: readonly Node[]
  readonly outputs: readonly { readonly name: string; readonly value: Value }[]
}
export interface ShapeInput {
  readonly name: string
  readonly dims: Shape
}
