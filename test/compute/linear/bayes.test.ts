import { expect, test } from 'vitest'
import { ALPHA, bayesMargin, fitBayes } from '../../../src/main/compute/linear/bayes.ts'
import { sigmoid } from '../../../src/main/analysis/matrix.ts'
import { transformer } from '../../../src/main/compute/linear/vectorise.ts'
import { fitTransform, golden, GOLDEN_CONFIG, range, sampleMovies, TINY_CONFIG } from './support.ts'

test('the probabilities of scikit-learn', () => {
  const expected = golden['multinomial_nb_counts_alpha_0.1']
  const { plots, genres } = sampleMovies()
  const train = range(0, golden.train)
  const { vectoriser, counts } = fitTransform(plots, train, { ...GOLDEN_CONFIG, wordNgrams: 1 })
  expect(vectoriser.columns).toBe(expected.vocabulary_size)
  const { counts: found } = transformer(vectoriser)(plots.slice(golden.train))
  const unseen = { ...found, starts: found.indptr }
  golden.genres.forEach((genre, at) => {
    const mine = Uint8Array.from(train, (row) => (genres[row]!.includes(genre) ? 1 : 0))
    const model = fitBayes(counts, mine, new Float64Array(golden.train).fill(1), ALPHA)
    expected.test_probabilities_per_genre[at]!.forEach((p, row) =>
      expect(Math.abs(sigmoid(bayesMargin(model, unseen, row)) - p)).toBeLessThan(1e-6),
    )
  })
})

test('weights count rows; weight 0 leaves one out', () => {
  const plots = ['cat cat dog', 'dog bird', 'fish', 'cat', 'bird bird']
  const { counts } = fitTransform(plots, range(0, 5), { ...TINY_CONFIG, charNgrams: null })
  const labels = Uint8Array.of(1, 0, 0, 1, 0)
  const weighted = fitBayes(counts, labels, [2, 1, 0, 1, 1])
  const { counts: repeated } = fitTransform([plots[0]!, ...plots], range(0, 6), { ...TINY_CONFIG, charNgrams: null })
  const duplicated = fitBayes(repeated, Uint8Array.of(1, ...labels), [1, 1, 1, 0, 1, 1])
  expect(weighted.intercept).toBeCloseTo(duplicated.intercept, 12)
  weighted.ratios.forEach((ratio, column) => expect(ratio).toBeCloseTo(duplicated.ratios[column]!, 12))
})
