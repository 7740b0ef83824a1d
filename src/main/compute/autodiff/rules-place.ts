/** Gradients of operators that move numbers without changing them: the gradient moves back. */
import { product } from '../graph/dims.ts'
import type { Dim, Node, Value } from '../graph/types.ts'
import type { Algebra } from './algebra.ts'
import { axisOf, int, numbers, once, type Gradient, type Rule } from './rule.ts'

const reshaped: Rule = ({ a, x, dy }) => [() => a.reshape(dy, x[0]!.shape), ...x.slice(1).map(() => null)]
const unsqueezed: Rule = ({ a, x, dy }) => [() => a.reshape(dy, x[0]!.shape), null]

const transposed: Rule = ({ a, node, x, dy }) => {
  const perm = (node.attributes['perm'] as readonly number[] | undefined) ?? x[0]!.shape.map((_, i, all) => all.length - 1 - i)
  return [
    () =>
      a.transpose(
        dy,
        perm.map((_, i) => perm.indexOf(i)),
      ),
  ]
}

const concatenated: Rule = ({ a, node, x, y, dy }) => {
  const axis = axisOf(int(node, 'axis', 0), y.shape.length)
  const sizes = x.map((v) => v.shape[axis]!)
  const fixed = sizes.every((s) => typeof s === 'number')
  const parts = once(() =>
    fixed
      ? a.b.ops('Split', [dy, a.b.ints(...sizes)], { axis }, { outputs: x.length })
      : a.b.ops('Split', [dy], { axis, num_outputs: x.length }, { outputs: x.length }),
  )
  return x.map((_, i) => () => parts()[i]!)
}
const divided: Rule = ({ a, node, dys }) => {
  const axis = int(node, 'axis', 0)
  const part = (dy: Value | null, i: number): Value => dy ?? a.full(0, node.outputs[i]!.dtype, node.outputs[i]!.shape)
  return [() => a.b.op('Concat', dys.map(part), { axis }), ...node.inputs.slice(1).map(() => null)]
}

/** Axes, starts, steps of a Slice that selects less than everything. */
function cuts(node: Node): readonly { readonly axis: number; readonly start: number; readonly step: number }[] {
  const shape = node.inputs[0]!.shape
  const starts = numbers(node, 1)
  const axes = node.inputs[3] ? numbers(node, 3).map((i) => axisOf(i, shape.length)) : starts.map((_, i) => i)
  const steps = node.inputs[4] ? numbers(node, 4) : starts.map(() => 1)
  return axes
    .map((axis, i) => ({ axis, start: starts[i]!, step: steps[i]! }))
    .filter(({ axis }) => node.outputs[0]!.shape[axis] !== shape[axis])
}
const sliced: Rule = ({ a, node, x, dy }) => [
  () => cuts(node).reduce((part, cut) => uncut(a, part, x[0]!.shape[cut.axis]!, cut), dy),
  ...node.inputs.slice(1).map(() => null),
]
/** Pads a part with zeros to the size of the whole. */
function uncut(a: Algebra, part: Value, dim: Dim, cut: { readonly axis: number; readonly start: number; readonly step: number }): Value {
  const { axis, step } = cut
  const count = part.shape[axis]!
  const start = typeof dim === 'number' ? Math.max(0, cut.start < 0 ? cut.start + dim : cut.start) : cut.start
  if (typeof count === 'string') {
    const places = a.add(a.mul(a.places(count), step), start)
    return among(a, part, axis, 1, dim, a.equality(a.places(dim), places, part.dtype))
  }
  if (typeof dim === 'string' || step !== 1) {
    const places = Array.from({ length: count }, (_, i) => start + i * step)
    return among(a, part, axis, 1, dim, selector(a, dim, places, part))
  }
  const zeros = (size: number): Value[] => (size > 0 ? [a.full(0, part.dtype, part.shape.with(axis, size))] : [])
  return a.b.op('Concat', [...zeros(start), part, ...zeros(dim - start - count)], { axis })
}

/** (dim, places): 1 where a position is selected. Positions below 0 count from the end; either all or none are. */
function selector(a: Algebra, dim: Dim, places: readonly number[], like: Value): Value {
  const fromEnd = typeof dim === 'string' && places.some((p) => p < 0)
  if (fromEnd && places.some((p) => p >= 0)) throw new Error('positions from both ends of one axis')
  const counted = places.map((p) => (fromEnd ? -1 - p : p < 0 ? p + (dim as number) : p))
  return a.equality(a.places(dim, fromEnd), a.b.constant(counted), like.dtype)
}
/**
 * Adds the rows of `part` into an axis of zeros at the positions given by `chosen` (dim, rows); `axis` is the first of `rank` such axes.
 * Rows with equal positions add up.
 */
function among(a: Algebra, part: Value, axis: number, rank: number, dim: Dim, chosen: Value): Value {
  const [lead, rows, rest] = [part.shape.slice(0, axis), part.shape.slice(axis, axis + rank), part.shape.slice(axis + rank)]
  const stacked = a.reshape(part, [...(axis === 0 ? [] : [product(lead)]), product(rows), product(rest)])
  return a.reshape(a.matmul(chosen, stacked), [...lead, dim, ...rest])
}

/**
 * Adds up the rows of `part` (indices…, width) that have equal indices: (count, width), for each index its sum. The sums of equal indices have
 * the same bits.
 * @param dim number of rows of the table that the indices select from
 */
export function sumsOfEqual(a: Algebra, part: Value, indices: Value, dim: Dim): Value {
  const count = product(indices.shape)
  const rows = a.reshape(a.asFloats(indices, dim), [count])
  return a.matmul(a.equality(rows, rows, part.dtype), a.reshape(part, [count, product(part.shape.slice(indices.shape.length))]))
}

/** Tables with more rows are not compared with every index. */
export const SMALL_TABLE = 1024
/**
 * Rows add up for repeated indices, in a fixed order: as a product, because scattering with addition is not deterministic on every
 * device.
 */
const gathered: Rule = ({ a, node, x, dy }) => {
  const [data, indices] = x as [Value, Value]
  const axis = axisOf(int(node, 'axis', 0), data.shape.length)
  const dim = data.shape[axis]!
  const count = product(indices.shape)
  const known = indices.known?.every((n): n is number => typeof n === 'number') ? indices.known : null
  const place: Gradient = () =>
    among(
      a,
      dy,
      axis,
      indices.shape.length,
      dim,
      known ? selector(a, dim, known, dy) : a.equality(a.places(dim), a.reshape(a.asFloats(indices, dim), [count]), dy.dtype),
    )
  // Equal indices have equal sums, so any of them may be taken. Each row of the table looks up its sum: scattering rows is slower, or
  // needs int64, which graphics cards lack.
  const scatter: Gradient = () => {
    const width = product(data.shape.slice(1))
    const pairs = a.b.op('Concat', [a.full(0, dy.dtype, [count, width]), sumsOfEqual(a, dy, indices, dim)], { axis: 1 })
    const from = a.add(a.mul(a.places(count), 2), 1)
    const table = a.b.op('ScatterElements', [a.full(0, 'float32', [dim]), a.reshape(indices, [count]), from], { axis: 0 }) // 0: zeros
    const found = a.b.op('Gather', [a.reshape(pairs, [product([2, count]), width]), a.cast(table, 'int32')], { axis: 0 })
    return a.reshape(found, data.shape)
  }
  return [axis === 0 && typeof dim === 'number' && dim > SMALL_TABLE ? scatter : place, null]
}

/** Each number returns to the position it was taken from; positions taken twice add up. */
const gatheredElements: Rule = ({ a, node, x, dy }) => [
  () =>
    a.b.op('ScatterElements', [a.full(0, dy.dtype, x[0]!.shape), x[1]!, dy], {
      axis: int(node, 'axis', 0),
      reduction: 'add',
    }),
  null,
]

export const placeRules: Readonly<Record<string, Rule>> = {
  Reshape: reshaped,
  Squeeze: unsqueezed,
  Unsqueeze: unsqueezed,
  Expand: ({ dy }) => [() => dy, null],
  Transpose: transposed,
  Slice: sliced,
  Split: divided,
  Concat: concatenated,
  Gather: gathered,
  GatherElements: gatheredElements,
}
