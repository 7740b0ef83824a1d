/** Several people on one catalogue: the decisions of another copy of the project. */
import { z } from 'zod'
import { MAX_CHARACTERS } from './filter.ts'
import { path, projectMethod, seed, type, whole, type JobStarted } from './method.ts'
import { PERSON } from './settings.ts'
import type { Batch, ChangeField, Dispute } from './records.ts'

/**
 * `why` of the batch that Reelabel itself appends to a merge: it sets the cells that two people decided differently to the newest decision,
 * and joins their notes. It is not a decision of a person, so it is not merged into other copies, which compute their own.
 */
export const MERGED_BY_RULE = 'merge: rule'
/** `why` of the batch with the conflicts that a person decided in a merge. */
export const MERGED_BY_PERSON = 'merge'
/** `why` of a batch in which a person decided between others, followed by the reason: `adjudication: the plot says so`. */
export const ADJUDICATED = 'adjudication'
const BETWEEN = new RegExp(`^(?:${MERGED_BY_RULE}|${MERGED_BY_PERSON}|${ADJUDICATED}(?::.*)?)$`, 's')
/** True for a batch that decides between people: it is no one's own decision. */
export const isBetweenPeople = (why: string): boolean => BETWEEN.test(why)

/** A change by names that all copies of a project know: the key of the movie and the name of the genre. */
export interface SharedChange {
  readonly key: string
  readonly genre: string | null
  readonly field: ChangeField
  readonly was: string
  readonly becomes: string
}
/** `id`, `run` and `undoes` are numbers in one copy. */
export interface SharedBatch extends Batch {
  /** Identifies the batch in every copy. */
  readonly digest: string
  readonly changes: readonly SharedChange[]
}
/** Label and verdict of a cell belong together: who keeps a missing label disagrees with who adds it. A mark or note stands alone. */
export interface Place {
  readonly key: string
  readonly genre: string | null
  readonly fields: readonly ChangeField[]
}
export type PlaceValues = Readonly<Partial<Record<ChangeField, string>>>

/** The decision of one copy of a project on a cell or mark, in the notation of the change log. */
export interface Claim {
  readonly values: PlaceValues
  /** The last decision there. */
  readonly who: string
  readonly at: string
}
export const SIDES = ['mine', 'theirs'] as const
/** `mine`: the open project. `theirs`: the project whose decisions are merged into it. */
export type Side = (typeof SIDES)[number]
export const CONFLICT_RULES = [...SIDES, 'newest'] as const
/** How conflicts are decided. */
export type ConflictRule = (typeof CONFLICT_RULES)[number]

/** A place that both copies changed after the decisions that they have in common, to different values. */
export interface Conflict {
  readonly place: Place
  readonly mine: Claim
  readonly theirs: Claim
  /** The side of the newest decision; at equal times, the names of the people and then the digests of the decisions are compared. */
  readonly newest: Side
  /** The decision in the log after the batches of the other copy are appended. */
  readonly appended: PlaceValues
}
/** The change logs of two copies of a project, compared. */
export interface Union {
  /** Batches to append, numbered after the last one of the log. */
  readonly added: readonly SharedBatch[]
  /** How many batches both have, and how many only the open project has. */
  readonly common: number
  readonly own: number
  readonly conflicts: readonly Conflict[]
  /** Changes after the added batches that need no choice: joined notes, and what undoing in one copy left different. */
  readonly settled: readonly SharedChange[]
  /** Notes that differ, and of which both are kept. */
  readonly notes: number
}
export interface ComparedDecisions extends Union {
  /** The last batch of the project's log. */
  readonly lastBatch: number
  /** The movies that the union mentions, with their ids in the project. */
  readonly movies: readonly { readonly key: string; readonly id: number; readonly title: string }[]
  readonly warnings: readonly string[]
}

export interface DecisionConflict extends Omit<Conflict, 'appended'> {
  /** In the open project. */
  readonly movie: number
  readonly title: string
}
/** The effect of merging the decisions of another copy. */
export interface DecisionsPlan {
  /** Identifies the plan for `people.merge`. */
  readonly token: string
  /** Name of the other project. */
  readonly name: string
  /** Batches that both have, that only the open project has, and that would be added. */
  readonly common: number
  readonly own: number
  readonly added: number
  /** Added batches and changes by person. */
  readonly people: readonly { readonly who: string; readonly batches: number; readonly changes: number }[]
  /** Movies that the added batches concern. */
  readonly movies: number
  /** Notes that differ, and of which both are kept. */
  readonly notes: number
  readonly conflicts: readonly DecisionConflict[]
  readonly warnings: readonly string[]
}

export interface DisputedMovie {
  readonly movie: number
  readonly key: string
  readonly title: string
  readonly disputes: readonly Dispute[]
}

/** Agreement of two people on the cells that both decided; null where it is not defined, as when both always gave the same one answer. */
export interface PairAgreement {
  readonly people: readonly [string, string]
  readonly movies: number
  readonly genres: readonly {
    readonly genre: string
    /** Movies in which both decided the genre, and those in which they differ. */
    readonly n: number
    readonly differ: number
    /** Share of equal decisions. */
    readonly agreement: number
    /** Cohen's kappa with its 95% interval. */
    readonly kappa: number | null
    readonly low: number | null
    readonly high: number | null
  }[]
}
export interface Agreement {
  /** Movies in which each person decided something. */
  readonly people: readonly { readonly who: string; readonly movies: number }[]
  readonly pairs: readonly PairAgreement[]
  /** Movies with a cell in which people differ, and which nobody has settled since: `disputed:yes`. */
  readonly disputed: number
  /** Krippendorff's alpha with the MASI distance, over movies of which two or more people decided every cell. */
  readonly alpha: { readonly movies: number; readonly value: number | null }
  /** Fleiss' kappa by genre, over movies of which everybody decided every cell. */
  readonly fleiss: { readonly movies: number; readonly genres: readonly { readonly genre: string; readonly value: number | null }[] }
}

/** Movies shared out to people. A movie in several shares is decided by all of these people. */
export const ASSIGNMENTS = z.array(
  z.object({
    at: z.string(),
    /** Who shared them out. */
    by: z.string(),
    where: z.string(),
    /** People who decide the same movie do not see each other's decisions until all of them have decided. */
    blind: z.boolean(),
    shares: z.array(z.object({ who: z.string(), movies: z.array(z.int()) })),
  }),
)
export type Assignment = z.output<typeof ASSIGNMENTS>[number]
export interface AssignmentProgress {
  readonly who: string
  readonly movies: number
  /** Of these, those in which the person has decided every genre. */
  readonly decided: number
  /** Of these, those that others decide as well. */
  readonly shared: number
}

/** Most conflicts that one call can decide one by one. */
const MAX_CHOICES = 100_000

export const PEOPLE_METHODS = {
  /** Compares the decisions of the open project with those of another copy of it, without changing either; a job. */
  'people.compare': projectMethod({ path }, type<JobStarted>(), { path: 'project' }),
  /** How far people agree who decided on the same movies of the open project. */
  'people.agreement': projectMethod({}, type<Agreement>()),
  /** Movies that people decided differently, in file order, with both sides. */
  'people.disputes': projectMethod(
    { where: z.string().max(MAX_CHARACTERS).default(''), limit: z.int().min(1).max(1000).default(100) },
    type<{ readonly total: number; readonly movies: readonly DisputedMovie[] }>(),
  ),
  /**
   * Shares out the movies of a filter that are assigned to nobody yet, at random and in equal numbers. `overlap`: the share that `each` people
   * decide. `left`: movies of the filter that somebody has already.
   * @throws UserError `nothing-to-assign`, `too-few-people`
   */
  'people.assign': projectMethod(
    {
      where: z.string().max(MAX_CHARACTERS).default(''),
      people: z.array(PERSON).min(1).max(100),
      overlap: z.number().min(0).max(1).default(0.1),
      each: z.int().min(2).max(100).default(2),
      blind: z.boolean().default(true),
      seed: seed.default(1),
    },
    type<{ readonly movies: number; readonly shared: number; readonly left: number; readonly people: readonly AssignmentProgress[] }>(),
  ),
  /** How far each person is with the assigned movies. */
  'people.assigned': projectMethod({}, type<readonly AssignmentProgress[]>()),
  /** Takes back all assignments; decisions stay. */
  'people.unassign': projectMethod({}, type<null>()),
  /** The last comparison; null: there is none for the open project as it is. */
  'people.plan': projectMethod({}, type<DecisionsPlan | null>()),
  /**
   * Adds the decisions of the compared project; a job. `rule` decides the conflicts; `choices` those of these numbers, counted from 0.
   * `rule` null: every conflict needs a choice.
   * @throws UserError `no-comparison`, `project-changed`, `undecided`
   */
  'people.merge': projectMethod(
    {
      token: z.string().max(100),
      rule: z.enum(CONFLICT_RULES).nullable(),
      choices: z
        .array(z.strictObject({ conflict: whole, side: z.enum(SIDES) }))
        .max(MAX_CHOICES)
        .default([]),
    },
    type<JobStarted>(),
  ),
}
