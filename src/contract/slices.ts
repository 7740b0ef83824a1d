/** Parts of the catalogue in which the model errs more than elsewhere. */
import { z } from 'zod'
import { id, projectMethod, type } from './method.ts'
import type { MetricsPart } from './records.ts'

/** A slice against all other movies of the part. The error of a movie is 1 - the Jaccard index of its labels and predictions. */
export interface SliceFigures {
  readonly movies: number
  /** Mean errors of the slice and of the rest. */
  readonly error: number
  readonly restError: number
  readonly microF1: number
  readonly restMicroF1: number
  /** alpha (error / mean error - 1) - (1 - alpha) (n / movies - 1): Sagadeeva and Boehm 2021, definition 1. */
  readonly score: number
  /** Difference of the means over the root mean square of both standard deviations (Chung et al. 2019). */
  readonly effect: number
  /** p-value of Welch's t-test against the rest. */
  readonly p: number
}
export interface SliceRow extends SliceFigures {
  /** Name of a saved slice; null for a slice that the search found. */
  readonly name: string | null
  /** The slice's filter, in the filter language. */
  readonly where: string
  /** `p`, adjusted for the number of tests (Benjamini and Hochberg). */
  readonly q: number
  /** The change from the other run: mean errors on the same movies, with a paired t-test, adjusted for the rows. */
  readonly change: { readonly before: number; readonly after: number; readonly p: number; readonly q: number } | null
}
export interface SliceReport {
  readonly run: number
  readonly against: number | null
  readonly part: MetricsPart
  /** All movies of the part. */
  readonly movies: number
  readonly error: number
  readonly microF1: number
  /** Fewest movies of a slice that is found. */
  readonly least: number
  /** Predicates and pairs that count as tests. */
  readonly tests: number
  readonly found: readonly SliceRow[]
  /** In the order in which they were saved. */
  readonly saved: readonly SliceRow[]
  /** Saved slices that cannot be measured: of too few movies, or filters that are wrong. */
  readonly problems: readonly { readonly name: string; readonly problem: string }[]
}

export const SLICE_METHODS = {
  /** Slices that a run does worse on than elsewhere, and all saved ones. */
  'slices.find': projectMethod(
    {
      run: id.nullable().default(null),
      /** An older run, whose slices are found instead: which of them did the run improve? */
      against: id.nullable().default(null),
      part: z.enum(['oof', 'test', 'valid']).default('oof'),
      top: z.int().min(1).max(500).default(20),
      /** Weight of the error against the size. */
      alpha: z.number().min(0).max(1).default(0.99),
    },
    type<SliceReport>(),
  ),
}
