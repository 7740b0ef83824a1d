/** Decoders of the Llama shape: Touvron et al., arXiv:2302.13971; names and head of LlamaForSequenceClassification. */
import { z } from 'zod'
import type { Value } from '../../graph/types.ts'
import { COMMON_VARIANTS, count, epsilon, labelsOf, LIMITS, rate, refuseVariants, unsupported, type ModelConfig } from '../config.ts'
import type { Family, Net, Raw, TensorSpec } from '../family.ts'
import { activate, knownActivation } from '../layers/activations.ts'
import { attention } from '../layers/attention.ts'
import { causalBias, flat, lastPosition, linear, paddingBias, rmsNorm, unflat } from '../layers/basic.ts'
import { lastTurns, parseRope, rotate, turns } from '../layers/rotary.ts'
import { linearOf, table, vector, type Place } from './specs.ts'

const WORDS = 'model.embed_tokens.weight'
const HEAD: Place = { part: 'head', layer: null }

/** Longest text, whatever the file claims, because angles are stored in a table. A recipe allows the same length. */
const MAX_POSITIONS = 8192

const CONFIG = z.looseObject({
  vocab_size: count(LIMITS.vocabulary),
  hidden_size: count(LIMITS.dim),
  num_hidden_layers: count(LIMITS.layers),
  num_attention_heads: count(LIMITS.dim),
  num_key_value_heads: count(LIMITS.dim).nullish(),
  head_dim: count(LIMITS.dim).nullish(),
  intermediate_size: count(LIMITS.hidden),
  hidden_act: z.string().max(100).default('silu'),
  attention_dropout: rate.default(0),
  max_position_embeddings: count(LIMITS.positions).default(2048),
  initializer_range: z.number().min(0).max(10).default(0.02),
  rms_norm_eps: epsilon.default(1e-6),
  pad_token_id: z.int().nullish(),
  tie_word_embeddings: z.boolean().default(false),
  attention_bias: z.boolean().default(false),
  mlp_bias: z.boolean().default(false),
})

const VARIANTS = COMMON_VARIANTS.filter(([name]) => name !== 'is_decoder')

function parse(raw: Raw): ModelConfig {
  refuseVariants(raw, [...VARIANTS, ['partial_rotary_factor', [1], 'partly rotated heads']])
  const c = CONFIG.parse(raw)
  return {
    architecture: 'llama',
    layers: c.num_hidden_layers,
    dim: c.hidden_size,
    ...headsOf(c),
    hidden: c.intermediate_size,
    vocabulary: c.vocab_size,
    positions: Math.min(c.max_position_embeddings, MAX_POSITIONS),
    segments: 0,
    // many decoders have no padding token; the mask hides whatever is there
    padId: c.pad_token_id !== null && c.pad_token_id !== undefined && c.pad_token_id >= 0 ? c.pad_token_id : 0,
    activation: knownActivation(c.hidden_act),
    normEpsilon: c.rms_norm_eps,
    initializerRange: c.initializer_range,
    dropout: { hidden: 0, attention: c.attention_dropout, head: 0 },
    labels: labelsOf(raw),
    rope: parseRope(raw),
    attentionBias: c.attention_bias,
    feedForwardBias: c.mlp_bias,
    tied: c.tie_word_embeddings,
    raw,
  }
}

function headsOf(c: z.infer<typeof CONFIG>): { heads: number; keyHeads: number; headDim: number } {
  const heads = c.num_attention_heads
  const keyHeads = c.num_key_value_heads ?? heads
  if (heads % keyHeads !== 0)
    throw unsupported(`Its config.json asks for ${heads} query heads in ${keyHeads} groups, which does not divide.`)
  const headDim = c.head_dim ?? c.hidden_size / heads
  if (!Number.isInteger(headDim) || headDim % 2 !== 0)
    throw unsupported(`Its config.json asks for ${heads} heads of width ${c.hidden_size}: a head must be an even whole number wide.`)
  return { heads, keyHeads, headDim }
}

const unparse = (c: ModelConfig): Raw => ({
  model_type: 'llama',
  vocab_size: c.vocabulary,
  hidden_size: c.dim,
  num_hidden_layers: c.layers,
  num_attention_heads: c.heads,
  num_key_value_heads: c.keyHeads,
  head_dim: c.headDim,
  intermediate_size: c.hidden,
  hidden_act: c.activation,
  attention_dropout: c.dropout.attention,
  max_position_embeddings: c.positions,
  initializer_range: c.initializerRange,
  rms_norm_eps: c.normEpsilon,
  rope_theta: c.rope?.theta,
  pad_token_id: c.padId,
  tie_word_embeddings: c.tied,
  attention_bias: c.attentionBias,
  mlp_bias: c.feedForwardBias,
})

const prefixOf = (index: number): string => `model.layers.${index}`

function layerTensors(c: ModelConfig, layer: number): TensorSpec[] {
  const place: Place = { part: 'layer', layer }
  const [at, width] = [prefixOf(layer), c.heads * c.headDim]
  return [
    vector(place, `${at}.input_layernorm.weight`, c.dim, 'ones'),
    ...linearOf(place, `${at}.self_attn.q_proj`, c.dim, width, c.attentionBias),
    ...linearOf(place, `${at}.self_attn.k_proj`, c.dim, c.keyHeads * c.headDim, c.attentionBias),
    ...linearOf(place, `${at}.self_attn.v_proj`, c.dim, c.keyHeads * c.headDim, c.attentionBias),
    ...linearOf(place, `${at}.self_attn.o_proj`, width, c.dim, c.attentionBias),
    vector(place, `${at}.post_attention_layernorm.weight`, c.dim, 'ones'),
    ...linearOf(place, `${at}.mlp.gate_proj`, c.dim, c.hidden, c.feedForwardBias),
    ...linearOf(place, `${at}.mlp.up_proj`, c.dim, c.hidden, c.feedForwardBias),
    ...linearOf(place, `${at}.mlp.down_proj`, c.hidden, c.dim, c.feedForwardBias),
  ]
}

/** One layer. `x`: (batch*tokens, dim). With `top`, only the last position: (batch, dim). */
function layer(net: Net, index: number, x: Value, top: boolean): Value {
  const { b, config } = net
  const at = prefixOf(index)
  return b.scope(`layer_${index}`, () => {
    const normed = rmsNorm(net, `${at}.input_layernorm`, x)
    const attended = linear(net, `${at}.self_attn.o_proj`, selfAttention(net, index, normed, top))
    const middle = b.op('Add', [attended, top ? lastPosition(net, x) : x])
    const inner = rmsNorm(net, `${at}.post_attention_layernorm`, middle)
    const gate = activate(net, config.activation, linear(net, `${at}.mlp.gate_proj`, inner))
    const gated = b.op('Mul', [gate, linear(net, `${at}.mlp.up_proj`, inner)])
    return b.op('Add', [linear(net, `${at}.mlp.down_proj`, gated), middle])
  })
}

function selfAttention(net: Net, index: number, normed: Value, top: boolean): Value {
  const { b, config } = net
  const { heads, keyHeads, headDim } = config
  const at = `${prefixOf(index)}.self_attn`
  const rope = config.rope!
  const query = linear(net, `${at}.q_proj`, top ? lastPosition(net, normed) : normed)
  const places = top ? b.op('Reshape', [query, b.ints(-1, 1, heads, headDim)]) : unflat(net, query, heads, headDim)
  return attention(net, {
    queries: rotate(net, top ? lastTurns(net, rope) : turns(net, rope), places),
    keys: rotate(net, turns(net, rope), unflat(net, linear(net, `${at}.k_proj`, normed), keyHeads, headDim)),
    values: unflat(net, linear(net, `${at}.v_proj`, normed), keyHeads, headDim),
    // the last token attends to all others, so only padding is masked
    bias: top ? paddingBias(net) : causalBias(net),
    site: `layer_${index}.attention`,
  })
}

/** Logits of words; tied models share the word embeddings' weight. */
function language(net: Net, x: Value): Value {
  const weight = net.p.get(net.config.tied ? WORDS : 'lm_head.weight')
  return net.b.op('Gemm', [x, weight], { transB: 1 }, { name: 'lm_head' })
}

export const LLAMA: Family = {
  name: 'llama',
  prefix: 'model.',
  defaultTargets: ['q_proj', 'v_proj'],
  headModules: ['score'],
  classes: { classification: 'LlamaForSequenceClassification' },
  parse,
  unparse,
  tensors: (c) => [
    ...table({ part: 'embeddings', layer: null }, WORDS, c.vocabulary, c.dim),
    ...Array.from({ length: c.layers }, (_, i) => layerTensors(c, i)).flat(),
    vector({ part: 'final', layer: null }, 'model.norm.weight', c.dim, 'ones'),
    ...(c.tied ? [] : linearOf({ part: 'language', layer: null }, 'lm_head', c.dim, c.vocabulary, false)),
    ...linearOf(HEAD, 'score', c.dim, c.labels.length, false),
  ],
  forward: {
    words: WORDS,
    embed: (net, words) => flat(net, words),
    layer: (net, i, x) => layer(net, i, x, false),
    topLayer: (net, i, x) => layer(net, i, x, true),
    position: lastPosition,
    final: (net, x) => rmsNorm(net, 'model.norm', x),
    head: (net, x) => linear(net, 'score', x),
    language,
  },
}
