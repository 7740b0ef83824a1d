import { expect, test } from 'vitest'
import { contextOf } from '../../../src/main/analysis/suspects/context.ts'
import { seededDraws } from '../../../src/main/analysis/random.ts'

const [N, K, FOLDS] = [1200, 3, 3]
const draw = seededDraws(5)
/** Genre 1 almost always comes with genre 0, never with genre 2; the opinions know nothing. */
const labels = new Uint8Array(N * K)
for (let row = 0; row < N; row++) {
  const first = draw(2)
  labels.set([first, first === 1 && draw(10) > 0 ? 1 : 0, 1 - first], row * K)
}
const fold = Uint8Array.from({ length: N }, (_, row) => row % FOLDS)
const silent = new Float32Array(N * K)

test('a label that the other labels contradict gets low log-odds, from the labels', () => {
  const wrong = labels.slice()
  wrong.set([0, 1, 1], 0) // genre 1 beside genre 2 and without genre 0
  const { logits, parts } = contextOf(wrong, { silent }, fold, FOLDS, K)
  const usual = wrong.findIndex((label, at) => at > K && at % K === 1 && label === 1)
  expect(logits[1]).toBeLessThan(-2)
  expect(logits[usual]).toBeGreaterThan(1)
  expect(parts['genres']![usual]! - parts['genres']![1]!).toBeCloseTo(logits[usual]! - logits[1]!, 0)
})

test('the movie itself has no part in its own log-odds', () => {
  const other = labels.slice()
  other[1] = 1 - other[1]!
  const before = contextOf(labels, { silent }, fold, FOLDS, K).logits
  const after = contextOf(other, { silent }, fold, FOLDS, K).logits
  // the model of fold 0 learns from other folds only
  expect(after[1]).toBe(before[1])
})

test('an opinion counts as much as it has proved to', () => {
  const right = Float32Array.from(labels, (label) => (label === 1 ? 2 : -2))
  const noise = Float32Array.from(labels, () => draw(2) * 4 - 2)
  const spread = (opinion: Float32Array): number => {
    const { logits } = contextOf(labels, { opinion }, fold, FOLDS, K)
    const mean = (wanted: number): number => {
      const own = logits.filter((_, at) => at % K === 0 && labels[at] === wanted)
      return own.reduce((a, b) => a + b, 0) / own.length
    }
    return mean(1) - mean(0)
  }
  expect(spread(right)).toBeGreaterThan(spread(noise) + 1)
})

test('a genre that every movie has gets its frequency', () => {
  const all = new Uint8Array(N * K).fill(1)
  const { logits, parts } = contextOf(all, { silent }, fold, FOLDS, K)
  const rows = (N * (FOLDS - 1)) / FOLDS
  expect(logits[0]).toBeCloseTo(Math.log(rows + 1), 4)
  expect(parts['genres']![0]).toBe(0)
})

test('the parts of the opinions and of the labels differ from the log-odds by a constant of the genre and the fold', () => {
  const opinion = Float32Array.from(labels, (label) => (label === 1 ? 1 : -1) * (1 + draw(3)))
  const other = Float32Array.from(labels, () => draw(5) - 2)
  const { logits, parts } = contextOf(labels, { opinion, other }, fold, FOLDS, K)
  const rest = (row: number): number => {
    const cell = row * K + 1
    return logits[cell]! - parts['opinion']![cell]! - parts['other']![cell]! - parts['genres']![cell]!
  }
  for (let row = FOLDS; row < N; row += FOLDS) expect(rest(row)).toBeCloseTo(rest(0), 3)
  expect(Math.abs(parts['opinion']![1]!)).toBeGreaterThan(0.5)
})
