/** Events that the engine sends to all its clients, and jobs as clients see them. */
import type { ExportReport } from './exporting.ts'
import { appMethod, id, type } from './method.ts'
import type { EpochFigures } from './models.ts'
import type { NewProject } from './project.ts'
import type { RecipeReport } from './recipe-files.ts'
import type { EverythingReport, SalvageReport } from './safety.ts'
import type { ServiceReport } from './services.ts'
import type { SettingsInfo } from './settings.ts'
import type { ModelExportReport, PredictedMovies } from './training.ts'
import type { Tuned } from './tuning.ts'

/** Result of the jobs of each kind; null if `message` is the whole result. */
export interface JobResults {
  import: NewProject
  clean: null
  preview: null
  compare: null
  merge: null
  'compare-decisions': null
  'merge-decisions': null
  repair: null
  train: null
  retrain: null
  recipe: RecipeReport
  tune: Tuned
  predict: PredictedMovies
  suspects: null
  map: null
  faithfulness: null
  ask: ServiceReport
  backup: null
  restore: null
  copy: NewProject
  salvage: SalvageReport
  export: ExportReport
  everything: EverythingReport
  download: null
  'export-model': ModelExportReport
}
export type JobKind = keyof JobResults

/** State of a job of any kind. */
export interface JobProgress {
  readonly job: number
  readonly state: 'running' | 'done' | 'failed' | 'cancelled'
  /** Current step, such as `fold 3 of 5`. */
  readonly phase: string
  /** From 0 to 1. */
  readonly progress: number
  readonly elapsedMs: number
  /** Estimated time left; null while there is too little progress for an estimate. */
  readonly remainingMs: number | null
  /** How the job ended, in a sentence; for a failure the reason and what to do. */
  readonly message: string
  /** Error code of a failed job, for programs (`internal`: a defect); else null. */
  readonly code: string | null
  readonly run: number | null
}
/** A job: emitted whenever it changes, and returned by `jobs.list` for clients that connect later. */
export type JobEvent = {
  [K in JobKind]: JobProgress & {
    readonly kind: K
    /** Null until the job is done. */
    readonly result: JobResults[K] | null
  }
}[JobKind]

/** The result of a finished job of this kind. */
export function resultOf<K extends JobKind>(kind: K, end: JobEvent): NonNullable<JobResults[K]> {
  if (end.kind !== kind || end.result === null) throw new Error(`job ${end.job} is not a finished ${kind} job`)
  return end.result as NonNullable<JobResults[K]>
}

export interface Events {
  job: JobEvent
  /** The other programs that have the project open, see `ProjectInfo.others`. */
  others: readonly string[]
  /** A client has changed settings, or what the window keeps in their file. */
  settings: SettingsInfo
  /** An epoch of a running training has ended. */
  epoch: { readonly run: number; readonly figures: EpochFigures }
  /** Data that a client may show has changed: it should read them again. */
  changed:
    | { readonly what: 'project' | 'runs' | 'catalogue' | 'map' }
    /** `batch`: the batch that was appended to the change log, as in `newest` of the reply to the client that appended it. */
    | { readonly what: 'labels'; readonly batch: number }
    /** The order of the review list, after decisions: `moved` movies have come among the next hundred. */
    | { readonly what: 'order'; readonly moved: number }
}
export type EventName = keyof Events
/** The log of a job: its steps in order, with the milliseconds from its start to the step. */
export interface JobLog {
  /** When it started, as an ISO time. */
  readonly startedAt: string
  readonly steps: readonly { readonly atMs: number; readonly text: string }[]
}
/** Running jobs, and the 20 that ended last. */
export const JOB_METHODS = {
  'jobs.list': appMethod({}, type<readonly JobEvent[]>()),
  'jobs.log': appMethod({ job: id }, type<JobLog>()),
  'jobs.cancel': appMethod({ job: id }, type<JobEvent>()),
}
