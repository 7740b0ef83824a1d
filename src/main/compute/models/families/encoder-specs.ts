/** Tensors of an encoder by its table of names. */
import type { ModelConfig } from '../config.ts'
import type { TensorSpec } from '../family.ts'
import type { EncoderNames, LanguageHeadNames } from '../layers/encoder.ts'
import { linearOf, normOf, table, vector, type Place } from './specs.ts'

const EMBEDDINGS: Place = { part: 'embeddings', layer: null }
const LANGUAGE: Place = { part: 'language', layer: null }

/** Embeddings, layers and the language head, in the order in which they compute. */
export function encoderTensors(c: ModelConfig, names: EncoderNames, language: LanguageHeadNames): TensorSpec[] {
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
