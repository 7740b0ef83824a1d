import { describe, expect, test } from 'vitest'
import { NOT_TRAINING } from '../../src/contract/jobs.ts'
import { logit, sigmoid } from '../../src/main/analysis/matrix.ts'
import { seededDraws } from '../../src/main/analysis/random.ts'
import { combine, combined, memberLogits, packEnsemble, unpackEnsemble } from '../../src/main/compute/ensemble.ts'

const [N, K, FOLDS] = [120, 3, 4]
const draw = seededDraws(3)
const labels = Uint8Array.from({ length: N * K }, () => (draw(3) === 0 ? 1 : 0))
/** Logits that know the labels a little: of genre 0 in its own column, of genre 1 in that of genre 2. */
const member = (strength: number): Float32Array =>
  Float32Array.from({ length: N * K }, (_, cell) => {
    const [row, g] = [Math.floor(cell / K), cell % K]
    const label = labels[row * K + (g === 2 ? 1 : g)]!
    return (g === 1 ? 0 : strength * (label - 0.5)) + draw(1000) / 500 - 1
  })
const members = [member(2), member(1)]
const fold = Uint8Array.from({ length: N }, (_, row) => (row < 100 ? row % FOLDS : NOT_TRAINING))
const input = { n: N, k: K, labels, excluded: null, rowWeight: null, fold }
const make = (change: Partial<typeof input> | { excluded: Uint8Array } | { rowWeight: Float32Array }, how: 'mean' | 'stack' = 'stack') =>
  combine({ ...input, ...change }, members, { how, folds: FOLDS, seed: 1 }, () => undefined, () => Promise.resolve()) // prettier-ignore

test('a mean is that of the logits, for every movie', async () => {
  const { probabilities, model } = await make({}, 'mean')
  probabilities.forEach((p, cell) => expect(p).toBeCloseTo(sigmoid((members[0]![cell]! + members[1]![cell]!) / 2), 5))
  expect(model).toEqual({ how: 'mean', members: 2, genres: K, stack: null })
})

describe('a stack', () => {
  test('learns from the logits of other genres', async () => {
    const { probabilities } = await make({})
    const mean = (g: number, label: number): number => {
      const rows = Array.from(fold.keys()).filter((row) => labels[row * K + g] === label)
      return rows.reduce((sum, row) => sum + probabilities[row * K + g]!, 0) / rows.length
    }
    // the members say nothing about genre 1 in its own column
    for (const g of [0, 1]) expect(mean(g, 1) - mean(g, 0)).toBeGreaterThan(0.1)
  })
  test.each([0, 41, 99])('the label of movie %i does not reach the predictions of its fold', async (row) => {
    const flipped = labels.slice()
    flipped[row * K + 1]! ^= 1
    const [before, after] = [await make({}), await make({ labels: flipped })]
    const same = (other: number): boolean => after.probabilities[other * K + 1] === before.probabilities[other * K + 1]
    for (const other of fold.keys()) expect([other, same(other)]).toEqual([other, fold[other] === fold[row]])
  })
  test('predicts movies outside the training part as it predicts other texts', async () => {
    const { probabilities, model } = await make({})
    const others = members.map((logits) => logits.slice(100 * K))
    combined(model, others).forEach((z, cell) => expect(probabilities[100 * K + cell]).toBeCloseTo(sigmoid(z), 6))
  })
  test('a member that was hardly trained does not outweigh the others where its final model differs from those of its folds', async () => {
    const idle = Float32Array.from({ length: N * K }, (_, cell) => -1 + draw(100) / 10_000 + (cell < 100 * K ? 0 : 1))
    const withIdle = await combine({ ...input }, [...members, idle], { how: 'stack', folds: FOLDS, seed: 1 }, () => undefined, () => Promise.resolve()) // prettier-ignore
    const { probabilities } = await make({})
    for (let cell = 100 * K; cell < N * K; cell++) expect(Math.abs(withIdle.probabilities[cell]! - probabilities[cell]!)).toBeLessThan(0.1)
  })
  test('an excluded cell is as one of weight 0', async () => {
    const excluded = new Uint8Array(N * K)
    excluded[7 * K + 1] = 1
    const rowWeight = Float32Array.from({ length: N }, (_, row) => (row === 7 ? 0 : 1))
    const [masked, dropped, plain] = [await make({ excluded }), await make({ rowWeight }), await make({})]
    for (const row of fold.keys()) expect(masked.probabilities[row * K + 1]).toBe(dropped.probabilities[row * K + 1])
    expect(masked.probabilities).not.toEqual(plain.probabilities)
  })
  test('a genre of no movie has a constant, smoothed probability', async () => {
    const { probabilities } = await make({ labels: labels.map((label, cell) => (cell % K === 0 ? 0 : label)) })
    expect(probabilities[0]).toBeCloseTo(1 / 77, 5) // 75 of 100 movies are outside the fold
    expect(probabilities[110 * K]).toBeCloseTo(1 / 102, 5)
  })
})

test('a member’s logits are on the scale of its training, in the order of the ensemble’s genres', () => {
  const scales = [{ slope: 2, offset: 1 }, { slope: 1, offset: 0 }] // prettier-ignore
  const [first, second, third, fourth] = memberLogits({ columns: [1, 0], scales }, Float32Array.of(0.2, 0.7, 0.5, 0.9), 2)
  expect(first).toBeCloseTo(2 * logit(0.7) + 1, 4)
  expect(second).toBeCloseTo(logit(0.2), 4)
  expect(third).toBeCloseTo(2 * logit(0.9) + 1, 4)
  expect(fourth).toBeCloseTo(0, 4)
})

test.each(['mean', 'stack'] as const)('a stored %s is the same again; a damaged one is refused', async (how) => {
  const { model } = await make({}, how)
  const bytes = packEnsemble(model)
  expect(unpackEnsemble(bytes)).toEqual(model)
  expect(() => unpackEnsemble(bytes.slice(0, -9))).toThrow('Combine its runs again')
})
