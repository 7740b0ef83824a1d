/**
 * The operators that a graph may use, one line each. `infer` derives the outputs' types and shapes from the inputs'
 * (https://onnx.ai/onnx/operators/, opset 20) and reports what does not match.
 */
import { broadcast, product, quotient, sameShape, shapeText } from './dims.ts'
import type { Attributes, Dim, DType, Shape, Value } from './types.ts'

export interface Typed {
  readonly dtype: DType
  readonly shape: Shape
  readonly known?: readonly Dim[]
}
export interface Call {
  readonly inputs: readonly (Value | null)[]
  readonly attributes: Attributes
  /** Number of requested outputs. */
  readonly outputs: number
}
export interface Op {
  readonly domain?: string
  /** Minimum and maximum number of inputs. */
  readonly arity: readonly [number, number]
  readonly attributes?: Readonly<Record<string, 'int' | 'float' | 'ints' | 'floats' | 'string'>>
  readonly infer: (call: Call) => readonly Typed[]
}

/** An error of shapes or types; the builder adds the node's name. */
export class ShapeError extends Error {}
const refuse = (why: string): never => {
  throw new ShapeError(why)
}

const at = (c: Call, i: number): Value => c.inputs[i] ?? refuse(`input ${i} is missing`)
const int = (c: Call, name: string, otherwise: number): number => (c.attributes[name] as number | undefined) ?? otherwise
/** Numbers that an input holds, known while the graph is built. */
function numbers(c: Call, i: number): readonly number[] {
  const { known, name } = at(c, i)
  return known?.every((x): x is number => typeof x === 'number') ? known : refuse(`"${name}" must be known while the graph is built`)
}
/** {@link numbers} that may include symbols. */
const dimsHeld = (c: Call, i: number): readonly Dim[] =>
  at(c, i).known ?? refuse(`"${at(c, i).name}" must be known while the graph is built`)
const axisOf = (axis: number, rank: number): number =>
  axis >= -rank && axis < rank ? (axis + rank) % rank : refuse(`axis ${axis} of a tensor with ${rank} axes`)
const sameType = (c: Call): DType => {
  const types = new Set(c.inputs.filter((v) => v !== null).map((v) => v.dtype))
  return types.size === 1 ? [...types][0]! : refuse(`inputs of different types: ${[...types].join(', ')}`)
}

const like = (c: Call): Typed[] => [{ dtype: at(c, 0).dtype, shape: at(c, 0).shape }]
const same: Op = { arity: [1, 1], infer: like }
const elementwise = (dtype?: DType): Op['infer'] => {
  return (c) => {
    const type = sameType(c)
    const shape = c.inputs.reduce<Shape>(
      (s, v) => broadcast(s, v!.shape) ?? refuse(`${c.inputs.map((x) => shapeText(x!.shape)).join(' and ')} do not broadcast`),
      [],
    )
    return [{ dtype: dtype ?? type, shape }]
  }
}
const two: Op = { arity: [2, 2], infer: elementwise() }
const compare: Op = { arity: [2, 2], infer: elementwise('bool') }

/** (…, m, k) x (…, k, n), leading axes broadcast. */
function matmul(a: Shape, b: Shape): Shape {
  if (a.length < 2 || b.length < 2) return refuse(`products need two axes at least, not ${shapeText(a)} and ${shapeText(b)}`)
  if (a.at(-1) !== b.at(-2)) return refuse(`${shapeText(a)} times ${shapeText(b)}: the inner axes differ`)
  const lead = broadcast(a.slice(0, -2), b.slice(0, -2)) ?? refuse(`${shapeText(a)} times ${shapeText(b)}: the leading axes differ`)
  return [...lead, a.at(-2)!, b.at(-1)!]
}
const turned = (s: Shape, swap: boolean): Shape => (swap ? [...s.slice(0, -2), s.at(-1)!, s.at(-2)!] : s)

function gemm(c: Call): Typed[] {
  const [a, b] = [turned(at(c, 0).shape, int(c, 'transA', 0) === 1), turned(at(c, 1).shape, int(c, 'transB', 0) === 1)]
  if (a.length !== 2 || b.length !== 2) refuse(`Gemm takes matrices, not ${shapeText(a)} and ${shapeText(b)}`)
  const shape = matmul(a, b)
  const bias = c.inputs[2]
  if (bias && !sameShape(broadcast(bias.shape, shape) ?? [], shape)) refuse(`a bias of ${shapeText(bias.shape)} for ${shapeText(shape)}`)
  return [{ dtype: sameType(c), shape }]
}

function reduce(c: Call): Typed[] {
  const { shape, dtype } = at(c, 0)
  const given = c.inputs[1] ? numbers(c, 1) : shape.map((_, i) => i)
  const axes = new Set(given.map((a) => axisOf(a, shape.length)))
  const kept = int(c, 'keepdims', 1) === 1
  return [{ dtype, shape: kept ? shape.map((d, i) => (axes.has(i) ? 1 : d)) : shape.filter((_, i) => !axes.has(i)) }]
}

function reshape(c: Call): Typed[] {
  const { shape, dtype } = at(c, 0)
  const wanted = at(c, 1).known ?? refuse(`the shape "${at(c, 1).name}" must be known while the graph is built`)
  const dims = wanted.map((d, i) => (d === 0 ? (shape[i] ?? refuse(`0 for axis ${i} of ${shapeText(shape)}`)) : d))
  const open = dims.indexOf(-1)
  if (open >= 0) {
    const rest = product(dims.filter((d) => d !== -1))
    dims[open] = quotient(product(shape), rest) ?? refuse(`${shapeText(shape)} does not divide into ${shapeText(wanted)}`)
  }
  if (product(dims) !== product(shape)) refuse(`${shapeText(shape)} cannot become ${shapeText(dims)}`)
  return [{ dtype, shape: dims }]
}

function transpose(c: Call): Typed[] {
  const { shape, dtype } = at(c, 0)
  const order = (c.attributes['perm'] as readonly number[] | undefined) ?? shape.map((_, i) => shape.length - 1 - i)
  if ([...order].sort((a, b) => a - b).some((x, i) => x !== i) || order.length !== shape.length)
    refuse(`order ${order.join(', ')} of ${shapeText(shape)}`)
  return [{ dtype, shape: order.map((i) => shape[i]!) }]
}

function slice(c: Call): Typed[] {
  const { shape, dtype } = at(c, 0)
  const [starts, ends] = [numbers(c, 1), dimsHeld(c, 2)]
  const axes = c.inputs[3] ? numbers(c, 3) : starts.map((_, i) => i)
  const steps = c.inputs[4] ? numbers(c, 4) : starts.map(() => 1)
  const dims = [...shape]
  axes.forEach((raw, i) => {
    const axis = axisOf(raw, shape.length)
    const dim = shape[axis]!
    dims[axis] = sliced(dim, starts[i]!, ends[i]!, steps[i]!)
  })
  return [{ dtype, shape: dims }]
}
function sliced(dim: Dim, start: number, end: Dim, step: number): Dim {
  // the first rows of a table, as many as a symbol says
  if (typeof end === 'string') return start === 0 && step === 1 ? end : refuse(`the part ${start} to ${end} of an axis of ${dim}`)
  if (typeof dim === 'string') {
    if (start === 0 && step === 1 && end >= 2 ** 31 - 1) return dim
    if (step === 1 && start >= 0 && end > start && end < 2 ** 31 - 1) return end - start
    if (step === 1 && start < 0 && (end >= 2 ** 31 - 1 || end < 0)) return (end < 0 ? end : 0) - start
    return refuse(`the part ${start} to ${end} of an axis of ${dim}`)
  }
  const clamp = (x: number): number => Math.min(dim, Math.max(0, x < 0 ? x + dim : x))
  if (step <= 0) return refuse('only steps forward')
  return Math.max(0, Math.ceil((clamp(end) - clamp(start)) / step))
}

function split(c: Call): Typed[] {
  const { shape, dtype } = at(c, 0)
  const axis = axisOf(int(c, 'axis', 0), shape.length)
  const dim = shape[axis]!
  const sizes = c.inputs[1] ? numbers(c, 1) : Array<Dim>(c.outputs).fill(quotient(dim, c.outputs) ?? refuse(`${dim} in ${c.outputs} parts`))
  if (sizes.length !== c.outputs) refuse(`${sizes.length} sizes for ${c.outputs} outputs`)
  if (typeof dim === 'number' && c.inputs[1] && numbers(c, 1).reduce((a, b) => a + b, 0) !== dim)
    refuse(`parts of ${dim} that do not add up`)
  return sizes.map((size) => ({ dtype, shape: shape.with(axis, size) }))
}

function concat(c: Call): Typed[] {
  const first = at(c, 0).shape
  const axis = axisOf(int(c, 'axis', 0), first.length)
  for (const v of c.inputs)
    if (!sameShape(v!.shape.with(axis, 0), first.with(axis, 0)))
      refuse(`${shapeText(first)} beside ${shapeText(v!.shape)} along axis ${axis}`)
  const dims = c.inputs.map((v) => v!.shape[axis]!)
  const fixed = dims.every((d) => typeof d === 'number')
  if (!fixed && new Set(dims).size > 1) refuse('symbols of different names along the axis')
  const dim = fixed ? dims.reduce((a: number, b) => a + b, 0) : product([dims.length, dims[0]!])
  const known = c.inputs.every((v) => v!.known) && first.length === 1 ? c.inputs.flatMap((v) => v!.known!) : undefined
  return [{ dtype: sameType(c), shape: first.with(axis, dim), ...(known && { known }) }]
}

function gather(c: Call): Typed[] {
  const [data, indices] = [at(c, 0), at(c, 1)]
  const axis = axisOf(int(c, 'axis', 0), data.shape.length)
  return [{ dtype: data.dtype, shape: [...data.shape.slice(0, axis), ...indices.shape, ...data.shape.slice(axis + 1)] }]
}

function unsqueeze(c: Call): Typed[] {
  const { shape, dtype } = at(c, 0)
  const rank = shape.length + numbers(c, 1).length
  const axes = new Set(numbers(c, 1).map((a) => axisOf(a, rank)))
  let next = 0
  return [{ dtype, shape: Array.from({ length: rank }, (_, i) => (axes.has(i) ? 1 : shape[next++]!)) }]
}
function squeeze(c: Call): Typed[] {
  const { shape, dtype } = at(c, 0)
  const axes = new Set(numbers(c, 1).map((a) => axisOf(a, shape.length)))
  for (const a of axes) if (shape[a] !== 1) refuse(`axis ${a} of ${shapeText(shape)} is not 1`)
  return [{ dtype, shape: shape.filter((_, i) => !axes.has(i)) }]
}

/** The shape that an input holds becomes the output's shape. */
const shapedBy = (c: Call, i: number): Shape =>
  at(c, i).known ?? refuse(`the shape "${at(c, i).name}" must be known while the graph is built`)
function expand(c: Call): Typed[] {
  const shape =
    broadcast(at(c, 0).shape, shapedBy(c, 1)) ?? refuse(`${shapeText(at(c, 0).shape)} does not expand to ${shapeText(shapedBy(c, 1))}`)
  return [{ dtype: at(c, 0).dtype, shape }]
}

const ONNX_TYPES: Readonly<Record<number, DType>> = {
  1: 'float32',
  2: 'uint8',
  6: 'int32',
  7: 'int64',
  9: 'bool',
  10: 'float16',
  11: 'float64',
}
const cast = (c: Call): Typed[] => {
  const dtype = ONNX_TYPES[int(c, 'to', 0)] ?? refuse(`no type ${int(c, 'to', 0)} to cast to`)
  return [{ dtype, shape: at(c, 0).shape }]
}

/** Scale and bias match the normalised axes; outputs: Y, Mean, InvStdDev (float, normalised axes of size 1). */
function layerNorm(c: Call): Typed[] {
  const { shape, dtype } = at(c, 0)
  const axis = axisOf(int(c, 'axis', -1), shape.length)
  if (!sameShape(at(c, 1).shape, shape.slice(axis))) refuse(`a scale of ${shapeText(at(c, 1).shape)} for ${shapeText(shape)}`)
  const row: Typed = { dtype, shape: shape.map((d, i) => (i >= axis ? 1 : d)) }
  return [{ dtype, shape }, row, row].slice(0, c.outputs)
}

function where(c: Call): Typed[] {
  const [condition, a, b] = [at(c, 0), at(c, 1), at(c, 2)]
  if (condition.dtype !== 'bool') refuse('the condition is not a bool')
  if (a.dtype !== b.dtype) refuse(`${a.dtype} or ${b.dtype}`)
  const both = broadcast(a.shape, b.shape)
  const shape = both && broadcast(both, condition.shape)
  return [{ dtype: a.dtype, shape: shape ?? refuse('the shapes do not broadcast') }]
}

const along: Op = { arity: [1, 1], attributes: { axis: 'int' }, infer: like }
const sums: Op = { arity: [1, 2], attributes: { keepdims: 'int', noop_with_empty_axes: 'int' }, infer: reduce }
const fused = (c: Call): Typed[] => [
  {
    dtype: sameType(c),
    shape: matmul(turned(at(c, 0).shape, int(c, 'transA', 0) === 1), turned(at(c, 1).shape, int(c, 'transB', 0) === 1)),
  },
]

export const OPS: Readonly<Record<string, Op>> = {
  Add: two, Sub: two, Mul: two, Div: two, Pow: { arity: [2, 2], infer: elementwise() }, Min: { arity: [1, 9], infer: elementwise() }, Max: { arity: [1, 9], infer: elementwise() }, // prettier-ignore
  Mod: { arity: [2, 2], attributes: { fmod: 'int' }, infer: elementwise() },
  Sum: { arity: [1, 1_000_000], infer: elementwise() },
  Equal: compare, Less: compare, Greater: compare, LessOrEqual: compare, GreaterOrEqual: compare, And: compare, Or: compare,
  Not: same, Neg: same, Abs: same, Sign: same, Sqrt: same, Exp: same, Log: same, Erf: same, Tanh: same, Sigmoid: same, Relu: same, Softplus: same,
  Reciprocal: same, Floor: same, Round: same, Sin: same, Cos: same, Identity: { arity: [1, 1], infer: (c) => [{ ...like(c)[0]!, ...(at(c, 0).known && { known: at(c, 0).known! }) }] }, // prettier-ignore
  Clip: { arity: [1, 3], infer: like },
  CumSum: { arity: [2, 2], attributes: { exclusive: 'int', reverse: 'int' }, infer: like },
  Gelu: { arity: [1, 1], attributes: { approximate: 'string' }, infer: like },
  Softmax: along, LogSoftmax: along,
  LayerNormalization: { arity: [2, 3], attributes: { axis: 'int', epsilon: 'float', stash_type: 'int' }, infer: layerNorm },
  MatMul: { arity: [2, 2], infer: (c) => [{ dtype: sameType(c), shape: matmul(at(c, 0).shape, at(c, 1).shape) }] },
  Gemm: { arity: [2, 3], attributes: { alpha: 'float', beta: 'float', transA: 'int', transB: 'int' }, infer: gemm },
  FusedMatMul: { domain: 'com.microsoft', arity: [2, 2], attributes: { alpha: 'float', transA: 'int', transB: 'int' }, infer: fused },
  ReduceSum: sums, ReduceMean: sums, ReduceMax: sums, ReduceSumSquare: sums, ReduceL2: sums,
  Reshape: { arity: [2, 2], attributes: { allowzero: 'int' }, infer: reshape },
  Transpose: { arity: [1, 1], attributes: { perm: 'ints' }, infer: transpose },
  Slice: { arity: [3, 5], infer: slice },
  Split: { arity: [1, 2], attributes: { axis: 'int', num_outputs: 'int' }, infer: split },
  Concat: { arity: [1, 1_000_000], attributes: { axis: 'int' }, infer: concat },
  Gather: { arity: [2, 2], attributes: { axis: 'int' }, infer: gather },
  GatherElements: { arity: [2, 2], attributes: { axis: 'int' }, infer: (c) => [{ dtype: at(c, 0).dtype, shape: at(c, 1).shape }] },
  ScatterElements: { arity: [3, 3], attributes: { axis: 'int', reduction: 'string' }, infer: like },
  ScatterND: { arity: [3, 3], attributes: { reduction: 'string' }, infer: like },
  Squeeze: { arity: [2, 2], infer: squeeze },
  Unsqueeze: { arity: [2, 2], infer: unsqueeze },
  Expand: { arity: [2, 2], infer: expand },
  Cast: { arity: [1, 1], attributes: { to: 'int' }, infer: cast },
  Where: { arity: [3, 3], infer: where },
  ConstantOfShape: { arity: [1, 1], infer: (c) => [{ dtype: 'float32', shape: shapedBy(c, 0) }] },
  Shape: { arity: [1, 1], infer: (c) => [{ dtype: 'int64', shape: [at(c, 0).shape.length], known: at(c, 0).shape }] },
} // prettier-ignore
