import { expect, test } from 'vitest'
import { NOT_TRAINING } from '../../../src/contract/jobs.ts'
import { combined, memberFactors, memberLogits } from '../../../src/main/compute/ensemble.ts'
import {
  explainFully,
  explainLinear,
  explainTogether,
  modelOf,
  strongestWords,
  weightedSum,
} from '../../../src/main/compute/linear/explain.ts'
import { predictProba, type LinearModel } from '../../../src/main/compute/linear/predict.ts'
import { sigmoid } from '../../../src/main/analysis/matrix.ts'
import { golden, GOLDEN_CONFIG, range, sampleMovies, TINY_CONFIG, tinyMovies, trainOn } from './support.ts'

const AWKWARD = [
  'İİİ İstanbul: the KILLER hides',
  'ǅ ẞtraße ΣΊΣΥΦΟΣ robot',
  'cafe\u0301 na\u0308ive 👩‍🚀👩‍🚀 stars 😀robot😀',
  'love,love;LOVE\u00a0wedding\u2003\u0085stars x',
  '',
  '   ',
  'zzz',
  '\u200bİ\ud800 dark\udc00house',
]
const { plots, ...rest } = tinyMovies(60)
const all = [...plots, ...AWKWARD]
const input = {
  plots: all,
  labels: Uint8Array.of(...rest.labels, ...AWKWARD.flatMap((_, i) => [i % 2, 1, 0, i % 3 === 0 ? 1 : 0])),
  fold: Uint8Array.from(all, (_, i) => i % 3),
  k: 4,
  excluded: null,
  rowWeight: null,
}
const train = async (charNgrams: readonly [number, number] | null, wordNgrams = 2): Promise<LinearModel> =>
  (await trainOn(input, { ...TINY_CONFIG, charNgrams, wordNgrams }, 1)).model

test('the strongest words of a genre are those with the largest weights, character n-grams aside', async () => {
  const model = await train([3, 4])
  const words = strongestWords(model, 5)
  expect(words).toHaveLength(4)
  const [block] = model.vectoriser.blocks
  words.forEach((list, genre) => {
    const all = Array.from(block!.ids, ([word, id]) => ({ word, weight: model.weights[genre * model.vectoriser.columns + id]! }))
    const wanted = all.filter(({ weight }) => weight > 0).sort((a, b) => b.weight - a.weight).slice(0, 5) // prettier-ignore
    expect(list.map(({ weight }) => weight)).toEqual(wanted.map(({ weight }) => weight))
    const lowest = all.filter(({ weight }) => weight < 0).sort((a, b) => a.weight - b.weight).slice(0, 5) // prettier-ignore
    expect(strongestWords(model, 5, -1)[genre]!.map(({ weight }) => weight)).toEqual(lowest.map(({ weight }) => weight))
  })
})

test.each(['mean', 'stack'] as const)('an ensemble (%s) of linear models is explained by the sum of its members', async (how) => {
  const linear = [await train([3, 4]), await train(null)]
  // the members know the ensemble's genres in another order
  const members = [3, 1].map((seed) => ({
    columns: [2, 0, 3, 1],
    scales: range(0, 4).map((g) => ({ slope: 1 + g / seed, offset: g - seed })),
  }))
  const k = 4
  const stack = {
    means: new Float64Array(8).fill(0.3),
    deviations: Float64Array.from(range(1, 9)),
    weights: Float64Array.from(range(0, 36), (i) => Math.sin(i)),
  }
  const ensemble = { how, members: 2, genres: k, stack: how === 'stack' ? stack : null }
  const logits = linear.map((model, i) => memberLogits(members[i]!, predictProba(model, all), all.length))
  const wanted = combined(ensemble, logits)
  for (const genre of range(0, k)) {
    const { factors, constant } = memberFactors(ensemble, members, [k, k], genre)
    all.forEach((text, row) => {
      const parts = linear.map((model, i) => explainFully(weightedSum(model, factors[i]!, i === 0 ? constant : 0), text, 0))
      const { spans, terms, rest, intercept, logit } = explainTogether(parts)
      expect(logit).toBeCloseTo(wanted[row * k + genre]!, 3)
      expect(spans.reduce((total, { score }) => total + score, intercept)).toBeCloseTo(logit, 4)
      expect(terms.reduce((total, { contribution }) => total + contribution, rest + intercept)).toBeCloseTo(logit, 6)
      for (const { contribution, shares } of terms) expect(shares!.reduce((a, b) => a + b)).toBe(contribution)
      expect(spans.map(({ start }) => start)).toEqual(spans.map(({ start }) => start).sort((a, b) => a - b))
    })
  }
})

test.each([
  ['words', null, 2],
  ['words and characters', [3, 4], 2],
  ['characters from one on', [1, 3], 0],
] as const)('spans and intercept add up to the logit (%s)', async (_, charNgrams, wordNgrams) => {
  const model = await train(charNgrams, wordNgrams)
  for (const plot of all) {
    for (const genre of range(0, 4)) {
      const { spans, terms, rest, intercept, logit } = explainLinear(model, plot, genre)
      const sum = spans.reduce((total, span) => total + span.score, intercept)
      expect(Math.abs(sum - logit), JSON.stringify(plot)).toBeLessThan(1e-4)
      expect(Math.abs(sigmoid(logit) - predictProba(model, [plot])[genre]!)).toBeLessThan(1e-5)
      expect(terms.reduce((total, term) => total + term.contribution, rest + intercept)).toBeCloseTo(logit, 9)
      const sizes = terms.map((term) => Math.abs(term.contribution))
      expect(sizes).toEqual(sizes.toSorted((a, b) => b - a))
      let end = 0
      for (const span of spans) {
        expect(span.start).toBeGreaterThanOrEqual(end)
        expect(span.end).toBeGreaterThan(span.start)
        end = span.end
        expect(plot.slice(span.start, span.end)).not.toMatch(/\s/)
      }
      expect(end).toBeLessThanOrEqual(plot.length)
    }
  }
})

test('positions survive characters that change their length', async () => {
  const model = await train(null)
  const plot = 'İİİ İstanbul: the KILLER hides'
  const spans = explainLinear(model, plot, 0).spans.map(({ start, end }) => plot.slice(start, end))
  expect(spans).toEqual(expect.arrayContaining(['KILLER', 'hides']))
})

test('a word n-gram is shared evenly by its occurrences and words, a character n-gram by its characters', async () => {
  const model = await train(null)
  const weights = new Float32Array(model.weights.length)
  const columns = model.vocabulary.length
  weights[columns + model.vocabulary.indexOf('in love')] = 1
  const { spans, terms } = explainLinear({ ...model, weights }, 'in love, in love; love', 1)
  const value = terms.find(({ text }) => text === 'in love')!.contribution
  expect(spans.map(({ start, end }) => [start, end])).toEqual([[0, 2], [3, 7], [9, 11], [12, 16]]) // prettier-ignore
  for (const { score } of spans) expect(score).toBeCloseTo(value / 4, 9)
})

test('a genre that the model does not have', async () => {
  const model = await train(null)
  expect(() => explainLinear(model, 'robot', 4)).toThrow('expected a genre below 4, got 4')
})

test('the terms shown, the others and the intercept add up to the decision function of scikit-learn', async () => {
  const { plots, genres } = sampleMovies()
  const labels = Uint8Array.from(genres.flatMap((of) => golden.genres.map((name) => (of.includes(name) ? 1 : 0))))
  const k = golden.genres.length
  const fold = Uint8Array.from(plots, (_, i) => (i < golden.train ? i % 5 : NOT_TRAINING))
  const { model } = await trainOn({ plots, labels, k, fold, excluded: null, rowWeight: null }, GOLDEN_CONFIG)
  const { models, test_probabilities_per_genre } = golden.logistic_regression_C5_unweighted
  for (const [row, plot] of plots.slice(golden.train).entries())
    for (const genre of range(0, k)) {
      const { terms, rest, intercept } = explainLinear(model, plot, genre)
      expect(intercept).toBeCloseTo(models[genre]!.intercept, 1)
      const sum = terms.reduce((total, { contribution }) => total + contribution, rest + intercept)
      expect(Math.abs(sigmoid(sum) - test_probabilities_per_genre[genre]![row]!)).toBeLessThan(2e-3)
    }
})

test('a movie of the training part is explained by the model of its fold, the others by the final model', async () => {
  const fold = Uint8Array.from(all, (_, i) => (i % 7 === 0 ? NOT_TRAINING : i % 3))
  const { model, probabilities } = await trainOn({ ...input, fold }, { ...TINY_CONFIG, charNgrams: [3, 4] }, 1)
  for (const [row, plot] of all.entries()) {
    const explained = modelOf(model, row)
    expect(explained.is).toBe(row % 7 === 0 ? 'final' : 'fold')
    for (const genre of range(0, 4)) {
      const { logit } = explainLinear(explained.model, plot, genre)
      expect(Math.abs(sigmoid(logit) - probabilities[row * 4 + genre]!)).toBeLessThan(1e-3)
    }
  }
  expect(modelOf({ ...model, folds: null }, 1).is).toBe('final')
})

test('terms of both kinds are told apart, and a mark takes no punctuation and no half of a word', async () => {
  const model = await train([3, 3])
  const { terms, spans } = explainLinear(model, '"The KILLER, unkillerish hides!" x-rays', 0)
  expect(new Set(terms.map(({ kind }) => kind))).toEqual(new Set(['word', 'char']))
  for (const { text, kind } of terms) if (kind === 'char') expect(text).toHaveLength(3)
  const plot = '"The KILLER, unkillerish hides!" x-rays'
  expect(spans.map(({ start, end }) => plot.slice(start, end))).toEqual(expect.arrayContaining(['The', 'KILLER', 'unkillerish', 'hides']))
})
