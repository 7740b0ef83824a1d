/** Families of transformers: what is published under which names, and the nodes that compute it. A family is one entry of a table. */
import type { Architecture } from '../../../contract/models.ts'
import type { GraphBuilder } from '../graph/builder.ts'
import type { Value } from '../graph/types.ts'
import type { ModelConfig } from './config.ts'

/** `head`: what a fresh classifier needs (BERT's pooler belongs to it); `final`: the last norm of a decoder; `language`: of word prediction. */
export type Part = 'embeddings' | 'layer' | 'final' | 'head' | 'language'

/** A tensor of a family, under its published name. */
export interface TensorSpec {
  readonly name: string
  readonly shape: readonly number[]
  readonly part: Part
  /** From 0; null outside of the layers. */
  readonly layer: number | null
  /** How it begins where there is no file: normal(0, initializerRange), or one number. */
  readonly initial: 'normal' | 'zeros' | 'ones'
  /** The weight of a linear layer: an adapter can be put beside it. */
  readonly linear: boolean
}

/** Published names to tensors of a graph: inputs where they are trained, initializers where they are frozen. */
export interface Parameters {
  /** @throws Error naming a tensor that the model does not have */
  get(name: string): Value
  has(name: string): boolean
}

/** Padding is on the right. */
export interface Batch {
  /** int64 (batch, tokens); null where the words come embedded. */
  readonly ids: Value | null
  /** (batch, tokens): 1 for a token, 0 for padding; float32 where all is to stay on a graphics card, else int64 or int32. */
  readonly mask: Value
}

/** Called wherever the published model drops out; `site` names the place, the same in every graph of a model. */
export type Dropout = (x: Value, site: string, rate: number) => Value

/** Low-rank adapters beside linear layers: y = W x + scale * B A dropout(x), of the layers that have `….lora_A.weight`. */
export interface Adapters {
  /** @param linear name of the layer, such as `bert.encoder.layer.0.attention.self.query` */
  scale(linear: string): number
  readonly dropout: number
}

/**
 * `train`: operators that have gradients. `infer`: where faster operators without gradients belong; on the processor none is worth it,
 * nine tenths of the time are `Gemm`. `portable`: operators of opset 17 alone, for files that other programs open. All compute the same.
 */
export type Lowering = 'train' | 'infer' | 'portable'

/** What adding a model to a graph needs. */
export interface Net {
  readonly b: GraphBuilder
  readonly config: ModelConfig
  readonly p: Parameters
  readonly batch: Batch
  readonly lowering: Lowering
  readonly dropout: Dropout | null
  readonly adapters: Adapters | null
}

/** A parsed `config.json`. */
export type Raw = Readonly<Record<string, unknown>>

/** Inside a family hidden states are token matrices (batch*tokens, dim). */
export interface Family {
  readonly name: Architecture
  /** Names of checkpoints begin with it, or lack it where they were saved without a head. */
  readonly prefix: string
  /** Last parts of the names of linear layers that get adapters unless others are asked for. */
  readonly defaultTargets: readonly string[]
  /** The modules that a PEFT adapter keeps whole, beside its low-rank parts. */
  readonly headModules: readonly string[]
  /** Classes of Transformers that load it, for `architectures` of an export. */
  readonly classes: { readonly classification: string }
  /** @throws ZodError, UserError `model-unsupported` */
  readonly parse: (raw: Raw) => ModelConfig
  /** `config.json` of a model that was never in a file. */
  readonly unparse: (config: ModelConfig) => Raw
  readonly tensors: (config: ModelConfig) => readonly TensorSpec[]
  readonly forward: ForwardParts
}
export interface ForwardParts {
  /** Name of the word embeddings, (vocabulary, dim). */
  readonly words: string
  /** Words (batch, tokens, dim), as looked up, to the input of layer 0. */
  readonly embed: (net: Net, words: Value) => Value
  /** One layer, all positions. */
  readonly layer: (net: Net, index: number, x: Value) => Value
  /** One layer, only the position that is classified: (batch, dim). Equal to that position of `layer`. */
  readonly topLayer: (net: Net, index: number, x: Value) => Value
  /** The position that is classified: (batch*tokens, dim) to (batch, dim). */
  readonly position: (net: Net, x: Value) => Value
  /** What follows the layers before a head: nothing, or the last norm. Of any rows (…, dim). */
  readonly final: (net: Net, x: Value) => Value
  /** Rows that are classified, (batch, dim), to logits (batch, labels). */
  readonly head: (net: Net, x: Value) => Value
  /** Rows (n, dim) to logits of words (n, vocabulary). */
  readonly language: (net: Net, x: Value) => Value
}
