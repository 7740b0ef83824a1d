/**
 * Layers with norms in front of attention and feed-forward part, rotary positions and a gated feed-forward part: decoders of the Llama
 * shape (Touvron et al., arXiv:2302.13971) and ModernBERT (Warner et al., arXiv:2412.13663). Families differ in names and in what a
 * {@link PreNorm} says.
 */
import type { Value } from '../../graph/types.ts'
import type { ModelConfig } from '../config.ts'
import type { Cache, KeysAndValues, Net, Rows, TensorSpec } from '../family.ts'
import { linearOf, vector, type Place } from '../specs.ts'
import { activate } from './activations.ts'
import { attention } from './attention.ts'
import { drop, inHeads, linear, reachBias, rowsAt, type Norm } from './basic.ts'
import { rotate, turns } from './rotary.ts'

/** Published names of one layer; null where the family has no such norm. */
export interface PreNormNames {
  readonly attentionNorm: string | null
  /** Linear layers to queries, keys and values: three, or one that computes all of them. */
  readonly projections: readonly string[]
  /** Norms of each head's queries and keys. */
  readonly queryNorm: string | null
  readonly keyNorm: string | null
  readonly out: string
  readonly attentionOutputNorm: string | null
  readonly feedForwardNorm: string
  /** Linear layers to the activated and the other factor: two, or one that computes both. */
  readonly gates: readonly string[]
  readonly down: string
  readonly feedForwardOutputNorm: string | null
}
export interface PreNorm {
  readonly names: (layer: number) => PreNormNames
  readonly norm: Norm
  /** Initial weight of a norm. */
  readonly normInitial: 'zeros' | 'ones'
  /** True if later tokens are hidden. */
  readonly causal: boolean
  /** True if the attention's result and the feed-forward part have dropout. */
  readonly drops: boolean
}

const queryWidth = (c: ModelConfig): number => c.heads * c.headDim
const keyWidth = (c: ModelConfig): number => c.keyHeads * c.headDim

/** The tensors of one layer. */
export function preNormTensors(c: ModelConfig, { names, normInitial }: PreNorm, layer: number): TensorSpec[] {
  const n = names(layer)
  const place: Place = { part: 'layer', layer }
  const norm = (name: string | null, size: number): TensorSpec[] =>
    name === null ? [] : [vector(place, `${name}.weight`, size, normInitial)]
  return [
    ...norm(n.attentionNorm, c.dim),
    ...linearsOf(place, n.projections, c.dim, [queryWidth(c), keyWidth(c), keyWidth(c)], c.attentionBias),
    ...norm(n.queryNorm, c.headDim),
    ...norm(n.keyNorm, c.headDim),
    ...linearOf(place, n.out, queryWidth(c), c.dim, c.outputBias),
    ...norm(n.attentionOutputNorm, c.dim),
    ...norm(n.feedForwardNorm, c.dim),
    ...linearsOf(place, n.gates, c.dim, [c.hidden, c.hidden], c.feedForwardBias),
    ...linearOf(place, n.down, c.hidden, c.dim, c.feedForwardBias),
    ...norm(n.feedForwardOutputNorm, c.dim),
  ]
}
/** One linear layer for each width, or one for all. */
function linearsOf(place: Place, names: readonly string[], from: number, widths: readonly number[], bias: boolean): TensorSpec[] {
  const sizes = names.length === 1 ? [widths.reduce((sum, width) => sum + width, 0)] : widths
  return names.flatMap((name, i) => linearOf(place, name, from, sizes[i]!, bias))
}

/** One layer. `x`: (batch*tokens, dim). */
export function preNormLayer(net: Net, family: PreNorm, index: number, x: Value, rows: Rows): Value {
  const { b, config } = net
  const n = family.names(index)
  const normed = (name: string | null, of: Value): Value => (name === null ? of : family.norm(net, name, of))
  const dropped = (of: Value, site: string, rate: number): Value => (family.drops ? drop(net, of, `layer_${index}.${site}`, rate) : of)
  return b.scope(`layer_${index}`, () => {
    const context = selfAttention(net, family, index, normed(n.attentionNorm, x), rows)
    const attended = dropped(linear(net, n.out, context), 'attention_output', config.dropout.attention)
    const middle = b.op('Add', [normed(n.attentionOutputNorm, attended), rowsAt(net, rows, x)])
    const [gate, up] = inParts(net, n.gates, normed(n.feedForwardNorm, middle), [config.hidden, config.hidden])
    const gated = dropped(b.op('Mul', [activate(net, config.activation, gate!), up!]), 'hidden', config.dropout.hidden)
    return b.op('Add', [normed(n.feedForwardOutputNorm, linear(net, n.down, gated)), middle])
  })
}

function selfAttention(net: Net, { names, norm, causal }: PreNorm, index: number, normed: Value, rows: Rows): Value {
  const { config } = net
  const n = names(index)
  const [query, key, value] = projected(net, n.projections, normed, rows)
  const turned = (name: string | null, of: Rows, x: Value): Value =>
    rotate(net, turns(net, index, of), name === null ? x : norm(net, name, x))
  const own = {
    keys: turned(n.keyNorm, 'all', inHeads(net, 'all', key, config.keyHeads)),
    values: inHeads(net, 'all', value, config.keyHeads),
  }
  return attention(net, {
    queries: turned(n.queryNorm, rows, inHeads(net, rows, query, config.heads)),
    ...(net.cache ? withPast(net, net.cache, index, own) : own),
    bias: reachBias(net, { causal, window: config.attention[index]!.window }, rows),
    site: `layer_${index}.attention`,
  })
}

/** Keys and values of all slots, in heads: those of the past, and the new tokens' in the slots that these are written to. */
function withPast({ b, config }: Net, { past, written, keep }: Cache, index: number, own: KeysAndValues): KeysAndValues {
  const joined = (before: Value, now: Value): Value =>
    // a product with ones and zeros is exact
    b.op('Add', [before, b.op('MatMul', [written, b.op('Reshape', [now, b.ints(0, 0, keyWidth(config))])])])
  const all = { keys: joined(past[index]!.keys, own.keys), values: joined(past[index]!.values, own.values) }
  keep(index, all)
  const inHeads = (x: Value): Value => b.op('Reshape', [x, b.ints(0, 0, config.keyHeads, config.headDim)])
  return { keys: inHeads(all.keys), values: inHeads(all.values) }
}

/** Queries of the computed rows, keys and values of all. */
function projected(net: Net, names: readonly string[], x: Value, rows: Rows): readonly [Value, Value, Value] {
  const { config } = net
  if (names.length === 1) {
    const [query, key, value] = inParts(net, names, x, [queryWidth(config), keyWidth(config), keyWidth(config)])
    return [rowsAt(net, rows, query!), key!, value!]
  }
  const [query, key, value] = names as readonly [string, string, string]
  return [linear(net, query, rowsAt(net, rows, x)), linear(net, key, x), linear(net, value, x)]
}
/** The results of several linear layers, or the parts of one layer's result. */
function inParts(net: Net, names: readonly string[], x: Value, widths: readonly number[]): readonly Value[] {
  if (names.length > 1) return names.map((name) => linear(net, name, x))
  return net.b.ops('Split', [linear(net, names[0]!, x), net.b.ints(...widths)], { axis: -1 }, { outputs: widths.length })
}
