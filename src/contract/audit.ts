/** The blind audit: a random sample of movies, labelled without seeing labels, which tells how many labels are really wrong. */
import { z } from 'zod'
import { id, projectMethod, seed, type, whole } from './method.ts'
import type { BatchInfo, UndoState } from './records.ts'

/** The most movies that an audit asks about. */
export const MAX_AUDITED = 3000
/** More than any audit has: a project file from a stranger may claim any number. */
const [MAX_AUDITED_GENRES, MAX_STRATA] = [10_000, 100]
/** How an audit was drawn: everything that its result needs besides the answers. Labels and predictions are those of that moment. */
export const AUDIT_DESIGN = z.object({
  at: z.string(),
  seed: whole,
  /** The last batch of the change log when it began. */
  lastBatch: whole,
  /** The score that the strata follow, and whether there are predictions: P(wrong) of a search, a run's label quality, or neither. */
  basis: z.enum(['suspects', 'run', 'none']),
  /** Movies to label, if no width is wanted. */
  size: whole,
  /** Half-width of the interval at which it ends, as a share of the movies; null: the size is fixed. */
  width: z.number().nullable(),
  /** Genre ids. */
  genres: z.array(whole).max(MAX_AUDITED_GENRES),
  /** The most suspicious stratum first. `sums`: sums of the predicted quantities over its movies, see `quantitiesOf`; empty without predictions. */
  strata: z.array(z.object({ movies: whole, sums: z.array(z.number()) })).max(MAX_STRATA),
  /**
   * The sample in the order of asking; longer than `size`, because a width may need more. `labels`: ids of the movie's genres. `wrong`:
   * P(wrong) of its cells in the order of `genres`, in units of 1e-4; null without a search.
   */
  draws: z
    .array(z.object({ movie: whole, stratum: whole, labels: z.array(whole), wrong: z.array(z.number()).nullable() }))
    .max(MAX_AUDITED),
})
export type AuditDesign = z.output<typeof AUDIT_DESIGN>
/** Genre ids by movie id. */
export const AUDIT_ANSWERS = z.record(z.string(), z.array(whole))
export type AuditAnswers = z.output<typeof AUDIT_ANSWERS>

export interface AuditState extends Pick<AuditDesign, 'at' | 'seed' | 'basis' | 'size' | 'width'> {
  readonly answered: number
  /** The largest number of movies to label. */
  readonly limit: number
  /** More movies to label until the interval is as narrow as asked, at the present variance; null: none was asked, or too few answers. */
  readonly more: number | null
  readonly finished: boolean
}
/** A movie of the sample as the analyst may see it: no genre, prediction, suggestion, mark or note. */
export interface AuditMovie {
  /** Place in the sample, from 0. */
  readonly index: number
  readonly movie: number
  readonly key: string
  readonly title: string
  readonly plot: string
  /** Original columns such as year, language, director. */
  readonly columns: readonly { readonly name: string; readonly value: string }[]
  /** The analyst's own answer; null before it. */
  readonly answer: readonly number[] | null
}

export const INTERVAL = z.object({ rate: z.number(), low: z.number(), high: z.number() })
export type Interval = Readonly<z.output<typeof INTERVAL>>
/** The estimates of one rate. The interval in front is the one to quote: `fixed` at a size that was fixed at the start, else `anytime`. */
export interface AuditRate extends Interval {
  readonly anytime: Interval
  readonly fixed: Interval
  /** The same from the stratified mean alone, without predictions. */
  readonly stratified: Interval
}
export interface AuditResult extends AuditState {
  /** Movies and cells of the catalogue when the audit began. */
  readonly population: { readonly movies: number; readonly cells: number }
  readonly estimator: 'ppi' | 'stratified'
  readonly interval: 'fixed' | 'anytime'
  /** Share of the movies with any wrong label. */
  readonly movies: AuditRate
  /** Shares of all cells: wrong labels, and the two kinds of them. */
  readonly cells: AuditRate
  readonly missing: AuditRate
  readonly spurious: AuditRate
  readonly genres: readonly (AuditRate & {
    readonly name: string
    /** Labelled movies that have the genre, by the file or by the audit. */
    readonly carriers: number
    /** False if there are too few of them. */
    readonly reliable: boolean
  })[]
  /** Other estimates of the rate: P(wrong) over all movies when the audit began (null without a search) … */
  readonly search: { readonly movies: number; readonly cells: number } | null
  /** … and the movies outside the sample that were reviewed, mostly in the order of suspicion, with those that had a wrong label. */
  readonly reviewed: { readonly movies: number; readonly corrected: number }
}

/** An interval of fewer answers is not shown: it rests on the normal approximation. */
export const MIN_AUDITED = 30
const width = z.number().min(0.001).max(0.5)

export const AUDIT_METHODS = {
  /** Draws a sample. `replace`: an audit that is there is given up. */
  'audit.start': projectMethod(
    {
      size: z.int().min(MIN_AUDITED).max(MAX_AUDITED).default(200),
      width: width.nullable().default(null),
      seed: seed.default(42),
      replace: z.boolean().default(false),
    },
    type<AuditState>(),
  ),
  /** Goes on until the interval is as narrow as asked. */
  'audit.extend': projectMethod({ width }, type<AuditState>()),
  'audit.state': projectMethod({}, type<AuditState | null>()),
  /** The movie at a place of the sample, or the first one that is not labelled; null if all are. */
  'audit.movie': projectMethod({ index: z.int().min(0).nullable().default(null) }, type<AuditMovie | null>()),
  /** Stores an answer, or replaces it. */
  'audit.answer': projectMethod({ movie: id, genres: z.array(id).max(1000) }, type<AuditState>()),
  /** Null before {@link MIN_AUDITED} answers. */
  'audit.result': projectMethod({}, type<AuditResult | null>()),
  /** Makes the answers decisions, as one undoable change of `labels` labels of `movies` movies; `dryRun` only counts. */
  'audit.apply': projectMethod(
    { dryRun: z.boolean() },
    type<{ readonly labels: number; readonly movies: number } & Pick<BatchInfo, 'batch' | 'changes'> & UndoState>(),
  ),
}
