/**
 * Dropout inside the graph: Srivastava et al. (2014), inverted. The mask is a function of seed, step, site and position alone, so that an
 * interrupted training continues with the same bits on any device: all of it is arithmetic of 32-bit integers.
 *
 * Each axis of a tensor has a vector of odd words: constants for a fixed axis, fed at each step for a symbolic axis. The product of a
 * position's words (modulo 2^32) is its random number; the position is kept if the number lies below a bound. This is multiplicative
 * hashing (Dietzfelbinger et al., A Reliable Randomized Algorithm for the Closest-Pair Problem, 1997): any two positions are nearly
 * independent, at the cost of one pass over the tensor.
 */
import { Algebra } from '../autodiff/algebra.ts'
import { resolve } from '../graph/dims.ts'
import type { GraphBuilder } from '../graph/builder.ts'
import type { Dim, Graph, Value } from '../graph/types.ts'
import type { Dropout } from '../models/family.ts'

const PREFIX = 'noise:'

/** Mixes a word so that all 32 bits depend on all 32 bits: Murmur3's finaliser, A. Appleby (2011). */
function mix(x: number): number {
  const a = Math.imul(x ^ (x >>> 16), 0x85ebca6b)
  const b = Math.imul(a ^ (a >>> 13), 0xc2b2ae35)
  return b ^ (b >>> 16)
}
/** Hashes numbers and texts to a signed 32-bit integer. */
const hash = (...parts: readonly (number | string)[]): number =>
  parts
    .flatMap((p) => (typeof p === 'string' ? [...Buffer.from(p)] : [p | 0, Math.floor(p / 2 ** 32)]))
    .reduce((h, x) => mix(Math.imul(h, 31) + x + 0x9e3779b9), 0)
const odd = (word: number): number => word | 1

/**
 * A dropout for the sites of one graph; sites need different names. `rate`: share that is dropped; the rest is scaled by 1 / (1 - rate).
 * {@link noiseFeeds} gives the feeds.
 */
export function dropoutOf(b: GraphBuilder): Dropout {
  const a = new Algebra(b)
  const fed = new Map<Dim, Value>()
  const noise = (dim: Dim): Value => {
    const value = fed.get(dim) ?? b.input(`${PREFIX}${dim}`, 'int32', [dim])
    fed.set(dim, value)
    return value
  }
  /** The words of one axis, as a tensor that broadcasts. */
  const words = (dim: Dim, axis: number, rank: number, site: string): Value => {
    const shape = [dim, ...Array<number>(rank - axis - 1).fill(1)]
    const word = (i: number): number => odd(hash(site, axis, i))
    if (typeof dim === 'number') return b.constant(Array.from({ length: dim }, (_, i) => word(i)), 'int32', shape) // prettier-ignore
    return a.reshape(a.add(a.mul(noise(dim), word(0)), word(1) & ~1), shape)
  }
  return (x, site, rate) => {
    if (rate <= 0) return x
    return b.scope(`dropout/${site}`, () => {
      const [last, ...others] = x.shape.map((dim, axis) => words(dim, axis, x.shape.length, site)).reverse()
      // small products first: only the last one is as large as x
      const number =
        others.length > 0
          ? a.mul(
              others.reverse().reduce((p, w) => a.mul(p, w)),
              last!,
            )
          : last!
      const kept = a.cast(a.less(number, Math.round((1 - rate) * 2 ** 32 - 2 ** 31)), x.dtype)
      return a.mul(x, a.mul(kept, 1 / (1 - rate)))
    })
  }
}

/** Position of a run of a graph within a training. */
export interface NoiseAt {
  readonly seed: number
  readonly step: number
  /** Index of the micro-batch within the step. */
  readonly micro: number
}
export interface Noise {
  readonly dtype: 'int32'
  readonly shape: readonly number[]
  readonly data: Int32Array
}
/** The feeds of a graph with dropout, in addition to its batch; empty for a graph without dropout. */
export function noiseFeeds(graph: Graph, { seed, step, micro }: NoiseAt, symbols: Readonly<Record<string, number>>): Record<string, Noise> {
  const feeds: Record<string, Noise> = {}
  for (const { name, shape } of graph.inputs) {
    if (!name.startsWith(PREFIX)) continue
    const begin = hash(seed, step, micro, name)
    // positions are far apart in the Weyl sequence of an odd constant, and are then mixed
    const data = Int32Array.from({ length: resolve(shape[0]!, symbols) }, (_, i) => odd(mix(begin + Math.imul(i + 1, 0x9e3779b9))))
    feeds[name] = { dtype: 'int32', shape: [data.length], data }
  }
  return feeds
}
