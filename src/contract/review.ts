/** Review: the overview, lists of movies, one movie, and the change log. */
import { z } from 'zod'
import { MAX_CHARACTERS } from './filter.ts'
import { genreRef, id, projectMethod, seed, type } from './method.ts'
import { ADJUDICATED, isBetweenPeople, MERGED_BY_PERSON } from './people.ts'
import { DEFAULT_MIX, QUEUE_NAMES, SINGLE_QUEUE_NAMES, type QueueName } from './queues.ts'
import {
  BUCKETS,
  CHANGE_FIELDS,
  EXPLAIN_METHODS,
  MARKS,
  type BatchInfo,
  type Bucket,
  type ChangeEntry,
  type Explanation,
  type Genre,
  type LoggedChange,
  type MovieDetail,
  type MovieRow,
  type UndoState,
} from './records.ts'

export const FILTER = z.strictObject({
  /** The conditions, in the filter language. */
  where: z.string().max(MAX_CHARACTERS).default(''),
  /** Only movies in this bucket; if the conditions are about a genre, movies whose cell of this genre is in it. */
  bucket: z.enum(['all', ...BUCKETS]).default('all'),
  /** A queue, or an order of all movies; `probability` orders by that of the genre that the conditions are about. */
  sort: z.enum([...QUEUE_NAMES, 'probability', 'flagged', 'title', 'file']).default('suspects'),
  /** Shares of the mixed queue. */
  mix: z.partialRecord(z.enum(SINGLE_QUEUE_NAMES), z.int().min(1).max(100)).default(DEFAULT_MIX),
  /** Seed of the random queue. */
  seed: seed.default(1),
  descending: z.boolean().default(false),
})

export type Filter = z.output<typeof FILTER>
export type FilterIn = z.input<typeof FILTER>

const change = z.discriminatedUnion('field', [
  z.strictObject({ field: z.literal('label'), movie: id, genre: id, to: z.boolean() }),
  z.strictObject({ field: z.literal('verdict'), movie: id, genre: id, to: z.enum(['keep', 'impossible']).nullable() }),
  z.strictObject({ field: z.enum(MARKS), movie: id, to: z.boolean() }),
  z.strictObject({ field: z.literal('note'), movie: id, to: z.string().max(4000) }),
])
export type Change = z.output<typeof change>

/** The decision that a movie has a genre or has not: it changes the label, or confirms it. */
export const answerOf = (movie: number, genre: number, given: boolean, has: boolean): Change =>
  given === has ? { field: 'verdict', movie, genre, to: 'keep' } : { field: 'label', movie, genre, to: has }

/** How many movies each bucket holds under the other conditions of a filter. */
export type BucketCounts = Readonly<Record<Bucket | 'all', number>> & {
  /** Movies in the filter's bucket that are not reviewed. */
  readonly left: number
  /** How many of the movies in `left` are skipped. */
  readonly skipped: number
}

/** Optional arguments of a change: what the caller shows, and wants with the reply. */
const shown = {
  /** Filter of the list on screen, for its bucket counts. */
  filter: FILTER.nullable().default(null),
  /** Movies that the caller shows next, for their details. */
  prefetch: z.array(id).max(10).default([]),
}

/** The state after a change, so that a client can show it without another call. */
export interface AfterChange {
  /** Rows of the changed movies, without those that cleaning removed; null if more than 200 movies changed. */
  readonly rows: readonly MovieRow[] | null
  /** The changed movie if it is the only one, and the movies of `prefetch`. */
  readonly details: readonly MovieDetail[]
  /** Null without a filter, and if the filter's text has not been searched yet. */
  readonly buckets: BucketCounts | null
}
export type ChangeResult = BatchInfo & UndoState & { readonly after: AfterChange }

export interface Overview {
  readonly movies: number
  readonly genres: readonly {
    readonly id: number
    readonly name: string
    readonly source: number
    readonly corrected: number
    /** Bad cells of the current run, by kind; 0 before the first training. */
    readonly missing: number
    readonly spurious: number
    readonly swapped: number
    readonly impossible: number
    /** Share of its source labels that are predicted out of fold; null before the first training. */
    readonly carried: number | null
    /** True if plots hardly carry it: a label of it can be estimated impossible. */
    readonly hard: boolean
  }[]
  /** How many movies have both genres by corrected labels: genres x genres, row-major. The diagonal holds each genre's support. */
  readonly cooccurrence: Int32Array
  readonly buckets: Readonly<Record<Bucket, number>>
  readonly reviewed: number
}

/** The overview. */
export const OVERVIEW_METHODS = {
  'overview.get': projectMethod({}, type<Overview>()),
}

export const SWEEP = z.object({ genre: id, answered: z.int().min(0), changed: z.int().min(0) })

/** Where the analyst was in the list of Review. */
export interface Place {
  readonly filter: Filter
  readonly movie: number | null
  /** The sweep of one genre that is under way, and what was answered in it; absent or null: none. */
  readonly sweep?: SweepPlace | null
}
export type SweepPlace = z.output<typeof SWEEP>

/** Type of an original column, by its values. */
export type ColumnType = 'number' | 'date' | 'category' | 'text'
export interface OriginalColumn {
  readonly name: string
  readonly type: ColumnType
  /** Values of a category, the most frequent first; empty for other types. */
  readonly values: readonly string[]
}
/** A filter with a name. */
const slice = z.strictObject({ name: z.string().trim().min(1).max(100), where: z.string().max(MAX_CHARACTERS) })
export type Slice = z.output<typeof slice>

export interface ListedRow extends MovieRow {
  /** Values of the requested columns, in their order, empty where the movie has none; absent if no column was requested. */
  readonly values?: readonly string[]
}
/** A run's probabilities for one movie, out of fold as those of the current run. Arrays follow `genres`. */
export interface RunPrediction {
  readonly run: number
  readonly genres: readonly number[]
  readonly probabilities: Float32Array
  readonly thresholds: readonly number[]
}

/** Lists of movies, and one movie. */
export const REVIEW_METHODS = {
  /** Movie ids of the whole filtered list in order, and how many movies each bucket holds under the other filters. */
  'review.query': projectMethod(FILTER, type<{ readonly movies: Int32Array; readonly buckets: BucketCounts }>()),
  /**
   * The beginning of the list of `review.query`, which returns sooner than the whole. `complete`: true if the list has no more movies.
   * `buckets`: null if counting them would take longer.
   */
  'review.first': projectMethod(
    FILTER.extend({ limit: z.int().min(1).max(1000).default(200) }),
    type<{ readonly movies: Int32Array; readonly buckets: BucketCounts | null; readonly complete: boolean }>(),
  ),
  /** `columns`: names of original columns whose values the rows bring along. */
  'review.rows': projectMethod(
    { movies: z.array(id).max(500), columns: z.array(z.string().max(1000)).max(8).default([]) },
    type<readonly ListedRow[]>(),
  ),
  /** The predictions of all finished runs for a movie, the newest run first. */
  'review.runs': projectMethod({ movie: id }, type<readonly RunPrediction[]>()),
  'review.movie': projectMethod({ movie: id }, type<MovieDetail>()),
  /** The movie with this key, even if cleaning removed it. */
  'review.find': projectMethod({ key: z.string().min(1).max(1000) }, type<{ readonly movie: number }>()),
  /** For each queue why it cannot be used; null: it can. */
  'review.queues': projectMethod({ mix: FILTER.shape.mix }, type<Readonly<Record<QueueName, string | null>>>()),
  /** Names that filters may use, beside those of genres: columns with their types, and who made decisions. */
  'review.names': projectMethod({}, type<{ readonly columns: readonly OriginalColumn[]; readonly people: readonly string[] }>()),
  'review.slices': projectMethod({}, type<readonly Slice[]>()),
  /** Saves all slices, in the place of those before. No two have the same name. */
  'review.setSlices': projectMethod({ slices: z.array(slice).max(1000) }, type<null>()),
  /** The place that was remembered last; null before the first one, or if the catalogue no longer has its genres. */
  'review.place': projectMethod({}, type<Place | null>()),
  'review.remember': projectMethod({ filter: FILTER, movie: id.nullable(), sweep: SWEEP.nullable().default(null) }, type<null>()),
  /** Gives digit keys to genres, in the place of all that were given before. */
  'review.setKeys': projectMethod({ keys: z.record(z.string().regex(/^\d$/), id) }, type<null>()),
  /** The genre with this name, in any case, or in another spelling such as SF. */
  'review.genre': projectMethod({ name: z.string().min(1).max(1000) }, type<Genre>()),
  /** `method`: null for the run's most faithful one, or the first of its family before that is measured. */
  'review.explain': projectMethod({ movie: id, genre: id, method: z.enum(EXPLAIN_METHODS).nullable().default(null) }, type<Explanation>()),
}

/** Which entries of the change log. Null: any. */
const logFilter = {
  /** The id of a movie, or words of its title. */
  text: z.string().max(1000).default(''),
  genre: genreRef.nullable().default(null),
  field: z.enum(CHANGE_FIELDS).nullable().default(null),
  who: z.string().max(1000).nullable().default(null),
  /** Days as `2026-12-01`, in UTC: from this one on, and up to this one. */
  since: z.iso.date().nullable().default(null),
  until: z.iso.date().nullable().default(null),
}
export interface Reverted {
  /** The new batch; null after a dry run, and if nothing was to be restored. */
  readonly batch: number | null
  readonly description: string
  /** Changes that are restored, and the movies that they are about. */
  readonly changes: number
  readonly movies: number
  /** Changes that stay because a later decision is about the same cell. */
  readonly later: number
  /** Changes that stay because their value is already what it was before them. */
  readonly restored: number
  /** Changes of movies or genres that cleaning removed since. */
  readonly removed: number
}

/** `keep` and `impossible` are verdicts on the genre's label; what follows concerns the movie as a whole. */
export const BULK_ACTIONS = ['add', 'remove', 'replace', 'keep', 'impossible', 'flag', 'unflag', 'review', 'unreview'] as const
export type BulkAction = (typeof BULK_ACTIONS)[number]

/** The change log. */
export const LABEL_METHODS = {
  'labels.apply': projectMethod(
    {
      changes: z.array(change).min(1).max(1000),
      why: z
        .string()
        .max(1000)
        .refine(
          (why) => !isBetweenPeople(why),
          `Reelabel itself uses this reason: write another than ${MERGED_BY_PERSON} or ${ADJUDICATED}`,
        )
        .default(''),
      description: z.string().max(200).default(''),
      /** True if the change accepts or refuses a suggestion of the current run. */
      suggestion: z.boolean().default(false),
      ...shown,
    },
    type<ChangeResult>(),
  ),
  /**
   * One edit of every movie of a filter, or of the chosen movies, as one undoable change; `dryRun` only tells what would change. `count`:
   * how many movies it changes, `changed`: which ones (in a dry run), `matched`: how many it concerns.
   */
  'labels.bulk': projectMethod(
    {
      filter: FILTER,
      /** Null: all movies of the filter. */
      movies: z.array(id).max(100_000).nullable().default(null),
      action: z.enum(BULK_ACTIONS),
      genre: genreRef.nullable().default(null),
      /** The genre that takes the place of `genre`, if it is replaced. */
      by: genreRef.nullable().default(null),
      dryRun: z.boolean(),
    },
    type<{ readonly count: number; readonly matched: number; readonly batch: number | null; readonly changed: Int32Array } & UndoState>(),
  ),
  /**
   * Decides a dispute: a batch whose reason begins with `adjudication`, also if the label stays.
   * @throws UserError `no-dispute` if people do not differ on the cell
   */
  'labels.adjudicate': projectMethod(
    { movie: id, genre: id, has: z.boolean(), reason: z.string().trim().max(900).default(''), ...shown },
    type<ChangeResult>(),
  ),
  'labels.undo': projectMethod(shown, type<ChangeResult>()),
  'labels.redo': projectMethod(shown, type<ChangeResult>()),
  'labels.state': projectMethod({}, type<UndoState>()),
  /** A page of the log, newest first: the entries before the one numbered `before` (0: from the newest). `more`: older ones follow. */
  'labels.log': projectMethod(
    { ...logFilter, before: z.int().nonnegative().default(0), limit: z.int().min(1).max(500).default(100) },
    type<{ readonly entries: readonly LoggedChange[]; readonly more: boolean }>(),
  ),
  /**
   * Restores what a batch changed, as a new decision; with `change` only the cell of this change. A cell that a later decision changed
   * stays. `dryRun` only counts.
   */
  'labels.revert': projectMethod({ batch: id, change: id.nullable().default(null), dryRun: z.boolean() }, type<Reverted>()),
  'labels.history': projectMethod({ limit: z.int().min(1).max(1000).default(100) }, type<readonly ChangeEntry[]>()),
}
