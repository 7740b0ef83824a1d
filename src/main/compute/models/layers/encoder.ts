/** Encoders with post-norm layers (Devlin et al., arXiv:1810.04805): BERT and DistilBERT, which differ only in names. */
import type { Value } from '../../graph/types.ts'
import type { Family, Net } from '../family.ts'
import { activate } from './activations.ts'
import { attention } from './attention.ts'
import { drop, firstPosition, flat, layerNorm, linear, paddingBias, perToken, unflat } from './basic.ts'

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
  readonly layer: (index: number) => EncoderLayerNames
  /** True if the attention's result has dropout before it is added. */
  readonly dropsAttentionOutput: boolean
}

/** Words (batch, tokens, dim) to tokens (batch*tokens, dim), all in segment 0. */
function embedEncoder(net: Net, names: EncoderNames, words: Value): Value {
  const { b, p, config } = net
  return b.scope('embeddings', () => {
    const positions = perToken(net, p.get(names.positions)) // (tokens, dim)
    const segment = names.segments === null ? null : b.op('Gather', [p.get(names.segments), b.constant(0, 'int64')], { axis: 0 })
    const sum = b.op('Add', [words, segment ? b.op('Add', [positions, segment]) : positions])
    return drop(net, layerNorm(net, names.embeddingNorm, flat(net, sum)), 'embeddings', config.dropout.hidden)
  })
}

/** One layer. `x`: (batch*tokens, dim). With `top`, only the first position: (batch, dim). */
function encoderLayer(net: Net, names: EncoderNames, index: number, x: Value, top: boolean): Value {
  const { b, config } = net
  const n = names.layer(index)
  const { heads, headDim, dropout } = config
  return b.scope(`layer_${index}`, () => {
    const own = top ? firstPosition(net, x) : x // the rows that this layer computes
    const query = linear(net, n.query, own)
    const context = attention(net, {
      queries: top ? b.op('Reshape', [query, b.ints(-1, 1, heads, headDim)]) : unflat(net, query, heads, headDim),
      keys: unflat(net, linear(net, n.key, x), heads, headDim),
      values: unflat(net, linear(net, n.value, x), heads, headDim),
      bias: paddingBias(net),
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
  readonly norm: string
  /** Its weight is shared with the word embeddings. */
  readonly bias: string
}

/** Language-model head: a linear layer, the activation, a norm, then products with the word embeddings. (n, dim) to (n, vocabulary) */
function maskedLanguageHead(net: Net, names: LanguageHeadNames, words: string, x: Value): Value {
  const { b, p, config } = net
  return b.scope('language', () => {
    const transformed = layerNorm(net, names.norm, activate(net, config.activation, linear(net, names.dense, x)))
    return b.op('Gemm', [transformed, p.get(words), p.get(names.bias)], { transB: 1 }, { name: 'words' })
  })
}

/** The computation of an encoder; families differ in names and in their head. */
export const encoderForward = (names: EncoderNames, language: LanguageHeadNames, head: Family['forward']['head']): Family['forward'] => ({
  words: names.words,
  embed: (net, words) => embedEncoder(net, names, words),
  layer: (net, i, x) => encoderLayer(net, names, i, x, false),
  topLayer: (net, i, x) => encoderLayer(net, names, i, x, true),
  position: firstPosition,
  final: (_, x) => x,
  head,
  language: (net, x) => maskedLanguageHead(net, language, names.words, x),
})
