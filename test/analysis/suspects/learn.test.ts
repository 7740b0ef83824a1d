import { describe, expect, test } from 'vitest'
import { seededDraws } from '../../../src/main/analysis/random.ts'
import {
  anyWrong,
  EVIDENCE,
  FEATURES,
  learnWrong,
  wrongProbabilities,
  wrongShare,
  type Cells,
} from '../../../src/main/analysis/suspects/learn.ts'

const draw = seededDraws(9)
const uniform = (): number => (draw(1 << 24) + 0.5) / (1 << 24)

describe('the share of wrong cells', () => {
  /** Right cells score u², planted and wrong ones the square root of u: few right ones among the highest. */
  const scores = (n: number, wrong: number): Float32Array =>
    Float32Array.from({ length: n }, (_, i) => (i < n * wrong ? Math.sqrt(uniform()) : uniform() ** 4))
  const planted = scores(4000, 1)
  test.each([0.3, 0.1])('is found from the scores: %d', (share) => {
    const found = wrongShare(scores(40_000, share), planted)
    // the density of right cells at the top is 1/4, of wrong ones 2: at most (1 - share) / 8 too much
    expect(found.low).toBeGreaterThan(share * 0.9)
    expect(found.share).toBeLessThan(share + (1 - share) / 8 + 0.02)
    expect(found.low).toBeLessThanOrEqual(found.share)
    expect(found.high).toBeGreaterThanOrEqual(found.share)
  })
  test('is 0 without planted errors', () => expect(wrongShare(planted, new Float32Array())).toEqual({ share: 0, low: 0, high: 0 }))
})

describe('learning', () => {
  const [n, k] = [800, 4]
  /** Wrong cells have opinions against them, right ones for them; both with noise. */
  function cellsOf(wrongRate: number): { cells: Cells; wrong: Uint8Array } {
    const labels = Uint8Array.from({ length: n * k }, () => (draw(3) === 0 ? 1 : 0))
    const wrong = Uint8Array.from({ length: n * k }, () => (uniform() < wrongRate ? 1 : 0))
    const opinion = (): Float32Array =>
      labels.slice().reduce(
        (to, label, cell) => {
          const for_ = (label === 1 ? 1 : -1) * (wrong[cell] === 1 ? -1 : 1)
          to[cell] = 2 * for_ + 2 * (uniform() + uniform() + uniform() - 1.5)
          return to
        },
        new Float32Array(n * k),
      )
    const evidence = Object.fromEntries(EVIDENCE.map((name) => [name, opinion()])) as Cells['evidence']
    return { cells: { labels, k, evidence }, wrong }
  }
  const planted = cellsOf(0.1)
  const given = cellsOf(0.05)
  const model = learnWrong(planted.cells, planted.wrong, given.cells, 1)
  const p = wrongProbabilities(given.cells, model)

  test('ranks wrong cells first', () => {
    const mean = (wanted: number): number => {
      const own = p.filter((_, cell) => given.wrong[cell] === wanted)
      return own.reduce((a, b) => a + b, 0) / own.length
    }
    expect(mean(1)).toBeGreaterThan(0.8)
    expect(mean(0)).toBeLessThan(0.05)
  })
  test('finds how many cells are wrong, and probabilities add up to it', () => {
    const wrong = given.wrong.reduce((a, b) => a + b, 0)
    expect(model.estimate.expected).toBeGreaterThan(0.8 * wrong)
    expect(model.estimate.expected).toBeLessThan(1.25 * wrong)
    expect(p.reduce((a, b) => a + b, 0) / model.estimate.expected).toBeCloseTo(1, 3)
  })
  test('opinions against a label raise its probability, and the same seed gives the same model', () => {
    expect(model.weights.length).toBe(FEATURES.length)
    for (const name of ['context', 'contextOfAll'] as const) expect(model.weights[FEATURES.indexOf(name)]).toBeLessThan(0)
    expect(learnWrong(planted.cells, planted.wrong, given.cells, 1)).toEqual(model)
  })
  test('a movie is wrong if any of its cells is', () => {
    const cells = [0.5, 0.5, 0, 0.25]
    const movies = [0, 1].map((movie) => anyWrong(2, (column) => cells[2 * movie + column]!))
    expect(movies).toEqual([0.75, 0.25])
  })
})
