/** Messages between the engine and the processes that work for it. One process does one job and ends; that which answers stays a while. */
import type { ExportOptions, ExportReport } from './exporting.ts'
import type { CleaningReport, CleanRuleSet, RuleId } from './cleaning.ts'
import type { ErrorReply } from './errors.ts'
import type { ImportPlan, ImportReport } from './importing.ts'
import type { MergePlan } from './merging.ts'
import type { DeviceInfo, EpochFigures, TransformerConfig } from './models.ts'
import type { Explanation, LinearConfig, RunInfo } from './records.ts'
import type { SalvagedTable } from './safety.ts'
import type { ModelExport } from './training.ts'

/** In place of a fold: the row trains no model (valid, test). */
export const NOT_TRAINING = 255

/** What a training of any family learns from, and predicts. */
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
  /** Part of each row, as a place in {@link SPLITS}: those of the training part train, in folds that the compute process makes. */
  readonly split: Uint8Array
}
export interface TrainJob extends TrainingData {
  readonly t: 'train'
  readonly config: LinearConfig
}
/** Where a transformer's training finds and leaves files. */
export interface FineTunePlaces {
  /** Folder of the model as Hugging Face lays them out; null for one from scratch. */
  readonly modelFolder: string | null
  /** Of an adapter of that model, which the training begins from; null: none. */
  readonly adapterFolder: string | null
  /** Checkpoints of this run: there already, and holding some where the run goes on. The engine removes it when the run has ended. */
  readonly runFolder: string
  /** Activations of frozen layers, of all runs. */
  readonly cacheFolder: string
  /** Verdicts of the devices' self-tests. */
  readonly deviceFolder: string
}
/** Answered by `progress`, `epoch`, `note`, `device`, `predictions`, `model-files`, `conclusion` and `done`. */
export interface FineTuneJob extends TrainingData, FineTunePlaces {
  readonly t: 'fine-tune'
  readonly config: TransformerConfig
  /** Names of the genres, in the order of the columns: labels of the model. */
  readonly genreNames: readonly string[]
}
/** What a training comes to, from its own predictions and the labels it was given. Lists follow the genres. */
export interface Conclusion {
  /** Chosen on out-of-fold probabilities. */
  readonly thresholds: readonly number[]
  /** Platt scales of out-of-fold probabilities. */
  readonly scales: readonly { readonly slope: number; readonly offset: number }[]
  readonly summary: NonNullable<RunInfo['summary']>
  /** How many movies the summary is of. */
  readonly movies: number
}
export type ComputeRequest = TrainJob | FineTuneJob

export type ComputeReply =
  | { readonly t: 'progress'; readonly done: number; readonly total: number; readonly phase: string }
  /** Predictions of `movies.length` movies: out-of-fold probabilities and naive Bayes evidence, each movies x genres. */
  | { readonly t: 'predictions'; readonly movies: Int32Array; readonly probabilities: Float32Array; readonly evidence: Float32Array }
  | { readonly t: 'model'; readonly bytes: Uint8Array; readonly features: number }
  /** An epoch of a transformer has ended. */
  | { readonly t: 'epoch'; readonly figures: EpochFigures }
  /** Something the analyst should know of how the training goes: a fallback, a halved batch, a resume. */
  | { readonly t: 'note'; readonly text: string }
  /** What computes, in words, such as `CPU, 2 threads`. */
  | { readonly t: 'device'; readonly text: string }
  /**
   * The trained model as a folder below the run's, of flat files (see compute/trained/files.ts, which writes it): what predictions and exports need beside the model it began
   * from: the whole model (configuration, weights, tokenizer) where it began from none or was trained in full. The engine packs it into the project, or moves it. `features`: parameters
   * that were trained.
   */
  | { readonly t: 'model-files'; readonly folder: string; readonly features: number }
  | { readonly t: 'conclusion'; readonly conclusion: Conclusion }
  | { readonly t: 'done' }
  | { readonly t: 'error'; readonly error: ErrorReply }

/** A trained model, as the process that answers finds it. */
export type TrainedModel =
  | { readonly family: 'linear'; readonly project: string; readonly run: number }
  | {
      readonly family: 'transformer'
      readonly config: TransformerConfig
      /** Folder of what the training left. */
      readonly folder: string
      /** Folder of the model it began from; null where `folder` is whole. */
      readonly modelFolder: string | null
      /** Of an adapter of that model, where it began from one. */
      readonly adapterFolder: string | null
      readonly genreNames: readonly string[]
    }
/** What the process that holds trained models is asked: it answers many, each once, and is ended when nobody asks any more. */
export type InferenceRequest =
  /** `deviceFolder`: where verdicts of self-tests are kept. */
  | { readonly t: 'devices'; readonly id: number; readonly deviceFolder: string }
  | ({ readonly id: number; readonly model: TrainedModel } & (
      | { readonly t: 'predict'; readonly texts: readonly string[] }
      | { readonly t: 'explain'; readonly text: string; readonly genre: number }
      | { readonly t: 'export'; readonly what: ModelExport; readonly to: string }
    ))
export type InferenceReply =
  | { readonly t: 'devices'; readonly id: number; readonly devices: readonly DeviceInfo[] }
  /** texts x genres */
  | { readonly t: 'predicted'; readonly id: number; readonly probabilities: Float32Array }
  | { readonly t: 'explained'; readonly id: number; readonly explanation: Omit<Explanation, 'genre'> }
  | { readonly t: 'exported'; readonly id: number }
  | { readonly t: 'failed'; readonly id: number; readonly error: ErrorReply }

/** Fills a new project file. Nobody else has it open, and it is thrown away unless `imported` and `done` come back. */
export interface ImportWork {
  readonly t: 'import'
  /** The file to make. */
  readonly file: string
  readonly plan: ImportPlan
  readonly name: string
  readonly sample: boolean
  readonly ruleSet: CleanRuleSet
  readonly seed: number
}
/** Writes what can be read of a damaged project into a folder that is there and empty. */
export interface SalvageWork {
  readonly t: 'salvage'
  readonly file: string
  readonly folder: string
}
/** Writes everything that a project holds into a folder that is there and empty. */
export interface EverythingWork {
  readonly t: 'everything'
  readonly file: string
  readonly folder: string
  /** Version of Reelabel, for the README. */
  readonly version: string
}
/** Writes the files of an export. */
export interface ExportWork {
  readonly t: 'export'
  readonly what: 'catalogue' | 'changes' | 'predictions'
  readonly options: ExportOptions
  /** The project. */
  readonly file: string
  /** The file or folder that the export becomes, for messages. */
  readonly target: string
  /** The files to write, which do not exist yet: one, or one for each imported file. */
  readonly paths: readonly string[]
}
export type ExportCounts = Omit<ExportReport, 'files'>
/** Compares a staged import with the project; nothing is written. */
export interface CompareWork {
  readonly t: 'compare'
  readonly project: string
  readonly staged: string
}
/** Makes a copy of the project that the staged import is joined to. */
export interface MergeWork {
  readonly t: 'merge'
  readonly project: string
  readonly staged: string
  /** The copy to make. */
  readonly file: string
  /** Movies that the new source lacks stay in the catalogue. */
  readonly keepRemoved: boolean
}
/** Copies a project: whole, or the decisions alone. */
export interface BackupWork {
  readonly t: 'backup'
  readonly file: string
  readonly kind: 'whole' | 'decisions'
  /** The copy to make. */
  readonly to: string
}
/** Makes the file that is to take a project's place: a backup, its decisions in a whole copy where it has nothing but these. */
export interface RestoreWork {
  readonly t: 'restore'
  readonly backup: string
  /** The whole copy; null where the backup is one. */
  readonly base: string | null
  readonly to: string
}
/** Cleans a project that the engine has open: reads the file and tells what it comes to. */
export interface CleanWork {
  readonly t: 'clean'
  readonly file: string
  readonly ruleSet: CleanRuleSet
  /** Costly rules to count although they are off. */
  readonly count: readonly RuleId[]
  /** Only the report is told. */
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
/** What a job process is asked for: long work on a project file that is no training. */
export type JobRequest =
  CleanWork | ImportWork | SalvageWork | EverythingWork | ExportWork | BackupWork | RestoreWork | CompareWork | MergeWork

export type JobReply =
  | { readonly t: 'progress'; readonly fraction: number; readonly phase: string }
  | { readonly t: 'imported'; readonly report: ImportReport }
  /** Plots that cleaning changed. */
  | { readonly t: 'cleaned-plots'; readonly plots: readonly CleanedPlot[] }
  /** Names after cleaning; `becomes`: places in them that each genre of the project leads to. */
  | {
      readonly t: 'cleaned-genres'
      readonly names: readonly string[]
      readonly becomes: readonly (readonly [genre: number, places: readonly number[]])[]
    }
  | { readonly t: 'cleaned-columns'; readonly columns: CleanedColumns }
  | { readonly t: 'cleaned'; readonly report: CleaningReport }
  | { readonly t: 'compared'; readonly figures: Omit<MergePlan, 'token' | 'files' | 'warnings'> }
  /** `lastBatch`: the last batch of the change log that the copy holds. */
  | { readonly t: 'merged'; readonly lastBatch: number }
  | { readonly t: 'salvaged'; readonly tables: readonly SalvagedTable[]; readonly noProject: string | null }
  /** `lost`: changes of the backup that found no movie in the whole copy. */
  | { readonly t: 'restored'; readonly lost: number }
  | { readonly t: 'exported'; readonly counts: ExportCounts }
  | { readonly t: 'everything'; readonly rows: Readonly<Record<string, number>> }
  | { readonly t: 'done' }
  | { readonly t: 'error'; readonly error: ErrorReply }

/** The kinds of processes: what each is sent and what it answers. */
export interface Lines {
  readonly compute: { readonly request: ComputeRequest; readonly reply: ComputeReply }
  readonly inference: { readonly request: InferenceRequest; readonly reply: InferenceReply }
  readonly job: { readonly request: JobRequest; readonly reply: JobReply }
}
export type ProcessKind = keyof Lines
