/** Families of transformers: names of published tensors, and the nodes that compute a model. A family is one entry of a table. */
import type { Architecture } from '../../../contract/models.ts'
import type { GraphBuilder } from '../graph/builder.ts'
import type { Value } from '../graph/types.ts'
import type { ModelConfig } from './config.ts'

/**
 * `head`: tensors of a new classifier (BERT's pooler belongs to it); `final`: the last norm of a decoder; `language`: the language-model
 * head.
 */
export type Part = 'embeddings' | 'layer' | 'final' | 'head' | 'language'

/** A tensor of a family, under its published name. */
export interface TensorSpec {
  readonly name: string
  readonly shape: readonly number[]
  readonly part: Part
  /** From 0; null outside the layers. */
  readonly layer: number | null
  /** Initial value without a file: normal(0, initializerRange), or one number. */
  readonly initial: 'normal' | 'zeros' | 'ones'
  /** True for the weight of a linear layer, beside which an adapter can be added. */
  readonly linear: boolean
}

/** Maps published names to tensors of a graph: inputs if they are trained, initializers if they are frozen. */
export interface Parameters {
  /** @throws Error naming a tensor that the model does not have */
  get(name: string): Value
  has(name: string): boolean
}

/** Padding is on the right. */
export interface Batch {
  /** int64 (batch, tokens); null if the words are given as embeddings. */
  readonly ids: Value | null
  /** (batch, tokens): 1 for a token, 0 for padding; float32 if everything has to stay on a graphics card, else int64 or int32. */
  readonly mask: Value
}

/** Called wherever the published model applies dropout; `site` names the place, the same in every graph of a model. */
export type Dropout = (x: Value, site: string, rate: number) => Value

/** Low-rank adapters beside linear layers: y = W x + scale * B A dropout(x), for the layers that have `….lora_A.weight`. */
export interface Adapters {
  /** @param linear name of the layer, such as `bert.encoder.layer.0.attention.self.query` */
  scale(linear: string): number
  readonly dropout: number
}

/**
 * `train`: operators that have gradients. `infer`: the place for faster operators without gradients; on the processor none is worth it,
 * because `Gemm` takes nine tenths of the time. `portable`: operators of opset 17 only, for files that other programs open. All compute
 * the same.
 */
export type Lowering = 'train' | 'infer' | 'portable'

/** Keys and values of one layer: (batch, slots, keyHeads*headDim). */
export interface KeysAndValues {
  readonly keys: Value
  readonly values: Value
}
/** Earlier tokens of texts that a graph continues. Each has a slot, in which the layers keep its keys and values. */
export interface Cache {
  /** int64 (batch, tokens): position of each new token in its text. */
  readonly positions: Value
  /** float32 (batch, tokens, slots): how many positions a slot's token is behind the new one; below 0 if it is hidden. */
  readonly behind: Value
  /** float32 (batch, slots, tokens): 1 at the slot of a new token. */
  readonly written: Value
  /** For each layer; 0 in the slots of the new tokens. */
  readonly past: readonly KeysAndValues[]
  /** Receives past and new keys and values of each layer. */
  readonly keep: (layer: number, all: KeysAndValues) => void
}

/** Input of the functions that add a model to a graph. */
export interface Net {
  readonly b: GraphBuilder
  readonly config: ModelConfig
  readonly p: Parameters
  readonly batch: Batch
  readonly lowering: Lowering
  readonly dropout: Dropout | null
  readonly adapters: Adapters | null
  /** null: all tokens of the texts are fed. Of decoders only. */
  readonly cache: Cache | null
}

/** A parsed `config.json`. */
export type Raw = Readonly<Record<string, unknown>>

/** The rows that a layer computes: every token's, or only that of each text's first or last token. */
export type Rows = 'all' | 'first' | 'last'

/** Inside a family hidden states are token matrices (batch*tokens, dim). */
export interface Family {
  readonly name: Architecture
  /** Names of a checkpoint's tensors start with it, or lack it if the model was saved without a head. */
  readonly prefix: string
  /** Last name components of the linear layers that get adapters by default. */
  readonly defaultTargets: readonly string[]
  /** The modules that a PEFT adapter stores whole, beside its low-rank parts. */
  readonly headModules: readonly string[]
  /** Classes of Transformers that load it, for the `architectures` field of an export. */
  readonly classes: { readonly classification: string }
  /** @throws ZodError, UserError `model-unsupported` */
  readonly parse: (raw: Raw) => ModelConfig
  /** `config.json` of a model that was not loaded from a file. */
  readonly unparse: (config: ModelConfig) => Raw
  readonly tensors: (config: ModelConfig) => readonly TensorSpec[]
  readonly forward: ForwardParts
}
export interface ForwardParts {
  /** Name of the word embeddings, (vocabulary, embeddingDim). */
  readonly words: string
  /** Word embeddings (batch, tokens, embeddingDim) to the input of layer 0. */
  readonly embed: (net: Net, words: Value) => Value
  /** One layer: (batch*tokens, dim) to the same, or to (batch, dim) if only one of a text's rows is wanted. */
  readonly layer: (net: Net, index: number, x: Value, rows: Rows) => Value
  /** The computation between layers and head: none, or the last norm. For rows of any shape (…, dim). */
  readonly final: (net: Net, x: Value) => Value
  /** Classified rows (batch, dim) to logits (batch, labels). */
  readonly head: (net: Net, x: Value) => Value
  /** Rows (n, dim) to logits of words (n, vocabulary). */
  readonly language: (net: Net, x: Value) => Value
}
