/** Estimates of a mean over a finite population from a stratified sample, and intervals for them. */

/** The 0.975 quantile of the normal distribution. */
export const Z95 = 1.959963984540054
const ALPHA = 0.05

/** n sampled units of a population whose strata have `sizes` units. Each stratum is a simple random sample without replacement. */
export interface Sampled {
  /** (n) */
  readonly stratum: ArrayLike<number>
  readonly sizes: readonly number[]
  /** (n) Measured. One unit of y is one error. */
  readonly y: ArrayLike<number>
}
/** Predictions of y, known for the whole population. */
export interface Predicted {
  /** (n) */
  readonly f: ArrayLike<number>
  /** Mean of each stratum's units. */
  readonly means: readonly number[]
}
export interface Estimate {
  readonly mean: number
  /** Weight of the predictions; 0 without them. */
  readonly lambda: number
  /** The standard error, at this number of units in the same proportions. */
  readonly errorAt: (units: number) => number
}

/** Weight, in units, of the mean variance over the strata in the variance of each. */
const PRIOR_UNITS = 2
/** Errors that are added to the variance, as Agresti and Coull (1998) add them: a sample without an error does not prove that there is none. */
const PSEUDO_ERRORS = 2

/**
 * The stratified mean (Cochran 1977, chapter 5) or, with predictions, prediction-powered inference with power tuning (PPI++: Angelopoulos,
 * Duchi and Zrnic 2023) in strata (StratPPI: Fisch et al. 2024): the predictions' mean times lambda, plus the mean of y - lambda f in the
 * sample. The population is finite and all of it is predicted, so this is the difference estimator, and its error has the finite population
 * correction. One lambda from 0 to 1 for all strata, which minimises the variance; a lambda for each needs larger strata.
 */
export function estimateMean({ stratum, sizes, y }: Sampled, predicted: Predicted | null = null): Estimate {
  const n = y.length
  const population = sizes.reduce((a, b) => a + b, 0)
  const units = sizes.map((_, h) => Array.from({ length: n }, (_, i) => i).filter((i) => stratum[i] === h))
  const meanOf = (rows: readonly number[], of: (i: number) => number): number =>
    rows.reduce((sum, i) => sum + of(i), 0) / Math.max(1, rows.length)
  /** Sums of squares within a stratum. */
  const squares = (rows: readonly number[], a: (i: number) => number, b = a): number => {
    const [meanA, meanB] = [meanOf(rows, a), meanOf(rows, b)]
    return rows.reduce((sum, i) => sum + (a(i) - meanA) * (b(i) - meanB), 0)
  }
  const [of, by] = [(i: number): number => y[i]!, (i: number): number => predicted?.f[i] ?? 0]
  /** The part of each stratum's variance in that of the mean, by its squared weight. */
  const part = (h: number, rows: number): number => (sizes[h]! / population) ** 2 * Math.max(0, 1 / rows - 1 / sizes[h]!)
  const sum = (each: (rows: readonly number[], h: number) => number): number =>
    units.reduce((total, rows, h) => total + (rows.length > 1 ? each(rows, h) : 0), 0)
  const moment = (a: (i: number) => number): number => sum((rows, h) => (part(h, rows.length) * squares(rows, a, by)) / (rows.length - 1))
  const spread = moment(by)
  const lambda = spread > 0 ? Math.min(1, Math.max(0, moment(of) / spread)) : 0
  const residual = (i: number): number => of(i) - lambda * by(i)
  const pooled =
    sum((rows) => squares(rows, residual)) /
    Math.max(
      1,
      sum((rows) => rows.length - 1),
    )
  const variances = units.map(
    (rows) =>
      (squares(rows, residual) + PRIOR_UNITS * pooled) / (Math.max(1, rows.length) - 1 + PRIOR_UNITS) +
      PSEUDO_ERRORS / (n + 2 * PSEUDO_ERRORS),
  )
  return {
    mean: units.reduce(
      (total, rows, h) => total + (sizes[h]! / population) * (lambda * (predicted?.means[h] ?? 0) + meanOf(rows, residual)),
      0,
    ),
    lambda,
    errorAt: (wanted) =>
      Math.sqrt(variances.reduce((total, s2, h) => total + part(h, (Math.max(1, units[h]!.length) * wanted) / n) * s2, 0)),
  }
}

/**
 * How many standard errors the interval reaches that holds at all sample sizes at once, so that one may look after each answer and stop
 * when it is narrow enough: the asymptotic confidence sequence of Waudby-Smith, Arbour, Sinha, Kennedy and Ramdas ("Time-uniform central
 * limit theory and asymptotic confidence sequences", 2021, equation 4), narrowest at the planned size. Sampling without replacement runs
 * on the clock n / (1 - n / N), on which the sums of the deviations, divided by what is left, have independent increments.
 */
export function anytimeMultiplier(n: number, population: number, planned: number): number {
  const clock = (units: number): number => units / Math.max(1e-9, 1 - units / population)
  const best = -2 * Math.log(ALPHA)
  const rho2 = (best + Math.log(best + 1)) / clock(Math.min(planned, population - 1))
  const x = clock(n) * rho2
  return Math.sqrt(2 * (1 + 1 / x) * (Math.log1p(x) / 2 - Math.log(ALPHA)))
}

/** The smallest number of units at which the interval reaches `width` to each side, if the variance stays as it is. */
export function unitsFor(width: number, estimate: Estimate, n: number, population: number, planned: number): number {
  const reach = (units: number): number => anytimeMultiplier(units, population, planned) * estimate.errorAt(units)
  let [low, high] = [n, population]
  while (low < high) {
    const middle = (low + high) >> 1
    if (reach(middle) <= width) high = middle
    else low = middle + 1
  }
  return low
}
