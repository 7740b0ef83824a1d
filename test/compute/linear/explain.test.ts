import { expect, test } from 'vitest'
import { explainLinear } from '../../../src/main/compute/linear/explain.ts'
import { predictProba, type LinearModel } from '../../../src/main/compute/linear/predict.ts'
import { sigmoid } from '../../../src/main/analysis/matrix.ts'
import { range, TINY_CONFIG, tinyMovies, trainOn } from './support.ts'

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

test.each([
  ['words', null, 2],
  ['words and characters', [3, 4], 2],
  ['characters from one on', [1, 3], 0],
] as const)('spans and intercept add up to the logit (%s)', async (_, charNgrams, wordNgrams) => {
  const model = await train(charNgrams, wordNgrams)
  for (const plot of all) {
    for (const genre of range(0, 4)) {
      const { spans, features, intercept, logit } = explainLinear(model, plot, genre)
      const sum = spans.reduce((total, span) => total + span.score, intercept)
      expect(Math.abs(sum - logit), JSON.stringify(plot)).toBeLessThan(1e-4)
      expect(Math.abs(sigmoid(logit) - predictProba(model, [plot])[genre]!)).toBeLessThan(1e-5)
      const sizes = features.map((feature) => Math.abs(feature.contribution))
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
  const { spans, features } = explainLinear({ ...model, weights }, 'in love, in love; love', 1)
  const value = features.find(({ feature }) => feature === 'in love')!.contribution
  expect(spans.map(({ start, end }) => [start, end])).toEqual([[0, 2], [3, 7], [9, 11], [12, 16]]) // prettier-ignore
  for (const { score } of spans) expect(score).toBeCloseTo(value / 4, 9)
})

test('a genre that the model does not have', async () => {
  const model = await train(null)
  expect(() => explainLinear(model, 'robot', 4)).toThrow('expected a genre below 4, got 4')
})
