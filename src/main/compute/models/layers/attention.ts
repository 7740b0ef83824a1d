/** Scaled dot-product attention: Vaswani et al., arXiv:1706.03762, section 3.2; groups of queries: Ainslie et al., arXiv:2305.13245. */
import type { Dim, Value } from '../../graph/types.ts'
import type { Net } from '../family.ts'
import { drop } from './basic.ts'

/** `queries`: (batch, places, heads, headDim); `keys`, `values`: (batch, tokens, keyHeads, headDim), or of as many slots as a cache has. */
export interface AttentionInputs {
  readonly queries: Value
  readonly keys: Value
  readonly values: Value
  /** Added to scores, broadcast to (batch, heads, places, tokens). */
  readonly bias: Value
  /** Site of the dropout of probabilities. */
  readonly site: string
}

/** softmax(scoreScale Q K^T + bias) V, heads joined: (batch*places, heads*headDim). */
export function attention(net: Net, { queries, keys, values, bias, site }: AttentionInputs): Value {
  const { b, config } = net
  const { heads, headDim } = config
  const places = queries.shape[1]!
  // queries are smaller than scores except for the shortest texts
  const scaled = b.op('Mul', [queries, b.constant(config.scoreScale)])
  const q = inGroups(net, b.op('Transpose', [scaled], { perm: [0, 2, 1, 3] })) // (batch, keyHeads, groups*places, headDim)
  const k = b.op('Transpose', [keys], { perm: [0, 2, 3, 1] }) // (batch, keyHeads, headDim, tokens)
  const v = b.op('Transpose', [values], { perm: [0, 2, 1, 3] }) // (batch, keyHeads, tokens, headDim)
  const scores = perHead(net, b.op('MatMul', [q, k]), places, keys.shape[1]!) // (batch, heads, places, tokens)
  const probabilities = b.op('Softmax', [b.op('Add', [scores, bias])], { axis: -1 })
  const dropped = drop(net, probabilities, site, config.dropout.attention)
  const context = b.op('MatMul', [inGroups(net, dropped), v]) // (batch, keyHeads, groups*places, headDim)
  return joined(net, context, places, heads * headDim)
}

const grouped = ({ config }: Net): boolean => config.keyHeads !== config.heads

/** (batch, heads, places, n) to (batch, keyHeads, groups*places, n): heads that share keys become rows of one product. */
function inGroups(net: Net, x: Value): Value {
  if (!grouped(net)) return x
  return net.b.op('Reshape', [x, net.b.shape(['batch', net.config.keyHeads, -1, x.shape.at(-1)!])])
}
function perHead(net: Net, scores: Value, places: Dim, tokens: Dim): Value {
  if (!grouped(net)) return scores
  return net.b.op('Reshape', [scores, net.b.shape(['batch', net.config.heads, places, tokens])])
}

/** Concatenates the heads: (batch, …, headDim) to (batch*places, width). */
function joined(net: Net, context: Value, places: Dim, width: number): Value {
  const { b, config } = net
  if (places === 1) return b.op('Reshape', [context, b.ints(-1, width)])
  const separate = grouped(net) ? b.op('Reshape', [context, b.ints(0, config.heads, -1, config.headDim)]) : context
  return b.op('Reshape', [b.op('Transpose', [separate], { perm: [0, 2, 1, 3] }), b.ints(-1, width)])
}
