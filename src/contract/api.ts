/** Everything the window, the browser host and the command line may ask of the engine: the tables of all features in one. */
import type { z } from 'zod'
import { AUDIT_METHODS } from './audit.ts'
import { CLEANING_METHODS } from './cleaning.ts'
import { CODEBOOK_METHODS } from './codebook.ts'
import { ERROR_METHODS } from './error-analysis.ts'
import { JOB_METHODS, type EventName, type Events } from './events.ts'
import { EXPORT_METHODS } from './exporting.ts'
import { IMPORT_METHODS, REJECTED_METHODS } from './importing.ts'
import { MAP_METHODS } from './map.ts'
import { MERGE_METHODS } from './merging.ts'
import type { MethodSpec, ResultType } from './method.ts'
import { FILE_METHODS, PROJECT_METHODS } from './project.ts'
import { PEOPLE_METHODS } from './people.ts'
import { RECIPE_METHODS } from './recipe-files.ts'
import { LABEL_METHODS, OVERVIEW_METHODS, REVIEW_METHODS } from './review.ts'
import { SAFETY_METHODS } from './safety.ts'
import { DECODER_METHODS } from './decoders.ts'
import { SERVICE_METHODS } from './services.ts'
import { SETTINGS_METHODS } from './settings.ts'
import { SLICE_METHODS } from './slices.ts'
import { SUSPECT_METHODS } from './suspects.ts'
import { THRESHOLD_METHODS } from './thresholds.ts'
import { MODEL_METHODS, PREDICT_METHODS, RUN_METHODS, TRAIN_METHODS } from './training.ts'
import { TUNE_METHODS } from './tuning.ts'
import { QUEUE_METHODS } from './workers.ts'

export const METHODS = {
  ...PROJECT_METHODS,
  ...FILE_METHODS,
  ...JOB_METHODS,
  ...IMPORT_METHODS,
  ...REJECTED_METHODS,
  ...MERGE_METHODS,
  ...PEOPLE_METHODS,
  ...CODEBOOK_METHODS,
  ...CLEANING_METHODS,
  ...OVERVIEW_METHODS,
  ...REVIEW_METHODS,
  ...LABEL_METHODS,
  ...SUSPECT_METHODS,
  ...MAP_METHODS,
  ...AUDIT_METHODS,
  ...TRAIN_METHODS,
  ...RUN_METHODS,
  ...RECIPE_METHODS,
  ...THRESHOLD_METHODS,
  ...ERROR_METHODS,
  ...SLICE_METHODS,
  ...PREDICT_METHODS,
  ...MODEL_METHODS,
  ...EXPORT_METHODS,
  ...SAFETY_METHODS,
  ...SETTINGS_METHODS,
  ...SERVICE_METHODS,
  ...DECODER_METHODS,
  ...QUEUE_METHODS,
  ...TUNE_METHODS,
} satisfies Readonly<Record<string, MethodSpec>>

export type Method = keyof typeof METHODS
/** Arguments as a caller writes them (defaults may be left out). */
export type ArgsIn<M extends Method> = z.input<(typeof METHODS)[M]['args']>
/** Arguments as a handler gets them. */
export type Args<M extends Method> = z.output<(typeof METHODS)[M]['args']>
/** The result of a method with this entry. */
export type ResultOf<S extends MethodSpec> = S['result'] extends ResultType<infer R> ? R : never
export type Result<M extends Method> = ResultOf<(typeof METHODS)[M]>
export const isMethod = (m: unknown): m is Method => typeof m === 'string' && Object.hasOwn(METHODS, m)

/** The engine as a caller sees it, on every host. */
export interface Api {
  call<M extends Method>(method: M, args: ArgsIn<M>): Promise<Result<M>>
  on<E extends EventName>(event: E, listener: (payload: Events[E]) => void): () => void
}
