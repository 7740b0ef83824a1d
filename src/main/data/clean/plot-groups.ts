/** Groups of movies that tell the same story in nearly the same words: no part that tests a model may share a group with what it learned. */
import { foldText, HashNumbers, hashText, type Hash64 } from './hashing.ts'
import { NearDuplicates } from './near-duplicates.ts'

/** As the cleaning rule has it by default: share of the runs of so many words that two plots have in common. */
const [SIMILARITY, SHINGLE] = [0.8, 3]
/** Above so many movies only equal plots are grouped: the keys of a million plots would take more memory than the training. */
const MAX_COMPARED = 300_000
/** Plots of one template make no group of more than this share of the movies: no part could hold it. */
const MAX_SHARE = 0.05
/** Plots between two steps. */
const STEP = 512

/**
 * Groups equal plots, ignoring case and white space, and plots that nearly repeat one another, directly or through others.
 * @param plots called once or twice; the same plots in the same order
 * @returns (count) the first row of each row's group
 */
export function* plotGroups(plots: () => Iterable<string>, count: number): Generator<void, Int32Array> {
  const groups = Int32Array.from({ length: count }, (_, row) => row)
  const sizes = new Int32Array(count).fill(1)
  const rootOf = (row: number): number => {
    let root = row
    // each row on the way is brought nearer to the root
    while (groups[root] !== root) root = groups[root] = groups[groups[root]!]!
    return root
  }
  const join = (a: number, b: number, most: number): void => {
    const [first, second] = [Math.min(rootOf(a), rootOf(b)), Math.max(rootOf(a), rootOf(b))]
    if (first === second || sizes[first]! + sizes[second]! > most) return
    groups[second] = first
    sizes[first]! += sizes[second]!
  }
  const firsts = new HashNumbers()
  const hash: Hash64 = { high: 0, low: 0 }
  const near = count <= MAX_COMPARED ? new NearDuplicates(SIMILARITY, SHINGLE) : null
  let row = 0
  for (const plot of plots()) {
    const first = firsts.get(hashText(foldText(plot), hash))
    if (first > 0) join(first - 1, row, count)
    else firsts.set(hash, row + 1)
    near?.add(plot)
    if (++row % STEP === 0) yield
  }
  if (near !== null) {
    near.finish()
    const most = Math.max(2, Math.floor(count * MAX_SHARE))
    row = 0
    for (const plot of plots()) {
      for (const { index } of near.lookUpAll(plot)) join(index, row, most)
      if (++row % STEP === 0) yield
    }
  }
  return groups.map((_, at) => rootOf(at))
}
