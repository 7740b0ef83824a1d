import { expect, test } from 'vitest'
import { multilabelMetrics } from '../../src/main/analysis/metrics.ts'
import { predict } from '../../src/main/analysis/thresholds.ts'
import { LiveFigures } from '../../src/renderer/stores/live-thresholds.ts'
import { fakeCatalogue } from '../analysis/support.ts'

function fake(n: number, k: number, seed: number) {
  const { y, p } = fakeCatalogue(n, k, seed)
  const genres = Array.from({ length: k }, (_, id) => ({ id, name: `genre ${id}` }))
  return { labels: y, probabilities: Float32Array.from(p), genres, thresholds: Float32Array.from({ length: k }, (_, g) => 0.3 + 0.05 * g) }
}

test('after any drags, the figures are those of the engine', () => {
  const [n, k] = [400, 7]
  const data = fake(n, k, 3)
  const live = new LiveFigures(data)
  for (let step = 0; step < 60; step++) {
    const [g, threshold] = [(step * 5) % k, ((step * 37) % 101) / 100]
    live.set(g, threshold)
    if (step % 6 !== 0) continue
    const h = predict(data.probabilities, live.thresholds, n, k, { atLeastOne: true })
    const engine = multilabelMetrics(data.labels, h, data.probabilities, n, k)
    const near = (x: number): number => expect.closeTo(x, 9) as number
    expect(live.headline()).toEqual({
      microF1: near(engine.micro.f1),
      macroF1: near(engine.macro.f1),
      jaccard: near(engine.jaccard_samples),
      atLeastOne: near(engine.at_least_one),
      subset: near(engine.subset_accuracy),
      hamming: near(engine.hamming_loss),
    })
    const { precision, recall, f1, support } = engine.per_label
    for (let at = 0; at < k; at++)
      expect(live.genre(at)).toEqual({
        precision: near(precision[at]!),
        recall: near(recall[at]!),
        f1: near(f1[at]!),
        support: support[at],
      })
  }
})

test('movies between two thresholds are those that change side, the nearest to the first one first', () => {
  const data = fake(300, 3, 5)
  const live = new LiveFigures(data)
  const p = (row: number): number => data.probabilities[row * 3 + 1]!
  for (const [from, to] of [
    [0.3, 0.5],
    [0.5, 0.3],
  ] as const) {
    const rows = live.between(1, from, to)
    const expected = Array.from({ length: 300 }, (_, row) => row).filter((row) => p(row) >= 0.3 === !(p(row) >= 0.5))
    expect([...rows].sort((a, b) => a - b)).toEqual(expected)
    rows.forEach((row, i) => expect(Math.abs(p(row) - from)).toBeGreaterThanOrEqual(Math.abs(p(rows[i - 1] ?? row) - from)))
  }
  expect(live.between(1, 0.4, 0.4)).toEqual([])
})

test('a curve has the precision and recall that its thresholds reach; recall falls as the threshold rises', () => {
  const data = fake(500, 4, 8)
  const live = new LiveFigures(data)
  const curve = live.curve(2)
  expect(curve.length).toBeGreaterThan(50)
  for (const { threshold, precision, recall } of curve) {
    const own = data.labels.filter((_, at) => at % 4 === 2)
    const hits = own.map((label, row) => (data.probabilities[row * 4 + 2]! >= threshold ? label : 0)).reduce((a, b) => a + b, 0)
    const predicted = Array.from(own, (_, row) => data.probabilities[row * 4 + 2]! >= threshold).filter(Boolean).length
    expect(precision).toBeCloseTo(hits / predicted, 9)
    expect(recall).toBeCloseTo(hits / own.reduce((a, b) => a + b, 0), 9)
  }
  curve.forEach(({ recall }, i) => expect(recall).toBeLessThanOrEqual(curve[i - 1]?.recall ?? 1))
})
