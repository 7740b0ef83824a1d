/** Tensors of a model in a graph: what is trained is fed, everything else is part of it. */
import type { GraphBuilder } from '../graph/builder.ts'
import type { TensorData, Value } from '../graph/types.ts'
import type { Parameters } from './family.ts'
import type { Weights } from './weights.ts'

export interface BindOptions {
  /** Names of tensors that are inputs of the graph, under their own names. */
  readonly trainable?: (name: string) => boolean
  /** Take frozen float32 tensors from their file instead of copying them into the graph. */
  readonly external?: boolean
}

/** Each tensor enters the graph when it is first asked for; what is never asked for is never read. */
export function bindParameters(
  b: GraphBuilder,
  weights: Weights,
  { trainable = () => false, external = false }: BindOptions = {},
): Parameters {
  const bound = new Map<string, Value>()
  const bind = (name: string): Value => {
    const shape = weights.shape(name)
    if (trainable(name)) return b.input(name, 'float32', shape)
    const data: TensorData = (external && weights.place(name)) || weights.read(name)
    return b.initializer(name, 'float32', shape, data)
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
