import { describe, expect, test } from 'vitest'
import { movieErrors } from '../../src/main/analysis/confident.ts'
import { CELL_SCORES, cellQuality, emaScores, rowQuality, softminScores, type CellScore } from '../../src/main/analysis/quality.ts'
import { readGoldenJson } from '../support/paths.ts'
import { cellIssues, FILTERS, rowIssues, type Filter } from './confident-plain.ts'
import { bits, cells, fakeCatalogue, matrix } from './support.ts'

type Golden = Record<string, number[]> &
  Record<'given_labels' | 'pred_probs' | 'issues_per_class_prune_by_noise_rate' | 'flipped', number[][]>

function expectClose(actual: ArrayLike<number>, expected: readonly number[]): void {
  expect(actual.length).toBe(expected.length)
  const worst = expected.reduce((most, value, i) => Math.max(most, Math.abs(value - actual[i]!)), 0)
  expect(worst).toBeLessThan(1e-6)
}

describe('against cleanlab', () => {
  const golden = readGoldenJson('metrics/label_quality.json') as Golden
  const k = 6
  const n = golden.given_labels.length
  const y = bits(golden.given_labels)
  const p = matrix(golden.pred_probs)

  test.each(Object.keys(CELL_SCORES) as CellScore[])('%s of every cell', (score) => {
    expectClose(cellQuality(y, p, n, k, score), (golden[`per_class_${score}`] as unknown as number[][]).flat())
  })

  test.each([
    ['self_confidence', 0.5],
    ['self_confidence', 0.8],
    ['normalized_margin', 0.5],
    ['normalized_margin', 0.8],
  ] as const)('moving average of %s, alpha %d', (score, alpha) => {
    expectClose(emaScores(cellQuality(y, p, n, k, score), n, k, alpha), golden[`quality_ema_${score}_alpha_${alpha}`]!)
  })

  test.each(['self_confidence', 'normalized_margin'] as const)('soft minimum of %s', (score) => {
    expectClose(softminScores(cellQuality(y, p, n, k, score), n, k), golden[`quality_softmin_${score}_temperature_0.1`]!)
  })

  test('the fast row score', () => {
    expectClose(rowQuality(y, p, n, k, 0.1), golden['quality_softmin_self_confidence_temperature_0.1']!)
  })

  test.each(FILTERS)('rows found by %s', (filter: Filter) => {
    expect([...rowIssues(cellIssues(y, p, n, k, filter), n, k)]).toEqual(golden[`issues_${filter}`])
  })

  test('cells found by prune_by_noise_rate', () => {
    expect([...cellIssues(y, p, n, k, 'prune_by_noise_rate')]).toEqual(golden.issues_per_class_prune_by_noise_rate.flat())
  })
})

test('the fast row score equals the plain one', () => {
  const { y, p } = fakeCatalogue(500, 19, 2)
  expectClose(rowQuality(y, p, 500, 19, 0.03), [...softminScores(cellQuality(y, p, 500, 19), 500, 19, 0.03)])
})

test("a movie's errors are the cells that confident_learning finds", () => {
  for (const seed of [3, 4]) {
    const { y, p } = fakeCatalogue(1000, 19, seed)
    const found = cellIssues(y, p, 1000, 19, 'confident_learning')
    const counts = Array.from({ length: 1000 }, (_, i) => found.subarray(i * 19, (i + 1) * 19).reduce((a, b) => a + b, 0))
    expect([...movieErrors(y, p, 1000, 19)]).toEqual(counts)
    expect(Math.max(...counts)).toBeGreaterThan(1)
  }
})

test('a movie has as many errors as labels that were flipped', () => {
  // 40 movies and a confident, correct model; in the first genre 4 labels are missing and 2 are spurious, in the second none
  const truth = Uint8Array.from({ length: 80 }, (_, at) => (at >> 1) % 2)
  const flipped = [0, 4, 8, 12, 2, 6]
  const given = truth.map((label, at) => (flipped.includes(at) ? 1 - label : label))
  const p = Float64Array.from(truth, (label) => (label === 1 ? 0.9 : 0.1))
  expect([...movieErrors(given, p, 40, 2)]).toEqual(Array.from({ length: 40 }, (_, i) => (flipped.includes(2 * i) ? 1 : 0)))
})

test('for a genre that no movie or every movie has, only predicted_neq_given finds cells', () => {
  const p = matrix([[0.2, 0.9], [0.6, 0.4], [0.1, 0.7]]) // prettier-ignore
  const found = Object.fromEntries(FILTERS.map((filter) => [filter, cellIssues(cells('01 01 01'), p, 3, 2, filter).join('')]))
  expect(found).toEqual({
    prune_by_noise_rate: '000000',
    prune_by_class: '000000',
    both: '000000',
    confident_learning: '000000',
    predicted_neq_given: '001100',
  })
})
