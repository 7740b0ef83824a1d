/** Trainings, runs, predictions and the library of models. */
import { z } from 'zod'
import { MAX_CHARACTERS } from './filter.ts'
import { SOURCE } from './importing.ts'
import { READS } from './model-text.ts'
import { appMethod, id, path, projectMethod, seed, type, type JobStarted } from './method.ts'
import {
  DROP_WORDS,
  TEXT_COLUMNS,
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
import { ENSEMBLE_KINDS, type Comparison, type MetricsReport, type RunConfig, type RunInfo, type TextPrediction } from './records.ts'

export const modelId = z.string().min(1).max(500)
/** True if the user has been shown what is sent to which server, and has agreed. */
const consent = z.boolean().default(false)

/** Settings of the linear family; missing ones have their defaults. */
export const LINEAR_CONFIG = z
  .strictObject({
    family: z.literal('linear'),
    folds: z.int().min(2).max(20),
    seed,
    reads: z.enum(READS),
    columns: TEXT_COLUMNS,
    dropWords: DROP_WORDS,
    c: z.number().positive().max(1e6),
    classWeight: z.enum(['none', 'balanced', 'log']),
    ratioShare: z.number().min(0).max(1),
    bayesWeight: z.number().min(0).max(10),
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
/** Settings of a transformer; missing ones have the defaults of its model and mode. */
export const TRANSFORMER_SETTINGS = TRANSFORMER_CONFIG.extend({ lora: lora.partial(), focal: focal.partial() })
  .partial()
  .required({ family: true })

/** Settings of an ensemble. What is missing comes from the ensemble that is combined again. */
export const ENSEMBLE_SETTINGS = z
  .strictObject({ family: z.literal('ensemble'), runs: z.array(id).max(8), how: z.enum(ENSEMBLE_KINDS), seed })
  .partial()
  .required({ family: true })

/** Settings of a training. The default family is that of the run being retrained, else the linear one. */
export const CONFIG = z.discriminatedUnion('family', [LINEAR_CONFIG, TRANSFORMER_SETTINGS, ENSEMBLE_SETTINGS])
export type LinearIn = z.output<typeof LINEAR_CONFIG>
export type TransformerIn = z.output<typeof TRANSFORMER_SETTINGS>
export type EnsembleIn = z.output<typeof ENSEMBLE_SETTINGS>
export type ConfigIn = z.output<typeof CONFIG>

/** Formats of an exported transformer: its adapter as PEFT writes them, a folder that Transformers loads, or one .onnx graph. */
export const MODEL_EXPORTS = ['adapter', 'merged', 'onnx'] as const
export type ModelExport = (typeof MODEL_EXPORTS)[number]

export interface ModelExportReport {
  /** Folder of the files; null if they are to be fetched with `files.get`. */
  readonly folder: string | null
  readonly files: readonly { readonly name: string; readonly bytes: number; readonly file: string | null }[]
}

/** The data that leave this machine in a training on workers, besides the recipe and the files of its base model. */
export interface Sends {
  /** Host and port of the queue; null: none is set. */
  readonly to: string | null
  readonly encrypted: boolean
  /** Movies whose text, as the recipe reads it, is sent. */
  readonly movies: number
  readonly labels: number
}

/** Trainings. */
export const TRAIN_METHODS = {
  /** Default recipe. `model`: `scratch` or an id of the library. `mode`: null for the model's default mode. */
  'train.defaults': projectMethod(
    {
      family: z.enum(['linear', 'transformer']).default('linear'),
      model: modelId.default('scratch'),
      mode: z.enum(TRAIN_MODES).nullable().default(null),
    },
    type<RunConfig>(),
  ),
  /** Original columns that a model may read after the plot. */
  'train.columns': projectMethod({}, type<readonly string[]>()),
  /** Starts a training; a job. `retrain`: the current run's recipe on corrected labels, with impossible cells masked and reviewed rows weighted. */
  'train.start': projectMethod(
    /** `workers`: on the workers of the queue, to which it sends what {@link Sends} says. */
    { config: CONFIG.default({}), retrain: z.boolean().default(false), workers: z.boolean().default(false) },
    type<JobStarted & { readonly run: number }>(),
  ),
  /** Resumes an interrupted run from its last checkpoint, on the labels it started with; a job. */
  'train.resume': projectMethod({ run: id }, type<JobStarted & { readonly run: number }>()),
  /** The data that a training on workers would send; nothing is contacted. */
  'train.sends': projectMethod({}, type<Sends>()),
}

/** Runs and their figures. */
export const RUN_METHODS = {
  'metrics.get': projectMethod(
    {
      run: id.nullable().default(null),
      part: z.enum(['test', 'valid', 'oof']).default('test'),
      labels: z.enum(['source', 'corrected']).default('corrected'),
      threshold: z.union([z.literal('per-genre'), z.number().min(0).max(1)]).default('per-genre'),
      /** Only the movies of the part that this filter selects. */
      where: z.string().max(MAX_CHARACTERS).default(''),
      /** Resamples of the bootstrap intervals; 0: no intervals. */
      resamples: z.int().min(0).max(20_000).default(0),
      seed: seed.default(42),
    },
    type<MetricsReport>(),
  ),
  'runs.list': projectMethod({}, type<readonly RunInfo[]>()),
  'runs.restore': projectMethod({ run: id }, type<RunInfo>()),
  'runs.rename': projectMethod({ run: id, name: z.string().trim().min(1).max(100) }, type<RunInfo>()),
  /** Writes a note on a run; an empty one removes it. */
  'runs.note': projectMethod({ run: id, note: z.string().trim().max(2000) }, type<RunInfo>()),
  /**
   * Deletes a run, which must not be the current one, with its scores, predictions, model and checkpoints. `folder`: where a model that was
   * too large for the project stays, because copies and backups of the project may use it; null if there is none.
   */
  'runs.delete': projectMethod({ run: id }, type<{ readonly folder: string | null }>()),
  'runs.compare': projectMethod(
    {
      a: id,
      b: id,
      resamples: z.int().min(100).max(20_000).default(2000),
      seed: seed.default(42),
    },
    type<Comparison>(),
  ),
  /** Log of a run's training; of a running one up to now. */
  'runs.log': projectMethod({ run: id }, type<TrainingLog>()),
}

/** Predictions for any text. */
export const PREDICT_METHODS = {
  /** Predictions for a plot, by default of the current run and of the newest finished run of each other family. */
  'predict.text': projectMethod(
    {
      title: z.string().max(10_000).default(''),
      plot: z.string().max(100_000),
      runs: z.array(id).min(1).max(10).nullable().default(null),
    },
    type<readonly TextPrediction[]>(),
  ),
  /**
   * Predicts every movie of a file, or every kept movie of a project, into a CSV file; a job. The call goes on with what an earlier one has
   * left in `PREDICTIONS.part`.
   * @throws UserError `no-run`, `no-queue`, `is-a-project`, `is-a-source`, and those of an import of the file
   */
  'predict.movies': projectMethod(
    {
      /** The file, or a project. */
      path,
      /** Where the predictions are written; null: a temporary file, which is downloaded. */
      predictions: path.nullable().default(null),
      /** Null: the current run. */
      run: id.nullable().default(null),
      /** Columns of a file, as in an import. */
      mapping: SOURCE.mapping,
      /** Whether workers predict, as in `train.start`. */
      workers: z.boolean().default(false),
    },
    type<JobStarted>(),
    { path: 'upload', predictions: 'download' },
  ),
}
/** A file of predictions that was written. */
export interface PredictedMovies {
  readonly path: string
  /** Handle of a temporary file; null for one that was written to its place. */
  readonly file: string | null
  readonly movies: number
  readonly shards: number
  /** Shards that an earlier attempt had predicted. */
  readonly resumed: number
}

/** The library of models and the devices of this machine. */
export const MODEL_METHODS = {
  /** Models of the library; the small transformer without pretrained weights comes first. */
  'models.list': appMethod({}, type<readonly ModelEntry[]>()),
  /**
   * Registers a folder in the layout of Hugging Face or PEFT with the library, without copying it. `base`: the base model of an
   * adapter, as an id of the library or a folder; null: the one that the adapter names. A page names none.
   */
  'models.add': appMethod({ path, base: z.string().min(1).max(5000).nullable().default(null) }, type<ModelEntry>(), {
    path: 'model-folder',
    base: 'model-folder',
  }),
  /** Removes a model from the library; the files of a downloaded one are deleted. */
  'models.remove': appMethod({ id: modelId }, type<null>()),
  /** Searches the Hub. Without consent it fails with `consent`, saying what would be sent to which server. */
  'models.search': appMethod({ query: z.string().min(1).max(200), consent }, type<readonly HubModel[]>()),
  /** Files that a download would fetch. Needs consent like `models.search`. */
  'models.describe': appMethod(
    { id: modelId, consent },
    type<{
      readonly id: string
      readonly files: readonly HubFile[]
      readonly bytes: number
      readonly license: string | null
      readonly problem: string | null
    }>(),
  ),
  /** Downloads a model of the Hub into the library; a job. */
  'models.download': appMethod({ id: modelId, consent }, type<JobStarted>()),
  /** Writes the model of a run into a new folder; null: files to be fetched with `files.get`. A job. */
  'models.export': projectMethod({ run: id, what: z.enum(MODEL_EXPORTS), folder: path.nullable().default(null) }, type<JobStarted>(), {
    folder: 'download',
  }),
  /** Time and memory that a training with these settings would take on this machine. */
  'models.estimate': projectMethod({ config: CONFIG }, type<CostEstimate>()),
  'models.devices': appMethod({}, type<readonly DeviceInfo[]>()),
  /** Changes the given settings of the library and returns all of them. */
  'models.settings': appMethod(z.strictObject({ offline: z.boolean() }).partial(), type<LibrarySettings>()),
}
