/** A second import into a project, as it crosses process boundaries: shown first, then done. */
import { z } from 'zod'
import { SOURCE } from './importing.ts'
import { method, nothing, type, type JobStarted } from './method.ts'

/** How movies of two sources are matched: by the catalogue's own ids, or by title and plot. */
export const MATCH_BY = ['id', 'text'] as const
export type MatchBy = (typeof MATCH_BY)[number]

/** One movie whose source differs, or that is new or gone. */
export interface MergeExample {
  readonly key: string
  readonly title: string
  /** What differs; empty for added and removed movies. */
  readonly fields: readonly { readonly field: 'title' | 'plot' | 'genres' | 'columns'; readonly was: string; readonly becomes: string }[]
  /** Decisions of analysts that this movie carries. */
  readonly corrections: number
}
/** What a second import would do, before anything is done. */
export interface MergePlan {
  /** Names the staged files for `merge.run`; they go when the project is closed. */
  readonly token: string
  readonly by: MatchBy
  /** Why movies are matched in this way, in a sentence. */
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
  /** What the analyst should know before it is done, such as that hardly a movie is shared. */
  readonly warnings: readonly string[]
}

/** Updates of the open project from files. */
export const MERGE_METHODS = {
  /** Reads files that are to update the open project, and compares them with it; a job. Nothing of the project changes. */
  'merge.stage': method({ args: z.strictObject(SOURCE), result: type<JobStarted>(), scope: 'project', paths: { paths: 'upload' } }),
  /** What the staged update would do; null where none is staged. */
  'merge.plan': method({ args: nothing, result: type<MergePlan | null>(), scope: 'project' }),
  /** Joins what was staged to the project; a job. */
  'merge.run': method({
    args: z.strictObject({ token: z.string().max(100), removed: z.enum(['keep', 'take-out']) }),
    result: type<JobStarted>(),
    scope: 'project',
  }),
  'merge.discard': method({ args: nothing, result: type<null>(), scope: 'project' }),
}
