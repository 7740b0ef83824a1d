/** Building blocks of gradients. Numbers take the type of the tensor they are combined with. */
import { sameShape } from '../graph/dims.ts'
import type { GraphBuilder } from '../graph/builder.ts'
import { TYPE_CODES } from '../graph/encode.ts'
import type { Dim, DType, Shape, Value } from '../graph/types.ts'

export type Operand = Value | number

/** Larger than any axis: as the end of a slice it means the end of the axis. */
export const END = 2 ** 31

/** Adds the nodes of an expression to a graph; a cast, reshape or transposition that changes nothing adds none. */
export class Algebra {
  readonly b: GraphBuilder
  constructor(b: GraphBuilder) {
    this.b = b
  }

  #two(op: string, x: Operand, y: Operand): Value {
    const dtype = typeof x === 'number' ? (y as Value).dtype : x.dtype
    const value = (o: Operand): Value => (typeof o === 'number' ? this.b.constant(o, dtype) : o)
    return this.b.op(op, [value(x), value(y)])
  }
  add = (x: Operand, y: Operand): Value => this.#two('Add', x, y)
  sub = (x: Operand, y: Operand): Value => this.#two('Sub', x, y)
  mul = (x: Operand, y: Operand): Value => this.#two('Mul', x, y)
  div = (x: Operand, y: Operand): Value => this.#two('Div', x, y)
  pow = (x: Value, y: number): Value => this.#two('Pow', x, y)
  min = (x: Operand, y: Operand): Value => this.#two('Min', x, y)
  max = (x: Operand, y: Operand): Value => this.#two('Max', x, y)
  /** bool */
  equal = (x: Operand, y: Operand): Value => this.#two('Equal', x, y)
  less = (x: Operand, y: Operand): Value => this.#two('Less', x, y)

  one = (op: string, x: Value): Value => this.b.op(op, [x])
  neg = (x: Value): Value => this.one('Neg', x)
  sqrt = (x: Value): Value => this.one('Sqrt', x)
  exp = (x: Value): Value => this.one('Exp', x)
  log = (x: Value): Value => this.one('Log', x)
  square = (x: Value): Value => this.mul(x, x)
  sigmoid = (x: Value): Value => this.one('Sigmoid', x)
  softplus = (x: Value): Value => this.one('Softplus', x)

  cast = (x: Value, dtype: DType): Value => (x.dtype === dtype ? x : this.b.op('Cast', [x], { to: TYPE_CODES[dtype] }))
  where = (condition: Value, x: Operand, y: Operand): Value => {
    const dtype = typeof x === 'number' ? (y as Value).dtype : x.dtype
    return this.b.op('Where', [condition, ...[x, y].map((o) => (typeof o === 'number' ? this.b.constant(o, dtype) : o))])
  }
  matmul = (x: Value, y: Value): Value => this.b.op('MatMul', [x, y])

  /** Sum over `axes`; over all of them if none are given. Summed axes remain with size 1 unless `keep` is false. */
  sum = (x: Value, axes?: readonly number[], keep = true): Value => this.#reduce('ReduceSum', x, axes, keep)
  mean = (x: Value, axes?: readonly number[], keep = true): Value => this.#reduce('ReduceMean', x, axes, keep)
  #reduce(op: string, x: Value, axes: readonly number[] | undefined, keep: boolean): Value {
    return this.b.op(op, [x, ...(axes ? [this.b.ints(...axes)] : [])], { keepdims: keep ? 1 : 0 })
  }

  transpose = (x: Value, perm: readonly number[]): Value =>
    perm.every((from, to) => from === to) ? x : this.b.op('Transpose', [x], { perm })
  /** Swaps the last two axes. */
  turn = (x: Value): Value => {
    const last = x.shape.length - 1
    return this.transpose(
      x,
      x.shape.map((_, i) => (i < last - 1 ? i : i === last ? last - 1 : last)),
    )
  }
  /** The same numbers in another shape; symbols are written as 0 or -1 where that is unambiguous. */
  reshape(x: Value, shape: Shape): Value {
    if (sameShape(x.shape, shape)) return x
    const dims: Dim[] = shape.map((dim, i) => (typeof dim === 'string' && dim === x.shape[i] ? 0 : dim))
    const open = dims.flatMap((dim, i) => (typeof dim === 'string' ? [i] : []))
    if (open.length > 1) return this.b.op('Reshape', [x, this.b.shape(shape)])
    return this.b.op('Reshape', [x, this.b.shape(open.length === 1 ? dims.with(open[0]!, -1) : dims)])
  }
  expand = (x: Value, shape: Shape): Value => (sameShape(x.shape, shape) ? x : this.b.op('Expand', [x, this.b.shape(shape)]))
  full = (number: number, dtype: DType, shape: Shape): Value => this.expand(this.b.constant(number, dtype), shape)

  /** x summed over the axes along which `shape` was broadcast to x's shape. */
  unbroadcast(x: Value, shape: Shape): Value {
    if (sameShape(x.shape, shape)) return x
    const lead = x.shape.length - shape.length
    const axes = x.shape.flatMap((dim, i) => (i < lead || (shape[i - lead] === 1 && dim !== 1) ? [i] : []))
    const summed =
      axes.length > 0
        ? this.sum(
            x,
            axes,
            axes.some((a) => a >= lead),
          )
        : x
    return this.reshape(summed, shape)
  }
  /**
   * Positions along an axis: 0, 1, 2 … from its start, or … 2, 1, 0 towards its end. As floats (exact below 2^24), because not every
   * device compares integers.
   */
  places(dim: Dim, fromEnd = false): Value {
    if (typeof dim === 'number') {
      const list = Array.from({ length: dim }, (_, i) => i)
      return this.b.constant(fromEnd ? list.reverse() : list)
    }
    const ones = this.full(1, 'float32', [dim])
    return this.b.op('CumSum', [ones, this.b.constant(0, 'int64')], { exclusive: 1, reverse: fromEnd ? 1 : 0 })
  }
  /** Indices into an axis as floats: devices that cannot convert int64 look them up in a table. */
  asFloats = (indices: Value, dim: Dim): Value => this.b.op('Gather', [this.places(dim), indices], { axis: 0 })
  /** (m, n) of `dtype`: 1 where x (m) equals y (n), else 0. */
  equality(x: Value, y: Value, dtype: DType): Value {
    return this.cast(this.equal(this.reshape(x, [...x.shape, 1]), this.reshape(y, [1, ...y.shape])), dtype)
  }
}
