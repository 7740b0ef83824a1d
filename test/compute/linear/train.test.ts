import { describe, expect, test } from 'vitest'
import { LINEAR_MEMBERS, type LinearConfig } from '../../../src/contract/records.ts'
import { keepFold, knownFolds } from '../../../src/main/compute/linear/fold-result.ts'
import { trainFold, trainLinear, type LinearResult } from '../../../src/main/compute/linear/train.ts'
import { scratch } from '../../support/project.ts'
import { predictProba } from '../../../src/main/compute/linear/predict.ts'
import { golden, GOLDEN_CONFIG, plotsIn, range, sampleMovies, TINY_CONFIG, tinyMovies, trainOn, type InMemory } from './support.ts'

const N = 60
const base: InMemory = { ...tinyMovies(N), excluded: null, rowWeight: null }
const train = (change: Partial<InMemory> = {}, config: Partial<LinearConfig> = {}, threads?: number): Promise<LinearResult> =>
  trainOn({ ...base, ...change }, { ...TINY_CONFIG, ...config }, threads)
const cell = (from: Float32Array, row: number, genre: number): number => from[row * base.k + genre]!
const largestDifference = (a: Float32Array, b: Float32Array): number => a.reduce((most, p, i) => Math.max(most, Math.abs(p - b[i]!)), 0)
const flip = (row: number, genre: number): Uint8Array => {
  const labels = base.labels.slice()
  labels[row * base.k + genre]! ^= 1
  return labels
}

test('the number of threads changes no bit', async () => {
  const [one, three] = await Promise.all([train({}, {}, 1), train({}, {}, 3)])
  expect(three.probabilities).toEqual(one.probabilities)
  expect(three.evidence).toEqual(one.evidence)
  expect(three.model.weights).toEqual(one.model.weights)
  expect(three.model.intercepts).toEqual(one.model.intercepts)
})

test('folds that are computed apart, and kept in files, change no bit', async () => {
  const config = { ...TINY_CONFIG, folds: 3 }
  const input = { ...base, n: N, plots: plotsIn(base.plots) }
  const whole = await train({}, { folds: 3 }, 2)
  const folder = scratch()
  for (const fold of [2, 0]) await keepFold(folder, fold, await trainFold(input, config, fold, () => undefined, 1))
  const known = await knownFolds(folder, 3)
  expect([...known.keys()]).toEqual([0, 2])
  const phases = new Set<string>()
  const apart = await trainLinear(input, config, (_, phase) => phases.add(phase), 1, known)
  expect(apart).toEqual(whole)
  expect([...phases].filter((phase) => phase.startsWith('fold'))).toEqual(['fold 2 of 3'])
})

test('the members together are a logistic regression on plain features beside those of NB-SVM, plus naive Bayes', async () => {
  const { plots, genres } = sampleMovies()
  const fold = Uint8Array.from(plots, (_, row) => (row < golden.train ? row % 2 : 255))
  const labels = Uint8Array.from(plots.flatMap((_, row) => golden.genres.map((genre) => (genres[row]!.includes(genre) ? 1 : 0))))
  const movies = { plots, labels, fold, k: golden.genres.length, excluded: null, rowWeight: null }
  const { model, probabilities } = await trainOn(movies, { ...GOLDEN_CONFIG, ...LINEAR_MEMBERS.combined, c: 1, folds: 2 })
  const columns = new Map(model.vocabulary.map((name, column) => [name, column]))
  golden.combined.models.forEach(({ intercept, largest_coefficients }, genre) => {
    expect(Math.abs(model.intercepts[genre]! - intercept)).toBeLessThan(2e-3)
    for (const [word, weight] of largest_coefficients)
      expect(Math.abs(model.weights[genre * columns.size + columns.get(word)!]! - weight), word).toBeLessThan(1e-2)
    golden.combined.test_probabilities_per_genre[genre]!.forEach((p, row) =>
      expect(Math.abs(probabilities[(golden.train + row) * movies.k + genre]! - p)).toBeLessThan(1e-3),
    )
  })
})

describe('out of fold', () => {
  test.each([0, 31, 59])('the label of row %i moves only what did not hold it out', async (row) => {
    const [before, after] = await Promise.all([train(), train({ labels: flip(row, 1) })])
    for (const family of ['probabilities', 'evidence'] as const) {
      const held = range(0, N).filter((other) => base.fold[other] === base.fold[row])
      for (const other of held) expect(cell(after[family], other, 1)).toBe(cell(before[family], other, 1))
      const moved = range(0, N).filter((other) => cell(after[family], other, 1) !== cell(before[family], other, 1))
      expect(moved.length).toBeGreaterThan(N / 3)
    }
  })
  test('rows outside the training part have no influence, keep their places and are predicted by the final model', async () => {
    const outside = (row: number): boolean => row % 6 === 2
    const [inside, others] = [range(0, N).filter((row) => !outside(row)), range(0, N).filter(outside)]
    const fold = base.fold.map((each, row) => (outside(row) ? 255 : each))
    const plots = base.plots.map((plot, row) => (outside(row) ? `${plot} zebra quagga` : plot))
    const [all, flipped, alone] = await Promise.all([
      train({ fold, plots }),
      train({ fold, plots, labels: flip(8, 0) }),
      train({
        plots: inside.map((row) => plots[row]!),
        labels: Uint8Array.from(inside.flatMap((row) => [...base.labels.subarray(row * base.k, (row + 1) * base.k)])),
        fold: Uint8Array.from(inside, (row) => fold[row]!),
      }),
    ])
    expect(flipped.probabilities).toEqual(all.probabilities)
    expect(all.model.vocabulary).not.toContain('zebra')
    const rows = (from: Float32Array, which: readonly number[]): Float32Array =>
      Float32Array.from(which.flatMap((row) => [...from.subarray(row * base.k, (row + 1) * base.k)]))
    expect(rows(all.probabilities, inside)).toEqual(alone.probabilities)
    expect(rows(all.evidence, inside)).toEqual(alone.evidence)
    const predicted = predictProba(alone.model, others.map((row) => plots[row]!)) // prettier-ignore
    expect(largestDifference(rows(all.probabilities, others), predicted)).toBeLessThan(1e-6)
  })
})

describe('masks and weights', () => {
  /** Repeated rows follow the others, in the fold of their original. */
  const doubled = (rows: readonly number[]): Partial<InMemory> => ({
    plots: [...base.plots, ...rows.map((row) => base.plots[row]!)],
    labels: Uint8Array.of(...base.labels, ...rows.flatMap((row) => [...base.labels.subarray(row * base.k, (row + 1) * base.k)])),
    fold: Uint8Array.of(...base.fold, ...rows.map((row) => base.fold[row]!)),
  })
  test.each(['none', 'balanced', 'log'] as const)('weight 2 is a row given twice (%s)', async (classWeight) => {
    const rows = [3, 4, 17]
    const again = doubled(rows)
    const [weighted, given] = await Promise.all([
      // both have the duplicates, so that both see the same features
      train({ ...again, rowWeight: Float32Array.from(again.plots!, (_, i) => (rows.includes(i) ? 2 : i >= N ? 0 : 1)) }, { classWeight }),
      train(again, { classWeight }),
    ])
    expect(largestDifference(weighted.probabilities, given.probabilities)).toBeLessThan(2e-3)
    expect(largestDifference(weighted.evidence, given.evidence)).toBeLessThan(1e-5)
    const plain = await train({ ...again, rowWeight: Float32Array.from(again.plots!, (_, i) => (i >= N ? 0 : 1)) }, { classWeight })
    expect(largestDifference(plain.probabilities, given.probabilities)).toBeGreaterThan(5e-3)
  })
  test('an excluded cell equals a row of weight 0, for its genre only', async () => {
    const excluded = new Uint8Array(N * base.k)
    excluded[7 * base.k + 2] = 1
    const [masked, dropped, plain] = await Promise.all([
      train({ excluded }),
      train({ rowWeight: Float32Array.from(base.plots, (_, i) => (i === 7 ? 0 : 1)) }),
      train(),
    ])
    for (const row of range(0, N)) {
      expect(cell(masked.probabilities, row, 2)).toBe(cell(dropped.probabilities, row, 2))
      expect(cell(masked.evidence, row, 2)).toBe(cell(dropped.evidence, row, 2))
      expect(cell(masked.probabilities, row, 1)).toBe(cell(plain.probabilities, row, 1))
    }
    expect(largestDifference(masked.probabilities, plain.probabilities)).toBeGreaterThan(0)
  })
})

test('a genre of no movie and a genre of every movie get a constant, smoothed probability', async () => {
  const labels = base.labels.map((label, i) => (i % base.k === 0 ? 0 : i % base.k === 1 ? 1 : label))
  const { probabilities, evidence, model } = await train({ labels, fold: base.fold.map((fold, row) => (row === 59 ? 255 : fold)) })
  for (const family of [probabilities, evidence]) {
    expect(cell(family, 0, 0)).toBeCloseTo(1 / 41, 6) // 39 of 59 rows are outside fold 0
    expect(cell(family, 0, 1)).toBeCloseTo(40 / 41, 6)
    expect(cell(family, 59, 0)).toBeCloseTo(1 / 61, 6)
  }
  expect(model.weights.subarray(0, model.vocabulary.length).every((weight) => weight === 0)).toBe(true)
})

test('progress rises with every problem and names the folds in order', async () => {
  const seen: [number, string][] = []
  const source = { ...base, n: N, plots: plotsIn(base.plots) }
  await trainLinear(source, TINY_CONFIG, (...report) => void seen.push(report), 2)
  const fractions = seen.map(([fraction]) => fraction)
  expect(fractions).toHaveLength(19)
  expect(fractions).toEqual(fractions.toSorted((a, b) => a - b))
  expect(new Set(fractions).size).toBe(19)
  expect([...new Set(seen.map(([, phase]) => phase))]).toEqual(
    ['reading the plots', 'choosing n-grams', 'fold 1 of 3', 'fold 2 of 3', 'fold 3 of 3', 'final model'].filter((phase) =>
      seen.some(([, p]) => p === phase),
    ),
  )
  expect([seen[0], seen.at(-1)]).toEqual([
    [0, 'reading the plots'],
    [0.95, 'final model'],
  ])
})

test.each([
  [{ labels: new Uint8Array(3) }, 'expected 240 labels for 60 movies, got 3'],
  [{ fold: new Uint8Array(N).fill(7) }, 'expected folds below 3, got 7'],
  [{ fold: new Uint8Array(N).fill(255) }, 'No movie is in the training part'],
] as const)('refuses %o', async (change, message) => {
  await expect(train(change)).rejects.toThrow(message)
})
