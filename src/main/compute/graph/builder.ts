/** Builds a graph node by node. Types and shapes are inferred immediately, so a mistake is reported where it is made. */
import { product, shapeText } from './dims.ts'
import { OPS, ShapeError } from './ops.ts'
import type { Attributes, Dim, DType, Graph, Initializer, Node, Shape, ShapeInput, TensorData, Value } from './types.ts'
import { prune, verify } from './verify.ts'

export interface NodeOptions {
  /** Used in errors and profiles; derived from the operator's name by default. */
  readonly name?: string
  readonly outputs?: number
}

const ARRAYS: Readonly<Partial<Record<DType, (n: readonly number[]) => TensorData>>> = {
  float32: (n) => Float32Array.from(n),
  float64: (n) => Float64Array.from(n),
  int64: (n) => BigInt64Array.from(n, BigInt),
  int32: (n) => Int32Array.from(n),
  bool: (n) => Uint8Array.from(n),
}
const BYTES: Readonly<Record<DType, number>> = { float32: 4, float64: 8, float16: 2, bfloat16: 2, int64: 8, int32: 4, bool: 1, uint8: 1 }

/** A graph under construction. Names are made unique; a scope prefixes the names of the nodes inside. */
export class GraphBuilder {
  readonly name: string
  readonly #inputs: Value[] = []
  readonly #shapes = new Map<string, Value>()
  readonly #shapeInputs: ShapeInput[] = []
  readonly #initializers: Initializer[] = []
  readonly #constants = new Map<string, Value>()
  readonly #nodes: Node[] = []
  readonly #producers = new Map<string, Node>()
  readonly #outputs: { readonly name: string; readonly value: Value }[] = []
  readonly #names = new Set<string>()
  /** The last suffix used for each stem: thousands of nodes share a stem. */
  readonly #counts = new Map<string, number>()
  readonly #shapesFrom: Value | null
  #prefix = ''

  /**
   * @param shapesFrom source of symbolic shapes: null for inputs that are fed ({@link Graph.shapes}), or a function that declares the
   *   input whose own shape holds all symbols, so that the graph stands alone
   */
  constructor(name: string, shapesFrom: ((b: GraphBuilder) => Value) | null = null) {
    this.name = name
    this.#shapesFrom = shapesFrom?.(this) ?? null
  }

  /** A tensor that is fed by name. */
  input(name: string, dtype: DType, shape: Shape): Value {
    const value = { name: this.#claim(name), dtype, shape }
    this.#inputs.push(value)
    return value
  }
  /** A tensor that never changes. @throws Error if `data` does not have the size of the shape */
  initializer(name: string, dtype: DType, shape: Shape, data: TensorData): Value {
    const value = { name: this.#claim(name), dtype, shape }
    const bytes = 'file' in data ? data.bytes : data.byteLength
    if (bytes !== (product(shape) as number) * BYTES[dtype])
      throw new Error(`"${name}": ${bytes} bytes are not a ${dtype} tensor of ${shapeText(shape)}`)
    this.#initializers.push({ value, data })
    return value
  }
  /** A constant; equal numbers share one tensor. A scalar unless a shape is given. */
  constant(numbers: number | readonly number[], dtype: DType = 'float32', shape?: Shape): Value {
    const list = typeof numbers === 'number' ? [numbers] : numbers
    const dims = shape ?? (typeof numbers === 'number' ? [] : [list.length])
    const key = `${dtype} ${dims.join(',')}: ${list.join(' ')}`
    const old = this.#constants.get(key)
    if (old) return old
    const make = ARRAYS[dtype]
    if (!make) throw new Error(`no constants of ${dtype}`)
    const { name } = this.initializer(this.#fresh('const'), dtype, dims, make(list))
    const value = { name, dtype, shape: dims, known: list }
    this.#initializers.splice(-1, 1, { value, data: this.#initializers.at(-1)!.data })
    this.#constants.set(key, value)
    return value
  }
  /** int64 numbers along one axis: axes, sizes, starts. */
  ints(...numbers: readonly number[]): Value {
    return this.constant(numbers, 'int64')
  }
  /** A tensor that holds a shape, for Reshape and Expand: a constant if no dimension is symbolic. -1 and 0 have the meaning of Reshape. */
  shape(dims: Shape): Value {
    if (dims.every((d) => typeof d === 'number')) return this.ints(...dims)
    const key = dims.join(',')
    const old = this.#shapes.get(key)
    if (old) return old
    const value = this.#shapesFrom ? this.#computedShape(dims, this.#shapesFrom) : this.#fedShape(dims)
    this.#shapes.set(key, value)
    return value
  }
  #fedShape(dims: Shape): Value {
    const value = { name: this.#claim(`shape:${dims.join(',')}`), dtype: 'int64' as const, shape: [dims.length], known: dims }
    this.#inputs.push(value)
    this.#shapeInputs.push({ name: value.name, dims })
    return value
  }
  #computedShape(dims: Shape, from: Value): Value {
    const all = this.op('Shape', [from])
    const one = (dim: Dim): Value => {
      if (typeof dim === 'number') return this.ints(dim)
      const axis = from.shape.indexOf(dim)
      if (axis < 0) throw new Error(`"${from.name}" of ${shapeText(from.shape)} does not determine ${dim}`)
      return { ...this.op('Slice', [all, this.ints(axis), this.ints(axis + 1)]), known: [dim] }
    }
    return this.op('Concat', dims.map(one), { axis: 0 })
  }

  /** Adds a node. @returns its first output @throws Error that names the node if types or shapes do not match */
  op(type: string, inputs: readonly (Value | null)[], attributes: Attributes = {}, options: NodeOptions = {}): Value {
    return this.ops(type, inputs, attributes, options)[0]!
  }
  /** Adds a node. @returns all of its outputs */
  ops(type: string, inputs: readonly (Value | null)[], attributes: Attributes = {}, options: NodeOptions = {}): readonly Value[] {
    const name = this.#fresh(options.name ?? type)
    const outputs = options.outputs ?? 1
    const typed = inferNode(name, type, inputs, attributes, outputs)
    const values = typed.map((t, i) => ({ ...t, name: this.#claim(i === 0 ? `${name}:out` : `${name}:out${i}`) }))
    const node = { name, op: type, domain: OPS[type]!.domain ?? '', inputs, outputs: values, attributes }
    this.#nodes.push(node)
    for (const value of values) this.#producers.set(value.name, node)
    return values
  }
  /** Gives a result its public name. The tensor keeps its own name inside. */
  output(value: Value, name: string): void {
    if (this.#outputs.some((o) => o.name === name)) throw new Error(`two outputs are named "${name}"`)
    this.#outputs.push({ name: this.#claim(name), value })
  }
  /** Prefixes the names of nodes that are added inside. */
  scope<T>(prefix: string, add: () => T): T {
    const before = this.#prefix
    this.#prefix = `${before}${prefix}/`
    try {
      return add()
    } finally {
      this.#prefix = before
    }
  }
  /** Whether a value is fed, rather than computed or constant. */
  isInput = (value: Value): boolean => this.#inputs.some(({ name }) => name === value.name)
  /** The nodes so far, in order. */
  get nodes(): readonly Node[] {
    return this.#nodes
  }
  /** The finished graph, without nodes that no output needs. @throws Error naming the faulty node */
  finish(): Graph {
    const graph = prune({
      name: this.name,
      inputs: this.#inputs,
      shapes: this.#shapeInputs,
      initializers: this.#initializers,
      nodes: this.#nodes,
      outputs: this.#outputs,
    })
    verify(graph)
    return graph
  }

  #fresh(base: string): string {
    const stem = `${this.#prefix}${base}`
    let n = this.#counts.get(stem) ?? 1
    const named = (): string => (n === 1 ? stem : `${stem}_${n}`)
    while (this.#names.has(named()) || this.#names.has(`${named()}:out`)) n++
    this.#counts.set(stem, n)
    return named()
  }
  #claim(name: string): string {
    if (this.#names.has(name)) throw new Error(`two tensors are named "${name}"`)
    this.#names.add(name)
    return name
  }
}

/** Types and shapes of a node's outputs. @throws Error that names the node */
function inferNode(name: string, type: string, inputs: readonly (Value | null)[], attributes: Attributes, outputs: number) {
  const op = OPS[type]
  if (!op) throw new Error(`there is no operator "${type}" (node ${name})`)
  const [least, most] = op.arity
  if (inputs.length < least || inputs.length > most) throw new Error(`${type} with ${inputs.length} inputs (node ${name})`)
  const stranger = Object.keys(attributes).find((key) => !op.attributes?.[key])
  if (stranger !== undefined) throw new Error(`${type} has no attribute "${stranger}" (node ${name})`)
  try {
    const typed = op.infer({ inputs, attributes, outputs })
    if (typed.length !== outputs) throw new ShapeError(`${typed.length} outputs, not ${outputs}`)
    return typed
  } catch (error) {
    if (!(error instanceof ShapeError)) throw error
    const given = inputs.map((v) => (v ? `${v.name} ${v.dtype} ${shapeText(v.shape)}` : 'nothing')).join('; ')
    throw new Error(`${type}: ${error.message} (node ${name}; inputs: ${given})`, { cause: error })
  }
}
