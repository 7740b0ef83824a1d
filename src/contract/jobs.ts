/** Messages between the engine and its processes. A compute or job process ends after one job; inference and reader processes stay for a while. */
import type { DecoderTask } from './decoders.ts'
import type { Answer } from './answers.ts'
import type { ExportOptions, ExportReport } from './exporting.ts'
import type { CleaningReport, CleanRuleSet, RuleId } from './cleaning.ts'
import type { ClassicalConfig } from './classical.ts'
import type { WordWeight } from './error-analysis.ts'
import type { ErrorReply } from './errors.ts'
import type { ImportPlan, ImportReport, ImportSource } from './importing.ts'
import type { FoundMap, MapConfig } from './map.ts'
import type { MergePlan } from './merging.ts'
import type { TextRecipe } from './model-text.ts'
import type { DeviceInfo, EpochFigures, ModelEntry, ModelFacts, Pooling, TransformerConfig, UsableModel } from './models.ts'
import type { EnsembleConfig, ExplainMethod, Explanation, LinearConfig, RunInfo, Scale } from './records.ts'
import type { ComparedDecisions } from './people.ts'
import type { SalvagedTable } from './safety.ts'
import type { SuspectConfig, WrongEstimate } from './suspects.ts'
import type { ModelExport } from './training.ts'

/** Stands for the fold of rows that train no model (valid, test). */
export const NOT_TRAINING = 255

/** Data of a training of either family: labels to learn, and movies to predict. */
export interface TrainingData {
  /** The project file, opened read-only by the compute process. */
  readonly project: string
  readonly run: number
  /** Genre ids in the order of the run's columns. */
  readonly genres: Int32Array
  /** Movie ids, in the order of the rows below. */
  readonly movies: Int32Array
  /** Effective labels, movies x genres. */
  readonly labels: Uint8Array
  /** Cells (row x genres + column, ascending) whose label is not the source's: folds follow the source. */
  readonly corrected: Int32Array
  /** Cells left out of the loss (impossible), ascending. */
  readonly excluded: Int32Array
  /** Weight of each row. */
  readonly rowWeight: Float32Array
  /** Rows that are read with another plot than their movie's; a movie may have several rows then, which are in one fold. Absent: none. */
  readonly plots?: ReadonlyMap<number, string>
  /** Part of each row, as an index of {@link SPLITS}. Rows of the training part train, in folds that the compute process makes. */
  readonly split: Uint8Array
}
/** A part of a training that another machine can compute: pre-training without labels, a fold, or the rest and the result of all. */
export type TrainingPart = 'warm-up' | `fold-${number}` | 'final'
/** The data that a compute process reads in the place of the project and of other parts, for one part of a training on workers. */
export interface DividedTraining {
  readonly part: TrainingPart
  readonly texts: readonly TextFile[]
  /** (movies) fold of each row, {@link NOT_TRAINING} outside the training part. */
  readonly fold: Uint8Array
  /** (movies) a row of its group of near-duplicates, the same for all of them. */
  readonly group: Int32Array
  /** Folder of the results of parts; the process adds that of its own part, except that the final one sends the usual replies. */
  readonly folder: string
  /** Threads of the linear family; null: one per core. */
  readonly threads: number | null
}
/** A compressed JSON list of what models read of some movies. */
export interface TextFile {
  readonly path: string
  /** Rows of the movies from the first to before the end. */
  readonly first: number
  readonly end: number
}
export interface TrainJob extends TrainingData {
  readonly t: 'train'
  readonly config: LinearConfig
  readonly divided?: DividedTraining
}
/** A model of a recipe. Replies: `progress`, `predictions`, `conclusion` and `done`; its model is not kept. */
export interface ClassicalJob extends TrainingData {
  readonly t: 'classical'
  readonly config: ClassicalConfig
}
/** Folders that a transformer's training reads and writes. */
export interface FineTunePlaces {
  /** Folder of the base model in the layout of Hugging Face; null for a model from scratch. */
  readonly modelFolder: string | null
  /** Folder of an adapter of that model from which the training starts; null: none. */
  readonly adapterFolder: string | null
  /** Existing folder for checkpoints of this run; contains some if the run is resumed. The engine deletes it after the run. */
  readonly runFolder: string
  /** Cached activations of frozen layers, shared by all runs. */
  readonly cacheFolder: string
  /** Results of the devices' self-tests. */
  readonly deviceFolder: string
}
/** Replies: `progress`, `epoch`, `note`, `device`, `predictions`, `model-files`, `conclusion` and `done`. */
export interface FineTuneJob extends TrainingData, FineTunePlaces {
  readonly t: 'fine-tune'
  readonly config: TransformerConfig
  /** Names of the genres, in the order of the columns: labels of the model. */
  readonly genreNames: readonly string[]
  readonly divided?: DividedTraining
}
/** Writes what a training on other machines needs of the project into files of a folder. Replies: `progress`, `gathered` and `done`. */
export interface GatherJob {
  readonly t: 'gather'
  /** The project file. */
  readonly project: string
  readonly of: TrainJob | FineTuneJob
  readonly folder: string
}
/** Writes the texts that a model reads of many movies into files of a folder. Replies: `progress`, `shards` and `done`. */
export interface ShardsJob {
  readonly t: 'shards'
  /** A project whose kept movies these are; with a plan, the first of its files. */
  readonly project: string
  /** How files that are not imported are read; null: a project's movies. */
  readonly plan: ImportPlan | null
  readonly recipe: TextRecipe
  /** Movies in a shard, at most. */
  readonly rows: number
  readonly folder: string
}
/** Results of a training, computed from its own predictions and the given labels. Lists follow the order of the genres. */
export interface Conclusion {
  /** Chosen on out-of-fold probabilities. */
  readonly thresholds: readonly number[]
  /** Platt scales of out-of-fold probabilities. */
  readonly scales: readonly { readonly slope: number; readonly offset: number }[]
  readonly summary: NonNullable<RunInfo['summary']>
  /** Number of movies that the summary is computed from. */
  readonly movies: number
}
/** Searches for labels that are probably wrong. Replies: `progress`, `suspects` and `done`. */
export interface SuspectJob extends Pick<TrainingData, 'project' | 'genres' | 'movies' | 'labels'> {
  readonly t: 'suspects'
  readonly config: SuspectConfig
  /** (n, k) labels of the cleaned source: those whose correctness is asked. */
  readonly source: Uint8Array
  /** (n, k) logits of the run of another family; null: there is none. */
  readonly family: Float32Array | null
  /** Cells that a person set or confirmed, ascending. */
  readonly decided: Int32Array
  /** The last batch of the change log that `labels` includes. */
  readonly lastBatch: number
}
/** log-odds(wrong) = intercept + features . weights, in the order of the features of analysis/suspects. */
export interface SuspectModel {
  /** Names of the weighed sources that the project has, in the order of the features. */
  readonly sources: readonly string[]
  readonly weights: readonly number[]
  readonly intercept: number
  /** Means of the features over the given labels: what a feature adds to the log-odds is measured from there. */
  readonly means: readonly number[]
  /** Means of the parts, see {@link FoundSuspects}. */
  readonly partMeans: Readonly<Record<string, number>>
  /** Rough estimate of the number of wrong cells, decided ones included. P(wrong) of all cells adds up to `expected`. */
  readonly estimate: WrongEstimate
  /** Bootstrap intervals as multiples of the estimate: (k + 1) of each genre's wrong cells, and of all. */
  readonly intervals: readonly (readonly [low: number, high: number])[]
  /** `errors`: cells with a planted error; `called`: cells with P(wrong) >= 0.5; `found`: cells that are both. */
  readonly planted: { readonly errors: number; readonly called: number; readonly found: number }
}
/** The result of a search for the n movies and k genres of its job; lists of features follow the order of analysis/suspects. */
export interface FoundSuspects {
  /** (n, k) P(the label of the source is wrong), also of decided cells */
  readonly wrong: Float32Array
  /** (n, k) logits, by the name of the evidence */
  readonly evidence: Readonly<Record<string, ArrayLike<number>>>
  /**
   * (n, k) the parts of the evidence `contextOfAll` with a reason of their own: the movie's other labels (`genres`), similar movies, the other
   * family.
   */
  readonly parts: Readonly<Record<string, ArrayLike<number>>>
  readonly model: SuspectModel
  /** (n, count) ids of the most similar movies, 0 where there are fewer, and the cosines of their words */
  readonly nearest: Int32Array
  readonly cosines: ArrayLike<number>
}
/** Combines the runs of an ensemble. Replies: `progress`, `predictions`, `model`, `conclusion` and `done`. */
export interface EnsembleJob extends TrainingData {
  readonly t: 'ensemble'
  readonly config: EnsembleConfig
  /** (movies, genres) of each member: logits on the scale of its training, out of fold for training movies. */
  readonly members: readonly Float32Array[]
}
/** A model of the library that makes vectors of texts. */
export interface Embedder {
  readonly folder: string
  /** Changes with its files. */
  readonly stamp: string
  /** null: as the folder says. */
  readonly pooling: Pooling | null
  /** null: one for each core. */
  readonly threads: number | null
  /** Folder of the vectors that are known. */
  readonly cacheFolder: string
}
/** Computes a map. Replies: `progress`, `map` and `done`. */
export interface MapJob extends Pick<TrainingData, 'project' | 'movies'> {
  readonly t: 'map'
  readonly config: MapConfig
  /** (n, k) logits of the run whose predictions are the vectors; null: the vectors are others. */
  readonly logits: Float32Array | null
  /** The model whose vectors are used; null: the vectors are others. */
  readonly embedder: Embedder | null
}
export type TrainingRequest = TrainJob | FineTuneJob | EnsembleJob
/** Asks a decoder about movies. Replies: `progress`, `answered` and `done`. */
export interface DecodeJob extends Pick<TrainingData, 'project' | 'movies'> {
  readonly t: 'decode'
  /** Of the model. */
  readonly folder: string
  readonly asked: DecoderTask
  /** Names of the genres that are asked for. */
  readonly genres: readonly string[]
  readonly maxTokens: number
  /** null: one for each core. */
  readonly threads: number | null
}
export type ComputeRequest = TrainingRequest | ClassicalJob | SuspectJob | MapJob | GatherJob | ShardsJob | DecodeJob

export type ComputeReply =
  | { readonly t: 'progress'; readonly done: number; readonly total: number; readonly phase: string }
  /** Predictions of `movies.length` movies: out-of-fold probabilities and naive Bayes evidence, each movies x genres. */
  | { readonly t: 'predictions'; readonly movies: Int32Array; readonly probabilities: Float32Array; readonly evidence: Float32Array }
  | { readonly t: 'model'; readonly bytes: Uint8Array; readonly features: number }
  /** An epoch of a transformer has ended. */
  | { readonly t: 'epoch'; readonly figures: EpochFigures }
  /** An event of the training for the analyst: a fallback, a halved batch, a resume. */
  | { readonly t: 'note'; readonly text: string }
  /** Device, in words, such as `CPU, 2 threads`. */
  | { readonly t: 'device'; readonly text: string }
  /**
   * The trained model as a flat subfolder of the run's folder: what predictions and exports need in addition to the base model. Without
   * a base model, or after full fine-tuning, it is the whole model (configuration, weights, tokenizer). The engine packs it into the
   * project or moves it. `features`: number of trained parameters.
   */
  | { readonly t: 'model-files'; readonly folder: string; readonly features: number }
  | { readonly t: 'conclusion'; readonly conclusion: Conclusion }
  | { readonly t: 'suspects'; readonly found: FoundSuspects }
  | { readonly t: 'map'; readonly found: FoundMap }
  | { readonly t: 'gathered'; readonly texts: readonly TextFile[]; readonly fold: Uint8Array; readonly group: Int32Array }
  /** Answers of a decoder; null: it wrote nothing. */
  | { readonly t: 'answered'; readonly answers: readonly { readonly movie: number; readonly answer: Answer | null }[] }
  | { readonly t: 'shards'; readonly shards: readonly TextFile[] }
  /** `memoryMb`: peak memory of the process. */
  | { readonly t: 'done'; readonly memoryMb: number }
  | { readonly t: 'error'; readonly error: ErrorReply }

/** Where the inference process finds a trained model. */
export type TrainedModel =
  /** `createdAt`: of the run; another project, with a run of the same number, may get the path later. */
  | {
      readonly family: 'linear'
      readonly project: string
      readonly run: number
      readonly createdAt: string
      /** The model outside of its project. */
      readonly file?: string
    }
  | {
      readonly family: 'transformer'
      readonly config: TransformerConfig
      /** Folder of the training's files. */
      readonly folder: string
      /** Folder of the base model; null if `folder` contains a complete model. */
      readonly modelFolder: string | null
      /** Folder of the adapter from which the training started; null: none. */
      readonly adapterFolder: string | null
      readonly genreNames: readonly string[]
    }
  | {
      readonly family: 'ensemble'
      readonly project: string
      readonly run: number
      readonly createdAt: string
      readonly members: readonly EnsembleMember[]
    }
/** A member of an ensemble. For each genre of the ensemble: `columns`, its place in the member's genres, and the member's scale. */
export interface EnsembleMember {
  readonly model: TrainedModel
  readonly columns: readonly number[]
  readonly scales: readonly Scale[]
}
/** Explains the text that a model read. `of`: the model that made the prediction, of the movie's fold or the final one. */
export type TextExplanation = Omit<Explanation, 'genre' | 'model' | 'titleSpans' | 'columnSpans'> & { readonly of: 'fold' | 'final' }
/** A training movie, and the cosine of its contributions to a genre with those of another text. */
export interface ExampleMatch {
  readonly movie: number
  readonly similarity: number
}
/** Requests to the inference process, which keeps trained models in memory. Each gets one reply. It ends after a while without requests. */
export type InferenceRequest =
  /** `deviceFolder`: folder of the self-tests' results. */
  | { readonly t: 'devices'; readonly id: number; readonly deviceFolder: string }
  | ({ readonly id: number; readonly model: TrainedModel } & (
      | { readonly t: 'predict'; readonly texts: readonly string[] }
      /** `movie`: the movie whose text it is, so that the model that predicted it explains. */
      | { readonly t: 'explain'; readonly text: string; readonly genre: number; readonly movie: number; readonly method: ExplainMethod }
      /** Finds the training examples of a prediction of a linear model among `movies`, the most similar first. */
      | {
          readonly t: 'examples'
          readonly text: string
          readonly genre: number
          readonly movie: number
          readonly movies: Int32Array
          readonly most: number
        }
      /** Logits of one genre, by the model that predicted the movie. */
      | { readonly t: 'logits'; readonly texts: readonly string[]; readonly genre: number; readonly movie: number }
      /** Finds the words with the largest weights of a linear model, for and against each genre. */
      | { readonly t: 'strongest'; readonly most: number }
      | { readonly t: 'export'; readonly what: ModelExport; readonly to: string }
    ))
export type InferenceReply =
  | { readonly t: 'devices'; readonly id: number; readonly devices: readonly DeviceInfo[] }
  /** texts x genres */
  | { readonly t: 'predicted'; readonly id: number; readonly probabilities: Float32Array }
  | { readonly t: 'explained'; readonly id: number; readonly explanation: TextExplanation }
  | { readonly t: 'examples'; readonly id: number; readonly found: readonly ExampleMatch[] }
  | { readonly t: 'logits'; readonly id: number; readonly logits: Float64Array }
  /** By genre of the run. */
  | {
      readonly t: 'strongest-words'
      readonly id: number
      readonly genres: readonly { readonly for: readonly WordWeight[]; readonly against: readonly WordWeight[] }[]
    }
  | { readonly t: 'exported'; readonly id: number }
  | { readonly t: 'failed'; readonly id: number; readonly error: ErrorReply }

/** Memory of the reader process, in megabytes of 10^6 bytes: it ends itself when it has more. */
export const READER_MEGABYTES = 900
/** The same limit for an import, which needs a few hundred megabytes whatever the size of its files: a hostile file must not exhaust the machine's memory. */
export const IMPORT_MEGABYTES = 4000
/** Requests to the reader process, which parses files that others made. Each gets one reply. */
export type ReaderRequest = { readonly id: number } & (
  | {
      readonly t: 'inspect'
      readonly source: ImportSource
      /** File of the choices of earlier imports. */
      readonly memory: string
      /** How much of the files the forecast reads. */
      readonly characters: number
    }
  | { readonly t: 'genre-names'; readonly path: string }
  /** `library`: its folder. */
  | { readonly t: 'models'; readonly library: string }
  /** `base`: an adapter's base model, an id or a folder; null: the one that the adapter names. */
  | { readonly t: 'add-model'; readonly library: string; readonly path: string; readonly base: string | null }
  | { readonly t: 'model'; readonly library: string; readonly model: string }
  | { readonly t: 'model-folder'; readonly path: string }
)
/** `full`: so much memory is in use that another process should read the next file. */
export type ReaderReply = { readonly id: number; readonly full: boolean } & (
  | { readonly t: 'inspected'; readonly plan: ImportPlan }
  | { readonly t: 'genre-names'; readonly names: ReadonlyMap<string, string> }
  | { readonly t: 'models'; readonly models: readonly ModelEntry[] }
  | { readonly t: 'model-added'; readonly model: ModelEntry }
  | { readonly t: 'model'; readonly model: UsableModel }
  | { readonly t: 'model-folder'; readonly facts: ModelFacts }
  | { readonly t: 'failed'; readonly error: ErrorReply }
)
/** The kind of reply to each kind of request of the processes that stay. */
export interface ReplyKinds {
  readonly inference: {
    readonly devices: 'devices'
    readonly predict: 'predicted'
    readonly explain: 'explained'
    readonly logits: 'logits'
    readonly examples: 'examples'
    readonly strongest: 'strongest-words'
    readonly export: 'exported'
  }
  readonly reader: {
    readonly inspect: 'inspected'
    readonly 'genre-names': 'genre-names'
    readonly models: 'models'
    readonly 'add-model': 'model-added'
    readonly model: 'model'
    readonly 'model-folder': 'model-folder'
  }
}

/** Fills a new project file that no other process has open. The engine deletes it unless it receives `imported` and `done`. */
export interface ImportWork {
  readonly t: 'import'
  /** The file to create. */
  readonly file: string
  readonly plan: ImportPlan
  readonly sample: boolean
  readonly ruleSet: CleanRuleSet
  readonly seed: number
}
/** Writes what can be read of a damaged project into an existing empty folder. */
export interface SalvageWork {
  readonly t: 'salvage'
  readonly file: string
  readonly folder: string
}
/** Writes everything that a project contains into an existing empty folder. */
export interface EverythingWork {
  readonly t: 'everything'
  readonly file: string
  readonly folder: string
  /** Of the tables; documents are JSON. */
  readonly format: 'csv' | 'parquet'
  /** Version of Reelabel, for the README. */
  readonly version: string
  /** Further files, with their text. */
  readonly extra: readonly { readonly name: string; readonly text: string }[]
  /** The zip file to write instead of the folder, which is emptied; null: none. */
  readonly archive: string | null
}
/** Writes the files of an export. */
export interface ExportWork {
  readonly t: 'export'
  readonly what: 'catalogue' | 'changes' | 'predictions'
  readonly options: ExportOptions
  /** Ids of the movies to write, ascending; null: all. */
  readonly movies: Int32Array | null
  /** The project. */
  readonly file: string
  /** The file or folder that the export becomes, for messages. */
  readonly target: string
  /** The files to write, which do not exist yet: one, or one for each imported file. */
  readonly paths: readonly string[]
}
export type ExportCounts = Omit<ExportReport, 'files'>
/** Compares a staged import with the project without writing anything. */
export interface CompareWork {
  readonly t: 'compare'
  readonly project: string
  readonly staged: string
}
/** Copies the project and applies the staged import to the copy. */
export interface MergeWork {
  readonly t: 'merge'
  readonly project: string
  readonly staged: string
  /** The copy to create. */
  readonly file: string
  /** True if movies that are missing in the new source stay in the catalogue. */
  readonly keepRemoved: boolean
}
/** Copies a project: the whole file, or only the decisions. */
export interface BackupWork {
  readonly t: 'backup'
  readonly file: string
  readonly kind: 'whole' | 'decisions'
  /** The copy to create. */
  readonly to: string
}
/** Creates the file that will replace a project: the backup, or a whole copy with the decisions of the backup. */
export interface RestoreWork {
  readonly t: 'restore'
  readonly backup: string
  /** The whole copy; null if the backup itself is one. */
  readonly base: string | null
  readonly to: string
}
/** Cleans a project that the engine has open: reads the file and sends the result. */
export interface CleanWork {
  readonly t: 'clean'
  readonly file: string
  readonly ruleSet: CleanRuleSet
  /** Costly rules to count even if they are off. */
  readonly count: readonly RuleId[]
  /** True if only the report is wanted. */
  readonly preview: boolean
}
export interface CleanedPlot {
  readonly movie: number
  readonly plot: string
}
/** Result of a cleaning for the movies of one chunk of ids, with a slot for each id. */
export interface CleanedColumns {
  readonly chunk: number
  readonly out: Uint8Array
  readonly length: Int32Array
  readonly duplicate: Int32Array
  /** How many genres each movie has. */
  readonly counts: Uint8Array
  /** Genres, movie after movie: places in the list of names that was sent before, or ids once the writer has looked them up. */
  readonly genres: Uint16Array
}
/** Compares the change log of a project with that of another copy of it; nothing is written. */
export interface CompareDecisionsWork {
  readonly t: 'compare-decisions'
  readonly project: string
  readonly other: string
}
/** Work of a job process: long work on a project file other than training. */
export type JobRequest =
  | CleanWork
  | ImportWork
  | SalvageWork
  | EverythingWork
  | ExportWork
  | BackupWork
  | RestoreWork
  | CompareWork
  | MergeWork
  | CompareDecisionsWork

export type JobReply =
  | { readonly t: 'progress'; readonly fraction: number; readonly phase: string }
  | { readonly t: 'imported'; readonly report: ImportReport }
  /** Plots that cleaning changed. */
  | { readonly t: 'cleaned-plots'; readonly plots: readonly CleanedPlot[] }
  /** Names after cleaning. `becomes`: for each genre of the project, the indexes of the names that it becomes. */
  | {
      readonly t: 'cleaned-genres'
      readonly names: readonly string[]
      readonly becomes: readonly (readonly [genre: number, places: readonly number[]])[]
    }
  | { readonly t: 'cleaned-columns'; readonly columns: CleanedColumns }
  | { readonly t: 'cleaned'; readonly report: CleaningReport }
  | { readonly t: 'compared'; readonly figures: Omit<MergePlan, 'token' | 'files' | 'loss' | 'warnings'> }
  /** `lastBatch`: the last batch of the change log that the copy holds. */
  | { readonly t: 'merged'; readonly lastBatch: number }
  | { readonly t: 'decisions-compared'; readonly compared: ComparedDecisions }
  | { readonly t: 'salvaged'; readonly tables: readonly SalvagedTable[]; readonly noProject: string | null }
  /** `lost`: changes of the backup that found no movie in the whole copy. */
  | { readonly t: 'restored'; readonly lost: number }
  | { readonly t: 'exported'; readonly counts: ExportCounts }
  | { readonly t: 'everything'; readonly rows: Readonly<Record<string, number>> }
  | { readonly t: 'done' }
  | { readonly t: 'error'; readonly error: ErrorReply }

/** The kinds of processes, with their requests and replies. */
export interface ProcessMessages {
  readonly compute: { readonly request: ComputeRequest; readonly reply: ComputeReply }
  readonly inference: { readonly request: InferenceRequest; readonly reply: InferenceReply }
  readonly reader: { readonly request: ReaderRequest; readonly reply: ReaderReply }
  readonly job: { readonly request: JobRequest; readonly reply: JobReply }
}
export type ProcessKind = keyof ProcessMessages
