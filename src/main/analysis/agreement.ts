/** Agreement of people who decided on the same movies: percent agreement, Cohen's and Fleiss' kappa, Krippendorff's alpha. */

export interface Kappa {
  /** NaN if chance alone would always agree: both gave one and the same answer throughout. */
  readonly kappa: number
  /** 95% interval: kappa +- 1.96 standard errors. */
  readonly low: number
  readonly high: number
  /** Share of items with equal answers. */
  readonly agreement: number
  readonly n: number
}

const Z95 = 1.959964

/**
 * Cohen's kappa of two people's answers, (n) codes from 0 to k - 1 each. The standard error is that of Fleiss, Cohen and Everitt (1969),
 * Large sample standard errors of kappa and weighted kappa, Psychological Bulletin 72, equation 13:
 * (1 - pe)^-2 / n * (sum p_ii (1 - (p_i. + p_.i)(1 - kappa))^2 + (1 - kappa)^2 sum_{i != j} p_ij (p_.i + p_j.)^2 - (kappa - pe (1 - kappa))^2).
 */
export function cohensKappa(a: ArrayLike<number>, b: ArrayLike<number>, k: number): Kappa {
  const n = a.length
  const p = new Float64Array(k * k)
  const [rows, columns] = [new Float64Array(k), new Float64Array(k)]
  for (let i = 0; i < n; i++) {
    p[a[i]! * k + b[i]!]! += 1 / n
    rows[a[i]!]! += 1 / n
    columns[b[i]!]! += 1 / n
  }
  let [observed, chance] = [0, 0]
  for (let i = 0; i < k; i++) {
    observed += p[i * k + i]!
    chance += rows[i]! * columns[i]!
  }
  const kappa = (observed - chance) / (1 - chance)
  let variance = -((kappa - chance * (1 - kappa)) ** 2)
  for (let i = 0; i < k; i++)
    for (let j = 0; j < k; j++)
      variance +=
        i === j
          ? p[i * k + i]! * (1 - (rows[i]! + columns[i]!) * (1 - kappa)) ** 2
          : (1 - kappa) ** 2 * p[i * k + j]! * (columns[i]! + rows[j]!) ** 2
  const error = Math.sqrt(Math.max(0, variance) / n) / (1 - chance)
  return { kappa, low: kappa - Z95 * error, high: Math.min(1, kappa + Z95 * error), agreement: observed, n }
}

/**
 * Fleiss' kappa (1971), Measuring nominal scale agreement among many raters.
 * @param counts (items, k) how many people gave each answer; every item has the same number of answers, at least two
 */
export function fleissKappa(counts: readonly (readonly number[])[]): number {
  const raters = counts[0]?.reduce((a, b) => a + b, 0) ?? 0
  const all = counts.length * raters
  const observed = counts.reduce((sum, row) => sum + (row.reduce((s, c) => s + c * c, 0) - raters) / (raters * (raters - 1)), 0)
  const chance = (counts[0] ?? []).reduce((sum, _, j) => sum + (counts.reduce((s, row) => s + row[j]!, 0) / all) ** 2, 0)
  return (observed / counts.length - chance) / (1 - chance)
}

/**
 * Krippendorff's alpha: 1 - observed / expected disagreement of pairs of answers (Krippendorff 2011, Computing Krippendorff's
 * alpha-reliability). Units with fewer than two answers do not count. NaN if all answers are the same.
 */
export function krippendorffsAlpha<T>(
  units: readonly (readonly T[])[],
  distance: (a: T, b: T) => number,
  nameOf: (value: T) => string,
): number {
  const values = new Map<string, { value: T; count: number }>()
  let [n, observed] = [0, 0]
  for (const unit of units) {
    if (unit.length < 2) continue
    n += unit.length
    for (const [i, a] of unit.entries()) {
      const entry = values.get(nameOf(a)) ?? { value: a, count: 0 }
      entry.count++
      values.set(nameOf(a), entry)
      for (const b of unit.slice(i + 1)) observed += (2 * distance(a, b)) / (unit.length - 1)
    }
  }
  let expected = 0
  const all = [...values.values()]
  for (const a of all) for (const b of all) expected += a === b ? 0 : a.count * b.count * distance(a.value, b.value)
  return 1 - ((n - 1) * observed) / expected
}

/**
 * MASI distance of two sets (Passonneau 2006, Measuring agreement on set-valued items): 1 - J * M, J the Jaccard index and M 1 for equal
 * sets, 2/3 if one contains the other, 1/3 if they overlap, 0 if they do not. Two empty sets are equal.
 */
export function masiDistance(a: ReadonlySet<number>, b: ReadonlySet<number>): number {
  const common = [...a].filter((x) => b.has(x)).length
  const union = a.size + b.size - common
  if (union === 0 || common === union) return 0
  const monotone = common === a.size || common === b.size ? 2 / 3 : common > 0 ? 1 / 3 : 0
  return 1 - (common / union) * monotone
}
