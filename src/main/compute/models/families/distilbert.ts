/** DistilBERT: Sanh et al., arXiv:1910.01108; names and head of Transformers' DistilBertForSequenceClassification. */
import { z } from 'zod'
import { COMMON_VARIANTS, count, labelsOf, LIMITS, rate, refusePruned, refuseVariants, type ModelConfig } from '../config.ts'
import type { Family } from '../family.ts'
import { knownActivation } from '../layers/activations.ts'
import { drop, linear } from '../layers/basic.ts'
import { encoderForward, type EncoderNames } from '../layers/encoder.ts'
import { evenHeads, type Raw } from './checks.ts'
import { encoderTensors } from './encoder-specs.ts'
import { linearOf, type Place } from './specs.ts'

const NAMES: EncoderNames = {
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
const LANGUAGE = { dense: 'vocab_transform', norm: 'vocab_layer_norm', bias: 'vocab_projector.bias' }
const HEAD: Place = { part: 'head', layer: null }
/** Fixed in the published class. */
const NORM_EPSILON = 1e-12

const CONFIG = z.looseObject({
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

function parse(raw: Raw): ModelConfig {
  // sinusoidal tables are stored in the file as any others: `sinusoidal_pos_embds` only says how they began
  refuseVariants(raw, COMMON_VARIANTS)
  refusePruned(raw)
  const c = CONFIG.parse(raw)
  return {
    architecture: 'distilbert',
    layers: c.n_layers,
    dim: c.dim,
    ...evenHeads(c.dim, c.n_heads),
    hidden: c.hidden_dim,
    vocabulary: c.vocab_size,
    positions: c.max_position_embeddings,
    segments: 0,
    padId: c.pad_token_id ?? 0,
    activation: knownActivation(c.activation),
    normEpsilon: NORM_EPSILON,
    initializerRange: c.initializer_range,
    dropout: { hidden: c.dropout, attention: c.attention_dropout, head: c.seq_classif_dropout },
    labels: labelsOf(raw),
    rope: null,
    attentionBias: true,
    feedForwardBias: true,
    tied: c.tie_word_embeddings,
    raw,
  }
}

const unparse = (c: ModelConfig): Raw => ({
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
})

export const DISTILBERT: Family = {
  name: 'distilbert',
  prefix: 'distilbert.',
  defaultTargets: ['q_lin', 'v_lin'],
  headModules: ['pre_classifier', 'classifier'],
  classes: { classification: 'DistilBertForSequenceClassification' },
  parse,
  unparse,
  tensors: (c) => [
    ...encoderTensors(c, NAMES, LANGUAGE),
    ...linearOf(HEAD, 'pre_classifier', c.dim, c.dim),
    ...linearOf(HEAD, 'classifier', c.dim, c.labels.length),
  ],
  forward: encoderForward(NAMES, LANGUAGE, (net, x) => {
    const pooled = net.b.op('Relu', [linear(net, 'pre_classifier', x)])
    return linear(net, 'classifier', drop(net, pooled, 'head', net.config.dropout.head))
  }),
}
