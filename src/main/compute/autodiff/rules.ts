/**
 * Gradient rules, one line per operator. With y the output and dy the gradient of the loss at y, each line gives the gradient at every
 * input. Formulas follow D. Maclaurin's autograd (numpy_vjps.py) and the operators' definitions at https://onnx.ai/onnx/operators/.
 */
import type { Algebra } from './algebra.ts'
import { normRules } from './rules-norm.ts'
import { placeRules } from './rules-place.ts'
import { axisOf, int, numbers, type Rule, type Site } from './rule.ts'
import type { Value } from '../graph/types.ts'
import { product } from '../graph/dims.ts'

const gemm: Rule = ({ a, node, x, dy }) => {
  const [A, B, C] = x as [Value, Value, Value | undefined]
  const [tA, tB, alpha] = [int(node, 'transA', 0), int(node, 'transB', 0), int(node, 'alpha', 1)]
  const beta = int(node, 'beta', 1)
  const times = (l: Value, r: Value, transA: number, transB: number): Value => a.b.op('Gemm', [l, r], { alpha, transA, transB })
  return [
    () => (tA ? times(B, dy, tB, 1) : times(dy, B, 0, 1 - tB)),
    () => (tB ? times(dy, A, 1, tA) : times(A, dy, 1 - tA, 0)),
    C ? () => (beta === 1 ? dy : a.mul(a.unbroadcast(dy, C.shape), beta)) : null,
  ]
}

/** A two-axis factor treats a stack of matrices as one tall matrix. */
const tall = ({ a }: Site, v: Value): Value => a.reshape(v, [product(v.shape.slice(0, -1)), v.shape.at(-1)!])
const matmul: Rule = (s) => {
  const { a, x, dy } = s
  const [A, B] = x as [Value, Value]
  const isTall = B.shape.length === 2 && A.shape.length > 2
  return [
    () => a.matmul(dy, a.turn(B)),
    () => (isTall ? a.b.op('Gemm', [tall(s, A), tall(s, dy)], { transA: 1 }) : a.matmul(a.turn(A), dy)),
  ]
}

const fused: Rule = ({ a, node, x, dy }) => {
  const [A, B] = x as [Value, Value]
  const [tA, tB, alpha] = [int(node, 'transA', 0), int(node, 'transB', 0), int(node, 'alpha', 1)]
  const times = (l: Value, r: Value, transA: number, transB: number): Value => a.b.op('FusedMatMul', [l, r], { alpha, transA, transB })
  return [() => (tA ? times(B, dy, tB, 1) : times(dy, B, 0, 1 - tB)), () => (tB ? times(dy, A, 1, tA) : times(A, dy, 1 - tA, 0))]
}

const matrixRules: Readonly<Record<string, Rule>> = { Gemm: gemm, MatMul: matmul, FusedMatMul: fused }

/** Rule of an element-wise operator: dy times a derivative. */
const times =
  (derivative: (s: Site) => Value): Rule =>
  (s) => [() => s.a.mul(s.dy, derivative(s))]
/** 1 where x > 0, else 0. */
const above = (a: Algebra, x: Value): Value => a.cast(a.b.op('Greater', [x, a.b.constant(0, x.dtype)]), x.dtype)
/** Step functions have no gradient. */
const none: Rule = ({ x }) => x.map(() => null)

/** Max and Min: the gradient goes to the selected input, in equal parts if several are equal. */
const chosen: Rule = ({ a, x, y, dy }) => {
  const isIt = (v: Value): Value => a.cast(a.equal(v, y), dy.dtype)
  const share = (): Value =>
    x.length === 1
      ? dy
      : a.div(
          dy,
          x.map(isIt).reduce((s, v) => a.add(s, v)),
        )
  return x.map((v) => () => a.mul(share(), isIt(v)))
}
/** Clip: the gradient passes where nothing was clipped; the bounds are constants. */
const clip: Rule = ({ a, x, y, dy }) => [() => a.where(a.equal(x[0]!, y), dy, 0), null, null]

/** Pow with a known exponent: the exponent has no gradient. */
const pow: Rule = ({ a, node, x, dy }) => {
  const [exponent] = numbers(node, 1) as [number]
  return [() => a.mul(dy, exponent === 2 ? a.mul(x[0]!, 2) : a.mul(a.pow(x[0]!, exponent - 1), exponent)), null]
}

/** The sum's gradient reaches every summed number. `scale` is applied to the result, for means. */
const spread =
  (gradient: (s: Site, dy: Value) => Value): Rule =>
  (s) => {
    const shape = s.x[0]!.shape
    const axes = new Set(s.node.inputs[1] ? numbers(s.node, 1).map((i) => axisOf(i, shape.length)) : shape.keys())
    const kept = shape.map((dim, i) => (axes.has(i) ? 1 : dim))
    return [() => s.a.expand(gradient(s, s.a.reshape(s.dy, kept)), shape), null]
  }
/** dy divided by the number of averaged values; a mean of ones gives 1 / number if the number is symbolic. */
const averaged = ({ a, node, x }: Site, dy: Value): Value => {
  const { shape } = x[0]!
  const dims = shape.filter((dim, i) => dy.shape[i] === 1 && dim !== 1)
  if (dims.every((d) => typeof d === 'number'))
    return a.mul(
      dy,
      dims.reduce((n, d) => n / d, 1),
    )
  return a.div(dy, a.b.op('ReduceSum', [a.full(1, dy.dtype, shape), ...node.inputs.slice(1)], { keepdims: 1 }))
}

export const RULES: Readonly<Record<string, Rule>> = {
  Add: ({ dy }) => [() => dy, () => dy],
  Sum: ({ x, dy }) => x.map(() => () => dy),
  Sub: ({ a, dy }) => [() => dy, () => a.neg(dy)],
  Mul: ({ a, x, dy }) => [() => a.mul(dy, x[1]!), () => a.mul(dy, x[0]!)],
  Div: ({ a, x, y, dy }) => [() => a.div(dy, x[1]!), () => a.neg(a.div(a.mul(dy, y), x[1]!))],
  Pow: pow,
  Max: chosen,
  Min: chosen,
  Clip: clip,
  Neg: ({ a, dy }) => [() => a.neg(dy)],
  Abs: times(({ a, x }) => a.sub(above(a, x[0]!), above(a, a.neg(x[0]!)))),
  Reciprocal: times(({ a, y }) => a.neg(a.square(y))),
  Sqrt: ({ a, y, dy }) => [() => a.div(a.mul(dy, 0.5), y)],
  Exp: times(({ y }) => y),
  Log: ({ a, x, dy }) => [() => a.div(dy, x[0]!)],
  Sin: times(({ a, x }) => a.one('Cos', x[0]!)),
  Cos: times(({ a, x }) => a.neg(a.one('Sin', x[0]!))),
  Erf: times(({ a, x }) => a.mul(a.exp(a.neg(a.square(x[0]!))), 2 / Math.sqrt(Math.PI))),
  Tanh: times(({ a, y }) => a.sub(1, a.square(y))),
  Sigmoid: times(({ a, y }) => a.mul(y, a.sub(1, y))),
  Softplus: times(({ a, x }) => a.sigmoid(x[0]!)),
  Relu: times(({ a, y }) => above(a, y)),
  Sign: none,
  Floor: none,
  Round: none,
  Identity: ({ dy }) => [() => dy],
  Cast: ({ a, x, dy }) => [() => a.cast(dy, x[0]!.dtype)],
  Where: ({ a, x, dy }) => [null, () => a.where(x[0]!, dy, 0), () => a.where(x[0]!, 0, dy)],
  ReduceSum: spread((_, dy) => dy),
  ReduceMean: spread(averaged),
  ReduceSumSquare: spread(({ a, x }, dy) => a.mul(a.mul(dy, 2), x[0]!)),
  ReduceL2: spread(({ a, x, y }, dy) => a.mul(a.div(dy, a.reshape(y, dy.shape)), x[0]!)),
  ...matrixRules,
  ...normRules,
  ...placeRules,
}
