import { expectShape, type Floats } from '../../src/main/analysis/matrix.ts'
import { mean } from '../../src/main/analysis/ratios.ts'

/**
 * The plain version of src/main/analysis/confident.ts, with cleanlab's other filters: confident learning (Northcutt, Jiang and
 * Chuang 2021) as cleanlab 2.9 does it for several labels. Each genre is a binary problem with classes 0 (absent) and 1 (present)
 * and probabilities [1 - p, p]. A joint is [given][true] flattened: [n00, n01, n10, n11].
 */
export const FILTERS = ['prune_by_noise_rate', 'prune_by_class', 'both', 'confident_learning', 'predicted_neq_given'] as const
export type Filter = (typeof FILTERS)[number]
type Joint = readonly [number, number, number, number]

/** cleanlab's tolerance: an example is confident at its class threshold less this. */
const CONFIDENT_SLACK = 1e-6
/** cleanlab's lower bound of a class threshold. */
const MIN_THRESHOLD = 2e-6
/** The threshold of a class that no movie has: no probability reaches it. */
const UNREACHABLE = 2

/** One genre's column: labels, q[0] = 1 - p and q[1] = p. */
interface Binary {
  readonly given: Uint8Array
  readonly q: readonly [Float64Array, Float64Array]
  readonly counts: readonly [number, number]
}

function binaryColumn(y: Uint8Array, p: Floats, n: number, k: number, g: number): Binary {
  const given = Uint8Array.from({ length: n }, (_, i) => y[i * k + g]!)
  const present = Float64Array.from({ length: n }, (_, i) => p[i * k + g]!)
  const positives = given.reduce((a, b) => a + b, 0)
  return { given, q: [present.map((value) => 1 - value), present], counts: [n - positives, positives] }
}

/** Mean probability of a class among the movies that carry it. */
function classThreshold({ given, q, counts }: Binary, label: 0 | 1): number {
  if (counts[label] === 0) return UNREACHABLE
  return Math.max(MIN_THRESHOLD, mean(q[label].filter((_, i) => given[i] === label)))
}

const predicted = ({ q }: Binary, i: number): 0 | 1 => (q[1][i]! > q[0][i]! ? 1 : 0) // argmax, the first of equals

/** The class an example confidently belongs to: the one whose threshold it reaches, the likelier of two; -1: none. */
function confidentClasses(column: Binary): Int8Array {
  const absent = classThreshold(column, 0) - CONFIDENT_SLACK
  const present = classThreshold(column, 1) - CONFIDENT_SLACK
  return Int8Array.from(column.given, (_, i) => {
    const reaches0 = column.q[0][i]! >= absent
    const reaches1 = column.q[1][i]! >= present
    if (reaches0 && reaches1) return predicted(column, i)
    return reaches1 ? 1 : reaches0 ? 0 : -1
  })
}

/** Counts of (given, confident) with a diagonal of at least 1, scaled so that its rows sum to the given counts. */
function calibratedJoint(column: Binary, confident: Int8Array): Joint {
  const counts = [0, 0, 0, 0]
  confident.forEach((guess, i) => {
    if (guess >= 0) counts[column.given[i]! * 2 + guess]!++
  })
  const row = (label: 0 | 1): [number, number] => {
    const pair: [number, number] = [counts[label * 2]!, counts[label * 2 + 1]!]
    pair[label] = Math.max(1, pair[label])
    const scale = column.counts[label] / (pair[0] + pair[1])
    return roundPreservingSum(pair[0] * scale, pair[1] * scale)
  }
  return [...row(0), ...row(1)]
}

/** Integers with the rounded sum of a and b; the larger remainder is rounded up (the first of equals). */
function roundPreservingSum(a: number, b: number): [number, number] {
  const out: [number, number] = [Math.floor(a), Math.floor(b)]
  const missing = Math.round(a + b) - out[0] - out[1]
  for (let step = 0; step < missing; step++) out[a - out[0] >= b - out[1] ? 0 : 1]++
  return out
}

/**
 * The joint used for pruning: at least one example stays in each class; what the diagonal gains is subtracted from the noise of that
 * class.
 */
function pruneCounts([n00, n01, n10, n11]: Joint): Joint {
  const keep0 = Math.max(1, n00)
  const keep1 = Math.max(1, n11)
  return [keep0, Math.max(0, n01 - (keep0 - n00)), Math.max(0, n10 - (keep1 - n11)), keep1]
}

type Mask = Uint8Array

/** The m examples of the class whose other class is likeliest (ties at the last place are all taken). */
function pruneByNoiseRate({ given, q, counts }: Binary, [, n01, n10]: Joint): Mask {
  const noise: readonly [number, number] = [n01, n10]
  const cut = ([0, 1] as const).map((label) => {
    const m = noise[label]
    if (counts[label] <= 1 || m === 0) return Infinity
    const margins = q[label].map((own, i) => q[label === 0 ? 1 : 0][i]! - own).filter((_, i) => given[i] === label)
    return margins.sort()[margins.length - m]!
  })
  return given.map((label, i) => (q[label === 0 ? 1 : 0][i]! - q[label as 0 | 1][i]! >= cut[label]! ? 1 : 0))
}

/** The m least self-confident examples of the class, where m is the number that the joint does not count as correct. */
function pruneByClass({ given, q, counts }: Binary, [n00, , , n11]: Joint): Mask {
  const right: readonly [number, number] = [n00, n11]
  const cut = ([0, 1] as const).map((label) => {
    if (counts[label] <= 1) return -Infinity
    const own = q[label].filter((_, i) => given[i] === label).sort()
    return own[counts[label] - right[label]] ?? -Infinity
  })
  return given.map((label, i) => (q[label as 0 | 1][i]! < cut[label]! ? 1 : 0))
}

/** The joint used for pruning. */
const jointOf = (column: Binary): Joint => pruneCounts(calibratedJoint(column, confidentClasses(column)))

function confidentOffDiagonal(column: Binary): Mask {
  const confident = confidentClasses(column)
  return column.given.map((label, i) => (confident[i]! >= 0 && confident[i] !== label ? 1 : 0))
}

function pruneByBoth(column: Binary): Mask {
  const joint = jointOf(column)
  const byClass = pruneByClass(column, joint)
  return pruneByNoiseRate(column, joint).map((found, i) => found & byClass[i]!)
}

const RULES: Record<Filter, (column: Binary) => Mask> = {
  prune_by_noise_rate: (column) => pruneByNoiseRate(column, jointOf(column)),
  prune_by_class: (column) => pruneByClass(column, jointOf(column)),
  both: pruneByBoth,
  confident_learning: confidentOffDiagonal,
  predicted_neq_given: (column) => column.given.map(() => 1),
}

function issuesOfGenre(y: Uint8Array, p: Floats, n: number, k: number, g: number, filter: Filter): Mask {
  const column = binaryColumn(y, p, n, k, g)
  const found = RULES[filter](column)
  return found.map((issue, i) => (issue === 1 && predicted(column, i) !== column.given[i] ? 1 : 0)) // never where the model agrees
}

/**
 * Cells that a filter considers wrong. No rule flags a cell whose label is the likelier class.
 * @param y (n, k) labels, 0 or 1
 * @param p (n, k) out-of-fold probabilities; the likelier class is decided at 0.5, not at a genre's threshold
 * @returns (n, k), 1 for an issue
 */
export function cellIssues(y: Uint8Array, p: Floats, n: number, k: number, filter: Filter): Uint8Array {
  expectShape('labels', y, n, k)
  expectShape('probabilities', p, n, k)
  const out = new Uint8Array(n * k)
  for (let g = 0; g < k; g++) issuesOfGenre(y, p, n, k, g, filter).forEach((issue, i) => (out[i * k + g] = issue))
  return out
}

/** Movies with at least one wrong cell: (n), 1 for an issue. */
export function rowIssues(cells: Uint8Array, n: number, k: number): Uint8Array {
  expectShape('issues', cells, n, k)
  return Uint8Array.from({ length: n }, (_, i) => (cells.subarray(i * k, (i + 1) * k).includes(1) ? 1 : 0))
}
