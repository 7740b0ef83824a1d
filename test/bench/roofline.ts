/**
 * The roofline of a training step: the least time that its matrix products and its optimiser need on this machine (Williams, Waterman,
 * Patterson: Roofline, 2009). The products are counted in floating-point operations and take as long as inference's products do for as many; the
 * optimiser reads and writes every trained number and its two moments once, at the bandwidth of a plain addition.
 */
import { GraphBuilder } from '../../src/main/compute/graph/builder.ts'
import { elements, resolve } from '../../src/main/compute/graph/dims.ts'
import type { Attributes, Graph } from '../../src/main/compute/graph/types.ts'
import { openProgram } from '../../src/main/compute/runtime/program.ts'
import type { SessionOptions } from '../../src/main/compute/runtime/session.ts'
import { float32, zeros } from '../../src/main/compute/runtime/tensors.ts'
import { median } from './measure.ts'

/** Matrix products of one operator and one pair of shapes. */
export interface Product {
  readonly op: string
  readonly attributes: Attributes
  readonly factors: readonly (readonly number[])[]
  /** Floating-point operations of one: a multiplication and an addition for each pair of factors. */
  readonly flop: number
  readonly count: number
}

const PRODUCTS = new Set(['Gemm', 'MatMul', 'FusedMatMul'])

/** The matrix products of a graph, equal ones together. `symbols`: values of its symbolic dimensions. */
export function productsOf(graph: Graph, symbols: Readonly<Record<string, number>>): Product[] {
  const found = new Map<string, Product>()
  for (const { op, inputs, outputs, attributes } of graph.nodes.filter((node) => PRODUCTS.has(node.op))) {
    const factors = inputs.slice(0, 2).map((value) => value!.shape.map((dim) => resolve(dim, symbols)))
    const inner = factors[0]!.at(attributes['transA'] === 1 ? -2 : -1)!
    const flop = 2 * inner * elements(outputs[0]!.shape.map((dim) => resolve(dim, symbols)))
    const key = JSON.stringify([op, attributes, factors])
    found.set(key, { op, attributes, factors, flop, count: (found.get(key)?.count ?? 0) + 1 })
  }
  return [...found.values()]
}

/** Floating-point operations of all products. */
export const flopOf = (products: readonly Product[]): number => products.reduce((sum, { flop, count }) => sum + flop * count, 0)

/** Parameter and both moments, read and written. */
const PASSES = 6
/** Bytes that the optimiser moves at least. */
export const optimiserBytes = (trained: readonly (readonly number[])[]): number =>
  trained.reduce((sum, shape) => sum + 4 * PASSES * elements(shape), 0)

const numbers = (shape: readonly number[]): Float32Array => Float32Array.from({ length: elements(shape) }, (_, i) => ((i * 7919) % 1000) / 1000 - 0.5) // prettier-ignore

/** Median seconds of one node that is run alone, in place of its own last result. */
async function secondsOf(
  { op, attributes, factors }: Pick<Product, 'op' | 'attributes' | 'factors'>,
  options: SessionOptions,
  repeats: number,
): Promise<number> {
  const b = new GraphBuilder('one')
  const inputs = factors.map((shape, i) => b.input(`x${i}`, 'float32', shape))
  const out = b.op(op, inputs, attributes)
  b.output(out, 'y')
  const program = await openProgram(b.finish(), options)
  const feeds = Object.fromEntries(factors.map((shape, i) => [`x${i}`, float32(shape, numbers(shape))]))
  const y = zeros('float32', out.shape as readonly number[])
  const times: number[] = []
  for (let i = 0; i <= repeats; i++) {
    const start = performance.now()
    await program.run(feeds, { y })
    if (i > 0) times.push(performance.now() - start)
  }
  await program.release()
  return median(times) / 1000
}

/** Operations per second at which the runtime computes these products one by one, without anything between them. */
export async function productRate(products: readonly Product[], options: SessionOptions, repeats: number): Promise<number> {
  let seconds = 0
  for (const product of products) seconds += product.count * (await secondsOf(product, options, repeats))
  return flopOf(products) / seconds
}

/** Numbers of a tensor that is much larger than any cache. */
const LARGE = [8192, 8192]
/** Bytes per second of an addition of two large tensors: two are read, one is written. */
export const bandwidth = async (options: SessionOptions, repeats: number): Promise<number> =>
  (3 * 4 * elements(LARGE)) / (await secondsOf({ op: 'Add', attributes: {}, factors: [LARGE, LARGE] }, options, repeats))
