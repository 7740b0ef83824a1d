/** ModernBERT: Warner et al., arXiv:2412.13663; names and head of ModernBertForSequenceClassification. No biases in layers and norms. */
import { z } from 'zod'
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
import type { Value } from '../../graph/types.ts'
import { activate, knownActivation } from '../layers/activations.ts'
import { drop, flat, layerNorm, linear } from '../layers/basic.ts'
import { preNormLayer, preNormTensors, type PreNorm } from '../layers/prenorm.ts'
import { parseRope } from '../layers/rotary.ts'
import { MAX_POSITIONS } from './decoders.ts'
import { linearOf, table, vector, type Place } from '../specs.ts'

const WORDS = 'model.embeddings.tok_embeddings.weight'
const EMBEDDINGS: Place = { part: 'embeddings', layer: null }
const HEAD: Place = { part: 'head', layer: null }

const CONFIG = z.looseObject({
  vocab_size: count(LIMITS.vocabulary),
  hidden_size: count(LIMITS.dim),
  num_hidden_layers: count(LIMITS.layers),
  num_attention_heads: count(LIMITS.dim),
  intermediate_size: count(LIMITS.hidden),
  hidden_activation: z.string().max(100).default('gelu'),
  attention_dropout: rate.default(0),
  mlp_dropout: rate.default(0),
  classifier_dropout: rate.default(0),
  classifier_pooling: z.enum(['cls', 'mean']).default('cls'),
  max_position_embeddings: count(LIMITS.positions).default(8192),
  initializer_range: z.number().min(0).max(10).default(0.02),
  norm_eps: epsilon.default(1e-5),
  pad_token_id: z.int().min(0).nullish(),
  tie_word_embeddings: z.boolean().default(true),
  attention_bias: z.boolean().default(false),
  mlp_bias: z.boolean().default(false),
  local_attention: count(LIMITS.positions).default(128),
  global_attn_every_n_layers: count(LIMITS.layers).default(3),
  layer_types: LAYER_TYPES,
}) // prettier-ignore
type Config = z.infer<typeof CONFIG>

const VARIANTS: readonly Variant[] = [
  ...COMMON_VARIANTS,
  ['norm_bias', [false], 'biases in norms'],
  ['classifier_bias', [false], 'a bias in the dense layer of the head'],
  ['classifier_activation', ['gelu'], 'another activation in the head'],
  ['embedding_dropout', [0], 'dropout of the embeddings'],
]
const THETAS: Readonly<Record<LayerKind, readonly [field: string, otherwise: number]>> = {
  full_attention: ['global_rope_theta', 160_000],
  sliding_attention: ['local_rope_theta', 10_000],
}

function attentionOf(c: Config, raw: Raw, layer: number): LayerAttention {
  const kind = layerKind(c.layer_types, layer, layer % c.global_attn_every_n_layers !== 0)
  const [theta, otherwise] = THETAS[kind]
  return {
    window: kind === 'full_attention' ? null : Math.floor(c.local_attention / 2),
    rope: parseRope(raw, { kind, theta, otherwise, scaled: true }),
  }
}

function parse(raw: Raw): ModelConfig {
  refuseVariants(raw, VARIANTS)
  const c = CONFIG.parse(raw)
  const headDim = c.hidden_size / c.num_attention_heads
  if (!Number.isInteger(headDim) || headDim % 2 !== 0)
    throw unsupported(
      `Its config.json asks for ${c.num_attention_heads} heads of width ${c.hidden_size}: a head must be an even whole number wide.`,
    )
  return {
    architecture: 'modernbert',
    layers: c.num_hidden_layers,
    dim: c.hidden_size,
    embeddingDim: c.hidden_size,
    heads: c.num_attention_heads,
    keyHeads: c.num_attention_heads,
    headDim,
    scoreScale: 1 / Math.sqrt(headDim),
    hidden: c.intermediate_size,
    vocabulary: c.vocab_size,
    positions: Math.min(c.max_position_embeddings, MAX_POSITIONS),
    firstPosition: 0,
    segments: 0,
    padId: c.pad_token_id ?? 0,
    activation: knownActivation(c.hidden_activation),
    normEpsilon: c.norm_eps,
    initializerRange: c.initializer_range,
    dropout: { hidden: c.mlp_dropout, attention: c.attention_dropout, head: c.classifier_dropout },
    labels: labelsOf(raw),
    attention: Array.from({ length: c.num_hidden_layers }, (_, layer) => attentionOf(c, raw, layer)),
    attentionBias: c.attention_bias,
    outputBias: c.attention_bias,
    feedForwardBias: c.mlp_bias,
    tied: c.tie_word_embeddings,
    pooling: c.classifier_pooling === 'mean' ? 'mean' : 'first',
    raw,
  }
}

const LAYERS: PreNorm = {
  names: (index) => {
    const at = `model.layers.${index}`
    return {
      // the norm of the embeddings comes before the first layer
      attentionNorm: index === 0 ? null : `${at}.attn_norm`,
      projections: [`${at}.attn.Wqkv`],
      queryNorm: null,
      keyNorm: null,
      out: `${at}.attn.Wo`,
      attentionOutputNorm: null,
      feedForwardNorm: `${at}.mlp_norm`,
      gates: [`${at}.mlp.Wi`],
      down: `${at}.mlp.Wo`,
      feedForwardOutputNorm: null,
    }
  },
  norm: layerNorm,
  normInitial: 'ones',
  causal: false,
  drops: true,
}

/** The dense layer that the classifier and the language-model head share. */
const transformed = (net: Net, x: Value): Value => layerNorm(net, 'head.norm', activate(net, 'gelu', linear(net, 'head.dense', x)))

export const MODERNBERT: Family = {
  name: 'modernbert',
  prefix: 'model.',
  defaultTargets: ['Wqkv'],
  headModules: ['classifier', 'head'],
  classes: { classification: 'ModernBertForSequenceClassification' },
  parse,
  unparse: () => ({ model_type: 'modernbert' }),
  tensors: (c) => [
    ...table(EMBEDDINGS, WORDS, c.vocabulary, c.dim),
    vector(EMBEDDINGS, 'model.embeddings.norm.weight', c.dim, 'ones'),
    ...Array.from({ length: c.layers }, (_, i) => preNormTensors(c, LAYERS, i)).flat(),
    vector({ part: 'final', layer: null }, 'model.final_norm.weight', c.dim, 'ones'),
    vector({ part: 'language', layer: null }, 'decoder.bias', c.vocabulary, 'zeros'),
    ...linearOf(HEAD, 'head.dense', c.dim, c.dim, false),
    vector(HEAD, 'head.norm.weight', c.dim, 'ones'),
    ...linearOf(HEAD, 'classifier', c.dim, c.labels.length),
  ],
  forward: {
    words: WORDS,
    embed: (net, words) => layerNorm(net, 'model.embeddings.norm', flat(net, words)),
    layer: (net, i, x, rows) => preNormLayer(net, LAYERS, i, x, rows),
    final: (net, x) => layerNorm(net, 'model.final_norm', x),
    head: (net, x) => linear(net, 'classifier', drop(net, transformed(net, x), 'head', net.config.dropout.head)),
    // words are predicted with the weight of their embeddings
    language: (net, x) => net.b.op('Gemm', [transformed(net, x), net.p.get(WORDS), net.p.get('decoder.bias')], { transB: 1 }),
  },
}
