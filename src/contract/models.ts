/** Transformers: sources of weights, recipes, progress of a training, and costs on this machine. */
import { z } from 'zod'
import { seed } from './method.ts'
import { READS } from './model-text.ts'

/** Families of transformers that can be fine-tuned, by the `model_type` of their `config.json`. */
const ENCODERS = ['bert', 'distilbert', 'roberta', 'xlm-roberta', 'mpnet', 'electra', 'modernbert'] as const
/** Families that predict the next token: they also write text. */
export const DECODERS = ['llama', 'mistral', 'qwen2', 'qwen3', 'smollm3', 'gemma3_text'] as const
export const ARCHITECTURES = [...ENCODERS, ...DECODERS] as const
export type Architecture = (typeof ARCHITECTURES)[number]
/** True for a family that can write text. */
export const isDecoder = (architecture: Architecture): boolean => (DECODERS as readonly string[]).includes(architecture)
/** Vectors of the library, which recipes read and nothing trains: static embeddings of tokens, and text files of word vectors. */
const VECTOR_KINDS = ['model2vec', 'vectors'] as const
export const LIBRARY_KINDS = [...ARCHITECTURES, ...VECTOR_KINDS] as const
export type LibraryKind = (typeof LIBRARY_KINDS)[number]
export const isTrainable = (kind: LibraryKind): kind is Architecture => (ARCHITECTURES as readonly string[]).includes(kind)

/** Which part of a model is trained. `top`: its highest layers and the head. */
export const TRAIN_MODES = ['lora', 'head', 'top', 'full'] as const
export type TrainMode = (typeof TRAIN_MODES)[number]
export const LOSSES = ['bce', 'pos-weight', 'log-weight', 'focal', 'asymmetric', 'large-loss'] as const
export type LossName = (typeof LOSSES)[number]
export const SCHEDULES = ['linear', 'cosine', 'constant'] as const
export const DEVICES = ['auto', 'cpu', 'webgpu', 'cuda'] as const
export type DeviceName = (typeof DEVICES)[number]

/** A small BERT that learns its vocabulary and everything else from the project's own plots. */
export const SCRATCH = z.strictObject({
  source: z.literal('scratch'),
  layers: z.int().min(1).max(12),
  dim: z.int().min(16).max(1024),
  heads: z.int().min(1).max(16),
  hidden: z.int().min(16).max(4096),
  vocabulary: z.int().min(200).max(50_000),
  /** Epochs of masked-language-model warm-up over all plots; 0: none. */
  warmUpEpochs: z.int().min(0).max(100),
})
/** A model of the library, see {@link ModelEntry}. `digest` identifies its weights; empty until they are read. */
const LIBRARY_MODEL = z.strictObject({
  source: z.literal('library'),
  id: z.string().min(1).max(500),
  digest: z.string().max(200).default(''),
})

/** Names of original columns that a model reads after the plot. */
export const TEXT_COLUMNS = z.array(z.string().min(1).max(1000)).max(20)

/** Words that are left out of the text. */
export const DROP_WORDS = z.array(z.string().trim().toLowerCase().min(1).max(100)).max(500)

/** Training recipe of a transformer. Every value is recorded with the run. */
export const TRANSFORMER_CONFIG = z.strictObject({
  family: z.literal('transformer'),
  model: z.discriminatedUnion('source', [SCRATCH, LIBRARY_MODEL]),
  mode: z.enum(TRAIN_MODES),
  /** Mode `top`: how many layers are trained, from the top. */
  topLayers: z.int().min(1).max(200),
  /** Mode `lora`. `alpha` / `rank` scales the adapters. `targets`: last parts of layer names such as `q_lin`; empty: query and value. */
  lora: z.strictObject({
    rank: z.int().min(1).max(256),
    alpha: z.number().positive().max(1024),
    dropout: z.number().min(0).max(0.9),
    targets: z.array(z.string().min(1).max(100)).max(20),
  }),
  loss: z.enum(LOSSES),
  focal: z.strictObject({ alpha: z.number().min(0).max(1), gamma: z.number().min(0).max(10) }),
  /** Loss `large-loss`: share of the labels by which more are corrected in each epoch after the first. */
  largeLoss: z.number().min(0).max(0.2).optional(),
  epochs: z.int().min(1).max(200),
  learningRate: z.number().positive().max(1),
  schedule: z.enum(SCHEDULES),
  /** Share of all steps in which the learning rate rises. */
  warmUp: z.number().min(0).max(1),
  weightDecay: z.number().min(0).max(1),
  /** True if weight decay also applies to norms and biases. */
  decayAll: z.boolean(),
  /** Largest norm of the gradient; null: not clipped. */
  clip: z.number().positive().max(1000).nullable(),
  /** Movies per update of the weights. */
  batch: z.int().min(1).max(1024),
  /** Tokens per micro-batch, padding included; an update accumulates as many micro-batches as it needs. */
  microTokens: z.int().min(16).max(1_000_000),
  /** Longest text in tokens; the rest of a plot is cut off. */
  maxTokens: z.int().min(8).max(8192),
  /** Null: the value of the model's own configuration. */
  dropout: z.number().min(0).max(0.9).nullable(),
  /** Validation figure that decides which epoch's weights are kept. */
  keep: z.enum(['micro-f1', 'macro-f1']),
  /** Early stopping: epochs without improvement after which the training ends; null: never. */
  patience: z.int().min(1).max(100).nullable(),
  /** Share of the training part that is held out for validation if the catalogue has no validation part. */
  validation: z.number().min(0.02).max(0.5),
  /** `folds`: a training for each fold. `head`: only heads are trained, on the frozen body's activations; cheap, but it ignores what fine-tuning adds. */
  outOfFold: z.enum(['folds', 'head']),
  folds: z.int().min(2).max(20),
  seed,
  reads: z.enum(READS),
  columns: TEXT_COLUMNS.optional(),
  dropWords: DROP_WORDS.optional(),
  device: z.enum(DEVICES),
  /** CPU threads; null: one per core. */
  threads: z.int().min(1).max(256).nullable(),
  /** Disk space for cached activations of frozen layers, in MB. */
  cacheMb: z.int().min(0).max(1_000_000),
  reviewedWeight: z.number().min(0).max(100),
})
export type TransformerConfig = z.output<typeof TRANSFORMER_CONFIG>
export type ScratchModel = z.output<typeof SCRATCH>
export type LibraryModel = z.output<typeof LIBRARY_MODEL>

/** Figures of a finished epoch. `fold`: null for the final model. */
export interface EpochFigures {
  readonly fold: number | null
  /** `warm-up`: masked-language-model training, which has a loss only. */
  readonly stage: 'warm-up' | 'fine-tuning'
  /** From 1. */
  readonly epoch: number
  readonly epochs: number
  readonly trainLoss: number
  readonly validLoss: number | null
  readonly microF1: number | null
  readonly macroF1: number | null
  readonly learningRate: number
  readonly tokensPerSecond: number
  /** Peak memory of the compute process so far, in MB. */
  readonly memoryMb: number
  readonly elapsedMs: number
  /** True if this epoch is the best so far. */
  readonly best: boolean
}
/** Log of a training, stored with its run. */
export interface TrainingLog {
  readonly epochs: readonly EpochFigures[]
  /** Device, in words, such as `CPU, 2 threads`. */
  readonly device: string
  /** Events of the training: fallbacks, halved batches, resumes. */
  readonly notes: readonly string[]
}

/** A transformer that can be trained here, or vectors that recipes read. */
export interface ModelEntry {
  /** Unique in the library: `scratch`, or the name of a folder. */
  readonly id: string
  readonly name: string
  readonly source: 'scratch' | 'folder' | 'hub'
  readonly architecture: LibraryKind
  /** Folder of its own files, or the file of word vectors; null for `scratch`. */
  readonly path: string | null
  readonly parameters: number
  readonly bytes: number
  readonly license: string | null
  /** Why it cannot be used, such as a missing folder; null if it can. */
  readonly problem: string | null
  /** Base model of an adapter, as an id of the library or a folder; null for a complete model. */
  readonly base: string | null
}
/** The content of the headers of a model's files. `bytes`: size of all its files. */
export type ModelFacts = Pick<ModelEntry, 'architecture' | 'license' | 'parameters' | 'bytes'>
/** Where the files of a model of the library are stored. */
export interface ModelFiles {
  /** Folder in the layout of Hugging Face; the base model's folder if the model is an adapter. */
  readonly modelFolder: string
  /** Folder of the adapter in PEFT's layout; null for a complete model. */
  readonly adapterFolder: string | null
}
/** Dropout rates of the published model in training. */
export interface DropoutRates {
  /** Rate after the embeddings and inside the layers. */
  readonly hidden: number
  /** Rate of attention probabilities. */
  readonly attention: number
  /** Rate before the classifier. */
  readonly head: number
}

/** Rotary position embeddings: the base of the wavelengths, and how they are scaled for texts longer than those of pre-training. */
export interface Rope {
  readonly theta: number
  readonly scaling:
    | null
    | { readonly type: 'linear'; readonly factor: number }
    | {
        readonly type: 'llama3'
        readonly factor: number
        readonly lowFactor: number
        readonly highFactor: number
        readonly originalPositions: number
      }
}

/** How one layer attends. */
export interface LayerAttention {
  /** Rotation of queries and keys by their positions; null: none. */
  readonly rope: Rope | null
  /** Tokens that a decoder's token attends to, itself included, or an encoder's to each side; null: all. */
  readonly window: number | null
}

export const POOLINGS = ['first', 'last', 'mean'] as const
export type Pooling = (typeof POOLINGS)[number]

/** The settings of a model's `config.json` under Reelabel's names: the same for every family. */
export interface ModelSettings {
  readonly architecture: Architecture
  readonly layers: number
  readonly dim: number
  /** Width of the word embeddings; another one than `dim` if the model projects them. */
  readonly embeddingDim: number
  readonly heads: number
  /** Number of key and value heads; fewer than `heads` if groups of queries share them. */
  readonly keyHeads: number
  readonly headDim: number
  /** Width of the feed-forward layer. */
  readonly hidden: number
  readonly vocabulary: number
  /** Longest input in tokens. */
  readonly positions: number
  /** Row of the first token in the table of positions. */
  readonly firstPosition: number
  /** Number of segment embeddings; 0 if the family has none. */
  readonly segments: number
  readonly padId: number
  /** Name of the activation function, see `layers/activations.ts`. */
  readonly activation: string
  readonly normEpsilon: number
  readonly initializerRange: number
  readonly dropout: DropoutRates
  /** Names of the outputs of the classification head, in order. */
  readonly labels: readonly string[]
  /** One for each layer. */
  readonly attention: readonly LayerAttention[]
  /** Factor of the products of queries and keys. */
  readonly scoreScale: number
  /** True if the projections to queries, keys and values have biases. */
  readonly attentionBias: boolean
  /** True if the projection of the attention's result has a bias. */
  readonly outputBias: boolean
  readonly feedForwardBias: boolean
  /** The part of a text's tokens that the head receives: the first, the last, or their mean. */
  readonly pooling: Pooling
  /** True if the language-model head shares the word embeddings. */
  readonly tied: boolean
}
/** A model of the library that can be used. */
export interface UsableModel {
  readonly id: string
  readonly architecture: Architecture
  readonly files: ModelFiles
  readonly settings: ModelSettings
  /** The recipe that continues with an adapter's own tensors; null if none does, or for a complete model. */
  readonly lora: TransformerConfig['lora'] | null
}
/** A model of the Hub, from a search. */
export interface HubModel {
  readonly id: string
  readonly architecture: string | null
  /** Bytes of the files that would be downloaded. */
  readonly bytes: number | null
  readonly license: string | null
  readonly downloads: number
  readonly updated: string | null
  /** Why it cannot be used here: unknown family, no safetensors, gated; null if it can. */
  readonly problem: string | null
}
/** A file that a download would fetch. */
export interface HubFile {
  readonly name: string
  readonly bytes: number
}
/** Settings of the library of models, and where it is stored. */
export interface LibrarySettings {
  /** True if the Hub is never contacted. */
  readonly offline: boolean
  /** The reason why it is always offline, such as an environment variable; null if there is none. */
  readonly forced: string | null
  /** Address of the Hub. */
  readonly hub: string
  readonly folder: string
  /** Bytes of the downloaded models. */
  readonly bytes: number
}
/** Estimated time and memory of a training on this machine. */
export interface CostEstimate {
  readonly seconds: number
  readonly peakMb: number
  readonly freeMb: number
  readonly fits: boolean
  /** Trainings of this kind on this machine that the estimate is based on; 0: it is rough. */
  readonly runs: number
}
export interface DeviceInfo {
  readonly name: DeviceName
  /** Name for people, such as the adapter's own name. */
  readonly label: string
  readonly available: boolean
  /** Result of the self-test, or why it is not available. */
  readonly note: string
}
