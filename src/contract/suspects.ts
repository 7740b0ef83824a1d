/** Suspects: labels that are probably wrong, why, and how many there are. They are statements about the labels, not about a model. */
import { z } from 'zod'
import { genreRef, id, projectMethod, type, type JobStarted } from './method.ts'
import { INTERVAL } from './audit.ts'
import { QUEUE_NAMES } from './queues.ts'
import type { Genre, LinearConfig, SuspectCell } from './records.ts'
import { FILTER } from './review.ts'

/** The recipe of a search for suspects. All values are stored with its result. */
export interface SuspectConfig {
  /** The text model and its folds, which reads titles and plots; `seed` is the seed of everything random. */
  readonly linear: LinearConfig
  /** Divisions into folds whose text logits are averaged. */
  readonly divisions: number
  /** Nearest movies by the cosine of their words; their genres count by the squared cosine. */
  readonly neighbours: number
  /** Share of the movies that get a planted error, of a kind drawn at random. */
  readonly plantedRate: number
  readonly plantedKinds: readonly string[]
  /** The run of another family whose probabilities are evidence; null: the project has none. */
  readonly family: { readonly run: number; readonly name: string } | null
}

export interface SuspectMovie {
  readonly movie: number
  readonly key: string
  readonly title: string
  /** P(at least one of its labels is wrong); labels that a person decided count as right. */
  readonly score: number
  readonly labels: readonly string[]
  /** The suspicious cells, the most suspicious first. */
  readonly cells: readonly SuspectCell[]
}
/** Scores of cleanlab's for comparison, 0 worst, by the current run; null before the first training, and for a movie that it has not predicted. */
export interface ReferenceScores {
  readonly selfConfidence: number
  readonly ema: number
  readonly softmin: number
}
export interface Neighbour {
  readonly movie: number
  readonly key: string
  readonly title: string
  /** Cosine of the words of title and plot, 0 to 1. */
  readonly similarity: number
  readonly labels: readonly string[]
}
/**
 * How many cells are wrong, if wrong labels look like planted errors: a rough figure. `low` and `high` are what other readings of the same
 * scores give, and no confidence interval.
 */
export interface WrongEstimate {
  readonly expected: number
  readonly low: number
  readonly high: number
}
/** The history of a catalogue's health: an entry after each search, and after each finished audit. */
export const HEALTH_HISTORY = z.array(
  z.object({
    at: z.string(),
    from: z.enum(['search', 'audit']),
    /** The search's estimate of wrong cells; null before the first search. */
    wrong: z.object({ expected: z.number(), low: z.number(), high: z.number() }).nullable(),
    labels: z.number(),
    reviewed: z.number(),
    corrections: z.number(),
    /** The result of a finished audit: shares of movies with a wrong label, and of wrong cells. */
    audit: z.object({ movies: INTERVAL, cells: INTERVAL }).nullable(),
  }),
)
export type HealthRow = z.output<typeof HEALTH_HISTORY>[number]
/** With a 95% bootstrap interval over movies, which covers chance, but not that wrong labels may look unlike planted errors. */
export interface IntervalEstimate extends WrongEstimate {
  readonly interval: { readonly low: number; readonly high: number }
}
export interface Health extends IntervalEstimate {
  /**
   * Wrong labels that are left. `audit`: those that a finished audit found, with its 95% interval, less the labels changed since it was
   * drawn. `search`: the estimate above.
   */
  readonly left: WrongEstimate & { readonly basis: 'search' | 'audit' }
  /** The movies looked at last, at most a hundred and outside the audit's sample, and how many of them had a wrong label. */
  readonly recentYield: { readonly looked: number; readonly corrected: number }
  readonly history: readonly HealthRow[]
  /** Labels that movies have, and cells in all. */
  readonly labels: number
  readonly cells: number
  /** Expected wrong labels among the `first` most suspicious movies, as a share of all expected ones. */
  readonly first: number
  readonly share: number
  readonly genres: readonly (IntervalEstimate & {
    readonly name: string
    /** Movies that have it. */
    readonly support: number
    /** False for genres of so few movies that the estimate says little. */
    readonly reliable: boolean
  })[]
  /** Decisions since the search: what they changed is not weighed in yet. */
  readonly decisionsSince: number
  readonly config: SuspectConfig
  /** The fitted model: log-odds(wrong) = intercept + sum of features times weights. */
  readonly model: {
    readonly intercept: number
    readonly weights: Readonly<Record<string, number>>
    /** How the sources are computed. */
    readonly sources: Readonly<Record<string, string>>
    /** How many planted errors it finds: from P(wrong) = 0.5 on. */
    readonly planted: { readonly errors: number; readonly called: number; readonly found: number }
    /**
     * The correction from the analyst's answers to suspects: their number, how many labels were wrong, and the term of each genre
     * that is added to the log-odds that an absent or a present label is wrong.
     */
    readonly decisions: {
      readonly answers: number
      readonly wrong: number
      readonly offsets: readonly { readonly name: string; readonly absent: number; readonly present: number }[]
    }
  }
}

/** A movie in the sweep of one genre. */
export interface SweepMovie {
  readonly movie: number
  readonly key: string
  readonly title: string
  /** True if the movie has the genre. */
  readonly given: boolean
  /** P(the label is wrong), or before a search for suspects how much the model contradicts it, 0 to 1. */
  readonly doubt: number
}

export const SUSPECT_METHODS = {
  /** Searches for suspects again, with the decisions made so far; a job. Every training does it too. */
  'suspects.find': projectMethod({}, type<JobStarted>()),
  /**
   * Suspects, worst first. `genre`: those with a suspicious cell of this genre, by its probability. `queue`: instead, the movies of a queue
   * that are not reviewed, in its order; `genre`: those that the genre concerns.
   */
  'suspects.list': projectMethod(
    {
      genre: genreRef.nullable().default(null),
      queue: z.enum(QUEUE_NAMES).nullable().default(null),
      mix: FILTER.shape.mix,
      seed: FILTER.shape.seed,
      /** Only movies that match, see `review.query`. */
      where: FILTER.shape.where,
      offset: z.int().min(0).default(0),
      limit: z.int().min(1).max(1000).default(50),
    },
    type<{ readonly total: number; readonly movies: readonly (SuspectMovie & { readonly scores: ReferenceScores | null })[] }>(),
  ),
  /** The doubtful movies of one genre, the most doubtful first: what nobody has decided yet. `total` counts them all. */
  'suspects.sweep': projectMethod(
    { genre: genreRef, where: FILTER.shape.where, limit: z.int().min(1).max(10_000).default(10_000) },
    type<{ readonly genre: Genre; readonly total: number; readonly movies: readonly SweepMovie[] }>(),
  ),
  /** One movie's suspicious cells and its most similar movies; null if suspects were never searched for. */
  'suspects.movie': projectMethod({ movie: id }, type<(SuspectMovie & { readonly neighbours: readonly Neighbour[] }) | null>()),
  /** How many labels are probably wrong; null if suspects were never searched for. */
  'suspects.health': projectMethod({}, type<Health | null>()),
}
