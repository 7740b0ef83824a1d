/** Input and output of a gradient rule. */
import type { Attribute, Node, Value } from '../graph/types.ts'
import type { Algebra } from './algebra.ts'

export interface Site {
  readonly a: Algebra
  readonly node: Node
  /** The node's inputs. An omitted input is missing here, whatever the type says. */
  readonly x: readonly Value[]
  /** Its first output. */
  readonly y: Value
  /** The gradient of its first output. */
  readonly dy: Value
  /** The gradients of all outputs; null for an output that the loss does not depend on. */
  readonly dys: readonly (Value | null)[]
}
/** Adds the nodes of one input's gradient, in the shape of the output or of the input: the walker sums over broadcast axes. */
export type Gradient = () => Value
/** For each input the function that adds its gradient, called if it is needed; null: no gradient (indices, shapes, conditions). */
export type Rule = (site: Site) => readonly (Gradient | null)[]

/** Computes a value on first use. */
export function once<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined
  return () => (made ??= { value: make() }).value
}

/** Attributes of a node. */
export const int = (node: Node, name: string, otherwise: number): number => (node.attributes[name] as number | undefined) ?? otherwise
export const text = (node: Node, name: string): Attribute | undefined => node.attributes[name]
/** Numbers that an input holds. @throws Error if they are not known while the graph is built */
export function numbers(node: Node, i: number): readonly number[] {
  const known = node.inputs[i]?.known
  if (!known?.every((n): n is number => typeof n === 'number'))
    throw new Error(`the gradient of ${node.op} needs input ${i} to be known while the graph is built (node ${node.name})`)
  return known
}
/** An axis counted from the front; negative ones count from the back. */
export const axisOf = (axis: number, rank: number): number => (axis + rank) % rank
