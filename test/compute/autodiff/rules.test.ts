import { describe, expect, test } from 'vitest'
import { Algebra, END } from '../../../src/main/compute/autodiff/algebra.ts'
import { RULES } from '../../../src/main/compute/autodiff/rules.ts'
import type { GraphBuilder } from '../../../src/main/compute/graph/builder.ts'
import { shapeText } from '../../../src/main/compute/graph/dims.ts'
import type { Attributes, Shape, Value } from '../../../src/main/compute/graph/types.ts'
import { differences, type Check } from './check.ts'

type Case = Check & { readonly op: string }
const full: Shape = ['batch', 'tokens', 5]

/** One operator on inputs of these shapes. */
const op = (type: string, of: readonly Shape[], attributes: Attributes = {}, more: Partial<Check> = {}): Case => ({
  op: type,
  of,
  make: (b, x) => b.op(type, x, attributes),
  ...more,
})
/** One operator with additional constant inputs. */
const fixed = (type: string, of: Shape, rest: (b: GraphBuilder) => readonly (Value | null)[], attributes: Attributes = {}): Case => ({
  op: type,
  of: [of],
  make: (b, x) => b.op(type, [...x, ...rest(b)], attributes),
})
const positive = { domain: (x: number) => 1.6 + x }
/** Keeps numbers away from points where a function is not differentiable. */
const bent = { domain: (x: number) => x + 0.2 * Math.sign(x) }
/** Keeps inputs further apart than the step. */
const apart = { domain: (x: number, i: number) => Math.round(x * 10) / 10 + 0.03 * i }
const BROADCASTS: readonly (readonly [Shape, Shape])[] = [
  [full, full],
  [full, [5]],
  [[5], full],
  [full, []],
  [full, ['tokens', 1]],
  [full, [1, 1, 1]],
  [
    ['batch', 1, 5],
    ['tokens', 1],
  ],
]
const binary = (type: string, more: Partial<Check> = {}): Case[] => BROADCASTS.map((of) => op(type, of, {}, more))
const unary = (type: string, more: Partial<Check> = {}): Case => op(type, [full], {}, more)

const gemms = [0, 1].flatMap((transA) =>
  [0, 1].map((transB) =>
    op('Gemm', [transA ? [4, 'batch'] : ['batch', 4], transB ? [5, 4] : [4, 5], [5]], { transA, transB, alpha: 0.5, beta: transA + 0.5 }),
  ),
)
const biases = ([[], [1, 5], ['batch', 1], ['batch', 5]] satisfies Shape[]).map((bias) => op('Gemm', [['batch', 4], [4, 5], bias]))
const fusedProducts = [0, 1].flatMap((transA) =>
  [0, 1].map((transB) =>
    op(
      'FusedMatMul',
      [
        ['batch', 2, ...(transA ? [4, 'tokens'] : ['tokens', 4])],
        ['batch', 2, ...(transB ? [5, 4] : [4, 5])],
      ],
      { transA, transB, alpha: 0.5 },
      { dtype: 'float32' },
    ),
  ),
)
const products = (
  [
    [['batch', 4], [4, 5]],
    [['batch', 'tokens', 4], [4, 5]],
    [['batch', 2, 'tokens', 4], ['batch', 2, 4, 'tokens']],
    [['batch', 1, 'tokens', 4], [2, 4, 3]],
    [['tokens', 4], ['batch', 2, 4, 3]],
  ] satisfies [Shape, Shape][]
).map((of) => op('MatMul', of)) // prettier-ignore

const indices = (b: GraphBuilder, list: readonly number[], shape: Shape): Value => b.constant(list, 'int64', shape)
/** Indices that are unknown to the builder, like fed ones. */
const unknown = (b: GraphBuilder, list: readonly number[], shape: Shape): Value => {
  const { name, dtype } = b.op('Identity', [indices(b, list, shape)])
  return { name, dtype, shape }
}
const gathers: Case[] = [
  fixed('Gather', [7, 5], (b) => [unknown(b, [1, 1, 4, 0, 1, 6], [2, 3])], { axis: 0 }),
  fixed('Gather', [2000, 2], (b) => [unknown(b, [7, 1999, 7, 0, 7, 3], [2, 3])], { axis: 0 }),
  fixed('Gather', full, (b) => [b.constant(0, 'int64')], { axis: 1 }),
  fixed('Gather', full, (b) => [b.constant(-1, 'int64')], { axis: 1 }),
  fixed('Gather', full, (b) => [unknown(b, [2], [])], { axis: 1 }),
  fixed('Gather', full, (b) => [b.ints(-1, 2, 2)], { axis: 2 }),
  fixed('Gather', ['batch', 4], (b) => [unknown(b, [2, 0, 2], [3])], { axis: 0 }),
]
const slices = (
  [
    [[1], [3], [2], [1]],
    [[0, 1], [1, 4], [1, 2], [1, 2]],
    [[-1], [END], [1], [1]],
    [[1, -3], [3, -1], [0, 2], [1, 1]],
    [[0], [END], [1], [1]],
  ] satisfies number[][][]
).map((parts) => fixed('Slice', full, (b) => parts.map((p) => b.ints(...p)))) // prettier-ignore

const norm = (of: readonly Shape[], axis: number, outputs: number): Case => ({
  op: 'LayerNormalization',
  of,
  make: (b, x) => b.ops('LayerNormalization', x, { axis, epsilon: 1e-3 }, { outputs })[0]!,
  dtype: 'float32',
})
const sums = ['ReduceSum', 'ReduceMean', 'ReduceSumSquare', 'ReduceL2'].flatMap((type) => [
  fixed(type, full, (b) => [b.ints(-1)], { keepdims: 1 }),
  fixed(type, full, (b) => [b.ints(0, 1)], { keepdims: 0 }),
  fixed(type, full, (b) => [b.ints(1)], { keepdims: 0 }),
  fixed(type, full, () => [], { keepdims: 0 }),
])

const CASES: readonly Case[] = [
  ...['Add', 'Sub', 'Mul'].flatMap((type) => binary(type)),
  ...['Max', 'Min'].flatMap((type) => binary(type, apart)),
  ...binary('Div', positive),
  ...['Neg', 'Exp', 'Sin', 'Cos', 'Tanh', 'Sigmoid', 'Identity'].map((type) => unary(type)),
  ...['Softplus', 'Erf', 'Gelu'].map((type) => unary(type, { dtype: 'float32' })),
  op('Gelu', [full], { approximate: 'tanh' }, { dtype: 'float32' }),
  ...['Sqrt', 'Log', 'Reciprocal'].map((type) => unary(type, positive)),
  ...['Abs', 'Relu'].map((type) => unary(type, bent)),
  ...['Floor', 'Round', 'Sign'].map((type) => ({
    op: type,
    of: [full],
    make: (b: GraphBuilder, [x]: readonly Value[]) => b.op('Add', [x!, b.op(type, [x!])]),
    domain: (n: number) => 0.2 + 0.1 * n,
  })),
  op('Sum', [full, [5], ['tokens', 1], full]),
  op('Max', [full, full, [5]], {}, apart),
  { ...fixed('Clip', full, (b) => [b.constant(-0.5, 'float64'), b.constant(0.5, 'float64')]), domain: (x) => (Math.abs(Math.abs(x) - 0.5) < 0.05 ? 0.1 : x) },
  ...[2, 3, -0.5].map((n) => ({ ...fixed('Pow', full, (b) => [b.constant(n, 'float64')]), ...positive })),
  { op: 'Cast', of: [full], make: (b, [x]) => new Algebra(b).cast(new Algebra(b).cast(x!, 'float32'), 'float64'), dtype: 'float64', domain: (x) => x },
  { op: 'Where', of: [full, [5]], make: (b, x) => b.op('Where', [b.constant([1, 0, 0, 1, 1], 'bool'), ...x]) },
  ...gemms, ...biases, ...products, ...fusedProducts,
  ...['Softmax', 'LogSoftmax'].flatMap((type) => [op(type, [full], { axis: -1 }), op(type, [full], { axis: 1 })]),
  norm([full, [5], [5]], -1, 1), norm([full, [5]], 2, 1), norm([['batch', 6, 5], [6, 5], [6, 5]], 1, 3),
  ...sums, ...gathers, ...slices,
  fixed('Slice', [7, 5], (b) => [b.ints(0), b.shape(['tokens']), b.ints(0)]),
  fixed('Reshape', full, (b) => [b.ints(-1, 5)]),
  fixed('Reshape', full, (b) => [b.shape([5, 'batch', 'tokens'])]),
  fixed('Transpose', full, () => [], { perm: [2, 0, 1] }),
  fixed('Transpose', full, () => []),
  fixed('Unsqueeze', full, (b) => [b.ints(0, -1)]),
  fixed('Squeeze', ['batch', 1, 5, 1], (b) => [b.ints(1, 3)]),
  fixed('Expand', ['batch', 1, 5], (b) => [b.shape([2, 'batch', 'tokens', 5])]),
  fixed('GatherElements', full, (b) => [b.op('Expand', [b.constant([3, 0], 'int64', [1, 1, 2]), b.shape(['batch', 'tokens', 2])])], { axis: 2 }),
  { op: 'Split', of: [full], make: (b, x) => b.ops('Split', [x[0]!, b.ints(2, 3)], { axis: 2 }, { outputs: 2 }) },
  { op: 'Split', of: [full], make: (b, x) => b.ops('Split', [x[0]!, b.ints(1, 3, 1)], { axis: 2 }, { outputs: 3 })[1]! },
  { op: 'Concat', of: [full, ['batch', 'tokens', 2]], make: (b, x) => b.op('Concat', x, { axis: -1 }) },
  { op: 'Concat', of: [full, full], make: (b, x) => b.op('Concat', x, { axis: 1 }) },
] // prettier-ignore

describe('gradients are those of central differences', () => {
  test('every rule is checked', () => expect(Object.keys(RULES).filter((rule) => !CASES.some((c) => c.op === rule))).toEqual([]))
  test.each(CASES.map((c, i) => [`case ${i}: ${c.op} ${c.of.map(shapeText).join(' ')}`, c] as const))('%s', async (_name, c) => {
    const tolerance = c.dtype === 'float32' || c.op === 'Cast' ? 3e-4 : 1e-7
    for (const difference of await differences(c)) expect(difference).toBeLessThan(tolerance)
  })
})
