/** Tensors of a model in a graph: trained ones are inputs, all others are initializers. */
import type { GraphBuilder } from '../graph/builder.ts'
import { TYPE_CODES } from '../graph/encode.ts'
import type { Value } from '../graph/types.ts'
import type { Parameters } from './family.ts'
import type { Weights } from './weights.ts'

export interface BindOptions {
  /** Names of tensors that are inputs of the graph, under their own names. */
  readonly trainable?: (name: string) => boolean
  /** Let the runtime read frozen tensors from their files instead of copying them into the graph. Half-precision tensors are widened. */
  readonly external?: boolean
}

/** Each tensor enters the graph on first use; unused tensors are never read. */
export function bindParameters(
  b: GraphBuilder,
  weights: Weights,
  { trainable = () => false, external = false }: BindOptions = {},
): Parameters {
  const bound = new Map<string, Value>()
  const bind = (name: string): Value => {
    const shape = weights.shape(name)
    if (trainable(name)) return b.input(name, 'float32', shape)
    const place = external ? weights.place(name) : null
    if (!place) return b.initializer(name, 'float32', shape, weights.read(name))
    const { dtype, ...stretch } = place
    const stored = b.initializer(name, dtype, shape, stretch)
    return dtype === 'float32' ? stored : b.op('Cast', [stored], { to: TYPE_CODES.float32 }, { name: `widen/${name}` })
  }
  return {
    has: (name) => weights.has(name),
    get: (name) => {
      const value = bound.get(name) ?? bind(name)
      bound.set(name, value)
      return value
    },
  }
}
