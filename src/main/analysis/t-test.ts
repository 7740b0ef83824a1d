/** Tests of means, and the correction of many of them. */

const LANCZOS = [
  0.99999999999980993, 676.5203681218851, -1259.1392167224028, 771.32342877765313, -176.61502916214059, 12.507343278686905,
  -0.13857109526572012, 9.9843695780195716e-6, 1.5056327351493116e-7,
] as const
/** Logarithm of the gamma function for x >= 0.5 (Lanczos 1964, g = 7, n = 9). */
function logGamma(x: number): number {
  const base = x + 6.5
  const series = LANCZOS.reduce((sum, c, i) => (i === 0 ? c : sum + c / (x - 1 + i)), 0)
  return 0.5 * Math.log(2 * Math.PI) + (x - 0.5) * Math.log(base) - base + Math.log(series)
}

/** Continued fraction of the incomplete beta function, which converges for x < (a + 1) / (a + b + 2) (Lentz's method; Press et al. 2007, 6.4). */
function betaFraction(x: number, a: number, b: number): number {
  const away = (v: number): number => (Math.abs(v) < 1e-300 ? 1e-300 : v)
  let c = 1
  let d = 1 / away(1 - ((a + b) * x) / (a + 1))
  let h = d
  for (let m = 1; m < 100_000; m++) {
    const even = (m * (b - m) * x) / ((a + 2 * m - 1) * (a + 2 * m))
    const odd = (-(a + m) * (a + b + m) * x) / ((a + 2 * m) * (a + 2 * m + 1))
    let step = 1
    for (const term of [even, odd]) {
      d = 1 / away(1 + term * d)
      c = away(1 + term / c)
      step = d * c
      h *= step
    }
    if (Math.abs(step - 1) < 1e-14) break
  }
  return h
}
/** The regularised incomplete beta function I_x(a, b). */
function incompleteBeta(x: number, a: number, b: number): number {
  if (x <= 0 || x >= 1) return x <= 0 ? 0 : 1
  const front = Math.exp(logGamma(a + b) - logGamma(a) - logGamma(b) + a * Math.log(x) + b * Math.log1p(-x))
  return x < (a + 1) / (a + b + 2) ? (front * betaFraction(x, a, b)) / a : 1 - (front * betaFraction(1 - x, b, a)) / b
}
/** P(|T| >= |t|) for Student's t with `df` degrees of freedom. */
export const twoSided = (t: number, df: number): number => incompleteBeta(df / (df + t * t), df / 2, 0.5)

/** Number of values, their sum, and the sum of their squares. */
export interface Moments {
  readonly count: number
  readonly sum: number
  readonly squares: number
}
const meanOf = ({ count, sum }: Moments): number => sum / count
/** Unbiased. */
export const varianceOf = ({ count, sum, squares }: Moments): number => Math.max(0, (squares - (sum * sum) / count) / (count - 1))

/** P of two means that differ at least as much by chance, two-sided, with unequal variances (Welch 1947). 1 if a side has fewer than two values. */
export function welch(a: Moments, b: Moments): number {
  if (a.count < 2 || b.count < 2) return 1
  const [u, v] = [varianceOf(a) / a.count, varianceOf(b) / b.count]
  const difference = meanOf(a) - meanOf(b)
  if (u + v === 0) return difference === 0 ? 1 : 0
  return twoSided(difference / Math.sqrt(u + v), (u + v) ** 2 / (u ** 2 / (a.count - 1) + v ** 2 / (b.count - 1)))
}
/** P of a mean that is at least as far from 0 by chance, two-sided: of differences, the paired t-test. */
export function fromZero(d: Moments): number {
  if (d.count < 2) return 1
  const error = Math.sqrt(varianceOf(d) / d.count)
  if (error === 0) return d.sum === 0 ? 1 : 0
  return twoSided(meanOf(d) / error, d.count - 1)
}

/**
 * Adjusted p-values (Benjamini and Hochberg 1995): of the tests with a value of at most q, a share of q is expected to be chance.
 * @param tests their number, if more were made than have a p-value here: the others count as 1, which only raises the result
 */
export function benjaminiHochberg(p: readonly number[], tests = p.length): number[] {
  const order = p.map((_, i) => i).sort((a, b) => p[b]! - p[a]!)
  const adjusted = Array.from(p, () => 1)
  let least = 1
  order.forEach((i, from) => {
    least = Math.min(least, (p[i]! * tests) / (p.length - from))
    adjusted[i] = least
  })
  return adjusted
}
