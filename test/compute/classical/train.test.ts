import { describe, expect, test } from 'vitest'
import { CLASSICAL, type ClassicalConfig } from '../../../src/contract/classical.ts'
import { NOT_TRAINING } from '../../../src/contract/jobs.ts'
import { denseRows, nearestRows, selectRows, stack } from '../../../src/main/compute/classical/rows.ts'
import { mlsmote, smote } from '../../../src/main/compute/classical/synthetic.ts'
import { learntFrom, trainClassical } from '../../../src/main/compute/classical/train.ts'
import type { LinearInput } from '../../../src/main/compute/linear/train.ts'

const config = (part: Partial<ClassicalConfig> = {}): ClassicalConfig => ({
  ...CLASSICAL.parse({ classifier: 'logistic' }),
  costs: null,
  vectorPath: null,
  synthetic: null,
  reads: 'plot',
  folds: 2,
  seed: 42,
  outOfFold: true,
  minDf: 1,
  ...part,
})
/** 24 movies of which 20 train: each names its genre, Horror is rare; a movie's fold is its row modulo 2. */
const N = 24
const GENRE = (row: number): number => (row % 3 === 2 ? 1 : 0)
const input: LinearInput = {
  n: N,
  k: 2,
  plots: (rows) => Array.from(rows, (row) => `${GENRE(row) ? 'ghost house' : 'kiss wedding'} word${row % 4} other${row % 5}`),
  labels: Uint8Array.from({ length: 2 * N }, (_, cell) => (GENRE(cell >> 1) === cell % 2 ? 1 : 0)),
  excluded: null,
  rowWeight: null,
  fold: Uint8Array.from({ length: N }, (_, row) => (row < 20 ? (row >> 1) & 1 : NOT_TRAINING)),
}
const turn = () => Promise.resolve()
const run = (part: Partial<ClassicalConfig>): Promise<Float32Array> => trainClassical(input, config(part), () => undefined, turn)

describe('training', () => {
  test.each(CLASSICAL.shape.classifier.options)('%s learns out of fold and predicts the other movies', async (classifier) => {
    const p = await run({ classifier, neighbours: 1, c: 10 })
    for (let row = 0; row < N; row++) expect([row, p[row * 2 + GENRE(row)]! > p[row * 2 + 1 - GENRE(row)]!]).toEqual([row, true])
  })
  test('without out-of-fold predictions, the others are the same', async () => {
    const [all, rest] = [await run({}), await run({ outOfFold: false })]
    expect([...rest.slice(0, 40)]).toEqual(Array(40).fill(0))
    expect(rest.slice(40)).toEqual(all.slice(40))
  })
  test('costs and class weights raise the probability of a genre', async () => {
    const mean = (p: Float32Array): number => p.slice(0, 40).filter((_, i) => i % 2 === 1).reduce((a, b) => a + b, 0) // prettier-ignore
    const plain = mean(await run({}))
    expect(mean(await run({ costs: [1, 5] }))).toBeGreaterThan(plain)
    expect(mean(await run({ classWeight: 'balanced' }))).toBeGreaterThan(plain)
    expect(mean(await run({ synthetic: { kind: 'smote', share: 1 } }))).toBeGreaterThan(plain)
  })
  test('excluded cells and rows without weight change nothing', async () => {
    const labels = input.labels.slice()
    labels[5 * 2 + 1] = 0
    const excluded = new Uint8Array(2 * N)
    excluded[5 * 2 + 1] = 1
    const predicted = async (changed: Partial<LinearInput>) => [...(await trainClassical({ ...input, ...changed }, config(), () => undefined, turn))].filter((_, cell) => cell % 2 === 1) // prettier-ignore
    expect(await predicted({ labels, excluded })).toEqual(await predicted({ excluded }))
    const rowWeight = new Float32Array(N).fill(1)
    rowWeight[5] = 0
    expect(await predicted({ labels, rowWeight })).toEqual(await predicted({ rowWeight }))
  })
})

test.each([null, { kind: 'smote', share: 1 }, { kind: 'mlsmote', share: 0.5 }] as const)(
  'what is predicted for a fold does not depend on its own labels (%o)',
  async (synthetic) => {
    const held = (row: number): boolean => input.fold[row] === 1
    const labels = input.labels.map((label, cell) => (held(cell >> 1) ? 1 - label : label))
    const others = await trainClassical({ ...input, labels }, config({ synthetic }), () => undefined, turn)
    const own = await run({ synthetic })
    const ofFold = (p: Float32Array, is: boolean): number[] => [...p].filter((_, cell) => cell < 40 && held(cell >> 1) === is)
    expect(ofFold(others, true)).toEqual(ofFold(own, true))
    expect(ofFold(others, false)).not.toEqual(ofFold(own, false))
  },
)

describe('synthetic movies', () => {
  const x = denseRows(
    Float32Array.from({ length: 40 }, (_, i) => ((i * 37) % 23) / 5),
    20,
    2,
  )
  const labels = Uint8Array.from({ length: 60 }, (_, cell) => [1, Math.floor(cell / 3) < 4 ? 1 : 0, Math.floor(cell / 3) < 8 ? 1 : 0][cell % 3]!) // prettier-ignore
  const at = (m: typeof x, row: number): number[] => [...m.values.subarray(m.indptr[row], m.indptr[row + 1])]

  test('SMOTE adds positives between positives, until they are the share of the negatives', () => {
    const made = smote({ x, labels, k: 3 }, 1, 0.5, 7)
    expect([made.x.rows, made.labels.length]).toEqual([4, 4])
    for (let row = 0; row < 4; row++) {
      const [a, b] = [made.parents[row * 2]!, made.parents[row * 2 + 1]!]
      expect(a < 4 && b < 4 && a !== b).toBe(true)
      at(made.x, row).forEach((value, j) => {
        const [low, high] = [at(x, a)[j]!, at(x, b)[j]!].sort((p, q) => p - q) as [number, number]
        expect(value).toBeGreaterThanOrEqual(low - 1e-6)
        expect(value).toBeLessThanOrEqual(high + 1e-6)
      })
    }
    expect(smote({ x, labels, k: 3 }, 0, 0.5, 7).x.rows).toBe(0)
  })
  test('MLSMOTE adds movies of rare genres with the labels of their neighbours', () => {
    const made = mlsmote({ x, labels, k: 3 }, 1, 7)
    // ratios 1, 5 and 2.5: only the second is above the mean
    expect(made.x.rows).toBe(4)
    for (const parent of made.parents) expect(parent).toBeLessThan(4)
    expect([...made.labels]).toEqual(Array(12).fill(1))
    expect(mlsmote({ x, labels, k: 3 }, 0.1, 7).x.rows).toBe(2)
  })
  test('no parent is outside the movies of the fit, so that none crosses a fold', () => {
    const all = denseRows(
      Float32Array.from({ length: 2 * N }, (_, i) => i),
      N,
      2,
    )
    for (const fold of [0, 1]) {
      const rows = Int32Array.from([...input.fold.keys()].filter((row) => input.fold[row] === 1 - fold))
      const learnt = learntFrom(input, all, rows, config())
      for (const made of [smote(learnt, 1, 1, 3), mlsmote(learnt, 1, 3)]) {
        expect(made.x.rows).toBeGreaterThan(0)
        for (const parent of made.parents) expect(input.fold[rows[parent]!]).toBe(1 - fold)
        // the values themselves lie between those of the fold's own movies
        const allowed = new Set(rows)
        made.parents.forEach((parent) => expect(allowed.has(all.values[rows[parent]! * 2]! / 2)).toBe(true))
      }
    }
  })
})

test('rows are selected, stacked and compared', () => {
  const x = denseRows(Float32Array.from([0, 0, 3, 4, 1, 1, 0, 1]), 4, 2)
  expect([...selectRows(x, Int32Array.from([2, 0, 2])).values]).toEqual([1, 1, 0, 0, 1, 1])
  const both = stack(x, selectRows(x, Int32Array.from([1])))
  expect([both.rows, ...both.indptr, ...both.values.slice(-2)]).toEqual([5, 0, 2, 4, 6, 8, 10, 3, 4])
  expect([...nearestRows(x, x, 2, (row, other) => row === other)]).toEqual([3, 2, 2, 3, 3, 0, 0, 2])
})
