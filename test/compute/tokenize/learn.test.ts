import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse } from 'csv-parse/sync'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { learnVocabulary } from '../../../src/main/compute/tokenize/learn.ts'
import { fromVocabulary } from '../../../src/main/compute/tokenize/load.ts'
import { root } from '../../support/paths.ts'
import { SPECIALS, tokensPerWord } from './folders.ts'

const corpus = `A young girl finds a younger brother. Young brothers fight; the fighting brother finds nothing, nothing at all!
  The finder's finding was found. Über-naïve cafés, naive CAFE: 1999 東京 東京 aaaa aaa aaaaaa`.split('\n')

/**
 * Textbook merges (Sennrich et al. 2016, algorithm 1): all pairs are counted again after each merge. Written independently of the code
 * under test. A word is a run of letters and digits, a punctuation mark or a Chinese character; lower-cased, without accents.
 */
function plainVocabulary(texts: readonly string[], size: number, minCount: number): string[] {
  const plain = texts
    .join(' ')
    .toLowerCase()
    .normalize('NFD')
    .replace(/\p{Mn}/gu, '')
  const words = plain.match(/\p{Script=Han}|[^\s\p{P}\p{Script=Han}]+|\p{P}/gu) ?? []
  const counts = new Map<string, number>()
  for (const word of words) for (const c of word) counts.set(c, (counts.get(c) ?? 0) + 1)
  const characters = [...counts.keys()].sort((a, b) => counts.get(b)! - counts.get(a)! || (a < b ? -1 : 1))
  const vocabulary: string[] = [
    ...SPECIALS,
    ...characters,
    ...characters.filter((c) => /[\p{L}\p{N}]/u.test(c) && !/\p{Script=Han}/u.test(c)).map((c) => `##${c}`),
  ]
  let spelt = words.map((word) => Array.from(word, (c, i) => (i === 0 ? c : `##${c}`)))
  while (vocabulary.length < size) {
    const pairs = new Map<string, number>()
    for (const word of spelt)
      for (let i = 1; i < word.length; i++) pairs.set(`${word[i - 1]!} ${word[i]!}`, (pairs.get(`${word[i - 1]!} ${word[i]!}`) ?? 0) + 1)
    const age = (pair: string): number[] => pair.split(' ').map((piece) => vocabulary.indexOf(piece))
    const older = (a: string, b: string): number => age(a)[0]! - age(b)[0]! || age(a)[1]! - age(b)[1]!
    const [best] = [...pairs.keys()].sort((a, b) => pairs.get(b)! - pairs.get(a)! || older(a, b))
    if (best === undefined || pairs.get(best)! < minCount) break
    const [left, right] = best.split(' ') as [string, string]
    const joined = left + right.slice(2)
    if (!vocabulary.includes(joined)) vocabulary.push(joined)
    spelt = spelt.map((word) => {
      const out: string[] = []
      for (let i = 0; i < word.length; i++) out.push(word[i] === left && word[i + 1] === right ? (i++, joined) : word[i]!)
      return out
    })
  }
  return vocabulary
}

describe('a vocabulary', () => {
  test.each([
    [130, 2],
    [150, 2],
    [1000, 1],
    [1000, 3],
  ])('of %i entries, pairs at least %i times, equals that of plain counting', (size, minCount) => {
    expect(learnVocabulary(corpus, { size, minCount })).toEqual(plainVocabulary(corpus, size, minCount))
  })
  test('of any words equals that of plain counting', () => {
    // few letters: many ties, repeats, and several ways to the same piece
    const word = fc.string({ unit: fc.constantFrom(...Array.from('aabbc')), minLength: 1, maxLength: 9 })
    fc.assert(
      fc.property(fc.array(word, { minLength: 1, maxLength: 25 }), fc.integer({ min: 24, max: 60 }), (words, size) => {
        const text = [words.join(' ')]
        expect(learnVocabulary(text, { size, minCount: 2 })).toEqual(plainVocabulary(text, size, 2))
      }),
      { numRuns: 200 },
    )
  })
  test('begins with the special tokens, has no duplicates and the requested size', () => {
    const vocabulary = learnVocabulary(corpus, { size: 90, minCount: 1 })
    expect(vocabulary.slice(0, 5)).toEqual(SPECIALS)
    expect(vocabulary).toHaveLength(90)
    expect(new Set(vocabulary).size).toBe(90)
  })
  test('of the same words in another order is the same', () => {
    expect(learnVocabulary(corpus.toReversed(), { size: 200, minCount: 2 })).toEqual(learnVocabulary(corpus, { size: 200, minCount: 2 }))
  })
  test('spells new words of known characters', () => {
    const tokenizer = fromVocabulary(learnVocabulary(corpus, { size: 120, minCount: 2 }))
    expect(Array.from(tokenizer.encode('Zufriedenheit'.replace('Z', 'h')).ids)).not.toContain(1)
  })
  test('omits the rarest characters if there are too many', () => {
    const chinese = Array.from({ length: 500 }, (_, i) => String.fromCharCode(0x4e00 + i)).join('')
    const vocabulary = learnVocabulary([`${chinese} film film film films`, chinese.slice(0, 10)], { size: 100, minCount: 1 })
    // film and its pieces take the other half
    expect(vocabulary.filter((token) => /[\u4e00-\u5000]/.test(token))).toHaveLength(35)
    expect(vocabulary).toContain('一')
    expect(vocabulary).toContain('film')
  })
  test('of nothing is the special tokens', () => expect(learnVocabulary([], { size: 100, minCount: 1 })).toEqual(SPECIALS))
})

test('of whole plots has no unknown word in them, and little more than one token per word', () => {
  const records = parse<{ overview: string }>(readFileSync(join(root, 'resources/sample/movies.csv')), { columns: true })
  const plots = records.map(({ overview }) => overview)
  expect(plots.length).toBeGreaterThan(400)
  const { unknown, perWord } = tokensPerWord(plots, 4000)
  expect(unknown).toBe(0)
  expect(perWord).toBeLessThan(1.3)
  expect(perWord).toBeGreaterThan(1)
})
