/** Gradients of products. For C = A B: dA = dC Bᵀ and dB = Aᵀ dC; transposed factors change sides instead of being turned. */
import { product } from '../graph/dims.ts'
import type { Value } from '../graph/types.ts'
import { int, type Rule, type Site } from './rule.ts'

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

/** A factor of two axes that meets a stack of matrices sees them as one tall matrix. */
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

export const matrixRules: Readonly<Record<string, Rule>> = { Gemm: gemm, MatMul: matmul, FusedMatMul: fused }
