import { Tokenizer as LibraryTokenizer } from '@huggingface/tokenizers'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { generalPieces } from '../../../src/main/compute/tokenize/general.ts'
import { parseDefinition } from '../../../src/main/compute/tokenize/definition.ts'
import { libraryParts } from '../../../src/main/compute/tokenize/library.ts'
import { loadTokenizer } from '../../../src/main/compute/tokenize/load.ts'
import { bertJson, folderOf, offsetFault, pictured } from './folders.ts'
import { goldenTexts, goldenVocabulary } from './golden.ts'
import * as kinds from './kinds.ts'

const load = (json: Record<string, unknown>): ReturnType<typeof loadTokenizer> => loadTokenizer(folderOf({ 'tokenizer.json': json }))

describe.each<[string, Record<string, unknown>, [string, string[]][]]>([
  [
    'SentencePiece',
    kinds.sentencePiece,
    [
      ['film a', ['<s>=', '▁film=film', '▁a=a']],
      ['film  a', ['<s>=', '▁film=film', '▁= ', '▁a=a']],
      // each byte token has the span of its whole character
      ['fé🎬', ['<s>=', '▁f=f', 'é=é', '<0xF0>=🎬', '<0x9F>=🎬', '<0x8E>=🎬', '<0xAC>=🎬']],
      ['a</s>a', ['<s>=', '▁a=a', '</s>=</s>', '▁a=a']],
      ['', ['<s>=']],
    ],
  ],
  [
    'bytes',
    kinds.byteLevel,
    [
      ['film film', ['<|begin|>=', 'film=film', 'Ġfilm=film']],
      ['é f', ['<|begin|>=', 'Ã©=é', 'Ġf=f']],
      ['🎬', ['<|begin|>=', 'ð=🎬', 'Ł=🎬', 'İ=🎬', '¬=🎬']],
      ['film\n f<|end|>', ['<|begin|>=', 'film=film', 'Ċ=\n', 'Ġf=f', '<|end|>=<|end|>']],
    ],
  ],
  [
    'bytes after a space of their own',
    kinds.prefixed,
    [
      ['film 12', ['Ġfilm=film', 'Ġ= ', 'Ġ=', '1=1', 'Ġ=', '2=2']],
      [' film', ['Ġfilm=film']],
    ],
  ],
  [
    'Unigram',
    kinds.unigram,
    [
      ['Film a', ['▁film=Film', '▁a=a']],
      // a ligature that decomposes, half-width kana that combine
      ['aﬁl', ['▁a=a', 'fi=ﬁ', 'l=l']],
      ['a ｶﾞ', ['▁a=a', '▁= ', 'ガ=ｶﾞ']],
      ['a xyz a', ['▁a=a', '▁= ', '<unk>=xyz', '▁a=a']],
    ],
  ],
  [
    'another WordPiece',
    kinds.otherWordPiece,
    [
      ['Films, a Café!', ['film=Film', '##s=s', '[UNK]=,', 'a=a', 'cafe=Café', '!=!']],
      ['xyzfilm film', ['[UNK]=xyzfilm', 'film=film']],
      ['a  <MOVIE> film', ['a=a', '<Movie>=<MOVIE>', 'film=film']],
    ],
  ],
  [
    'BPE with ends of words',
    kinds.wordEnds,
    [
      ['fim fi', ['fim</w>=fim', 'f=f', 'i</w>=i']],
      ['fXX fim', ['f=f', '<unk>=X', '<unk>=X', 'fim</w>=fim']],
    ],
  ],
])('%s', (_name, json, cases) => {
  const tokenizer = load(json)
  test.each(cases)('%j', (text, tokens) => expect(pictured(tokenizer, text)).toEqual(tokens))
})

const odd = fc.constantFrom(
  ...Array.from('aAﬁıİéßΣς mfil한글가\u0301\u0345\u200b\u0000\n\t\u00a0\u2581\ufeff東が゙ｶﾞ👍🏽🎬.,1\ud83c'),
  'film',
  ' film',
  '<s>',
  '<|end|>',
  '<Movie>',
)
const text = fc.array(fc.oneof(odd, fc.string({ unit: 'binary', maxLength: 3 })), { maxLength: 25 }).map((parts) => parts.join(''))

describe.each(Object.entries(kinds.KINDS))('%s', (_name, json) => {
  const tokenizer = load(json)
  test('ids are those of the library', () => {
    const library = new LibraryTokenizer(json, {})
    fc.assert(
      fc.property(text, (t) => {
        expect(Array.from(tokenizer.encode(t).ids)).toEqual(library.encode(t).ids)
      }),
      { numRuns: 300 },
    )
  })
  test('offsets belong to the same ids, are in order, inside the text, and split no surrogate pair', () => {
    const definition = parseDefinition(json, 'x')
    const pieces = generalPieces(definition, libraryParts(definition))
    fc.assert(
      fc.property(text, (t) => {
        expect(offsetFault(t, tokenizer.encode(t), tokenizer.specials)).toBeNull()
        expect(pieces.locate(t, Infinity).ids).toEqual(pieces.ids(t, Infinity))
      }),
      { numRuns: 300 },
    )
  })
})

test("reads BERT's tokenizer as the fast path does", () => {
  const json = bertJson(goldenVocabulary)
  const fast = load(json)
  const definition = parseDefinition(json, 'a folder')
  const general = generalPieces(definition, libraryParts(definition))
  for (const { text: t } of goldenTexts) {
    const { ids, offsets } = fast.encode(t)
    const plain = general.locate(t, Infinity)
    expect(plain.ids, t).toEqual(Array.from(ids.subarray(1, -1)))
    expect(plain.spans, t).toEqual(Array.from(offsets.subarray(2, -2)))
  }
})
