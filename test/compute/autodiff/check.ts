/** Gradients against central differences along random directions, in one graph. */
import { Algebra } from '../../../src/main/compute/autodiff/algebra.ts'
import { backward } from '../../../src/main/compute/autodiff/backward.ts'
import { GraphBuilder } from '../../../src/main/compute/graph/builder.ts'
import { resolve } from '../../../src/main/compute/graph/dims.ts'
import { encodeModel } from '../../../src/main/compute/graph/encode.ts'
import type { DType, Graph, Shape, Value } from '../../../src/main/compute/graph/types.ts'
import { symbolsOf } from '../../../src/main/compute/runtime/program.ts'
import { createSession, type Device } from '../../../src/main/compute/runtime/session.ts'
import type { HostTensor, Tensor } from '../../../src/main/compute/runtime/tensors.ts'

/** Sizes of the symbolic dimensions when a graph runs. */
export const SYMBOLS = { batch: 3, tokens: 4 }

/** Seeded pseudo-random numbers in [-1, 1): Mulberry32, T. Ettinger (2017). */
export function random(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 31 - 1
  }
}
export const sizes = (shape: Shape): number[] => shape.map((dim) => resolve(dim, SYMBOLS))
const length = (shape: Shape): number => sizes(shape).reduce((n, d) => n * d, 1)

/** Runs a graph; inputs that are not given hold shapes. */
export async function run(graph: Graph, feeds: Readonly<Record<string, Tensor>>, device: Device = 'cpu') {
  const session = await createSession(encodeModel(graph), { device, threads: 2 })
  try {
    return (await session.run({ ...shapesOf(graph, { ...SYMBOLS, ...symbolsOf(graph, feeds) }), ...feeds })) as Record<string, HostTensor>
  } finally {
    await session.release()
  }
}
export const shapesOf = (graph: Graph, symbols: Readonly<Record<string, number>> = SYMBOLS): Record<string, Tensor> =>
  Object.fromEntries(
    graph.shapes.map(({ name, dims }) => [
      name,
      { dtype: 'int64', shape: [dims.length], data: BigInt64Array.from(dims, (d) => BigInt(resolve(d, symbols))) },
    ]),
  )

export interface Check {
  /** Shapes of the differentiated inputs. */
  readonly of: readonly Shape[]
  readonly make: (b: GraphBuilder, x: readonly Value[]) => Value | readonly Value[]
  /** Type that the runtime computes the operator in: double precision if it can. */
  readonly dtype?: DType
  /** Maps a number in [-1, 1) into the operator's domain. */
  readonly domain?: (x: number, input: number) => number
}

/** Five-point differences, whose error is of the fourth order in the step: Abramowitz and Stegun, 25.3.6. */
const POINTS: readonly (readonly [steps: number, weight: number])[] = [
  [1, 8],
  [-1, -8],
  [2, -1],
  [-2, 1],
]

/**
 * For each input the largest relative difference between its gradient along a random direction and finite differences of the function.
 * The function's results are weighted randomly, so that errors cannot cancel in a sum.
 */
export async function differences({ of, make, dtype = 'float64', domain = (x) => x }: Check, seed = 1): Promise<number[]> {
  const b = new GraphBuilder('check')
  const a = new Algebra(b)
  const h = dtype === 'float64' ? 1e-3 : 2e-2
  const fed = of.map((shape, i) => ({
    x: b.input(`x${i}`, 'float32', shape),
    d: b.input(`d${i}`, 'float32', shape),
  }))
  const weights: Value[] = []
  const value = (xs: readonly Value[]): Value => {
    const made = make(b, xs)
    const results = 'name' in made ? [made] : made
    const parts = results.map((y, i) => {
      const w = (weights[i] ??= b.input(`w${i}`, 'float32', y.shape))
      return a.sum(a.mul(a.cast(y, 'float64'), a.cast(w, 'float64')), undefined, false)
    })
    return parts.reduce((s, p) => a.add(s, p))
  }
  const x = fed.map((f) => a.cast(f.x, dtype))
  const d = fed.map((f) => a.cast(f.d, dtype))
  const gradients = backward(b, value(x), x)
  fed.forEach((_, i) => {
    const along = POINTS.map(([steps, weight]) => a.mul(value(x.with(i, a.add(x[i]!, a.mul(d[i]!, steps * h)))), weight / 12 / h))
    const numeric = along.reduce((s, p) => a.add(s, p))
    const exact = a.sum(a.cast(a.mul(gradients[i]!, d[i]!), 'float64'), undefined, false)
    const scale = a.add(a.add(a.one('Abs', numeric), a.one('Abs', exact)), 1e-3)
    b.output(a.cast(a.div(a.sub(numeric, exact), scale), 'float32'), `difference${i}`)
  })
  const graph = b.finish()
  const next = random(seed)
  const numbers = (shape: Shape, map: (x: number) => number): HostTensor => ({
    dtype: 'float32',
    shape: sizes(shape),
    data: Float32Array.from({ length: length(shape) }, () => map(next())),
  })
  const feeds = Object.fromEntries([
    ...fed.flatMap((f, i) => [
      [f.x.name, numbers(f.x.shape, (n) => domain(n, i))],
      [f.d.name, numbers(f.d.shape, (n) => n)],
    ]),
    ...weights.map((w) => [w.name, numbers(w.shape, (n) => n)]),
  ]) as Record<string, Tensor>
  const results = await run(graph, feeds)
  return of.map((_, i) => Math.abs((results[`difference${i}`]!.data as Float32Array)[0]!))
}
