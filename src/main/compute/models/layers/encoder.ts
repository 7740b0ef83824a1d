/** Encoders with norms behind attention and feed-forward part (Devlin et al., arXiv:1810.04805): BERT and its kin, which differ in names. */
import type { Value } from '../../graph/types.ts'
import type { Family, Net, Rows } from '../family.ts'
import { activate } from './activations.ts'
import { attention } from './attention.ts'
import { drop, flat, inHeads, layerNorm, linear, paddingBias, rowsAt } from './basic.ts'
import { distanceBias } from './distances.ts'

/** Published names of one layer. */
export interface EncoderLayerNames {
  readonly query: string
  readonly key: string
  readonly value: string
  /** Projection of the attention's result. */
  readonly out: string
  readonly attentionNorm: string
  readonly up: string
  readonly down: string
  readonly outputNorm: string
}
export interface EncoderNames {
  readonly words: string
  readonly positions: string
  /** null if the family has no segments. */
  readonly segments: string | null
  readonly embeddingNorm: string
  /** Linear layer from the embeddings to the layers' width, for models where these differ; null if the family has none. */
  readonly projection: string | null
  /** Table of a number for each head and bucket of distances, added to the scores; null if the family has none. */
  readonly distances: string | null
  readonly layer: (index: number) => EncoderLayerNames
  /** True if the attention's result has dropout before it is added. */
  readonly dropsAttentionOutput: boolean
}

/** The table's rows of a text's tokens: (tokens, width). */
const positionsOf = ({ b, config }: Net, table: Value): Value => {
  const used = config.firstPosition === 0 ? table : b.op('Slice', [table, b.ints(config.firstPosition), b.ints(config.firstPosition + config.positions)]) // prettier-ignore
  return b.op('Slice', [used, b.ints(0), b.shape(['tokens']), b.ints(0)])
}

/** Words (batch, tokens, embeddingDim) to tokens (batch*tokens, dim), all in segment 0. */
function embedEncoder(net: Net, names: EncoderNames, words: Value): Value {
  const { b, p, config } = net
  return b.scope('embeddings', () => {
    const positions = positionsOf(net, p.get(names.positions))
    const segment = names.segments === null ? null : b.op('Gather', [p.get(names.segments), b.constant(0, 'int64')], { axis: 0 })
    const sum = b.op('Add', [words, segment ? b.op('Add', [positions, segment]) : positions])
    const embedded = drop(net, layerNorm(net, names.embeddingNorm, flat(net, sum)), 'embeddings', config.dropout.hidden)
    return config.embeddingDim === config.dim ? embedded : linear(net, names.projection!, embedded)
  })
}

/** One layer. `x`: (batch*tokens, dim). */
function encoderLayer(net: Net, names: EncoderNames, index: number, x: Value, rows: Rows): Value {
  const { b, config } = net
  const n = names.layer(index)
  const { heads, dropout } = config
  return b.scope(`layer_${index}`, () => {
    const own = rowsAt(net, rows, x)
    const bias = names.distances === null ? paddingBias(net) : b.op('Add', [paddingBias(net), distanceBias(net, names.distances, rows)])
    const context = attention(net, {
      queries: inHeads(net, rows, linear(net, n.query, own), heads),
      keys: inHeads(net, 'all', linear(net, n.key, x), heads),
      values: inHeads(net, 'all', linear(net, n.value, x), heads),
      bias,
      site: `layer_${index}.attention`,
    })
    const attended = linear(net, n.out, context)
    const kept = names.dropsAttentionOutput ? drop(net, attended, `layer_${index}.attention_output`, dropout.hidden) : attended
    const middle = layerNorm(net, n.attentionNorm, b.op('Add', [kept, own]))
    const up = activate(net, config.activation, linear(net, n.up, middle))
    const down = drop(net, linear(net, n.down, up), `layer_${index}.output`, dropout.hidden)
    return layerNorm(net, n.outputNorm, b.op('Add', [down, middle]))
  })
}

export interface LanguageHeadNames {
  readonly dense: string
  /** Its activation; null: that of the layers. */
  readonly activation: string | null
  readonly norm: string
  /** Its weight is shared with the word embeddings. */
  readonly bias: string
}
/** A linear layer, the activation, a norm, then products with the word embeddings. (n, dim) to (n, vocabulary) */
function maskedLanguageHead(net: Net, names: LanguageHeadNames, words: string, x: Value): Value {
  const { b, p, config } = net
  return b.scope('language', () => {
    const transformed = layerNorm(net, names.norm, activate(net, names.activation ?? config.activation, linear(net, names.dense, x)))
    return b.op('Gemm', [transformed, p.get(words), p.get(names.bias)], { transB: 1 }, { name: 'words' })
  })
}

/** A linear layer, its activation, and a linear layer to the labels. */
export interface HeadNames {
  readonly dense: string
  readonly activation: string
  readonly out: string
  /** True if the dense layer's input has dropout too. */
  readonly dropsInput: boolean
}
function classificationHead(net: Net, { dense, activation, out, dropsInput }: HeadNames, x: Value): Value {
  const rate = net.config.dropout.head
  const pooled = activate(net, activation, linear(net, dense, dropsInput ? drop(net, x, 'head_input', rate) : x))
  return linear(net, out, drop(net, pooled, 'head', rate))
}

/** The computation of an encoder; families differ in names. */
export const encoderForward = (names: EncoderNames, language: LanguageHeadNames, head: HeadNames): Family['forward'] => ({
  words: names.words,
  embed: (net, words) => embedEncoder(net, names, words),
  layer: (net, i, x, rows) => encoderLayer(net, names, i, x, rows),
  final: (_, x) => x,
  head: (net, x) => classificationHead(net, head, x),
  language: (net, x) => maskedLanguageHead(net, language, names.words, x),
})
