/** Tuning: several recipes are trained, first on few movies and the better ones on more, and ranked by their out-of-fold scores. */
import { z } from 'zod'
import { projectMethod, seed, type, type JobStarted } from './method.ts'
import { CONFIG, type ConfigIn } from './training.ts'

/** Recipes that one tuning trains at most. */
export const MAX_CANDIDATES = 200

/** A recipe that was tried, and its scores on all movies that it was last trained on. */
export interface Candidate {
  /** The values that were tried, by their path in the recipe, such as `lora.rank`. */
  readonly values: Readonly<Record<string, unknown>>
  /** Training movies of its last round. */
  readonly movies: number
  /** Out of fold, at the thresholds that were chosen on the same predictions. */
  readonly microF1: number
  readonly macroF1: number
  readonly elapsedMs: number
}
export interface Tuned {
  /** Those of later rounds first, each round by micro-F1, the best first. */
  readonly candidates: readonly Candidate[]
}
/** The running or last tuning of the open project, as far as it came: also one that was cancelled or failed. */
export interface TuningState extends Tuned {
  /** True while recipes are still tried, or if some were not. */
  readonly partial: boolean
}

export const TUNE_METHODS = {
  /**
   * Trains recipes that differ in some values; a job. The project keeps its runs. @throws UserError `too-many-candidates`, `bad-arguments`,
   * `too-few-movies`, `busy`
   */
  'tune.start': projectMethod(
    {
      config: CONFIG.default({}),
      /** Values by their path in the recipe. */
      values: z.record(z.string().regex(/^[a-z]\w*(?:\.[a-z]\w*)?$/i), z.array(z.json()).min(1).max(50)),
      /** How many of all combinations are tried, drawn at random; null: all. */
      draws: z.int().min(1).max(MAX_CANDIDATES).nullable().default(null),
      /** True: successive halving, see {@link roundsOf}. */
      halving: z.boolean().default(false),
      seed: seed.default(42),
      /** Whether workers train, as in `train.start`. */
      workers: z.boolean().default(false),
    },
    type<JobStarted>(),
  ),
  /** Null before the first tuning since the project was opened. */
  'tune.state': projectMethod({}, type<TuningState | null>()),
}

/** All combinations of values, the last path changing fastest. */
export function combinations(values: Readonly<Record<string, readonly unknown[]>>): Record<string, unknown>[] {
  let all: Record<string, unknown>[] = [{}]
  for (const [path, list] of Object.entries(values)) all = all.flatMap((some) => list.map((value) => ({ ...some, [path]: value })))
  return all
}

/** A recipe with other values. */
export function withValues(config: ConfigIn, values: Readonly<Record<string, unknown>>): unknown {
  const out = structuredClone(config) as Record<string, unknown>
  for (const [path, value] of Object.entries(values)) {
    const [first = '', second] = path.split('.')
    out[first] = second === undefined ? value : { ...(out[first] as object | undefined), [second]: value }
  }
  return out
}

/** Of three recipes one goes on to the next round, which has three times as many movies. */
const ETA = 3
/** Fewer movies than this say little about a recipe. */
const MIN_MOVIES = 300

/**
 * How many recipes are trained on how many movies, round by round (Jamieson and Talwalkar, 2016). The last round has all movies. Without
 * halving it is the only one.
 */
export function roundsOf(candidates: number, movies: number, halving: boolean): { readonly candidates: number; readonly movies: number }[] {
  let rounds = [{ candidates, movies }]
  let fewest = movies
  while (halving && fewest > MIN_MOVIES && rounds.length <= Math.log(candidates) / Math.log(ETA)) {
    fewest = Math.max(MIN_MOVIES, Math.round(fewest / ETA))
    const later = rounds.map((round) => ({ ...round, candidates: Math.ceil(round.candidates / ETA) }))
    rounds = [{ candidates, movies: fewest }, ...later]
  }
  return rounds
}
