/** Error analysis: where predictions differ from labels, and which genres share their neighbourhoods. */
import { z } from 'zod'
import { genreRef, id, projectMethod, seed, type, type JobStarted } from './method.ts'
import type { ExplainedModel, ExplainMethod, Genre, Headline, MetricsPart } from './records.ts'

/** Matrices over the k genres of a run, row-major. */
export interface ErrorMatrices {
  readonly run: number
  readonly part: MetricsPart
  readonly movies: number
  readonly genres: readonly Genre[]
  /**
   * (k + 1, k + 1) movies that miss the genre of the row and are wrongly given that of the column; the last ones stand for none. The
   * diagonal counts genres that are predicted where they are labels, its end movies with every genre right.
   */
  readonly confusion: Int32Array
  /** (k, k) movies that have both genres, and movies that are predicted both. */
  readonly given: Int32Array
  readonly predicted: Int32Array
  /**
   * (k + 1, k) movies that are predicted the genre of the column and no other, do not have it, and have the genre of the row; on the diagonal
   * those that have it. The last row counts all that do not have it.
   */
  readonly alone: Int32Array
  /** (k) order of the genres after clustering: genres that often occur together are adjacent */
  readonly clustered: Int32Array
  /**
   * (k, k) of the most similar movies of a movie with the genre of the row, the share that has that of the column, over the whole catalogue;
   * null if suspects were never searched for.
   */
  readonly overlap: Float32Array | null
}

export const OUTCOMES = ['hit', 'false-alarm', 'miss'] as const
export type Outcome = (typeof OUTCOMES)[number]
export interface GenreWords {
  readonly run: number
  readonly genre: Genre
  readonly part: MetricsPart
  /** The explained models; null: no movie was explained. */
  readonly model: ExplainedModel | null
  /**
   * Words for the genre in movies that are predicted it (rightly: `hit`; wrongly: `false-alarm`), and words against it in movies that have it
   * and are not (`miss`). `movies` were explained, of `total`. `contribution`: mean over the movies with the word, in log-odds.
   */
  readonly outcomes: Readonly<
    Record<
      Outcome,
      {
        readonly movies: number
        readonly total: number
        readonly words: readonly { readonly word: string; readonly contribution: number; readonly movies: number }[]
      }
    >
  >
  /** `movies`: explained movies that reach the threshold; `flipped`: those that fall below it without one word; `words`: these words. */
  readonly reliance: {
    readonly movies: number
    readonly flipped: number
    readonly words: readonly { readonly word: string; readonly movies: number }[]
  }
}
/** Word n-grams of a linear model with the largest weights, by genre: log-odds per unit of the feature (1: the only feature of a text). */
export interface StrongestWords {
  readonly run: number
  readonly genres: readonly {
    readonly name: string
    readonly for: readonly WordWeight[]
    readonly against: readonly WordWeight[]
  }[]
}
export interface WordWeight {
  readonly word: string
  readonly weight: number
}
/** Words that occur in movies of every genre. */
export interface SharedWords {
  /** Movies whose words were counted, evenly spread, of `total`. */
  readonly movies: number
  readonly total: number
  /** Genres with enough of these movies. */
  readonly genres: readonly string[]
  /** The most frequent first, with the genres in which it is least and most frequent, as shares of their movies. */
  readonly words: readonly {
    readonly word: string
    readonly movies: number
    readonly least: { readonly genre: string; readonly share: number }
    readonly most: { readonly genre: string; readonly share: number }
  }[]
}
/** A counterfactual explanation: the words whose deletion changes the prediction of a genre. */
export interface Flip {
  readonly model: ExplainedModel
  /** True if the probability reaches the threshold with all words. */
  readonly predicted: boolean
  readonly threshold: number
  /** Probability by this model. If the model learned from the movie, it differs from the run's probability. */
  readonly before: number
  /** A minimal set of words whose deletion moves the probability across the threshold; null if none was found. */
  readonly words: readonly string[] | null
  readonly after: number | null
}

/** Means over the sampled predictions. The normalised figures are 0 to 1 between the least and the most that any order of the words achieves. */
export interface MethodFaithfulness {
  /** How far the probability falls without the strongest words; more is better. */
  readonly comprehensiveness: number
  /** How far it falls with the strongest words alone; less is better. */
  readonly sufficiency: number
  readonly normalisedComprehensiveness: number
  readonly normalisedSufficiency: number
  /** Mean of the normalised comprehensiveness and of 1 - the normalised sufficiency. */
  readonly score: number
}
/** How far the words of explanations account for the predictions of a run. */
export interface Faithfulness {
  readonly run: number
  readonly at: string
  readonly seed: number
  /** Explained predictions. */
  readonly predictions: number
  /** Predictions whose bounds are exact, because their text is short; the bounds of the others come from a beam search. */
  readonly exact: number
  /** Further predictions of the sample that a method could not explain. */
  readonly refused: number
  readonly methods: readonly (MethodFaithfulness & { readonly method: ExplainMethod })[]
  /** The same figures for a random order of the words. */
  readonly random: MethodFaithfulness
  /** The method that explanations of the run use: the first of the family, unless another one scores clearly higher. */
  readonly best: ExplainMethod
}

/** Movies that a filter selects: those of one value (`''`: without a value), or from a number up to another one, which is left out. */
export interface Bin {
  readonly where: string
  readonly value: string | null
  readonly from: number | null
  readonly to: number | null
}
export interface ScoreBin extends Bin {
  readonly movies: number
  /** With the 95% percentile bootstrap interval over the movies of the bin. */
  readonly scores: Readonly<Record<keyof Headline, { readonly value: number; readonly low: number; readonly high: number }>>
  /** By the genres of the report: movies of the bin that have the genre, and its F1; null without such a movie. */
  readonly support: readonly number[]
  readonly f1: readonly (number | null)[]
}
/** How the scores depend on a property of the movies. */
export interface ScoresBy {
  readonly run: number
  readonly part: MetricsPart
  readonly by: string
  readonly resamples: number
  readonly seed: number
  readonly genres: readonly string[]
  readonly bins: readonly ScoreBin[]
}

/** A training movie whose n-grams contribute to a genre as those of the explained movie do. */
export interface TrainingExample {
  readonly movie: number
  readonly key: string
  readonly title: string
  /** Cosine of the contributions of both movies' n-grams to the genre. */
  readonly similarity: number
  readonly labels: readonly string[]
}

export const ERROR_METHODS = {
  'errors.matrices': projectMethod(
    { run: id.nullable().default(null), part: z.enum(['oof', 'test', 'valid']).default('oof') },
    type<ErrorMatrices>(),
  ),
  /** Scores of bins of movies, by `length`, `genres` (their number) or an original column: numbers, dates and categories. */
  'errors.scores': projectMethod(
    {
      run: id.nullable().default(null),
      part: z.enum(['oof', 'test', 'valid']).default('oof'),
      by: z.string().min(1).max(200),
      resamples: z.int().min(1).max(10_000).default(200),
      seed: seed.default(42),
    },
    type<ScoresBy>(),
  ),
  /** The words behind right and wrong predictions of a genre by the current run. `most`: explained movies of each outcome. */
  'errors.words': projectMethod(
    {
      genre: genreRef,
      part: z.enum(['oof', 'test', 'valid']).default('oof'),
      most: z.int().min(1).max(5000).default(200),
      seed: seed.default(42),
    },
    type<GenreWords>(),
  ),
  /** The words with the largest weights in the current run, a linear one. `most`: for each genre. @throws UserError `no-method` */
  'errors.strongest': projectMethod({ most: z.int().min(1).max(100).default(10) }, type<StrongestWords>()),
  /** Words that at least `share` of the movies of each genre have. */
  'errors.sharedWords': projectMethod(
    { share: z.number().min(0.0001).max(1).default(0.01), most: z.int().min(1).max(5000).default(300) },
    type<SharedWords>(),
  ),
  /** The faithfulness of the current run's explanations, as it was measured last; null before that. */
  'errors.faithfulness': projectMethod({}, type<Faithfulness | null>()),
  /**
   * Measures it on a random sample of movies, each with one of the genres that it is predicted; a job. The most faithful method becomes the
   * run's own. `sample`: movies; null: fewer for a transformer, whose predictions take longer.
   */
  'errors.measureFaithfulness': projectMethod(
    { sample: z.int().min(1).max(5000).nullable().default(null), seed: seed.default(42) },
    type<JobStarted>(),
  ),
  /** The training movies whose n-grams contribute to a genre most as those of this movie do; of linear runs. */
  'errors.examples': projectMethod({ movie: id, genre: id, most: z.int().min(1).max(100).default(8) }, type<readonly TrainingExample[]>()),
  /** The fewest words whose deletion moves the prediction of a genre to the other side of its threshold. */
  'errors.flip': projectMethod({ movie: id, genre: id }, type<Flip>()),
}
