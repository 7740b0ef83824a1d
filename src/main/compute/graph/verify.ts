/** Verifies and prunes a finished graph. */
import { sameShape } from './dims.ts'
import { OPS } from './ops.ts'
import type { Graph, Node, Value } from './types.ts'

/** The graph without nodes, initializers and shape inputs that no output needs. */
export function prune(graph: Graph): Graph {
  const needed = new Set(graph.outputs.map((o) => o.value.name))
  const nodes: Node[] = []
  for (const node of graph.nodes.toReversed()) {
    if (!node.outputs.some((v) => needed.has(v.name))) continue
    nodes.push(node)
    for (const v of node.inputs) if (v) needed.add(v.name)
  }
  const shapes = graph.shapes.filter((s) => needed.has(s.name))
  const dropped = new Set(graph.shapes.filter((s) => !needed.has(s.name)).map((s) => s.name))
  return {
    ...graph,
    nodes: nodes.toReversed(),
    shapes,
    inputs: graph.inputs.filter((v) => !dropped.has(v.name)),
    initializers: graph.initializers.filter((i) => needed.has(i.value.name)),
  }
}

/**
 * Checks that every name is defined once, before it is used, and with the type and shape it is used with.
 * @throws Error that names the faulty node
 */
export function verify(graph: Graph): void {
  const defined = new Map<string, Value>()
  const define = (value: Value, where: string): void => {
    if (defined.has(value.name)) throw new Error(`"${value.name}" is defined twice (${where})`)
    defined.set(value.name, value)
  }
  for (const v of graph.inputs) define(v, 'an input')
  for (const i of graph.initializers) define(i.value, 'an initializer')
  const names = new Set<string>()
  for (const node of graph.nodes) {
    if (names.has(node.name)) throw new Error(`two nodes are named ${node.name}`)
    names.add(node.name)
    if (!OPS[node.op]) throw new Error(`there is no operator "${node.op}" (node ${node.name})`)
    for (const v of node.inputs) if (v) assertDefined(defined, v, `node ${node.name}`)
    for (const v of node.outputs) define(v, `node ${node.name}`)
  }
  if (graph.outputs.length === 0) throw new Error(`graph ${graph.name} has no output`)
  for (const o of graph.outputs) assertDefined(defined, o.value, `output ${o.name}`)
}

function assertDefined(defined: ReadonlyMap<string, Value>, value: Value, where: string): void {
  const found = defined.get(value.name)
  if (!found) throw new Error(`"${value.name}" is not defined before it is used (${where})`)
  if (found.dtype !== value.dtype || !sameShape(found.shape, value.shape))
    throw new Error(
      `"${value.name}" is ${found.dtype} (${found.shape.join(', ')}), used as ${value.dtype} (${value.shape.join(', ')}) (${where})`,
    )
}
