/**
 * Decoders of the Llama shape, one entry each. Names, heads and settings as Transformers publishes them: Llama (Touvron et al.,
 * arXiv:2302.13971), Mistral (Jiang et al., arXiv:2310.06825), Qwen2 and Qwen3 (arXiv:2407.10671, arXiv:2505.09388), SmolLM3, and the text
 * models of Gemma 3 (arXiv:2503.19786). SmolLM and SmolLM2 are Llamas.
 */
import { z } from 'zod'
import type { DECODERS } from '../../../../contract/models.ts'
import type { Value } from '../../graph/types.ts'
import {
  COMMON_VARIANTS,
  count,
  epsilon,
  labelsOf,
  LAYER_TYPES,
  layerKind,
  LIMITS,
  rate,
  refuseVariants,
  unsupported,
  type LayerAttention,
  type LayerKind,
  type ModelConfig,
  type Variant,
} from '../config.ts'
import type { Family, Net, Raw } from '../family.ts'
import { knownActivation } from '../layers/activations.ts'
import { flat, linear, rmsNorm, rmsNormFrom1 } from '../layers/basic.ts'
import { preNormLayer, preNormTensors, type PreNorm } from '../layers/prenorm.ts'
import { parseRope, type RopeField } from '../layers/rotary.ts'
import { linearOf, table, vector, type Place } from '../specs.ts'

const WORDS = 'model.embed_tokens.weight'
const HEAD: Place = { part: 'head', layer: null }

/** Longest text, whatever the file claims, because angles are stored in a table. A recipe allows the same length. */
export const MAX_POSITIONS = 8192

const size = count(LIMITS.dim).nullish()
const CONFIG = z.looseObject({
  vocab_size: count(LIMITS.vocabulary),
  hidden_size: count(LIMITS.dim),
  num_hidden_layers: count(LIMITS.layers),
  num_attention_heads: count(LIMITS.dim),
  num_key_value_heads: size,
  head_dim: size,
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
  query_pre_attn_scalar: z.number().positive().max(1e6).nullish(),
  sliding_window: count(LIMITS.positions).nullish(),
  use_sliding_window: z.boolean().default(true),
  max_window_layers: z.int().min(0).default(28),
  sliding_window_pattern: count(LIMITS.layers).default(6),
  layer_types: LAYER_TYPES,
  no_rope_layers: z.array(z.int()).max(LIMITS.layers).nullish(),
  no_rope_layer_interval: count(LIMITS.layers).default(4),
}) // prettier-ignore
type Config = z.infer<typeof CONFIG>

/** The properties that distinguish one decoder from another. */
interface Decoder {
  readonly name: (typeof DECODERS)[number]
  readonly classification: string
  /** Fields of `config.json` whose default is not that of {@link CONFIG}. */
  readonly defaults: Raw
  /** The name of `hidden_act`. */
  readonly activation: 'hidden_act' | 'hidden_activation'
  /** Which linear layers of the attention have biases. */
  readonly bias: (c: Config) => { readonly attentionBias: boolean; readonly outputBias: boolean }
  /** True for a layer with a window, where `layer_types` does not say; null: the family has no windows. */
  readonly slides: ((c: Config, layer: number) => boolean) | null
  /** True for a layer that rotates queries and keys. */
  readonly rotates: (c: Config, layer: number) => boolean
  readonly ropes: Readonly<Record<LayerKind, RopeField>>
  /** Factor of the word embeddings. */
  readonly wordScale: (c: ModelConfig) => number
  readonly headNorms: boolean
  /** True if norms also follow the attention and the feed-forward part. */
  readonly outputNorms: boolean
  /** True if weights of norms are stored less 1. */
  readonly normsFrom1: boolean
  /** Refused beside {@link COMMON_VARIANTS}. */
  readonly variants: readonly Variant[]
}

const VARIANTS: readonly Variant[] = [
  ...COMMON_VARIANTS.filter(([name]) => name !== 'is_decoder'),
  ['partial_rotary_factor', [1], 'partly rotated heads'],
]
/** The same angles in all layers. */
const oneRope = (otherwise: number): Decoder['ropes'] => {
  const field = (kind: LayerKind): RopeField => ({ kind, theta: 'rope_theta', otherwise, scaled: true })
  return { full_attention: field('full_attention'), sliding_attention: field('sliding_attention') }
}
const asConfigured = ({ attention_bias: bias }: Config): ReturnType<Decoder['bias']> => ({ attentionBias: bias, outputBias: bias })
/** Qwen's lower layers see everything, if there are windows at all. */
const upperSlide: Decoder['slides'] = (c, layer) => layer >= c.max_window_layers

const LLAMA: Decoder = {
  name: 'llama',
  classification: 'LlamaForSequenceClassification',
  defaults: {},
  activation: 'hidden_act',
  bias: asConfigured,
  slides: null,
  rotates: () => true,
  ropes: oneRope(10_000),
  wordScale: () => 1,
  headNorms: false,
  outputNorms: false,
  normsFrom1: false,
  variants: [],
}
const MISTRAL: Decoder = {
  ...LLAMA,
  name: 'mistral',
  classification: 'MistralForSequenceClassification',
  defaults: { sliding_window: 4096, num_key_value_heads: 8 },
  bias: () => ({ attentionBias: false, outputBias: false }),
  slides: () => true,
}
const QWEN2: Decoder = {
  ...LLAMA,
  name: 'qwen2',
  classification: 'Qwen2ForSequenceClassification',
  defaults: { use_sliding_window: false, sliding_window: 4096 },
  bias: () => ({ attentionBias: true, outputBias: false }),
  slides: upperSlide,
}
const QWEN3: Decoder = {
  ...LLAMA,
  name: 'qwen3',
  classification: 'Qwen3ForSequenceClassification',
  defaults: { use_sliding_window: false, sliding_window: 4096, head_dim: 128 },
  slides: upperSlide,
  headNorms: true,
}
const rotatesIn = (c: Config, layer: number): boolean =>
  c.no_rope_layers ? c.no_rope_layers[layer] !== 0 : (layer + 1) % c.no_rope_layer_interval !== 0
const SMOLLM3: Decoder = {
  ...LLAMA,
  name: 'smollm3',
  classification: 'SmolLM3ForSequenceClassification',
  defaults: { use_sliding_window: false, num_key_value_heads: 4, tie_word_embeddings: true },
  slides: (c, layer) => !rotatesIn(c, layer),
  rotates: rotatesIn,
  ropes: oneRope(2_000_000),
}
const GEMMA3: Decoder = {
  ...LLAMA,
  name: 'gemma3_text',
  classification: 'Gemma3TextForSequenceClassification',
  defaults: { hidden_act: 'gelu_pytorch_tanh', sliding_window: 4096, head_dim: 256, query_pre_attn_scalar: 256, tie_word_embeddings: true },
  activation: 'hidden_activation',
  slides: (c, layer) => (layer + 1) % c.sliding_window_pattern !== 0,
  ropes: {
    full_attention: { kind: 'full_attention', theta: 'rope_theta', otherwise: 1_000_000, scaled: true },
    sliding_attention: { kind: 'sliding_attention', theta: 'rope_local_base_freq', otherwise: 10_000, scaled: false },
  },
  // rounded to float32, as a model in float32 does
  wordScale: (c) => Math.fround(Math.sqrt(c.dim)),
  headNorms: true,
  outputNorms: true,
  normsFrom1: true,
  variants: [
    ['final_logit_softcapping', [], 'capped logits'],
    ['attn_logit_softcapping', [], 'capped attention scores'],
    ['use_bidirectional_attention', [false], 'attention to later tokens'],
  ],
}

function parse(d: Decoder, raw: Raw): ModelConfig {
  refuseVariants(raw, [...VARIANTS, ...d.variants])
  const activation = raw[d.activation]
  const c = CONFIG.parse({ ...d.defaults, ...raw, ...(activation !== undefined && activation !== null && { hidden_act: activation }) })
  return {
    architecture: d.name,
    layers: c.num_hidden_layers,
    dim: c.hidden_size,
    embeddingDim: c.hidden_size,
    ...headsOf(c),
    hidden: c.intermediate_size,
    vocabulary: c.vocab_size,
    positions: Math.min(c.max_position_embeddings, MAX_POSITIONS),
    firstPosition: 0,
    segments: 0,
    // many decoders have no padding token; the mask hides whatever is there
    padId: c.pad_token_id !== null && c.pad_token_id !== undefined && c.pad_token_id >= 0 ? c.pad_token_id : 0,
    activation: knownActivation(c.hidden_act),
    normEpsilon: c.rms_norm_eps,
    initializerRange: c.initializer_range,
    dropout: { hidden: 0, attention: c.attention_dropout, head: 0 },
    labels: labelsOf(raw),
    attention: Array.from({ length: c.num_hidden_layers }, (_, layer) => attentionOf(d, c, raw, layer)),
    ...d.bias(c),
    feedForwardBias: c.mlp_bias,
    tied: c.tie_word_embeddings,
    pooling: 'last',
    raw,
  }
}

function attentionOf(d: Decoder, c: Config, raw: Raw, layer: number): LayerAttention {
  const kind = d.slides === null ? 'full_attention' : layerKind(c.layer_types, layer, d.slides(c, layer))
  const window = kind === 'sliding_attention' && c.use_sliding_window ? (c.sliding_window ?? null) : null
  return { window, rope: d.rotates(c, layer) ? parseRope(raw, d.ropes[kind]) : null }
}

function headsOf(c: Config): Pick<ModelConfig, 'heads' | 'keyHeads' | 'headDim' | 'scoreScale'> {
  const heads = c.num_attention_heads
  const keyHeads = c.num_key_value_heads ?? heads
  if (heads % keyHeads !== 0)
    throw unsupported(`Its config.json asks for ${heads} query heads in ${keyHeads} groups, which does not divide.`)
  const headDim = c.head_dim ?? c.hidden_size / heads
  if (!Number.isInteger(headDim) || headDim % 2 !== 0)
    throw unsupported(`Its config.json asks for ${heads} heads of width ${c.hidden_size}: a head must be an even whole number wide.`)
  return { heads, keyHeads, headDim, scoreScale: 1 / Math.sqrt(c.query_pre_attn_scalar ?? headDim) }
}

function decoder(d: Decoder): Family {
  const layers: PreNorm = {
    names: (index) => {
      const at = `model.layers.${index}`
      return {
        attentionNorm: `${at}.input_layernorm`,
        projections: [`${at}.self_attn.q_proj`, `${at}.self_attn.k_proj`, `${at}.self_attn.v_proj`],
        queryNorm: d.headNorms ? `${at}.self_attn.q_norm` : null,
        keyNorm: d.headNorms ? `${at}.self_attn.k_norm` : null,
        out: `${at}.self_attn.o_proj`,
        attentionOutputNorm: d.outputNorms ? `${at}.post_attention_layernorm` : null,
        feedForwardNorm: d.outputNorms ? `${at}.pre_feedforward_layernorm` : `${at}.post_attention_layernorm`,
        gates: [`${at}.mlp.gate_proj`, `${at}.mlp.up_proj`],
        down: `${at}.mlp.down_proj`,
        feedForwardOutputNorm: d.outputNorms ? `${at}.post_feedforward_layernorm` : null,
      }
    },
    norm: d.normsFrom1 ? rmsNormFrom1 : rmsNorm,
    normInitial: d.normsFrom1 ? 'zeros' : 'ones',
    causal: true,
    drops: false,
  }
  return {
    name: d.name,
    prefix: 'model.',
    defaultTargets: ['q_proj', 'v_proj'],
    headModules: ['score'],
    classes: { classification: d.classification },
    parse: (raw) => parse(d, raw),
    unparse: () => ({ model_type: d.name }),
    tensors: (c) => [
      ...table({ part: 'embeddings', layer: null }, WORDS, c.vocabulary, c.dim),
      ...Array.from({ length: c.layers }, (_, i) => preNormTensors(c, layers, i)).flat(),
      vector({ part: 'final', layer: null }, 'model.norm.weight', c.dim, layers.normInitial),
      ...(c.tied ? [] : linearOf({ part: 'language', layer: null }, 'lm_head', c.dim, c.vocabulary, false)),
      ...linearOf(HEAD, 'score', c.dim, c.labels.length, false),
    ],
    forward: {
      words: WORDS,
      embed: (net, words) => {
        const scale = d.wordScale(net.config)
        return flat(net, scale === 1 ? words : net.b.op('Mul', [words, net.b.constant(scale)]))
      },
      layer: (net, i, x, rows) => preNormLayer(net, layers, i, x, rows),
      final: (net, x) => layers.norm(net, 'model.norm', x),
      head: (net, x) => linear(net, 'score', x),
      language,
    },
  }
}

/** Logits of words; tied models share the word embeddings' weight. */
function language(net: Net, x: Value): Value {
  const weight = net.p.get(net.config.tied ? WORDS : 'lm_head.weight')
  return net.b.op('Gemm', [x, weight], { transB: 1 }, { name: 'lm_head' })
}

export const DECODER_FAMILIES = {
  llama: decoder(LLAMA),
  mistral: decoder(MISTRAL),
  qwen2: decoder(QWEN2),
  qwen3: decoder(QWEN3),
  smollm3: decoder(SMOLLM3),
  gemma3_text: decoder(GEMMA3),
} satisfies Record<Decoder['name'], Family>
