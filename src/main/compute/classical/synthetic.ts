/** Synthetic neighbours of rare movies, between two movies of one training set. */
import type { Csr } from '../linear/csr.ts'
import { mersenneTwister } from '../../analysis/numpy-random.ts'
import { seededDraws } from '../../analysis/random.ts'
import { nearestRows, selectRows } from './rows.ts'

/** Training data of a fit: features, labels (rows, k), weights of the cells (rows, k). */
export interface Learnt {
  readonly x: Csr
  readonly labels: Uint8Array
  readonly weights: Float64Array
  readonly k: number
}
/** Rows to add. `parents`: (rows, 2) the rows of the training set that a synthetic row lies between. */
export interface Synthetic {
  readonly x: Csr
  readonly labels: Uint8Array
  readonly parents: Int32Array
}
const NEIGHBOURS = 5

/** Rows a + gap * (b - a) for pairs of rows. */
function between(x: Csr, pairs: readonly (readonly [from: number, to: number])[], seed: number): Csr {
  const next = mersenneTwister(seed)
  const indptr = new Int32Array(pairs.length + 1)
  const [indices, values]: [number[], number[]] = [[], []]
  pairs.forEach(([from, to], at) => {
    const gap = next() / 2 ** 32
    const row = new Map<number, number>()
    for (const [source, share] of [[from, 1 - gap], [to, gap]] as const) // prettier-ignore
      for (let i = x.indptr[source]!; i < x.indptr[source + 1]!; i++) row.set(x.indices[i]!, (row.get(x.indices[i]!) ?? 0) + share * x.values[i]!) // prettier-ignore
    indices.push(...row.keys())
    values.push(...row.values())
    indptr[at + 1] = indices.length
  })
  return { rows: pairs.length, columns: x.columns, indptr, indices: Int32Array.from(indices), values: Float32Array.from(values) }
}

const rowsWith = ({ labels, k }: Pick<Learnt, 'labels' | 'k'>, g: number): Int32Array => {
  const rows: number[] = []
  for (let row = 0; row * k < labels.length; row++) if (labels[row * k + g] === 1) rows.push(row)
  return Int32Array.from(rows)
}

/** Pairs of a row of the bag and one of its nearest neighbours there, `times` for each row in turn. */
function drawnPairs(x: Csr, bag: Int32Array, count: number, seed: number): { pairs: [number, number][]; near: Int32Array } {
  const own = selectRows(x, bag)
  const near = nearestRows(own, own, NEIGHBOURS, (row, other) => row === other)
  const draw = seededDraws(seed)
  const pairs = Array.from({ length: count }, (_, i): [number, number] => {
    const at = i % bag.length
    const mine = [...near.subarray(at * NEIGHBOURS, (at + 1) * NEIGHBOURS)].filter((other) => other >= 0)
    return [bag[at]!, bag[mine[draw(Math.max(1, mine.length))] ?? at]!]
  })
  return { pairs, near }
}

/**
 * SMOTE for one genre against the rest (Chawla et al. 2002): synthetic positives until they are `share` of the negatives. The labels of
 * other genres are not used; a genre with fewer than two positives gets none.
 */
export function smote(learnt: Pick<Learnt, 'x' | 'labels' | 'k'>, g: number, share: number, seed: number): Synthetic {
  const bag = rowsWith(learnt, g)
  const wanted = Math.floor(share * (learnt.x.rows - bag.length)) - bag.length
  const pairs = bag.length < 2 || wanted <= 0 ? [] : drawnPairs(learnt.x, bag, wanted, seed).pairs
  return { x: between(learnt.x, pairs, seed), labels: new Uint8Array(pairs.length).fill(1), parents: Int32Array.from(pairs.flat()) }
}

/**
 * MLSMOTE (Charte et al. 2015): for each genre rarer than the mean (imbalance ratio above the mean ratio), one synthetic movie for each of its
 * movies, `share` of the training set at most in all. Labels are those that more than half of the movie and its neighbours have.
 */
export function mlsmote(learnt: Pick<Learnt, 'x' | 'labels' | 'k'>, share: number, seed: number): Synthetic {
  const { x, labels, k } = learnt
  const bags = Array.from({ length: k }, (_, g) => rowsWith(learnt, g))
  const most = Math.max(...bags.map(({ length }) => length))
  const ratios = bags.map(({ length }) => (length === 0 ? 0 : most / length))
  const mean = ratios.reduce((sum, ratio) => sum + ratio, 0) / Math.max(1, ratios.filter((ratio) => ratio > 0).length)
  const [pairs, made]: [[number, number][], number[]] = [[], []]
  let left = Math.floor(share * x.rows)
  const rare = bags.map((bag, g) => ({ bag, g })).filter(({ bag, g }) => ratios[g]! > mean && bag.length >= 2).sort((a, b) => a.bag.length - b.bag.length) // prettier-ignore
  for (const { bag, g } of rare) {
    const count = Math.min(left, bag.length)
    const drawn = drawnPairs(x, bag, count, seed + g)
    drawn.pairs.forEach((pair, at) => {
      const group = [bag[at]!, ...[...drawn.near.subarray(at * NEIGHBOURS, (at + 1) * NEIGHBOURS)].filter((i) => i >= 0).map((i) => bag[i]!)] // prettier-ignore
      pairs.push(pair)
      for (let label = 0; label < k; label++) made.push(2 * group.filter((row) => labels[row * k + label] === 1).length > group.length ? 1 : 0) // prettier-ignore
    })
    left -= count
  }
  return { x: between(x, pairs, seed), labels: Uint8Array.from(made), parents: Int32Array.from(pairs.flat()) }
}
