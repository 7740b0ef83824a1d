/**
 * Encoders with embedded positions and post-norm layers, one entry each, with names and heads as Transformers publishes them: BERT (Devlin
 * et al., arXiv:1810.04805; MiniLM is one), DistilBERT (Sanh et al., arXiv:1910.01108), RoBERTa (Liu et al., arXiv:1907.11692), XLM-R
 * (Conneau et al., arXiv:1911.02116), MPNet (Song et al., arXiv:2004.09297), ELECTRA (Clark et al., arXiv:2003.10555).
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
import { BUCKETS } from '../layers/distances.ts'
import { encoderForward, type EncoderNames, type HeadNames, type LanguageHeadNames } from '../layers/encoder.ts'
import { linearOf, normOf, table, vector, type Place } from '../specs.ts'

/** The settings of an encoder, and the values that `config.json` may have for them. */
const SETTINGS = {
  vocabulary: count(LIMITS.vocabulary),
  dim: count(LIMITS.dim),
  embeddingDim: count(LIMITS.dim).nullish(),
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

/** The properties that distinguish one encoder from another. */
interface Encoder extends Pick<Family, 'name' | 'prefix' | 'defaultTargets' | 'headModules' | 'classes'> {
  readonly names: EncoderNames
  readonly language: LanguageHeadNames
  readonly head: HeadNames
  /** Refused beside {@link COMMON_VARIANTS}. */
  readonly variants: readonly Variant[]
  /** The name of each setting in `config.json`. */
  readonly fields: Readonly<Partial<Record<Setting, string>>>
  /** Settings that `config.json` does not have. */
  readonly fixed: Partial<Settings>
  /** The id of padding if `config.json` has none, and the row of the first token in the table of positions. */
  readonly padId: number
  readonly firstPosition: (padId: number) => number
  /** The rate in front of the classifier if `config.json` has none; null: that of the layers. */
  readonly headDropout: number | null
  /** Further fields of a `config.json` that is written. */
  readonly written: Raw
}

const EMBEDDINGS: Place = { part: 'embeddings', layer: null }
const LANGUAGE: Place = { part: 'language', layer: null }
const HEAD: Place = { part: 'head', layer: null }

function encoder(e: Encoder): Family {
  const { name, prefix, names, language, head, defaultTargets, classes, headModules } = e
  return {
    name,
    prefix,
    defaultTargets,
    classes,
    headModules,
    parse: (raw) => parse(e, raw),
    unparse: (c) => unparse(e, c),
    tensors: (c) => [
      ...encoderTensors(c, names, language),
      ...linearOf(HEAD, head.dense, c.dim, c.dim),
      ...linearOf(HEAD, head.out, c.dim, c.labels.length),
    ],
    forward: encoderForward(names, language, head),
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
  const { hiddenDropout, attentionDropout, headDropout, ...c } = settingsOf(e, raw)
  if (c.dim % c.heads !== 0)
    throw unsupported(`Its config.json asks for ${c.heads} attention heads of width ${c.dim}, which does not divide.`)
  const padId = c.padId ?? e.padId
  const firstPosition = e.firstPosition(padId)
  const positions = c.positions - firstPosition
  if (positions < 1)
    throw unsupported(`Its config.json has max_position_embeddings: ${c.positions}, of which ${firstPosition} are not used.`)
  return {
    ...c,
    architecture: e.name,
    embeddingDim: c.embeddingDim ?? c.dim,
    positions,
    firstPosition,
    padId,
    activation: knownActivation(c.activation),
    dropout: { hidden: hiddenDropout, attention: attentionDropout, head: headDropout ?? e.headDropout ?? hiddenDropout },
    keyHeads: c.heads,
    headDim: c.dim / c.heads,
    labels: labelsOf(raw),
    attention: Array.from({ length: c.layers }, () => ({ rope: null, window: null })),
    scoreScale: 1 / Math.sqrt(c.dim / c.heads),
    attentionBias: true,
    outputBias: true,
    feedForwardBias: true,
    pooling: 'first',
    raw,
  }
}

function unparse({ name, fields, written }: Encoder, c: ModelConfig): Raw {
  const { hidden, attention, head } = c.dropout
  const positions = c.positions + c.firstPosition
  const settings: Settings = { ...c, positions, hiddenDropout: hidden, attentionDropout: attention, headDropout: head }
  const values = Object.entries(fields).map(([setting, field]) => [field, settings[setting as Setting]] as const)
  return { model_type: name, ...Object.fromEntries(values), ...written }
}

/** Embeddings, layers and the language head, in the order in which they compute. */
function encoderTensors(c: ModelConfig, names: EncoderNames, language: LanguageHeadNames): TensorSpec[] {
  return [
    ...table(EMBEDDINGS, names.words, c.vocabulary, c.embeddingDim),
    ...table(EMBEDDINGS, names.positions, c.firstPosition + c.positions, c.embeddingDim),
    ...(names.segments === null ? [] : table(EMBEDDINGS, names.segments, c.segments, c.embeddingDim)),
    ...normOf(EMBEDDINGS, names.embeddingNorm, c.embeddingDim),
    ...(c.embeddingDim === c.dim ? [] : linearOf(EMBEDDINGS, names.projection!, c.embeddingDim, c.dim)),
    ...(names.distances === null ? [] : table(EMBEDDINGS, names.distances, BUCKETS, c.heads)),
    ...Array.from({ length: c.layers }, (_, i) => layerTensors(c, names, i)).flat(),
    ...linearOf(LANGUAGE, language.dense, c.dim, c.embeddingDim),
    ...normOf(LANGUAGE, language.norm, c.embeddingDim),
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

/** Names of BERT's layers, which most of its kin use below their own prefix. */
const bertLayer =
  (model: string): EncoderNames['layer'] =>
  (i) => {
    const layer = `${model}.encoder.layer.${i}`
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
  }
const bertNames = (model: string): EncoderNames => ({
  words: `${model}.embeddings.word_embeddings.weight`,
  positions: `${model}.embeddings.position_embeddings.weight`,
  segments: `${model}.embeddings.token_type_embeddings.weight`,
  embeddingNorm: `${model}.embeddings.LayerNorm`,
  projection: null,
  distances: null,
  layer: bertLayer(model),
  dropsAttentionOutput: true,
})
const FIELDS: Encoder['fields'] = {
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
  initializerRange: 'initializer_range',
  normEpsilon: 'layer_norm_eps',
  padId: 'pad_token_id',
  tied: 'tie_word_embeddings',
}
const BERT_FIELDS: Encoder['fields'] = { ...FIELDS, segments: 'type_vocab_size' }

const BERT: Encoder = {
  name: 'bert',
  prefix: 'bert.',
  names: bertNames('bert'),
  language: {
    dense: 'cls.predictions.transform.dense',
    activation: null,
    norm: 'cls.predictions.transform.LayerNorm',
    bias: 'cls.predictions.bias',
  },
  head: { dense: 'bert.pooler.dense', activation: 'tanh', out: 'classifier', dropsInput: false },
  defaultTargets: ['query', 'value'],
  headModules: ['classifier', 'pooler'],
  classes: { classification: 'BertForSequenceClassification' },
  variants: [['position_embedding_type', ['absolute'], 'relative position embeddings']],
  fields: BERT_FIELDS,
  fixed: {},
  padId: 0,
  firstPosition: () => 0,
  headDropout: null,
  written: {},
}
/** Positions are counted from the id of padding, whose row is padding's own. */
const ROBERTA: Encoder = {
  ...BERT,
  name: 'roberta',
  prefix: 'roberta.',
  names: bertNames('roberta'),
  language: { dense: 'lm_head.dense', activation: 'gelu', norm: 'lm_head.layer_norm', bias: 'lm_head.bias' },
  head: { dense: 'classifier.dense', activation: 'tanh', out: 'classifier.out_proj', dropsInput: true },
  headModules: ['classifier'],
  classes: { classification: 'RobertaForSequenceClassification' },
  padId: 1,
  firstPosition: (padId) => padId + 1,
}
const XLM_ROBERTA: Encoder = { ...ROBERTA, name: 'xlm-roberta', classes: { classification: 'XLMRobertaForSequenceClassification' } }
const MPNET_NAMES: EncoderNames = {
  ...bertNames('mpnet'),
  segments: null,
  distances: 'mpnet.encoder.relative_attention_bias.weight',
  layer: (i) => {
    const layer = `mpnet.encoder.layer.${i}`
    return {
      ...bertLayer('mpnet')(i),
      query: `${layer}.attention.attn.q`,
      key: `${layer}.attention.attn.k`,
      value: `${layer}.attention.attn.v`,
      out: `${layer}.attention.attn.o`,
      attentionNorm: `${layer}.attention.LayerNorm`,
    }
  },
}
const MPNET: Encoder = {
  ...ROBERTA,
  name: 'mpnet',
  prefix: 'mpnet.',
  names: MPNET_NAMES,
  defaultTargets: ['q', 'v'],
  classes: { classification: 'MPNetForSequenceClassification' },
  variants: [['relative_attention_num_buckets', [BUCKETS], `another number of distances than ${BUCKETS}`]],
  fields: FIELDS,
  fixed: { segments: 0 },
  // the published class has this constant, whatever the id of padding is
  firstPosition: () => 2,
}
const ELECTRA: Encoder = {
  ...BERT,
  name: 'electra',
  prefix: 'electra.',
  names: { ...bertNames('electra'), projection: 'electra.embeddings_project' },
  language: {
    dense: 'generator_predictions.dense',
    activation: 'gelu',
    norm: 'generator_predictions.LayerNorm',
    bias: 'generator_lm_head.bias',
  },
  head: { dense: 'classifier.dense', activation: 'gelu', out: 'classifier.out_proj', dropsInput: true },
  headModules: ['classifier'],
  classes: { classification: 'ElectraForSequenceClassification' },
  fields: { ...BERT_FIELDS, embeddingDim: 'embedding_size' },
}

const DISTILBERT_NAMES: EncoderNames = {
  words: 'distilbert.embeddings.word_embeddings.weight',
  positions: 'distilbert.embeddings.position_embeddings.weight',
  segments: null,
  embeddingNorm: 'distilbert.embeddings.LayerNorm',
  projection: null,
  distances: null,
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
const DISTILBERT: Encoder = {
  ...BERT,
  name: 'distilbert',
  prefix: 'distilbert.',
  names: DISTILBERT_NAMES,
  language: { dense: 'vocab_transform', activation: null, norm: 'vocab_layer_norm', bias: 'vocab_projector.bias' },
  head: { dense: 'pre_classifier', activation: 'relu', out: 'classifier', dropsInput: false },
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
}

export const ENCODER_FAMILIES = {
  bert: encoder(BERT),
  distilbert: encoder(DISTILBERT),
  roberta: encoder(ROBERTA),
  'xlm-roberta': encoder(XLM_ROBERTA),
  mpnet: encoder(MPNET),
  electra: encoder(ELECTRA),
} satisfies Partial<Record<Architecture, Family>>
