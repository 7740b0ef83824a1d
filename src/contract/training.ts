/** Methods about models, trainings and what they say: their arguments and answers. Joined to the others in api.ts. */
import { z } from 'zod'
import { id, method, nothing, path, seed, type, type JobStarted } from './method.ts'
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
import type { Comparison, MetricsReport, RunConfig, RunInfo, TextPrediction } from './records.ts'

const modelId = z.string().min(1).max(500)
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

export interface ModelExportReport {
  /** Where it was written; null where the files are to be fetched. */
  readonly folder: string | null
  readonly files: readonly { readonly name: string; readonly bytes: number; readonly file: string | null }[]
}

/** Trainings. */
export const TRAIN_METHODS = {
  /** Recipe that is offered. `model`: `scratch`, or one of the library; `mode`: null for the one that suits it. */
  'train.defaults': method({
    args: z.strictObject({
      family: z.enum(['linear', 'transformer']).default('linear'),
      model: modelId.default('scratch'),
      mode: z.enum(TRAIN_MODES).nullable().default(null),
    }),
    result: type<RunConfig>(),
    scope: 'project',
  }),
  /** `retrain` of a run: same recipe, corrected labels, impossible cells masked, reviewed rows weighted; a job. */
  'train.start': method({
    args: z.strictObject({ config: CONFIG.default({}), retrain: z.boolean().default(false) }),
    result: type<JobStarted & { readonly run: number }>(),
    scope: 'project',
  }),
  /** Goes on with an interrupted run from its last checkpoint, on the labels it began with; a job. */
  'train.resume': method({ args: z.strictObject({ run: id }), result: type<JobStarted & { readonly run: number }>(), scope: 'project' }),
  /** Gives an interrupted run up: its checkpoints are removed. */
  'train.drop': method({ args: z.strictObject({ run: id }), result: type<null>(), scope: 'project' }),
}

/** Runs and their figures. */
export const RUN_METHODS = {
  'metrics.get': method({
    args: z.strictObject({
      run: id.nullable().default(null),
      part: z.enum(['test', 'valid', 'oof']).default('test'),
      labels: z.enum(['source', 'corrected']).default('corrected'),
      threshold: z.union([z.literal('per-genre'), z.number().min(0).max(1)]).default('per-genre'),
    }),
    result: type<MetricsReport>(),
    scope: 'project',
  }),
  'runs.list': method({ args: nothing, result: type<readonly RunInfo[]>(), scope: 'project' }),
  'runs.restore': method({ args: z.strictObject({ run: id }), result: type<RunInfo>(), scope: 'project' }),
  'runs.compare': method({
    args: z.strictObject({
      a: id,
      b: id,
      resamples: z.int().min(100).max(20_000).default(2000),
      seed: seed.default(42),
    }),
    result: type<Comparison>(),
    scope: 'project',
  }),
  /** How the training of a run went; of a running one, so far. */
  'runs.log': method({ args: z.strictObject({ run: id }), result: type<TrainingLog>(), scope: 'project' }),
}

/** Predictions for any text. */
export const PREDICT_METHODS = {
  /** What every trained family says of a plot: the current run and the newest finished one of each other family. */
  'predict.text': method({
    args: z.strictObject({ plot: z.string().max(100_000), runs: z.array(id).min(1).max(10).nullable().default(null) }),
    result: type<readonly TextPrediction[]>(),
    scope: 'project',
  }),
}

/** The library of models and the devices of this machine. */
export const MODEL_METHODS = {
  /** Models of the library: the small one without weights first. */
  'models.list': method({ args: nothing, result: type<readonly ModelEntry[]>(), scope: 'app' }),
  /**
   * Takes a folder as Hugging Face or PEFT lays them out into the library, where it lies. `base`: the model that an adapter belongs
   * to, an id of the library or a folder; null: as the adapter says.
   */
  'models.add': method({
    args: z.strictObject({ path, base: z.string().min(1).max(5000).nullable().default(null) }),
    result: type<ModelEntry>(),
    scope: 'app',
    paths: { path: 'model-folder' },
  }),
  /** Forgets a folder; a downloaded one is deleted from the disk. */
  'models.remove': method({ args: z.strictObject({ id: modelId }), result: type<null>(), scope: 'app' }),
  /** Asks the Hub; without consent refused with what would be sent to whom. */
  'models.search': method({
    args: z.strictObject({ query: z.string().min(1).max(200), consent }),
    result: type<readonly HubModel[]>(),
    scope: 'app',
  }),
  /** Files that a download would fetch, likewise. */
  'models.describe': method({
    args: z.strictObject({ id: modelId, consent }),
    result: type<{
      readonly id: string
      readonly files: readonly HubFile[]
      readonly bytes: number
      readonly license: string | null
      readonly problem: string | null
    }>(),
    scope: 'app',
  }),
  /** Fetches a model of the Hub into the library; a job. */
  'models.download': method({ args: z.strictObject({ id: modelId, consent }), result: type<JobStarted>(), scope: 'app' }),
  /** Writes the model of a run into a new folder; null: to be fetched with `files.get`. A job. */
  'models.export': method({
    args: z.strictObject({ run: id, what: z.enum(MODEL_EXPORTS), folder: path.nullable().default(null) }),
    result: type<JobStarted>(),
    scope: 'project',
    paths: { folder: 'download' },
  }),
  /** What a training with these settings would take here. */
  'models.estimate': method({ args: z.strictObject({ config: CONFIG }), result: type<CostEstimate>(), scope: 'project' }),
  'models.devices': method({ args: nothing, result: type<readonly DeviceInfo[]>(), scope: 'app' }),
  /** Settings of the library, after changing those that are given. */
  'models.settings': method({ args: z.strictObject({ offline: z.boolean() }).partial(), result: type<LibrarySettings>(), scope: 'app' }),
}
