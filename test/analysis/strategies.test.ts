import { expect, test } from 'vitest'
import { STRATEGY_IDS, type StrategyId } from '../../src/contract/thresholds.ts'
import { labelCounts } from '../../src/main/analysis/confusion.ts'
import { headline } from '../../src/main/analysis/metrics.ts'
import { runToEnd } from '../../src/main/analysis/steps.ts'
import { chooseBy, compareStrategies, type Cells } from '../../src/main/analysis/strategies.ts'
import { chooseThresholds, predict } from '../../src/main/analysis/thresholds.ts'
import { readGoldenJson } from '../support/paths.ts'
import { fakeCatalogue } from './support.ts'

const given = readGoldenJson('metrics/multilabel_metrics.json') as { labels: number[][]; probabilities: number[][] }
const golden = readGoldenJson('metrics/thresholds.json') as Record<string, number[]> & Record<string, number[][]>
const cells: Cells = {
  y: Uint8Array.from(given.labels.flat()),
  p: Float32Array.from(given.probabilities.flat()),
  n: given.labels.length,
  k: given.labels[0]!.length,
}
const choose = (strategy: StrategyId, of: Cells = cells, value: number | null = null): Float32Array =>
  runToEnd(chooseBy(strategy, of, value, 42))
const reached = (strategy: StrategyId, value: number | null): number[][] => {
  const { tp, fp } = labelCounts(
    cells.y,
    predict(cells.p, choose(strategy, cells, value), cells.n, cells.k, { atLeastOne: false }),
    cells.n,
    cells.k,
  )
  return Array.from(tp, (hits, g) => [hits, fp[g]!])
}
/** Genres with a movie: the others have no best cut. */
const live = Array.from({ length: cells.k }, (_, g) => g).filter((g) => given.labels.some((row) => row[g] === 1))

test.each([
  ['precision', 0.6, 'precision_0.6'],
  ['recall', 0.8, 'recall_0.8'],
  ['cost', 2, 'cost_2'],
] as const)('%s reaches the cuts of a search over all of them', (strategy, value, name) => {
  const found = reached(strategy, value)
  expect(live.map((g) => found[g])).toEqual(live.map((g) => (golden[name] as unknown as number[][])[g]))
})

test('one threshold for all genres is that of the reference', () =>
  expect(new Set(choose('grid'))).toEqual(new Set([Math.fround(golden['grid'] as unknown as number)])))

test.each(['annealed-1', 'annealed-5', 'annealed-10', 'annealed'] as const)('the walk %s ends where the reference ends', (strategy) => {
  const walked = choose(strategy)
  golden[strategy]!.forEach((threshold, g) => expect(walked[g]).toBeCloseTo(threshold, 5))
})

const fake = (n = 600, k = 6, seed = 3): Cells => {
  const { y, p } = fakeCatalogue(n, k, seed)
  return { y, p: Float32Array.from(p), n, k }
}
const scores = ({ y, p, n, k }: Cells, thresholds: Float32Array, atLeastOne = false) =>
  headline(y, predict(p, thresholds, n, k, { atLeastOne }), n, k)

test('no other cut of a single genre has a larger sum of micro-F1 and macro-F1', () => {
  const of = fake()
  const thresholds = choose('micro-macro', of)
  const sum = (t: Float32Array): number => scores(of, t).microF1 + scores(of, t).macroF1
  const best = sum(thresholds)
  expect(best).toBeGreaterThan(sum(chooseThresholds(of.y, of.p, of.n, of.k, null, { smoothing: 0 })) - 1e-9)
  for (let g = 0; g < of.k; g++)
    for (let i = 0; i < of.n; i += 7) expect(sum(thresholds.with(g, of.p[i * of.k + g]!))).toBeLessThanOrEqual(best + 1e-9)
})

test('thresholds that are chosen together have a better Jaccard by movie than those chosen genre by genre', () => {
  const of = fake(900, 8, 5)
  const together = scores(of, choose('jaccard', of)).jaccard
  expect(together).toBeGreaterThan(scores(of, choose('per-genre', of)).jaccard)
  const thresholds = choose('jaccard', of)
  for (let g = 0; g < of.k; g++)
    for (const move of [-0.1, -0.02, 0.02, 0.1])
      expect(scores(of, thresholds.with(g, Math.min(1, Math.max(0.001, thresholds[g]! + move)))).jaccard).toBeLessThan(together + 0.002)
})

test('a genre that fails in cross-validation is hardly predicted by FBR', () => {
  const of = fake(600, 4, 9)
  // noise instead of evidence for a rare genre
  const rare = 3
  for (let i = 0; i < of.n; i++) {
    of.y[i * of.k + rare] = i % 60 === 0 ? 1 : 0
    of.p[i * of.k + rare] = ((i * 7919) % 997) / 1000
  }
  const [own, cautious] = [choose('per-genre', of), choose('fbr', of)]
  const predicted = (t: Float32Array): number =>
    predict(of.p, t, of.n, of.k, { atLeastOne: false }).filter((h, at) => at % of.k === rare && h === 1).length
  expect(predicted(cautious)).toBeLessThan(5)
  expect(predicted(own)).toBeGreaterThan(20)
})

test('the table shows overfitting: thresholds score less on movies on which they were not chosen', () => {
  const of = fake(300, 6, 1)
  const rows = runToEnd(compareStrategies(of, { fixed: 0.4 }, 7))
  expect(rows.map(({ strategy }) => strategy)).toEqual(STRATEGY_IDS)
  const byId = new Map(rows.map((row) => [row.strategy, row]))
  expect(byId.get('fixed')).toMatchObject({ value: 0.4, chosen: byId.get('fixed')!.heldOut })
  for (const id of ['per-genre', 'micro-macro', 'jaccard'] as const) {
    const { chosen, heldOut, thresholds } = byId.get(id)!
    expect(heldOut.microF1).toBeLessThan(chosen.microF1)
    expect(chosen).toEqual(scores(of, Float32Array.from(thresholds), true))
  }
  expect(runToEnd(compareStrategies(of, { fixed: 0.4 }, 7))).toEqual(rows)
  expect(runToEnd(compareStrategies(of, { fixed: 0.4 }, 8))).not.toEqual(rows)
})
