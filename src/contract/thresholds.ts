/** Thresholds and calibration: how probabilities become genres, and how reliable they are. */
import { z } from 'zod'
import { id, projectMethod, seed, type } from './method.ts'
import { CALIBRATIONS, type CalibrationKind, type Genre, type Headline, type MetricsPart, type RunInfo, type Scale } from './records.ts'

/**
 * Ways to choose thresholds, in the order in which they are listed. `value`: what a number that the caller may set means, with its default.
 * The formulas and their papers are in docs/thresholds.md.
 */
export const STRATEGIES = {
  fixed: { label: 'One fixed threshold', value: { name: 'threshold', usual: 0.5 } },
  grid: { label: 'One threshold for all genres, from a grid of 0.1 to 0.9', value: null },
  'per-genre': { label: 'Best F1 of each genre, smoothed for rare ones', value: null },
  fbr: { label: 'Best F1 of each genre; rare ones that fail in cross-validation are hardly predicted (FBR)', value: null },
  'micro-macro': { label: 'Best sum of micro-F1 and macro-F1', value: null },
  jaccard: { label: 'Best Jaccard by movie: all genres of a movie together', value: null },
  precision: { label: 'At least this precision in each genre', value: { name: 'precision', usual: 0.6 } },
  recall: { label: 'At least this recall in each genre', value: { name: 'recall', usual: 0.8 } },
  cost: { label: 'Cheapest, if a missed genre costs so many false ones', value: { name: 'cost of a miss', usual: 2 } },
  'annealed-1': { label: 'Walk: 1 iteration of steps of 0.001', value: null },
  'annealed-5': { label: 'Walk: 5 iterations of steps of 0.001', value: null },
  'annealed-10': { label: 'Walk: 10 iterations of steps of 0.001', value: null },
  annealed: { label: 'Annealed walk: 10 iterations of steps of 0.001 / iteration', value: null },
} as const
export type StrategyId = keyof typeof STRATEGIES
export const STRATEGY_IDS = Object.keys(STRATEGIES) as [StrategyId, ...StrategyId[]]

export interface StrategyRow {
  readonly strategy: StrategyId
  readonly value: number | null
  /** By the run's genres, chosen on all movies. */
  readonly thresholds: readonly number[]
  /** On the movies on which the thresholds were chosen. */
  readonly chosen: Headline
  /** Thresholds chosen on four fifths of the movies, scored on the other fifth, five times. */
  readonly heldOut: Headline
}
export interface StrategyTable {
  readonly run: number
  readonly genres: readonly string[]
  /** Out-of-fold movies that were used, of `total`: more than 100,000 are sampled. */
  readonly movies: number
  readonly total: number
  readonly seed: number
  readonly rows: readonly StrategyRow[]
}

/** Everything that a window needs to recompute its figures while a threshold is dragged. n movies, k genres of the run. */
export interface ThresholdData {
  readonly run: number
  readonly part: MetricsPart
  readonly genres: readonly { readonly id: number; readonly name: string }[]
  /** (k) as stored with the run */
  readonly thresholds: Float32Array
  /** (n) ids */
  readonly movies: Int32Array
  /** (n, k) corrected labels */
  readonly labels: Uint8Array
  /** (n, k) */
  readonly probabilities: Float32Array
  /** Movies of the part: more than 100,000 are sampled. */
  readonly total: number
}

/** One bin of a reliability diagram: the movies whose probability lies in it, their mean probability, and the share that has the genre. */
export interface ReliabilityBin {
  readonly movies: number
  readonly mean: number
  readonly share: number
}
export interface CalibrationFigures {
  /** Expected calibration error over ten bins of equal width. */
  readonly ece: number
  /** Mean squared difference of probability and label. */
  readonly brier: number
  readonly bins: readonly ReliabilityBin[]
}
/** Figures are of the model's own probabilities, whether or not the run is calibrated. */
export interface CalibrationReport {
  readonly run: number
  /** The calibration of the run. */
  readonly used: CalibrationKind
  readonly part: MetricsPart
  readonly movies: number
  /**
   * All cells, and each genre. On out-of-fold movies the scales are fitted on four fifths and applied to the other fifth, five times; on
   * other parts they are those of all out-of-fold movies.
   */
  readonly pooled: Readonly<Record<CalibrationKind, CalibrationFigures>>
  readonly genres: readonly (Genre & {
    readonly support: number
    readonly figures: Readonly<Record<CalibrationKind, CalibrationFigures>>
    readonly scales: Readonly<Record<Exclude<CalibrationKind, 'none'>, Scale>>
    readonly threshold: number
    /** The same cut on the scaled probabilities, by Platt's scale. */
    readonly calibratedThreshold: number
    /** Half of the genre's F1: the best cut of calibrated probabilities, if the F1 is the best one (Lipton, Elkan and Naryanaswamy 2014). */
    readonly halfOfF1: number
  })[]
}

/** The result of a calibration. */
export interface CalibrationChange {
  readonly run: RunInfo
  /** The part that runs are scored on, and its movies. */
  readonly part: MetricsPart
  readonly movies: number
  /** All cells of the part, with the probabilities of the model and with those of the run from now on; none of them was used for fitting. */
  readonly model: CalibrationFigures
  readonly now: CalibrationFigures
  /** Movies with other predictions than before: below all thresholds, another genre is the most probable one. */
  readonly changed: number
}

const run = id.nullable().default(null)

export const THRESHOLD_METHODS = {
  /** Every strategy, chosen on out-of-fold movies, scored on those and on held-out ones. `values`: by strategy. */
  'thresholds.strategies': projectMethod(
    {
      run,
      values: z.partialRecord(z.enum(STRATEGY_IDS), z.number().min(0).max(1000)).default({}),
      seed: seed.default(42),
    },
    type<StrategyTable>(),
  ),
  'thresholds.data': projectMethod({ run, part: z.enum(['oof', 'test', 'valid']).default('oof') }, type<ThresholdData>()),
  /** Gives the current run other thresholds, by its genres; its predictions, buckets and figures follow. `origin`: how they were chosen. */
  'thresholds.set': projectMethod(
    { thresholds: z.array(z.number().min(0).max(1)).min(1).max(10_000), origin: z.string().min(1).max(200) },
    type<RunInfo>(),
  ),
  /** Gives the current run back the thresholds that its training chose. */
  'thresholds.reset': projectMethod({}, type<RunInfo>()),
  'calibration.get': projectMethod({ run, part: z.enum(['oof', 'test', 'valid']).default('oof') }, type<CalibrationReport>()),
  /** Gives the current run's probabilities and thresholds another scale, fitted on its out-of-fold movies; `none`: that of its model. */
  'calibration.set': projectMethod({ kind: z.enum(CALIBRATIONS) }, type<CalibrationChange>()),
}
