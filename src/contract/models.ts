/** Transformers: where their weights come from, their recipe, what a training tells on its way, and what they cost here. */
import { z } from 'zod'

/** Families of transformers that can be fine-tuned. */
export const ARCHITECTURES = ['bert', 'distilbert', 'llama'] as const
export type Architecture = (typeof ARCHITECTURES)[number]

/** What of a model is trained. `top`: its highest layers and the head. */
export const TRAIN_MODES = ['lora', 'head', 'top', 'full'] as const
export type TrainMode = (typeof TRAIN_MODES)[number]
export const LOSSES = ['bce', 'pos-weight', 'log-weight', 'focal'] as const
export type LossName = (typeof LOSSES)[number]
export const SCHEDULES = ['linear', 'cosine', 'constant'] as const
export const DEVICES = ['auto', 'cpu', 'webgpu', 'cuda'] as const
export type DeviceName = (typeof DEVICES)[number]

const seed = z
  .int()
  .min(0)
  .max(2 ** 31 - 1)

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
/** A model of the library, see {@link ModelEntry}; `digest` says which weights it was, once they were read. */
export const LIBRARY_MODEL = z.strictObject({
  source: z.literal('library'),
  id: z.string().min(1).max(500),
  digest: z.string().max(200).default(''),
})

/** Recipe of a transformer. Every value is recorded with the run. */
export const TRANSFORMER_CONFIG = z.strictObject({
  family: z.literal('transformer'),
  model: z.discriminatedUnion('source', [SCRATCH, LIBRARY_MODEL]),
  mode: z.enum(TRAIN_MODES),
  /** Of mode `top`: how many layers, from the top. */
  topLayers: z.int().min(1).max(200),
  /** Of mode `lora`. `alpha` / `rank` scales the adapters. `targets`: last parts of layer names such as `q_lin`; empty: query and value. */
  lora: z.strictObject({
    rank: z.int().min(1).max(256),
    alpha: z.number().positive().max(1024),
    dropout: z.number().min(0).max(0.9),
    targets: z.array(z.string().min(1).max(100)).max(20),
  }),
  loss: z.enum(LOSSES),
  focal: z.strictObject({ alpha: z.number().min(0).max(1), gamma: z.number().min(0).max(10) }),
  epochs: z.int().min(1).max(200),
  learningRate: z.number().positive().max(1),
  schedule: z.enum(SCHEDULES),
  /** Share of all steps in which the learning rate rises. */
  warmUp: z.number().min(0).max(1),
  weightDecay: z.number().min(0).max(1),
  /** Whether norms and biases decay, too. */
  decayAll: z.boolean(),
  /** Largest norm of the gradient; null: not clipped. */
  clip: z.number().positive().max(1000).nullable(),
  /** Movies in one update of the weights. */
  batch: z.int().min(1).max(1024),
  /** Tokens, padding counted, that are computed at once: an update takes as many such micro-batches as it needs. */
  microTokens: z.int().min(16).max(1_000_000),
  /** Longest text in tokens; the rest of a plot is cut off. */
  maxTokens: z.int().min(8).max(8192),
  /** null: as the model's own configuration says. */
  dropout: z.number().min(0).max(0.9).nullable(),
  /** Figure of the validation part that decides which epoch is kept. */
  keep: z.enum(['micro-f1', 'macro-f1']),
  /** Epochs without a better one after which the training ends; null: never. */
  patience: z.int().min(1).max(100).nullable(),
  /** Share of the training part that is held back for validation where the catalogue has no validation part. */
  validation: z.number().min(0.02).max(0.5),
  /** `folds`: a training for each fold. `head`: heads alone, on the frozen body's activations: cheap, and blind to what fine-tuning adds. */
  outOfFold: z.enum(['folds', 'head']),
  folds: z.int().min(2).max(20),
  seed,
  device: z.enum(DEVICES),
  /** Threads of the CPU; null: one for each core. */
  threads: z.int().min(1).max(256).nullable(),
  /** Activations of frozen layers that may be kept on the disk, in MB. */
  cacheMb: z.int().min(0).max(1_000_000),
  reviewedWeight: z.number().min(0).max(100),
})
export type TransformerConfig = z.output<typeof TRANSFORMER_CONFIG>
export type ScratchModel = z.output<typeof SCRATCH>
export type LibraryModel = z.output<typeof LIBRARY_MODEL>

/** One epoch of a training, as it ends. `fold`: null for the final model. */
export interface EpochFigures {
  readonly fold: number | null
  /** `warm-up`: masked-language-model; its loss alone is given. */
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
  /** Of the compute process, at its highest so far, in MB. */
  readonly memoryMb: number
  readonly elapsedMs: number
  /** This epoch is the best so far. */
  readonly best: boolean
}
/** How a training went: kept with its run. */
export interface TrainingLog {
  readonly epochs: readonly EpochFigures[]
  /** Device that computed, in words, such as `CPU, 2 threads`. */
  readonly device: string
  /** What happened on the way: fallbacks, halved batches, resumes. */
  readonly notes: readonly string[]
}

/** A transformer that can be trained here. */
export interface ModelEntry {
  /** Unique in the library: `scratch`, or the name of a folder. */
  readonly id: string
  readonly name: string
  readonly source: 'scratch' | 'folder' | 'hub'
  readonly architecture: Architecture
  /** Folder of its own files; null for `scratch`. */
  readonly path: string | null
  readonly parameters: number
  readonly bytes: number
  readonly license: string | null
  /** Why it cannot be used any more, such as a folder that is gone; null where it can. */
  readonly problem: string | null
  /** Of an adapter: the model it belongs to, an id of the library or a folder. null: a model of its own. */
  readonly base: string | null
}
/** Where the files of a model of the library lie. */
export interface ModelFiles {
  /** Laid out as Hugging Face does; that of the base where the model is an adapter. */
  readonly modelFolder: string
  /** Of an adapter in PEFT's layout that belongs to it; null: the model as it is. */
  readonly adapterFolder: string | null
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
  /** Why it cannot be used here: an unknown family, no safetensors, a gate; null where it can. */
  readonly problem: string | null
}
/** A file that a download would fetch. */
export interface HubFile {
  readonly name: string
  readonly bytes: number
}
/** Settings of the library of models, and where it lies. */
export interface LibrarySettings {
  /** Nothing is asked of the Hub. */
  readonly offline: boolean
  /** Why it is offline although it is not switched so, such as an environment variable; null where nothing forces it. */
  readonly forced: string | null
  /** Address of the Hub. */
  readonly hub: string
  readonly folder: string
  /** Bytes of the downloaded models. */
  readonly bytes: number
}
/** What a training would take on this machine. */
export interface CostEstimate {
  readonly seconds: number | null
  readonly peakMb: number
  readonly freeMb: number
  readonly fits: boolean
  /** One sentence: what it is based on. */
  readonly basis: string
}
export interface DeviceInfo {
  readonly name: DeviceName
  /** Such as the adapter's own name. */
  readonly label: string
  readonly available: boolean
  /** Result of the self-test, or why it is not available. */
  readonly note: string
}
