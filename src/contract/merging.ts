/** Updates of a project from newer files: planned and shown first, then applied. */
import { z } from 'zod'
import { SOURCE } from './importing.ts'
import { projectMethod, type, type JobStarted } from './method.ts'

/** How movies of two sources are matched: by the catalogue's own ids, or by title and plot. */
export type MatchBy = 'id' | 'text'

/** A movie that is added, changed or removed by an update. */
export interface MergeExample {
  readonly key: string
  readonly title: string
  /** The differences; empty for added and removed movies. */
  readonly fields: readonly { readonly field: 'title' | 'plot' | 'genres' | 'columns'; readonly was: string; readonly becomes: string }[]
  /** How many decisions analysts have made on this movie. */
  readonly corrections: number
}
/** The effect of an update. */
export interface MergePlan {
  /** Identifies the staged files for `merge.run`; closing the project deletes them. */
  readonly token: string
  readonly by: MatchBy
  /** Why movies are matched by `by`, in a sentence. */
  readonly reason: string
  /** The files, as the staged import read them. */
  readonly files: readonly { readonly name: string; readonly records: number; readonly rejected: number }[]
  readonly same: number
  readonly added: number
  readonly changed: number
  readonly removed: number
  /** Corrections on movies that are the same, changed, removed; and those that the new source already agrees with. */
  readonly corrections: { readonly kept: number; readonly onChanged: number; readonly onRemoved: number; readonly agreed: number }
  readonly examples: {
    readonly added: readonly MergeExample[]
    readonly changed: readonly MergeExample[]
    readonly removed: readonly MergeExample[]
  }
  /** The records that the files would lose, if that is a noticeable share: the update has to be confirmed. */
  readonly loss: string | null
  /** Warnings before it is applied, such as that the catalogues share hardly any movies. */
  readonly warnings: readonly string[]
}

/** Updates of the open project from files. */
export const MERGE_METHODS = {
  /** Reads the files of an update and compares them with the open project, without changing it; a job. */
  'merge.stage': projectMethod(SOURCE, type<JobStarted>(), { paths: 'upload' }),
  /** The plan of the staged update; null if none is staged. */
  'merge.plan': projectMethod({}, type<MergePlan | null>()),
  /** Applies the staged update to the project; a job. */
  'merge.run': projectMethod(
    /** `accept`: as for `import.run`. */
    { token: z.string().max(100), removed: z.enum(['keep', 'remove']), accept: z.boolean().default(false) },
    type<JobStarted>(),
  ),
  'merge.discard': projectMethod({}, type<null>()),
}
