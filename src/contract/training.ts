/** Methods about models, trainings and what they say: their arguments and answers. Joined to the others in api.ts. */
import { z } from 'zod'
import {
  TRAIN_MODES,
  TRANSFORMER_CONFIG,
  type CostEstimate,
  type DeviceInfo,
  type HubFile,
  type HubModel,
  type LibrarySettings,
  type ModelEntry,
  type TrainingLog,
} from './models.ts'
import type { Comparison, RunConfig, RunInfo, TextPrediction } from './records.ts'

const id = z.int().positive()
const path = z.string().min(1).max(4096)
const nothing = z.strictObject({})
const modelId = z.string().min(1).max(500)
const seed = z
  .int()
  .min(0)
  .max(2 ** 31 - 1)
/** Whether the user has seen what is sent to whom, and agreed. */
const consent = z.boolean().default(false)

/** Settings of the linear family; what is left out has its default. */
export const LINEAR_CONFIG = z
  .strictObject({
    family: z.literal('linear'),
    folds: z.int().min(2).max(20),
    seed,
    c: z.number().positive().max(1e6),
    classWeight: z.enum(['none', 'balanced', 'log']),
    wordNgrams: z.int().min(1).max(3),
    charNgrams: z
      .tuple([z.int().min(1).max(8), z.int().min(1).max(8)])
      .refine(([shortest, longest]) => shortest <= longest, 'the shortest length comes first')
      .nullable(),
    minDf: z.int().min(1).max(1000),
    maxFeatures: z.int().min(100).max(10_000_000).nullable(),
    sublinearTf: z.boolean(),
    stopWords: z.enum(['none', 'english']),
    reviewedWeight: z.number().min(0).max(100),
  })
  .partial()

const { lora, focal } = TRANSFORMER_CONFIG.shape
/** Settings of a transformer; what is left out has the default of its model and mode. */
export const TRANSFORMER_SETTINGS = TRANSFORMER_CONFIG.extend({ lora: lora.partial(), focal: focal.partial() })
  .partial()
  .required({ family: true })

/** Settings of a training. Without a family: of the run that is retrained, else of the linear one. */
export const CONFIG = z.discriminatedUnion('family', [LINEAR_CONFIG, TRANSFORMER_SETTINGS])
export type LinearIn = z.output<typeof LINEAR_CONFIG>
export type TransformerIn = z.output<typeof TRANSFORMER_SETTINGS>
export type ConfigIn = z.output<typeof CONFIG>

/** What a transformer is exported as: its adapter as PEFT writes them, a folder that Transformers loads, or one .onnx graph. */
export const MODEL_EXPORTS = ['adapter', 'merged', 'onnx'] as const
export type ModelExport = (typeof MODEL_EXPORTS)[number]

export const TRAINING_ARGS = {
  /** Recipe that is offered. `model`: `scratch`, or one of the library; `mode`: null for the one that suits it. */
  'train.defaults': z.strictObject({
    family: z.enum(['linear', 'transformer']).default('linear'),
    model: modelId.default('scratch'),
    mode: z.enum(TRAIN_MODES).nullable().default(null),
  }),
  /** `retrain` of a run: same recipe, corrected labels, impossible cells masked, reviewed rows weighted; a job. */
  'train.start': z.strictObject({ config: CONFIG.default({}), retrain: z.boolean().default(false) }),
  /** Goes on with an interrupted run from its last checkpoint, on the labels it began with; a job. */
  'train.resume': z.strictObject({ run: id }),
  /** Gives an interrupted run up: its checkpoints are removed. */
  'train.drop': z.strictObject({ run: id }),
  'runs.list': nothing,
  'runs.restore': z.strictObject({ run: id }),
  'runs.compare': z.strictObject({
    a: id,
    b: id,
    resamples: z.int().min(100).max(20_000).default(2000),
    seed: seed.default(42),
  }),
  /** How the training of a run went; of a running one, so far. */
  'runs.log': z.strictObject({ run: id }),
  /** What every trained family says of a plot: the current run and the newest finished one of each other family. */
  'predict.text': z.strictObject({ plot: z.string().max(100_000), runs: z.array(id).min(1).max(10).nullable().default(null) }),
  /** Models of the library: the small one without weights first. */
  'models.list': nothing,
  /**
   * Takes a folder as Hugging Face or PEFT lays them out into the library, where it lies. `base`: the model that an adapter belongs
   * to, an id of the library or a folder; null: as the adapter says.
   */
  'models.add': z.strictObject({ path, base: z.string().min(1).max(5000).nullable().default(null) }),
  /** Forgets a folder; a downloaded one is deleted from the disk. */
  'models.remove': z.strictObject({ id: modelId }),
  /** Asks the Hub; without consent refused with what would be sent to whom. */
  'models.search': z.strictObject({ query: z.string().min(1).max(200), consent }),
  /** Files that a download would fetch, likewise. */
  'models.describe': z.strictObject({ id: modelId, consent }),
  /** Fetches a model of the Hub into the library; a job. */
  'models.download': z.strictObject({ id: modelId, consent }),
  /** Writes the model of a run into a new folder; null: to be fetched with `files.get`. A job. */
  'models.export': z.strictObject({ run: id, what: z.enum(MODEL_EXPORTS), folder: path.nullable().default(null) }),
  /** What a finished export of a model came to. */
  'models.exported': z.strictObject({ job: id }),
  /** What a training with these settings would take here. */
  'models.estimate': z.strictObject({ config: CONFIG }),
  'models.devices': nothing,
  /** Settings of the library, after changing those that are given. */
  'models.settings': z.strictObject({ offline: z.boolean() }).partial(),
} as const

interface Started {
  readonly job: number
}
export interface TrainingResults {
  'train.defaults': RunConfig
  'train.start': Started & { readonly run: number }
  'train.resume': Started & { readonly run: number }
  'train.drop': null
  'runs.list': readonly RunInfo[]
  'runs.restore': RunInfo
  'runs.compare': Comparison
  'runs.log': TrainingLog
  'predict.text': readonly TextPrediction[]
  'models.list': readonly ModelEntry[]
  'models.add': ModelEntry
  'models.remove': null
  'models.search': readonly HubModel[]
  'models.describe': {
    readonly id: string
    readonly files: readonly HubFile[]
    readonly bytes: number
    readonly license: string | null
    readonly problem: string | null
  }
  'models.download': Started
  'models.export': Started
  'models.exported': {
    /** Where it was written; null where the files are to be fetched. */
    readonly folder: string | null
    readonly files: readonly { readonly name: string; readonly bytes: number; readonly file: string | null }[]
  }
  'models.estimate': CostEstimate
  'models.devices': readonly DeviceInfo[]
  'models.settings': LibrarySettings
}
