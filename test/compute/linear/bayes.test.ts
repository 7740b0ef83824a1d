import { expect, test } from 'vitest'
import { sigmoid } from '../../../src/main/analysis/matrix.ts'
import { bayesMaker, bayesMargin, ratioScale } from '../../../src/main/compute/linear/bayes.ts'
import type { TrainingRows } from '../../../src/main/compute/linear/problems.ts'
import { transform } from '../../../src/main/compute/linear/vectorise.ts'
import { fitTransform, golden, GOLDEN_CONFIG, range, sampleMovies, TINY_CONFIG } from './support.ts'

/** One genre, and no row in fold 1. */
const oneGenre = (labels: number[], change: Partial<TrainingRows> = {}): TrainingRows => ({
  k: 1,
  labels: Uint8Array.from(labels),
  excluded: null,
  weight: null,
  fold: new Uint8Array(labels.length),
  ...change,
})

test('the probabilities of scikit-learn', () => {
  const { plots, genres } = sampleMovies()
  const train = range(0, golden.train)
  const { vectoriser, matrix } = fitTransform(plots, train, GOLDEN_CONFIG)
  const unseen = transform(vectoriser, plots.slice(golden.train))
  golden.genres.forEach((genre, at) => {
    const model = bayesMaker(matrix, oneGenre(train.map((row) => (genres[row]!.includes(genre) ? 1 : 0))))(1, 0)
    golden['multinomial_nb_alpha_0.05'].test_probabilities_per_genre[at]!.forEach((p, row) =>
      expect(Math.abs(sigmoid(bayesMargin(model, unseen, row)) - p)).toBeLessThan(1e-5),
    )
  })
})

test('weights count rows; a weight of 0, an excluded cell and the fold leave one out', () => {
  const plots = ['cat cat dog', 'dog bird', 'fish', 'cat', 'bird bird']
  const labels = [1, 0, 0, 1, 0]
  const { vectoriser, matrix } = fitTransform(plots, range(0, 5), { ...TINY_CONFIG, charNgrams: null })
  const duplicated = bayesMaker(transform(vectoriser, [plots[0]!, ...plots.filter((plot) => plot !== 'fish')]), oneGenre([1, 1, 0, 1, 0]))(
    1,
    0,
  )
  for (const change of [
    { weight: Float32Array.of(2, 1, 0, 1, 1) },
    { weight: Float32Array.of(2, 1, 1, 1, 1), excluded: Uint8Array.of(0, 0, 1, 0, 0) },
    { weight: Float32Array.of(2, 1, 1, 1, 1), fold: Uint8Array.of(0, 0, 1, 0, 0) },
  ]) {
    const model = bayesMaker(matrix, oneGenre(labels, change))(1, 0)
    expect(model.intercept).toBeCloseTo(duplicated.intercept, 6)
    model.ratios.forEach((ratio, column) => expect(ratio).toBeCloseTo(duplicated.ratios[column]!, 5))
  }
})

test('a share of 0 scales nothing; the mean of the scales of NB-SVM is that of the squared ratios', () => {
  const model = { ratios: Float32Array.of(-3, 1, 2), intercept: 0 }
  expect([...ratioScale(model, 0)]).toEqual([1, 1, 1])
  expect([...ratioScale(model, 1)]).toEqual([2.25, 0.25, 1])
  expect([...ratioScale(model, 0.5)]).toEqual([1.625, 0.625, 1])
})
