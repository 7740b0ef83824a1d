import { Tokenizer as LibraryTokenizer } from '@huggingface/tokenizers'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { fromVocabulary, loadTokenizer } from '../../../src/main/compute/tokenize/load.ts'
import { goldenTexts, goldenVocabulary } from './golden.ts'
import { bertJson, folderOf, offsetFault, pictured, spanAt, SPECIALS } from './folders.ts'

const small = fromVocabulary([...SPECIALS, 'a', 'film', 'na', '##ive', 'cafe', '!', '東', '한', '##ᆫ', 'ᄒ', '##ᅡ', 's', '##s', "'"])

describe('offsets', () => {
  test.each<[string, string[]]>([
    ['A film', ['a=A', 'film=film']],
    ['naïve Café!', ['na=na', '##ive=ïve', 'cafe=Café', '!=!']],
    // removed marks belong to the character that they were on
    ['cafe\u0301!', ['cafe=cafe\u0301', '!=!']],
    ['fi\u200blm', ['film=fi\u200blm']],
    ['\u200bfilm\u0007 a', ['film=film', 'a=a']],
    ['東a東', ['東=東', 'a=a', '東=東']],
    // one character that decomposes into three letters
    ['한', ['ᄒ=한', '##ᅡ=한', '##ᆫ=한']],
    ['🎬🎬 film', ['[UNK]=🎬🎬', 'film=film']],
    ['𠀋a', ['[UNK]=𠀋', 'a=a']],
    ['xyz film', ['[UNK]=xyz', 'film=film']],
    ['a[MASK]a', ['a=a', '[MASK]=[MASK]', 'a=a']],
    ['\ud83c film', ['film=film']],
    [' \t\na\u00a0a\u2028a\u3000', ['a=a', 'a=a', 'a=a']],
    ['Ss', ['s=S', '##s=s']],
  ])('of %j', (text, tokens) => expect(pictured(small, text)).toEqual(['[CLS]=', ...tokens, '[SEP]=']))

  test('a word of 100 characters is tokenized, one of 101 is unknown; characters are counted, not code units', () => {
    const film = fromVocabulary([...SPECIALS, '🎬', '##🎬'])
    expect(film.encode('🎬'.repeat(100)).ids).toHaveLength(102)
    expect(Array.from(film.encode('🎬'.repeat(101)).ids)).toEqual([2, 1, 3])
  })
})

describe('truncation', () => {
  test('keeps the closing token and the offsets of the ids', () => {
    const encoding = small.encode('a film! a café', { maxTokens: 5 })
    expect(pictured(small, 'a film! a café', encoding)).toEqual(['[CLS]=', 'a=a', 'film=film', '!=!', '[SEP]='])
    expect(encoding.offsets).toHaveLength(10)
  })
  test('within a word', () => {
    expect(pictured(small, 'naïve', small.encode('naïve', { maxTokens: 3 }))).toEqual(['[CLS]=', 'na=na', '[SEP]='])
  })
  test('refuses lengths without room', () => expect(() => small.encode('a', { maxTokens: 2 })).toThrow('too few for 2 special tokens'))
})

test('roles of ids', () => {
  expect(small).toMatchObject({ padId: 0, maskId: 4, vocabularySize: 19 })
  expect([...small.specials]).toEqual([0, 1, 2, 3, 4])
})

describe("BERT's uncased tokenizer", () => {
  const definition = bertJson(goldenVocabulary)
  const tokenizer = loadTokenizer(folderOf({ 'tokenizer.json': definition }))

  test('gives 72 texts the ids of an independent tokenizer', () => {
    expect(goldenTexts).toHaveLength(72)
    for (const { text, ids } of goldenTexts) expect(Array.from(tokenizer.encode(text).ids), text).toEqual(ids)
  })
  test('gives the same ids from vocab.txt alone', () => {
    const alone = loadTokenizer(folderOf({ 'vocab.txt': `${goldenVocabulary.join('\n')}\n` }))
    for (const { text, ids } of goldenTexts) expect(Array.from(alone.encode(text).ids), text).toEqual(ids)
  })

  // letters with accents, ligatures, jamo, sigmas, single marks, control characters, surrogate pairs and lone surrogates
  const odd = fc.constantFrom(
    ...Array.from(
      'aA eéÉİıßΣς ﬁ한글한가\u0301\u0345\u200b\u200d\u0000\u000b\u00a0\u2028\ufeff\ufffd東京が゙ｶﾞ👍🏽🎬\'"-_$€.[]\ud83c\u{1d165}\u{1f1e9}',
    ),
    '[MASK]',
    '[SEP]',
    'spider-man',
    'unmasked',
    '\n',
  )
  const text = fc.array(fc.oneof(odd, fc.string({ unit: 'binary', maxLength: 4 })), { maxLength: 30 }).map((parts) => parts.join(''))

  test('ids are those of the library', () => {
    const library = new LibraryTokenizer(definition, {})
    // unlike the published tokenizer, the library does not separate Chinese characters beyond the basic plane
    const basic = text.filter((t) => !/[\u{20000}-\u{2fa1f}]/u.test(t))
    fc.assert(
      fc.property(basic, (t) => {
        expect(Array.from(tokenizer.encode(t).ids)).toEqual(library.encode(t).ids)
      }),
      { numRuns: 1000 },
    )
  })
  test('offsets are in order, inside the text, and split no surrogate pair', () => {
    fc.assert(
      fc.property(text, fc.integer({ min: 3, max: 40 }), (t, maxTokens) => {
        expect(offsetFault(t, tokenizer.encode(t, { maxTokens }), tokenizer.specials)).toBeNull()
      }),
      { numRuns: 1000 },
    )
  })
  test('the text at the offsets of a token reads as the token', () => {
    // the lower case of a sigma depends on what follows; all tokens of a decomposed character have its full span
    const bare = (s: string): string =>
      s
        .toLowerCase()
        .normalize('NFD')
        .replace(/[\p{Mn}\p{C}\ufffd]/gu, '')
        .replaceAll('ς', 'σ')
    fc.assert(
      fc.property(text, (t) => {
        const encoding = tokenizer.encode(t)
        for (const [i, id] of encoding.ids.entries()) {
          const token = tokenizer.token(id)!
          const [start, end] = spanAt(encoding, i)
          if (tokenizer.specials.has(id)) continue
          expect(bare(t.slice(start, end))).toContain(token.replace(/^##/, '').replaceAll('ς', 'σ'))
          // only removed or decomposed characters make a span longer than its token
          if (!/[^\x20-\x7e]/.test(t)) expect(t.slice(start, end).toLowerCase()).toBe(token.replace(/^##/, ''))
        }
      }),
      { numRuns: 1000 },
    )
  })
})
