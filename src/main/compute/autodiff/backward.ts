/** Reverse-mode differentiation: appends the nodes of the gradients to a graph. */
import { sameShape, shapeText } from '../graph/dims.ts'
import type { GraphBuilder } from '../graph/builder.ts'
import type { Node, Value } from '../graph/types.ts'
import { Algebra } from './algebra.ts'
import { RULES } from './rules.ts'

const FLOATS: ReadonlySet<string> = new Set(['float32', 'float64', 'float16'])

/**
 * The gradient of `loss` at each value of `wrt`, which may be inputs, initializers or intermediate values. Only the nodes between `wrt`
 * and `loss` are visited.
 * @param loss a scalar, or of any shape if `upstream` is given
 * @param upstream gradient at `loss`; 1 by default
 * @throws Error naming operator and node if an operator has no rule, and naming a value that the loss does not depend on
 */
export function backward(b: GraphBuilder, loss: Value, wrt: readonly Value[], upstream?: Value): Value[] {
  if (!upstream && loss.shape.length > 0)
    throw new Error(`"${loss.name}" of ${shapeText(loss.shape)} is not a scalar: its gradient must be given`)
  return b.scope('backward', () => new Walk(b, wrt).from(loss, upstream ?? b.constant(1, loss.dtype)))
}

class Walk {
  readonly #a: Algebra
  readonly #nodes: readonly Node[]
  readonly #wrt: readonly Value[]
  /** Names of the values that depend on `wrt`. */
  readonly #moving: ReadonlySet<string>
  /** Gradients by the name of the value, not added up yet. */
  readonly #parts = new Map<string, Value[]>()

  constructor(b: GraphBuilder, wrt: readonly Value[]) {
    this.#a = new Algebra(b)
    this.#nodes = [...b.nodes]
    this.#wrt = wrt
    this.#moving = dependents(this.#nodes, wrt)
  }

  from(loss: Value, upstream: Value): Value[] {
    this.#add(loss, upstream)
    for (const node of this.#nodes.toReversed()) this.#through(node)
    return this.#wrt.map((v) => {
      const gradient = this.#take(v)
      if (!gradient) throw new Error(`the loss does not depend on "${v.name}"`)
      return gradient
    })
  }

  #through(node: Node): void {
    const moved = node.outputs.filter((v) => this.#moving.has(v.name))
    if (moved.length === 0 || !moved.some((v) => this.#parts.has(v.name))) return
    const wanted = node.inputs.map((v) => v !== null && this.#moving.has(v.name))
    if (!wanted.includes(true)) return
    const rule = RULES[node.op]
    if (!rule) throw new Error(`no gradient rule for "${node.op}" (node ${node.name})`)
    const dys = node.outputs.map((v) => this.#take(v))
    if (!dys[0] && node.op !== 'Split') throw new Error(`no gradient rule for the further outputs of "${node.op}" (node ${node.name})`)
    this.#a.b.scope(node.name, () => {
      const gradients = rule({ a: this.#a, node, x: node.inputs as readonly Value[], y: node.outputs[0]!, dy: dys[0]!, dys })
      gradients.forEach((gradient, i) => {
        if (gradient && wanted[i]) this.#add(node.inputs[i]!, gradient())
      })
    })
  }

  #add(value: Value, gradient: Value): void {
    const part = this.#a.unbroadcast(gradient, value.shape)
    if (!sameShape(part.shape, value.shape))
      throw new Error(`a gradient of ${shapeText(gradient.shape)} for "${value.name}" of ${shapeText(value.shape)}`)
    this.#parts.set(value.name, [...(this.#parts.get(value.name) ?? []), part])
  }
  /** The sum of all parts of a value's gradient; null if there are none. */
  #take(value: Value): Value | null {
    const parts = this.#parts.get(value.name)
    if (!parts) return null
    const sum = parts.reduce((x, y) => this.#a.add(x, y))
    this.#parts.set(value.name, [sum])
    return sum
  }
}

/** Names of `wrt` and of every floating-point value computed from it. */
function dependents(nodes: readonly Node[], wrt: readonly Value[]): Set<string> {
  const names = new Set(wrt.map((v) => v.name))
  for (const node of nodes)
    if (node.inputs.some((v) => v && names.has(v.name))) for (const v of node.outputs) if (FLOATS.has(v.dtype)) names.add(v.name)
  return names
}
