import { expect, test } from 'vitest'
import { bootstrapWrong } from '../../../src/main/analysis/suspects/interval.ts'
import { seededUnit } from '../support.ts'

const [n, k, THRESHOLD] = [300, 3, 0.8]
/** A catalogue in which 10% of the cells are wrong and score like planted errors: half of them above the threshold, and no other cell. */
function catalogue(seed: number) {
  const unit = seededUnit(seed)
  const score = (wrong: boolean): number => (wrong && unit() < 0.5 ? 0.9 : 0.1)
  const cells = <T>(of: () => T): T[] => Array.from({ length: n * k }, of)
  const wrong = Uint8Array.from(cells(() => (unit() < 0.1 ? 1 : 0)))
  const given = Float32Array.from(cells(() => score(unit() < 0.1)))
  const planted = Float32Array.from(wrong, (each) => score(each === 1))
  const probabilities = Float32Array.from({ length: n * k }, (_, cell) => (cell % k) * given[cell]!)
  const high = given.filter((s) => s >= THRESHOLD).length
  const found = planted.filter((s, cell) => s >= THRESHOLD && wrong[cell] === 1).length
  return {
    scored: { given, planted, wrong, threshold: THRESHOLD, probabilities },
    estimate: (high * wrong.reduce((a, b) => a + b, 0)) / found,
  }
}

test('the interval holds the expected number of wrong cells in 95% of catalogues; genres have their own', () => {
  const rounds = 200
  let held = 0
  for (let seed = 0; seed < rounds; seed++) {
    const { scored, estimate } = catalogue(seed)
    const intervals = bootstrapWrong(scored, k, 0.5, seed)
    const [low, high] = intervals[k]!
    if (low * estimate <= 0.1 * n * k && 0.1 * n * k <= high * estimate) held++
    // no wrong cell is expected in the first genre
    expect(intervals[0]).toEqual([0, 0])
    expect(intervals[1]![0]).toBeLessThan(1)
    expect(intervals[1]![1]).toBeGreaterThan(1)
  }
  expect(Math.abs(held / rounds - 0.95)).toBeLessThan(3 * Math.sqrt((0.95 * 0.05) / rounds))
})

test('the same seed gives the same interval; without planted errors there is none', () => {
  const { scored } = catalogue(1)
  expect(bootstrapWrong(scored, k, 0.5, 4)).toEqual(bootstrapWrong(scored, k, 0.5, 4))
  expect(bootstrapWrong(scored, k, 0.5, 4)).not.toEqual(bootstrapWrong(scored, k, 0.5, 5))
  expect(bootstrapWrong({ ...scored, wrong: new Uint8Array(n * k) }, k, 0.5, 4)[k]).toEqual([0, 0])
})
