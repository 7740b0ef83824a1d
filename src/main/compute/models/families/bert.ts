/** BERT: Devlin et al., arXiv:1810.04805; names and classification head of Transformers' BertForSequenceClassification. */
import { z } from 'zod'
import { COMMON_VARIANTS, count, epsilon, labelsOf, LIMITS, rate, refusePruned, refuseVariants, type ModelConfig } from '../config.ts'
import type { Family } from '../family.ts'
import { knownActivation } from '../layers/activations.ts'
import { drop, linear } from '../layers/basic.ts'
import { encoderForward, type EncoderNames } from '../layers/encoder.ts'
import { evenHeads, type Raw } from './checks.ts'
import { encoderTensors } from './encoder-specs.ts'
import { linearOf, type Place } from './specs.ts'

const NAMES: EncoderNames = {
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
const LANGUAGE = {
  dense: 'cls.predictions.transform.dense',
  norm: 'cls.predictions.transform.LayerNorm',
  bias: 'cls.predictions.bias',
}
const HEAD: Place = { part: 'head', layer: null }

const CONFIG = z.looseObject({
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

function parse(raw: Raw): ModelConfig {
  refuseVariants(raw, [...COMMON_VARIANTS, ['position_embedding_type', ['absolute'], 'relative position embeddings']])
  refusePruned(raw)
  const c = CONFIG.parse(raw)
  return {
    architecture: 'bert',
    layers: c.num_hidden_layers,
    dim: c.hidden_size,
    ...evenHeads(c.hidden_size, c.num_attention_heads),
    hidden: c.intermediate_size,
    vocabulary: c.vocab_size,
    positions: c.max_position_embeddings,
    segments: c.type_vocab_size,
    padId: c.pad_token_id ?? 0,
    activation: knownActivation(c.hidden_act),
    normEpsilon: c.layer_norm_eps,
    initializerRange: c.initializer_range,
    dropout: {
      hidden: c.hidden_dropout_prob,
      attention: c.attention_probs_dropout_prob,
      head: c.classifier_dropout ?? c.hidden_dropout_prob,
    },
    labels: labelsOf(raw),
    rope: null,
    attentionBias: true,
    feedForwardBias: true,
    tied: c.tie_word_embeddings,
    raw,
  }
}

const unparse = (c: ModelConfig): Raw => ({
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
})

export const BERT: Family = {
  name: 'bert',
  prefix: 'bert.',
  defaultTargets: ['query', 'value'],
  headModules: ['classifier', 'pooler'],
  classes: { classification: 'BertForSequenceClassification' },
  parse,
  unparse,
  tensors: (c) => [
    ...encoderTensors(c, NAMES, LANGUAGE),
    ...linearOf(HEAD, 'bert.pooler.dense', c.dim, c.dim),
    ...linearOf(HEAD, 'classifier', c.dim, c.labels.length),
  ],
  forward: encoderForward(NAMES, LANGUAGE, (net, x) => {
    const pooled = net.b.op('Tanh', [linear(net, 'bert.pooler.dense', x)])
    return linear(net, 'classifier', drop(net, pooled, 'head', net.config.dropout.head))
  }),
}
