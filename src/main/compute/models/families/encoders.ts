/**
 * Encoders with embedded positions and post-norm layers, as Transformers 4 publishes them:
 * BERT (Devlin et al., arXiv:1810.04805; BertForSequenceClassification) and DistilBERT (Sanh et al., arXiv:1910.01108;
 * DistilBertForSequenceClassification). They share one computation; names of tensors, names of settings and the head's activation differ.
 */
import { z } from 'zod'
import type { Architecture } from '../../../../contract/models.ts'
import {
  COMMON_VARIANTS,
  count,
  epsilon,
  labelsOf,
  LIMITS,
  rate,
  refusePruned,
  refuseVariants,
  unsupported,
  type ModelConfig,
  type Variant,
} from '../config.ts'
import type { Family, Raw, TensorSpec } from '../family.ts'
import { knownActivation } from '../layers/activations.ts'
import { drop, linear } from '../layers/basic.ts'
import { encoderForward, type EncoderNames, type LanguageHeadNames } from '../layers/encoder.ts'
import { linearOf, normOf, table, vector, type Place } from './specs.ts'

/** The part of a configuration that a family's own `config.json` fields give. */
type Sizes = Pick<
  ModelConfig,
  | 'layers'
  | 'dim'
  | 'heads'
  | 'hidden'
  | 'vocabulary'
  | 'positions'
  | 'segments'
  | 'padId'
  | 'activation'
  | 'normEpsilon'
  | 'initializerRange'
  | 'dropout'
  | 'tied'
>

/** What distinguishes one encoder from another. */
interface Encoder extends Pick<Family, 'name' | 'defaultTargets' | 'classes' | 'unparse'> {
  readonly names: EncoderNames
  readonly language: LanguageHeadNames
  /** The dense layer of the head in front of `classifier`, and its activation. */
  readonly pooler: { readonly name: string; readonly activation: 'Tanh' | 'Relu' }
  readonly headModules: readonly string[]
  /** Refused beside {@link COMMON_VARIANTS}. */
  readonly variants: readonly Variant[]
  readonly sizes: (raw: Raw) => Sizes
}

const EMBEDDINGS: Place = { part: 'embeddings', layer: null }
const LANGUAGE: Place = { part: 'language', layer: null }
const HEAD: Place = { part: 'head', layer: null }

function encoder({ name, names, language, pooler, variants, sizes, ...rest }: Encoder): Family {
  return {
    ...rest,
    name,
    prefix: `${name}.`,
    parse: (raw) => parse(name, [...COMMON_VARIANTS, ...variants], sizes, raw),
    tensors: (c) => [
      ...encoderTensors(c, names, language),
      ...linearOf(HEAD, pooler.name, c.dim, c.dim),
      ...linearOf(HEAD, 'classifier', c.dim, c.labels.length),
    ],
    forward: encoderForward(names, language, (net, x) => {
      const pooled = net.b.op(pooler.activation, [linear(net, pooler.name, x)])
      return linear(net, 'classifier', drop(net, pooled, 'head', net.config.dropout.head))
    }),
  }
}

function parse(architecture: Architecture, variants: readonly Variant[], sizes: Encoder['sizes'], raw: Raw): ModelConfig {
  refuseVariants(raw, variants)
  refusePruned(raw)
  const c = sizes(raw)
  if (c.dim % c.heads !== 0)
    throw unsupported(`Its config.json asks for ${c.heads} attention heads of width ${c.dim}, which does not divide.`)
  return {
    ...c,
    architecture,
    activation: knownActivation(c.activation),
    keyHeads: c.heads,
    headDim: c.dim / c.heads,
    labels: labelsOf(raw),
    rope: null,
    attentionBias: true,
    feedForwardBias: true,
    raw,
  }
}

/** Embeddings, layers and the language head, in the order in which they compute. */
function encoderTensors(c: ModelConfig, names: EncoderNames, language: LanguageHeadNames): TensorSpec[] {
  return [
    ...table(EMBEDDINGS, names.words, c.vocabulary, c.dim),
    ...table(EMBEDDINGS, names.positions, c.positions, c.dim),
    ...(names.segments === null ? [] : table(EMBEDDINGS, names.segments, c.segments, c.dim)),
    ...normOf(EMBEDDINGS, names.embeddingNorm, c.dim),
    ...Array.from({ length: c.layers }, (_, i) => layerTensors(c, names, i)).flat(),
    ...linearOf(LANGUAGE, language.dense, c.dim, c.dim),
    ...normOf(LANGUAGE, language.norm, c.dim),
    vector(LANGUAGE, language.bias, c.vocabulary, 'zeros'),
  ]
}

function layerTensors(c: ModelConfig, names: EncoderNames, layer: number): TensorSpec[] {
  const n = names.layer(layer)
  const place: Place = { part: 'layer', layer }
  return [
    ...[n.query, n.key, n.value, n.out].flatMap((name) => linearOf(place, name, c.dim, c.dim)),
    ...normOf(place, n.attentionNorm, c.dim),
    ...linearOf(place, n.up, c.dim, c.hidden),
    ...linearOf(place, n.down, c.hidden, c.dim),
    ...normOf(place, n.outputNorm, c.dim),
  ]
}

const BERT_NAMES: EncoderNames = {
  words: 'bert.embeddings.word_embeddings.weight',
  positions: 'bert.embeddings.position_embeddings.weight',
  segments: 'bert.embeddings.token_type_embeddings.weight',
  embeddingNorm: 'bert.embeddings.LayerNorm',
  layer: (i) => {
    const layer = `bert.encoder.layer.${i}`
    return {
      query: `${layer}.attention.self.query`,
      key: `${layer}.attention.self.key`,
      value: `${layer}.attention.self.value`,
      out: `${layer}.attention.output.dense`,
      attentionNorm: `${layer}.attention.output.LayerNorm`,
      up: `${layer}.intermediate.dense`,
      down: `${layer}.output.dense`,
      outputNorm: `${layer}.output.LayerNorm`,
    }
  },
  dropsAttentionOutput: true,
}
const BERT_LANGUAGE = {
  dense: 'cls.predictions.transform.dense',
  norm: 'cls.predictions.transform.LayerNorm',
  bias: 'cls.predictions.bias',
}

const BERT_CONFIG = z.looseObject({
  vocab_size: count(LIMITS.vocabulary),
  hidden_size: count(LIMITS.dim),
  num_hidden_layers: count(LIMITS.layers),
  num_attention_heads: count(LIMITS.dim),
  intermediate_size: count(LIMITS.hidden),
  hidden_act: z.string().max(100).default('gelu'),
  hidden_dropout_prob: rate.default(0.1),
  attention_probs_dropout_prob: rate.default(0.1),
  classifier_dropout: rate.nullish(),
  max_position_embeddings: count(LIMITS.positions),
  type_vocab_size: count(1000).default(2),
  initializer_range: z.number().min(0).max(10).default(0.02),
  layer_norm_eps: epsilon.default(1e-12),
  pad_token_id: z.int().min(0).nullish(),
  tie_word_embeddings: z.boolean().default(true),
})

export const BERT: Family = encoder({
  name: 'bert',
  names: BERT_NAMES,
  language: BERT_LANGUAGE,
  pooler: { name: 'bert.pooler.dense', activation: 'Tanh' },
  defaultTargets: ['query', 'value'],
  headModules: ['classifier', 'pooler'],
  classes: { classification: 'BertForSequenceClassification' },
  variants: [['position_embedding_type', ['absolute'], 'relative position embeddings']],
  sizes: (raw) => {
    const c = BERT_CONFIG.parse(raw)
    return {
      layers: c.num_hidden_layers,
      dim: c.hidden_size,
      heads: c.num_attention_heads,
      hidden: c.intermediate_size,
      vocabulary: c.vocab_size,
      positions: c.max_position_embeddings,
      segments: c.type_vocab_size,
      padId: c.pad_token_id ?? 0,
      activation: c.hidden_act,
      normEpsilon: c.layer_norm_eps,
      initializerRange: c.initializer_range,
      dropout: {
        hidden: c.hidden_dropout_prob,
        attention: c.attention_probs_dropout_prob,
        head: c.classifier_dropout ?? c.hidden_dropout_prob,
      },
      tied: c.tie_word_embeddings,
    }
  },
  unparse: (c: ModelConfig): Raw => ({
    model_type: 'bert',
    vocab_size: c.vocabulary,
    hidden_size: c.dim,
    num_hidden_layers: c.layers,
    num_attention_heads: c.heads,
    intermediate_size: c.hidden,
    hidden_act: c.activation,
    hidden_dropout_prob: c.dropout.hidden,
    attention_probs_dropout_prob: c.dropout.attention,
    classifier_dropout: c.dropout.head,
    max_position_embeddings: c.positions,
    type_vocab_size: c.segments,
    initializer_range: c.initializerRange,
    layer_norm_eps: c.normEpsilon,
    pad_token_id: c.padId,
  }),
})

const DISTILBERT_NAMES: EncoderNames = {
  words: 'distilbert.embeddings.word_embeddings.weight',
  positions: 'distilbert.embeddings.position_embeddings.weight',
  segments: null,
  embeddingNorm: 'distilbert.embeddings.LayerNorm',
  layer: (i) => {
    const layer = `distilbert.transformer.layer.${i}`
    return {
      query: `${layer}.attention.q_lin`,
      key: `${layer}.attention.k_lin`,
      value: `${layer}.attention.v_lin`,
      out: `${layer}.attention.out_lin`,
      attentionNorm: `${layer}.sa_layer_norm`,
      up: `${layer}.ffn.lin1`,
      down: `${layer}.ffn.lin2`,
      outputNorm: `${layer}.output_layer_norm`,
    }
  },
  dropsAttentionOutput: false,
}
const DISTILBERT_LANGUAGE = { dense: 'vocab_transform', norm: 'vocab_layer_norm', bias: 'vocab_projector.bias' }
/** Fixed in the published class. */
const DISTILBERT_NORM_EPSILON = 1e-12

const DISTILBERT_CONFIG = z.looseObject({
  vocab_size: count(LIMITS.vocabulary),
  dim: count(LIMITS.dim),
  n_layers: count(LIMITS.layers),
  n_heads: count(LIMITS.dim),
  hidden_dim: count(LIMITS.hidden),
  activation: z.string().max(100).default('gelu'),
  dropout: rate.default(0.1),
  attention_dropout: rate.default(0.1),
  seq_classif_dropout: rate.default(0.2),
  max_position_embeddings: count(LIMITS.positions),
  initializer_range: z.number().min(0).max(10).default(0.02),
  pad_token_id: z.int().min(0).nullish(),
  tie_word_embeddings: z.boolean().default(true),
})

export const DISTILBERT: Family = encoder({
  name: 'distilbert',
  names: DISTILBERT_NAMES,
  language: DISTILBERT_LANGUAGE,
  pooler: { name: 'pre_classifier', activation: 'Relu' },
  defaultTargets: ['q_lin', 'v_lin'],
  headModules: ['pre_classifier', 'classifier'],
  classes: { classification: 'DistilBertForSequenceClassification' },
  // sinusoidal tables are stored in the file like any others, so `sinusoidal_pos_embds` changes nothing
  variants: [],
  sizes: (raw) => {
    const c = DISTILBERT_CONFIG.parse(raw)
    return {
      layers: c.n_layers,
      dim: c.dim,
      heads: c.n_heads,
      hidden: c.hidden_dim,
      vocabulary: c.vocab_size,
      positions: c.max_position_embeddings,
      segments: 0,
      padId: c.pad_token_id ?? 0,
      activation: c.activation,
      normEpsilon: DISTILBERT_NORM_EPSILON,
      initializerRange: c.initializer_range,
      dropout: { hidden: c.dropout, attention: c.attention_dropout, head: c.seq_classif_dropout },
      tied: c.tie_word_embeddings,
    }
  },
  unparse: (c: ModelConfig): Raw => ({
    model_type: 'distilbert',
    vocab_size: c.vocabulary,
    dim: c.dim,
    n_layers: c.layers,
    n_heads: c.heads,
    hidden_dim: c.hidden,
    activation: c.activation,
    dropout: c.dropout.hidden,
    attention_dropout: c.dropout.attention,
    seq_classif_dropout: c.dropout.head,
    max_position_embeddings: c.positions,
    initializer_range: c.initializerRange,
    pad_token_id: c.padId,
    sinusoidal_pos_embds: false,
  }),
})
