import { expect, test } from 'vitest'
import { contributions, flippingWords, strongestWords, withoutWords } from '../../src/main/analysis/error-words.ts'

/** A text whose words have these scores. */
function explained(...scored: readonly (readonly [string, number])[]) {
  let text = ''
  const spans = scored.map(([word, score]) => {
    const start = text.length + (text === '' ? 0 : 1)
    text += `${text === '' ? '' : ' '}${word}`
    return { start, end: start + word.length, score }
  })
  return { text, spans }
}

test('contributions of a word that occurs twice are added up, in any case', () =>
  expect([...contributions(explained(['Ghost', 1], ['house', 0.5], ['ghost', 2]))]).toEqual([
    ['ghost', 3],
    ['house', 0.5],
  ]))

test('words are ranked by their sum over the movies, and say their mean', () => {
  const all = [explained(['ghost', 1], ['old', 0.9]), explained(['ghost', 2], ['love', -3]), explained(['old', 0.3])]
  expect(strongestWords(all, 1, 5)).toEqual([
    { word: 'ghost', contribution: 1.5, movies: 2 },
    { word: 'old', contribution: 0.6, movies: 2 },
  ])
  expect(strongestWords(all, -1, 5)).toEqual([{ word: 'love', contribution: -3, movies: 1 }])
  expect(strongestWords(all, 1, 1).map(({ word }) => word)).toEqual(['ghost'])
})

test('a text loses every occurrence of a word and nothing else', () => {
  const { text, spans } = explained(['Ghost', 1], ['house', 1], ['ghost', 1])
  expect(withoutWords(text, spans, new Set(['ghost']))).toBe(' house ')
  expect(withoutWords(text, spans, new Set(['none']))).toBe(text)
})

/** A model that adds the scores of the words that are left. */
const adding =
  (scored: readonly (readonly [string, number])[], intercept: number) =>
  (words: ReadonlySet<string>): Promise<number> =>
    Promise.resolve(scored.filter(([word]) => !words.has(word)).reduce((sum, [, score]) => sum + score, intercept))

test.each<[string, (readonly [string, number])[], number, string[] | null]>([
  ['the strongest word alone', [['ghost', 2], ['house', 0.5]], -1, ['ghost']], // prettier-ignore
  ['two words', [['a', 1], ['b', 1], ['c', 0.9]], -1.9, ['a', 'b']], // prettier-ignore
  ['words against a genre that is not predicted', [['love', -2], ['ghost', 1]], 0.5, ['love']], // prettier-ignore
  ['none, where the rest alone decides', [['ghost', 0.1]], 5, null], // prettier-ignore
])('what would change a prediction: %s', async (_, scored, intercept, expected) => {
  const logit = scored.reduce((sum, [, score]) => sum + score, intercept)
  expect(await flippingWords({ ...explained(...scored), logit }, 0, adding(scored, intercept))).toEqual(expected)
})

test('no word of the answer can be put back', async () => {
  // the second word alone counts only while the first is there
  const scored = [['x', 1], ['y', 0.9], ['z', 0.8]] as const // prettier-ignore
  const logitWithout = (words: ReadonlySet<string>): Promise<number> => Promise.resolve(words.has('y') && words.has('z') ? -1 : 1)
  const found = await flippingWords({ ...explained(...scored), logit: 1 }, 0, logitWithout)
  expect(found).toEqual(['y', 'z'])
})
