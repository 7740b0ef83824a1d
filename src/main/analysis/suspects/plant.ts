/**
 * Errors planted on top of given labels: what a wrong label looks like is learnt from them, because it is known which cells they are.
 * The planted labels exist only in memory.
 */
import { expectShape } from '../matrix.ts'
import { mixSeed, seededDraws, type DrawBelow } from '../random.ts'

/** Kinds of planted errors, see {@link plantErrors}. */
export const ERROR_KINDS = ['uniform', 'missing', 'confused', 'frequent', 'flat'] as const
export type ErrorKind = (typeof ERROR_KINDS)[number]

const PRECISION = 1 << 30
const share = (draw: DrawBelow): number => draw(PRECISION) / PRECISION

/** Draws an index with a probability proportional to its weight. */
function weighted(weights: readonly number[], draw: DrawBelow): number {
  let left = share(draw) * weights.reduce((a, b) => a + b, 0)
  const at = weights.findIndex((weight) => (left -= weight) < 0)
  return at < 0 ? weights.length - 1 : at
}

/**
 * A copy of the labels with errors in a share `rate` of the movies that have a genre.
 *
 * - uniform: a genre removed, added (by its frequency), or both
 * - missing: one of several genres removed
 * - confused: a genre added by its co-occurrence with one of the movie's, in six of ten cases in the place of that one
 * - frequent: one of the three most frequent genres added
 * - flat: any genre added, in half of the cases in the place of one
 *
 * @param labels (n, k) 0 or 1
 * @param kinds one of these is drawn for each movie
 * @param decided (n, k) 1: a cell that a person decided, which stays as it is; null: none is
 */
export function plantErrors(
  labels: Uint8Array,
  n: number,
  k: number,
  kinds: readonly ErrorKind[],
  rate: number,
  seed: number,
  decided: Uint8Array | null = null,
): Uint8Array {
  expectShape('labels', labels, n, k)
  const draw = seededDraws(mixSeed(seed, 17))
  const support = new Float64Array(k)
  const together = new Float64Array(k * k).fill(0.5)
  const genresOf = (row: number): number[] => {
    const out: number[] = []
    for (let g = 0; g < k; g++) if (labels[row * k + g] === 1) out.push(g)
    return out
  }
  for (let row = 0; row < n; row++)
    for (const a of genresOf(row)) {
      support[a]!++
      for (const b of genresOf(row)) together[a * k + b]!++
    }
  const frequent = [...support.keys()].sort((a, b) => support[b]! - support[a]!).slice(0, 3)
  const out = labels.slice()
  for (let row = 0; row < n; row++) {
    const mine = genresOf(row)
    const others = [...support.keys()].filter((g) => !mine.includes(g) && support[g]! > 0)
    if (share(draw) >= rate || mine.length === 0 || others.length === 0) continue
    const set = (genre: number, label: 0 | 1): void => {
      if (decided?.[row * k + genre] !== 1) out[row * k + genre] = label
    }
    const any = (from: readonly number[]): number => from[draw(from.length)]!
    const how = kinds[draw(kinds.length)]!
    if (how === 'missing') {
      if (mine.length > 1) set(any(mine), 0)
    } else if (how === 'uniform') {
      const what = draw(mine.length > 1 ? 3 : 2) // 0: added, 1: replaced, 2: removed
      const added = others[weighted(others.map((g) => support[g]!), draw)]! // prettier-ignore
      if (what > 0) set(any(mine), 0)
      if (what < 2) set(added, 1)
    } else if (how === 'confused') {
      const old = any(mine)
      const added = others[weighted(others.map((g) => together[old * k + g]!), draw)]! // prettier-ignore
      if (share(draw) < 0.6) set(old, 0)
      set(added, 1)
    } else if (how === 'frequent') {
      const left = frequent.filter((g) => !mine.includes(g))
      if (left.length > 0) set(any(left), 1)
    } else {
      const added = any(others)
      if (share(draw) < 0.5) set(any(mine), 0)
      set(added, 1)
    }
  }
  return out
}
