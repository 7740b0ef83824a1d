/** Random over- and undersampling as the number of times that each movie is trained on. */
import type { Imbalance } from '../../contract/recipe-files.ts'
import { seededDraws } from './random.ts'

/**
 * How often each of the rows counts in training: 1 unless a rule copies or removes it. A copy counts as weight, so that it stays in the fold
 * of its movie.
 * - `outside`: movies with none of the commonest genres are copied (Balete and Ducay).
 * - `oversample`: label sets rarer than the mean get random copies, `share` of the rows in all (LP-ROS; Charte et al. 2015).
 * - `undersample`: random movies of label sets more frequent than the mean are left out, `share` of the rows in all (LP-RUS).
 * @param labels (rows, k)
 * @param seed integer
 */
export function timesTrained(labels: Uint8Array, k: number, rule: Imbalance, seed: number): Float32Array {
  const n = labels.length / k
  const times = new Float32Array(n).fill(1)
  if (rule.kind === 'outside') {
    const support = Array.from({ length: k }, (_, g) => {
      let sum = 0
      for (let row = 0; row < n; row++) sum += labels[row * k + g]!
      return { g, sum }
    })
    const common = support.sort((a, b) => b.sum - a.sum || a.g - b.g).slice(0, rule.commonest)
    for (let row = 0; row < n; row++) if (!common.some(({ g }) => labels[row * k + g] === 1)) times[row] = 1 + rule.copies
  } else if (rule.kind === 'oversample' || rule.kind === 'undersample')
    resample(labelSets(labels, n, k), times, rule.kind, rule.share, seed)
  return times
}

function labelSets(labels: Uint8Array, n: number, k: number): number[][] {
  const sets = new Map<string, number[]>()
  for (let row = 0; row < n; row++) {
    const key = labels.subarray(row * k, row * k + k).join('')
    const rows = sets.get(key)
    if (rows) rows.push(row)
    else sets.set(key, [row])
  }
  return [...sets.values()]
}

/** Moves one row of each unbalanced label set after the other, until the share is reached or every set has the mean size. */
function resample(sets: readonly number[][], times: Float32Array, kind: 'oversample' | 'undersample', share: number, seed: number): void {
  const draw = seededDraws(seed)
  const mean = times.length / sets.length
  const sign = kind === 'oversample' ? 1 : -1
  let open = sets.map((rows) => ({ rows: [...rows], size: rows.length })).filter(({ size }) => sign * (mean - size) > 0)
  for (let left = Math.floor(share * times.length); left > 0 && open.length > 0;) {
    for (const set of open) {
      if (left-- <= 0) break
      const place = draw(set.rows.length)
      times[set.rows[place]!]! += sign
      set.size += sign
      if (sign < 0) set.rows.splice(place, 1)
    }
    open = open.filter(({ size }) => sign * (mean - size) >= 1)
  }
}
