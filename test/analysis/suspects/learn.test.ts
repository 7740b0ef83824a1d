import { describe, expect, test } from 'vitest'
import { seededDraws } from '../../../src/main/analysis/random.ts'
import { anyWrong, featuresOf, learnWrong, wrongProbabilities, wrongShare, type Cells } from '../../../src/main/analysis/suspects/learn.ts'

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
  test('is 0 without planted errors', () => expect(wrongShare(planted, new Float32Array())).toMatchObject({ share: 0, low: 0, high: 0 }))
})

describe('learning', () => {
  const SOURCES = ['text', 'neighbours', 'context', 'contextOfAll']
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
    const evidence = Object.fromEntries(SOURCES.map((name) => [name, opinion()]))
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
    expect(model.sources).toEqual(SOURCES)
    expect(model.weights.length).toBe(featuresOf(SOURCES).length)
    for (const name of ['context', 'contextOfAll']) expect(model.weights[SOURCES.indexOf(name)]).toBeLessThan(0)
    expect(learnWrong(planted.cells, planted.wrong, given.cells, 1)).toEqual(model)
  })
  test('it says how many planted errors it finds, and how much of what it calls wrong is planted', () => {
    const { errors, called, found } = model.planted
    expect(errors).toBe(planted.wrong.reduce((a, b) => a + b, 0))
    expect(found / errors).toBeGreaterThan(0.7)
    expect(found / called).toBeGreaterThan(0.8)
    // what cannot be told from chance is not called wrong
    const silent = { ...planted.cells, evidence: Object.fromEntries(SOURCES.map((name) => [name, new Float32Array(n * k)])) }
    expect(learnWrong(silent, planted.wrong, given.cells, 1).planted).toEqual({ errors, called: 0, found: 0 })
  })
  test('a label from before a decision is judged by its own side', () => {
    const cell = p.findIndex((value, at) => value > 0.9 && given.wrong[at] === 1)
    const labels = given.cells.labels.slice()
    labels[cell] = 1 - labels[cell]!
    expect(wrongProbabilities({ ...given.cells, labels }, model)[cell]).toBeLessThan(0.1)
    expect(wrongProbabilities({ ...given.cells, labels, judged: given.cells.labels }, model)[cell]).toBeGreaterThan(0.8)
  })
  test('a movie is wrong if any of its cells is', () => {
    const cells = [0.5, 0.5, 0, 0.25]
    const movies = [0, 1].map((movie) => anyWrong(2, (column) => cells[2 * movie + column]!))
    expect(movies).toEqual([0.75, 0.25])
  })
})
