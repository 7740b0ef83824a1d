/**
 * Encoders with embedded positions and post-norm layers, as Transformers 4 publishes them:
 * BERT (Devlin et al., arXiv:1810.04805; BertForSequenceClassification) and DistilBERT (Sanh et al., arXiv:1910.01108;
 * DistilBertForSequenceClassification). They share one computation; names of tensors, names of settings and the head's activation differ.
 */
import { z } from 'zod'
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

/** The settings of an encoder, and the values that `config.json` may have for them. */
const SETTINGS = {
  vocabulary: count(LIMITS.vocabulary),
  dim: count(LIMITS.dim),
  layers: count(LIMITS.layers),
  heads: count(LIMITS.dim),
  hidden: count(LIMITS.hidden),
  activation: z.string().max(100).default('gelu'),
  hiddenDropout: rate.default(0.1),
  attentionDropout: rate.default(0.1),
  headDropout: rate.nullish(),
  positions: count(LIMITS.positions),
  segments: count(1000).default(2),
  initializerRange: z.number().min(0).max(10).default(0.02),
  normEpsilon: epsilon.default(1e-12),
  padId: z.int().min(0).nullish(),
  tied: z.boolean().default(true),
}
type Setting = keyof typeof SETTINGS
type Settings = z.infer<z.ZodObject<typeof SETTINGS>>

/** What distinguishes one encoder from another. */
interface Encoder extends Pick<Family, 'name' | 'defaultTargets' | 'classes'> {
  readonly names: EncoderNames
  readonly language: LanguageHeadNames
  /** The dense layer of the head in front of `classifier`, and its activation. */
  readonly pooler: { readonly name: string; readonly activation: 'Tanh' | 'Relu' }
  readonly headModules: readonly string[]
  /** Refused beside {@link COMMON_VARIANTS}. */
  readonly variants: readonly Variant[]
  /** The name of each setting in `config.json`. */
  readonly fields: Readonly<Partial<Record<Setting, string>>>
  /** Settings that `config.json` does not have. */
  readonly fixed: Partial<Settings>
  /** The rate in front of the classifier if `config.json` has none; null: that of the layers. */
  readonly headDropout: number | null
  /** Further fields of a `config.json` that is written. */
  readonly written: Raw
}

const EMBEDDINGS: Place = { part: 'embeddings', layer: null }
const LANGUAGE: Place = { part: 'language', layer: null }
const HEAD: Place = { part: 'head', layer: null }

function encoder(e: Encoder): Family {
  const { name, names, language, pooler, defaultTargets, classes, headModules } = e
  return {
    name,
    prefix: `${name}.`,
    defaultTargets,
    classes,
    headModules,
    parse: (raw) => parse(e, raw),
    unparse: (c) => unparse(e, c),
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

function settingsOf({ fields, fixed }: Encoder, raw: Raw): Settings {
  const names = Object.entries(fields)
  const values = z.looseObject(Object.fromEntries(names.map(([setting, field]) => [field, SETTINGS[setting as Setting]]))).parse(raw)
  return { ...Object.fromEntries(names.map(([setting, field]) => [setting, values[field]])), ...fixed } as Settings
}

function parse(e: Encoder, raw: Raw): ModelConfig {
  refuseVariants(raw, [...COMMON_VARIANTS, ...e.variants])
  refusePruned(raw)
  const { hiddenDropout, attentionDropout, headDropout, padId, ...c } = settingsOf(e, raw)
  if (c.dim % c.heads !== 0)
    throw unsupported(`Its config.json asks for ${c.heads} attention heads of width ${c.dim}, which does not divide.`)
  return {
    ...c,
    architecture: e.name,
    padId: padId ?? 0,
    activation: knownActivation(c.activation),
    dropout: { hidden: hiddenDropout, attention: attentionDropout, head: headDropout ?? e.headDropout ?? hiddenDropout },
    keyHeads: c.heads,
    headDim: c.dim / c.heads,
    labels: labelsOf(raw),
    rope: null,
    attentionBias: true,
    feedForwardBias: true,
    raw,
  }
}

function unparse({ name, fields, written }: Encoder, c: ModelConfig): Raw {
  const { hidden, attention, head } = c.dropout
  const settings: Settings = { ...c, hiddenDropout: hidden, attentionDropout: attention, headDropout: head }
  const values = Object.entries(fields).map(([setting, field]) => [field, settings[setting as Setting]] as const)
  return { model_type: name, ...Object.fromEntries(values), ...written }
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

export const BERT: Family = encoder({
  name: 'bert',
  names: BERT_NAMES,
  language: BERT_LANGUAGE,
  pooler: { name: 'bert.pooler.dense', activation: 'Tanh' },
  defaultTargets: ['query', 'value'],
  headModules: ['classifier', 'pooler'],
  classes: { classification: 'BertForSequenceClassification' },
  variants: [['position_embedding_type', ['absolute'], 'relative position embeddings']],
  fields: {
    vocabulary: 'vocab_size',
    dim: 'hidden_size',
    layers: 'num_hidden_layers',
    heads: 'num_attention_heads',
    hidden: 'intermediate_size',
    activation: 'hidden_act',
    hiddenDropout: 'hidden_dropout_prob',
    attentionDropout: 'attention_probs_dropout_prob',
    headDropout: 'classifier_dropout',
    positions: 'max_position_embeddings',
    segments: 'type_vocab_size',
    initializerRange: 'initializer_range',
    normEpsilon: 'layer_norm_eps',
    padId: 'pad_token_id',
    tied: 'tie_word_embeddings',
  },
  fixed: {},
  headDropout: null,
  written: {},
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
  fields: {
    vocabulary: 'vocab_size',
    dim: 'dim',
    layers: 'n_layers',
    heads: 'n_heads',
    hidden: 'hidden_dim',
    activation: 'activation',
    hiddenDropout: 'dropout',
    attentionDropout: 'attention_dropout',
    headDropout: 'seq_classif_dropout',
    positions: 'max_position_embeddings',
    initializerRange: 'initializer_range',
    padId: 'pad_token_id',
    tied: 'tie_word_embeddings',
  },
  // the published class has no segments, and this constant
  fixed: { segments: 0, normEpsilon: 1e-12 },
  headDropout: 0.2,
  written: { sinusoidal_pos_embds: false },
})
