import { describe, expect, test } from 'vitest'
import { GraphBuilder } from '../../../src/main/compute/graph/builder.ts'
import { encodeModel } from '../../../src/main/compute/graph/encode.ts'
import { resolve } from '../../../src/main/compute/graph/dims.ts'
import { OPS } from '../../../src/main/compute/graph/ops.ts'
import type { DType, Shape, Value } from '../../../src/main/compute/graph/types.ts'
import { verify } from '../../../src/main/compute/graph/verify.ts'
import { createSession } from '../../../src/main/compute/runtime/session.ts'

/** Sizes of the symbolic dimensions when a graph runs. */
const SYMBOLS = { batch: 2, tokens: 3 }

type Input = (b: GraphBuilder, i: number) => Value
const of =
  (dtype: DType, ...shape: Shape): Input =>
  (b, i) =>
    b.input(`x${i}`, dtype, shape)
const float = (...shape: Shape): Input => of('float32', ...shape)
const ints =
  (...numbers: readonly number[]): Input =>
  (b) =>
    b.ints(...numbers)
const shape =
  (...dims: Shape): Input =>
  (b) =>
    b.shape(dims)

interface Case {
  readonly op: string
  readonly inputs: readonly Input[]
  readonly attributes?: Record<string, number | string | readonly number[]>
  readonly outputs?: number
  readonly opset?: number
}
const x = float('batch', 'tokens', 4)
const row = float(4)
const unary = ['Neg', 'Abs', 'Sign', 'Sqrt', 'Exp', 'Log', 'Erf', 'Tanh', 'Sigmoid', 'Relu', 'Softplus', 'Reciprocal', 'Floor', 'Round', 'Sin', 'Cos', 'Identity', 'Clip', 'Softmax', 'LogSoftmax', 'Gelu', 'Shape'] // prettier-ignore
const binary = ['Add', 'Sub', 'Mul', 'Div', 'Pow', 'Min', 'Max', 'Sum', 'Equal', 'Less', 'Greater', 'LessOrEqual', 'GreaterOrEqual']
const CASES: readonly Case[] = [
  ...unary.map((op) => ({ op, inputs: [x] })),
  ...binary.flatMap((op) => [
    { op, inputs: [x, row] },
    { op, inputs: [float('batch', 1, 4), float('tokens', 1)] },
  ]),
  { op: 'Mod', inputs: [of('int64', 'batch', 3), of('int64', 3)] },
  { op: 'Mod', inputs: [x, row], attributes: { fmod: 1 } },
  { op: 'And', inputs: [of('bool', 'batch', 3), of('bool', 3)] },
  { op: 'Or', inputs: [of('bool', 'batch', 3), of('bool', 3)] },
  { op: 'Not', inputs: [of('bool', 'batch', 3)] },
  { op: 'LayerNormalization', inputs: [x, row, row], attributes: { axis: -1, epsilon: 1e-12 }, outputs: 3 },
  { op: 'MatMul', inputs: [float('batch', 2, 'tokens', 4), float('batch', 2, 4, 'tokens')] },
  { op: 'MatMul', inputs: [float(2, 'tokens', 4), float(4, 5)] },
  { op: 'Gemm', inputs: [float('batch', 4), float(5, 4), float(5)], attributes: { transB: 1 } },
  { op: 'Gemm', inputs: [float('batch*tokens', 4), float('batch*tokens', 5)], attributes: { transA: 1, alpha: 0.5 } },
  { op: 'FusedMatMul', inputs: [float('batch', 2, 'tokens', 4), float('batch', 2, 'tokens', 4)], attributes: { transB: 1, alpha: 0.5 } },
  ...['ReduceSum', 'ReduceMean', 'ReduceMax', 'ReduceSumSquare', 'ReduceL2'].flatMap((op) => [
    { op, inputs: [x, ints(-1)], attributes: { keepdims: 1 } },
    { op, inputs: [x, ints(0, 1)], attributes: { keepdims: 0 } },
    { op, inputs: [x], attributes: { keepdims: 0 } },
  ]),
  { op: 'Reshape', inputs: [x, ints(-1, 4)] },
  { op: 'Reshape', inputs: [x, ints(0, 0, 2, 2)] },
  { op: 'Reshape', inputs: [x, shape('batch', 'tokens', 2, 2)] },
  { op: 'Reshape', inputs: [x, shape('batch*tokens', 2, 2)] },
  { op: 'Transpose', inputs: [x], attributes: { perm: [0, 2, 1] } },
  { op: 'Transpose', inputs: [x] },
  { op: 'Slice', inputs: [x, ints(0), ints(1), ints(1)] },
  { op: 'Slice', inputs: [x, ints(-1), ints(2 ** 31), ints(1)] },
  { op: 'Slice', inputs: [x, ints(1), ints(4), ints(2), ints(2)] },
  { op: 'Split', inputs: [x, ints(1, 3)], attributes: { axis: 2 }, outputs: 2 },
  { op: 'Split', inputs: [x], attributes: { axis: 2, num_outputs: 2 }, outputs: 2 },
  { op: 'Concat', inputs: [x, float('batch', 'tokens', 3)], attributes: { axis: -1 } },
  { op: 'Concat', inputs: [x, x], attributes: { axis: 1 } },
  { op: 'Gather', inputs: [float(7, 4), of('int64', 'batch', 'tokens')], attributes: { axis: 0 } },
  { op: 'Gather', inputs: [x, (b) => b.constant(0, 'int64')], attributes: { axis: 1 } },
  { op: 'GatherElements', inputs: [x, of('int64', 'batch', 'tokens', 1)], attributes: { axis: 2 } },
  { op: 'ScatterElements', inputs: [float(7, 4), of('int64', 3, 4), float(3, 4)], attributes: { axis: 0, reduction: 'add' } },
  { op: 'ScatterND', inputs: [float(7, 4), of('int64', 'batch', 1), float('batch', 4)], attributes: { reduction: 'add' } },
  { op: 'CumSum', inputs: [x, (b) => b.constant(1, 'int64')], attributes: { exclusive: 1, reverse: 1 } },
  { op: 'Squeeze', inputs: [float('batch', 1, 4), ints(1)] },
  { op: 'Unsqueeze', inputs: [x, ints(0, -1)] },
  { op: 'Expand', inputs: [float('batch', 1, 4), shape('batch', 'tokens', 4)] },
  { op: 'ConstantOfShape', inputs: [shape('batch', 2)] },
  { op: 'Cast', inputs: [x], attributes: { to: 7 } },
  { op: 'Where', inputs: [of('bool', 'batch', 1, 'tokens', 1), float(1), float('batch', 2, 'tokens', 1)] },
]

const data = (dtype: DType, length: number): Float32Array | BigInt64Array | Uint8Array =>
  dtype === 'float32' ? new Float32Array(length).fill(0.5) : dtype === 'int64' ? new BigInt64Array(length).fill(1n) : new Uint8Array(length)
const sizes = (dims: Shape): number[] => dims.map((d) => resolve(d, SYMBOLS))

describe('types and shapes are those of the runtime', () => {
  test('every operator is tried', () => expect(Object.keys(OPS).filter((op) => !CASES.some((c) => c.op === op))).toEqual([]))
  test.each(CASES.map((c, i) => [i, c] as const))('case %i: $op', async (_i, c) => {
    const b = new GraphBuilder('case')
    const inputs = c.inputs.map((make, i) => make(b, i))
    const made = b.ops(c.op, inputs, c.attributes ?? {}, { outputs: c.outputs ?? 1 })
    made.forEach((v, i) => b.output(v, `y${i}`))
    const graph = b.finish()
    const session = await createSession(encodeModel(graph), { device: 'cpu', threads: 1 })
    const feeds = graph.inputs.map((v) => {
      const held = graph.shapes.find((s) => s.name === v.name)
      const dims = sizes(v.shape)
      const numbers = held ? BigInt64Array.from(sizes(held.dims), BigInt) : data(v.dtype, dims.reduce((n, d) => n * d, 1)) // prettier-ignore
      return [v.name, { dtype: v.dtype, shape: dims, data: numbers }]
    })
    const results = await session.run(Object.fromEntries(feeds) as Parameters<typeof session.run>[0])
    made.forEach((v, i) => expect([results[`y${i}`]!.dtype, results[`y${i}`]!.shape]).toEqual([v.dtype, sizes(v.shape)]))
    await session.release()
  })
})

describe('a mistake is reported where it is made', () => {
  const b = new GraphBuilder('wrong')
  const [m, n] = [b.input('m', 'float32', ['batch', 3]), b.input('n', 'float32', [4, 5])]
  const index = b.input('i', 'int64', [4, 5])
  test.each<[string, () => unknown, RegExp]>([
    ['inner axes', () => b.scope('layer_2', () => b.op('MatMul', [m, n])), /MatMul: .*inner axes differ.*layer_2\/MatMul/],
    ['types', () => b.op('Add', [n, index], {}, { name: 'sum' }), /different types: float32, int64 \(node sum/],
    ['an unknown operator', () => b.op('Convolve', [m]), /no operator "Convolve"/],
    ['an unknown attribute', () => b.op('Softmax', [m], { axes: 1 }), /no attribute "axes"/],
    ['an impossible shape', () => b.op('Reshape', [n, b.ints(3, 7)]), /\(4, 5\) cannot become \(3, 7\)/],
    ['a symbol that is cut', () => b.op('Reshape', [m, b.ints(2, -1)]), /does not divide/],
    ['a missing input', () => b.op('Where', [null, m, m]), /input 0 is missing/],
    ['a name twice', () => b.input('m', 'float32', []), /two tensors are named "m"/],
    ['a wrong size', () => b.initializer('w', 'float32', [2, 2], new Float32Array(3)), /12 bytes are not a float32 tensor of \(2, 2\)/],
  ])('%s', (_name, make, message) => expect(make).toThrow(message))
  test('a value of another graph', () => {
    const other = new GraphBuilder('other')
    other.output(other.op('Neg', [m]), 'y')
    expect(() => other.finish()).toThrow(/"m" is not defined before it is used \(node Neg\)/)
  })
  test('nodes out of order', () => {
    const own = new GraphBuilder('own')
    own.output(own.op('Neg', [own.op('Exp', [own.input('a', 'float32', [2])])]), 'y')
    const graph = own.finish()
    expect(() => verify({ ...graph, nodes: graph.nodes.toReversed() })).toThrow(/not defined before it is used \(node Neg\)/)
  })
})

describe('a finished graph', () => {
  test('contains only what its outputs need', () => {
    const b = new GraphBuilder('small')
    const a = b.input('a', 'float32', ['batch', 4])
    b.op('Mul', [b.op('Reshape', [a, b.shape(['batch', 2, 2])]), b.initializer('unused', 'float32', [2], new Float32Array(2))])
    b.output(b.op('Neg', [a]), 'y')
    const graph = b.finish()
    expect([graph.nodes.length, graph.initializers.length, graph.inputs.length, graph.shapes.length]).toEqual([1, 0, 1, 0])
  })
  test('without further inputs finds its symbols in an input', async () => {
    const b = new GraphBuilder('alone', (g) => g.input('ids', 'int64', ['batch', 'tokens']))
    const a = b.input('a', 'float32', ['batch*tokens', 4])
    b.output(b.op('Reshape', [a, b.shape(['batch', 'tokens', 4])]), 'y')
    const graph = b.finish()
    expect(graph.shapes).toEqual([])
    const session = await createSession(encodeModel(graph), { device: 'cpu', threads: 1 })
    const ids = { dtype: 'int64' as const, shape: [2, 3], data: new BigInt64Array(6) }
    const { y } = await session.run({ ids, a: { dtype: 'float32', shape: [6, 4], data: new Float32Array(24) } })
    expect(y!.shape).toEqual([2, 3, 4])
  })
  test('returns the same tensor under two names, and a fed one', async () => {
    const b = new GraphBuilder('twice')
    const a = b.input('a', 'float32', [2])
    const y = b.op('Neg', [a])
    for (const [value, name] of [[y, 'y'], [y, 'again'], [a, 'copy']] as const) b.output(value, name) // prettier-ignore
    const session = await createSession(encodeModel(b.finish()), { device: 'cpu', threads: 1 })
    const r = await session.run({ a: { dtype: 'float32', shape: [2], data: Float32Array.of(1, 2) } })
    expect(['y', 'again', 'copy'].map((name) => [...(r[name] as { data: Float32Array }).data])).toEqual([[-1, -2], [-1, -2], [1, 2]]) // prettier-ignore
  })
})
