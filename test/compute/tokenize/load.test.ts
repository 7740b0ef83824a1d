import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { UserError } from '../../../src/contract/errors.ts'
import { MAX_FILE_BYTES } from '../../../src/main/compute/tokenize/files.ts'
import { fromVocabulary, loadTokenizer } from '../../../src/main/compute/tokenize/load.ts'
import { bertJson, folderOf, pictured, SPECIALS } from './folders.ts'
import { byteLevel, sentencePiece, unigram } from './kinds.ts'

const words = [...SPECIALS, 'film', 'Film', 'cafe', 'café', '東', '京']
const lines = words.join('\n')

describe('vocab.txt alone', () => {
  test.each<[string, Record<string, unknown>, string[]]>([
    ['nothing', {}, ['film=Film', 'cafe=café', '東=東', '京=京']],
    ['cased', { do_lower_case: false }, ['Film=Film', 'café=café', '東=東', '京=京']],
    ['accents kept', { strip_accents: false }, ['film=Film', 'café=café', '東=東', '京=京']],
    ['cased, accents stripped', { do_lower_case: false, strip_accents: true }, ['Film=Film', 'cafe=café', '東=東', '京=京']],
    ['Chinese words', { tokenize_chinese_chars: false }, ['film=Film', 'cafe=café', '[UNK]=東京']],
  ])('and %s said', (_name, config, tokens) => {
    const tokenizer = loadTokenizer(folderOf({ 'vocab.txt': `${lines}\n`, 'tokenizer_config.json': config }))
    expect(pictured(tokenizer, 'Film café 東京')).toEqual(['[CLS]=', ...tokens, '[SEP]='])
  })
  test('Windows line endings, and no final line break', () => {
    expect(loadTokenizer(folderOf({ 'vocab.txt': lines.replaceAll('\n', '\r\n') })).vocabularySize).toBe(words.length)
  })
  test('the last of two equal tokens counts, and ids stay line numbers', () => {
    const tokenizer = fromVocabulary([...SPECIALS, 'film', 'a', 'film'])
    expect(Array.from(tokenizer.encode('a film').ids)).toEqual([2, 6, 7, 3])
  })
  test('special tokens under other names', () => {
    const special = { cls_token: '<s>', sep_token: { content: '</s>' }, unk_token: '<unk>', pad_token: '<pad>', mask_token: '<mask>' }
    const folder = folderOf({ 'vocab.txt': '<s>\n<pad>\n</s>\n<unk>\n<mask>\nfilm', 'special_tokens_map.json': special })
    const tokenizer = loadTokenizer(folder)
    expect(pictured(tokenizer, 'film <mask> x')).toEqual(['<s>=', 'film=film', '<mask>=<mask>', '<unk>=x', '</s>='])
    expect(tokenizer).toMatchObject({ padId: 1, maskId: 4 })
  })
})

describe('tokenizer.json', () => {
  test('has priority over vocab.txt', () => {
    expect(loadTokenizer(folderOf({ 'tokenizer.json': bertJson(words), 'vocab.txt': 'x' })).vocabularySize).toBe(words.length)
  })
  test('is overridden by explicit settings of tokenizer_config.json', () => {
    const folder = folderOf({ 'tokenizer.json': bertJson(words), 'tokenizer_config.json': { do_lower_case: false } })
    expect(pictured(loadTokenizer(folder), 'Film')).toEqual(['[CLS]=', 'Film=Film', '[SEP]='])
  })
  test('without a padding token pads with the end-of-text token', () => {
    const folder = folderOf({ 'tokenizer.json': sentencePiece, 'tokenizer_config.json': { eos_token: { content: '</s>' } } })
    expect(loadTokenizer(folder)).toMatchObject({ padId: 2, maskId: null })
  })
  test('truncation keeps the tokens before the text', () => {
    const tokenizer = loadTokenizer(folderOf({ 'tokenizer.json': byteLevel }))
    expect(pictured(tokenizer, 'film film film', tokenizer.encode('film film film', { maxTokens: 3 }))).toEqual([
      '<|begin|>=',
      'film=film',
      'Ġfilm=film',
    ])
  })
  test('a text that is continued has no tokens behind it, and a continuation none at all', () => {
    const tokenizer = loadTokenizer(folderOf({ 'vocab.txt': '[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\nfilm' }))
    const ids = (frame: 'whole' | 'before' | 'none'): number[] => [...tokenizer.encode('film', { frame }).ids]
    expect([ids('whole'), ids('before'), ids('none')]).toEqual([[2, 5, 3], [2, 5], [5]])
  })
  test.each([
    ['bytes', byteLevel, 'film é 🎬\n'],
    ['SentencePiece', sentencePiece, ' film é 🎬'],
    ['Unigram', unigram, ' a film'],
  ])('%s: the text of tokens is that which they were made of', (_, json, text) => {
    const tokenizer = loadTokenizer(folderOf({ 'tokenizer.json': json }))
    expect(tokenizer.text([...tokenizer.encode(text.trimStart()).ids])).toBe(text)
  })
  test('a token named like a property of every object is an ordinary token', () => {
    const text = JSON.stringify(bertJson([...words, 'PROTO'])).replace('PROTO', '__proto__')
    const tokenizer = loadTokenizer(folderOf({ 'tokenizer.json': text }))
    expect(tokenizer.token(words.length)).toBe('__proto__')
  })
})

const model = (more: Record<string, unknown>): Record<string, unknown> => {
  const json = bertJson(words)
  return { ...json, model: { ...(json['model'] as Record<string, unknown>), ...more } }
}
const nested = Array.from({ length: 20_000 }).reduce<string>((inner) => `{"type":"Sequence","normalizers":[${inner}]}`, '{"type":"NFC"}')

describe('refused, with the file and the reason', () => {
  test.each<[string, unknown, RegExp]>([
    ['no JSON', '{"model": ', /not JSON/],
    ['an empty file', '', /not JSON/],
    ['a list', [], /not contain a JSON object/],
    ['no model', {}, /\(model: /],
    ['a model of another kind', model({ type: 'WordLevel' }), /of kind WordLevel; known are WordPiece, BPE, Unigram/],
    ['no vocabulary', model({ vocab: undefined }), /no vocabulary/],
    ['an empty vocabulary', { ...model({ vocab: {} }), added_tokens: [] }, /vocabulary is empty/],
    ['a number for a vocabulary', model({ vocab: 7 }), /no vocabulary/],
    ['an id far out', model({ vocab: { film: 4_000_000_000 } }), /"film" is 4000000000, which is out of range for 6 tokens/],
    ['an id below zero', model({ vocab: { film: -1 } }), /"film" is -1, which is out of range/],
    ['half an id', model({ vocab: { film: 0.5 } }), /out of range/],
    ['a word for an id', model({ vocab: { film: '5' } }), /out of range/],
    ['an id twice', model({ vocab: { film: 9, plot: 9 } }), /"film" and "plot" share the id 9/],
    ['an id of an added token twice', { ...model({}), added_tokens: [{ id: 5, content: '<x>' }] }, /"film" and "<x>" share the id 5/],
    ['no unknown token', model({ unk_token: '<unk>' }), /lacks the unknown token <unk>/],
    ['a normaliser of no kind', bertJson(words, { normalizer: { type: 'Nothing' } }), /Unknown Normalizer type: Nothing/],
    ['a pre-tokeniser of no kind', bertJson(words, { pre_tokenizer: { type: 'Nothing' } }), /Unknown PreTokenizer type: Nothing/],
    ['a post-processor of no kind', bertJson(words, { post_processor: { type: 'toString' } }), /kind toString are not known/],
    [
      'a frame without its token',
      bertJson(words, { post_processor: { type: 'BertProcessing' } }),
      /in its post_processor, a value is wrong \(cls: /,
    ],
    [
      'a template without its token',
      bertJson(words, { post_processor: { type: 'TemplateProcessing', single: [{ SpecialToken: { id: '<x>' } }] } }),
      /"<x>" is not in the vocabulary/,
    ],
    ['broken merges', { ...byteLevel, model: { ...(byteLevel['model'] as object), merges: [1, 2] } }, /merges is not a list of pairs/],
    ['no merges', { ...byteLevel, model: { ...(byteLevel['model'] as object), merges: undefined } }, /merges is not a list of pairs/],
    ['no score', { ...unigram, model: { ...(unigram['model'] as object), vocab: [['a']] } }, /entry 0 of its vocabulary/],
    [
      'a pattern that is none',
      bertJson(words, { pre_tokenizer: { type: 'Split', pattern: { Regex: '(' }, behavior: 'Isolated' } }),
      /cannot be used/,
    ],
    [
      'a pattern without end',
      bertJson(words, { pre_tokenizer: { type: 'Split', pattern: { Regex: 'a'.repeat(20_000) } } }),
      /longer than 10000 characters/,
    ],
    ['parts in parts without end', JSON.stringify(bertJson(words, { normalizer: 'X' })).replace('"X"', nested), /cannot be used/],
    ['an added token without text', { ...model({}), added_tokens: [{ id: 30, content: '' }] }, /\(added_tokens\.0\.content: /],
  ])('%s', (_name, json, why) => {
    const folder = folderOf({ 'tokenizer.json': json })
    const attempt = (): unknown => loadTokenizer(folder)
    expect(attempt).toThrow(UserError)
    expect(attempt).toThrow(why)
    expect(attempt).toThrow(join(folder, 'tokenizer.json'))
  })
  test('a file that is too large', () => {
    const folder = folderOf({ 'tokenizer.json': `{"x":"${'x'.repeat(MAX_FILE_BYTES)}"}` })
    expect(() => loadTokenizer(folder)).toThrow(/tokenizer.json.*65 MB, and 64 MB is the most/)
  })
  test('too many characters of added tokens', () => {
    const added_tokens = Array.from({ length: 300 }, (_, i) => ({ id: 100 + i, content: `${i}${'x'.repeat(4000)}` }))
    const folder = folderOf({ 'tokenizer.json': { ...bertJson(words), added_tokens } })
    expect(() => loadTokenizer(folder)).toThrow(/its added tokens have 1200790 characters together, and 1000000 is the most/)
  })
  test.each(['normalizer', 'pre_tokenizer'])('a pattern of its %s that takes for ever on some texts', (part) => {
    const pattern = { Regex: '(?:[a-z]+\\s?)+\\x00' }
    const split = { type: 'Split', pattern, behavior: 'Isolated', invert: false }
    const replace = { type: 'Replace', pattern, content: '' }
    const folder = folderOf({ 'tokenizer.json': bertJson(words, { [part]: part === 'normalizer' ? replace : split }) })
    const tokenizer = loadTokenizer(folder, Infinity, 1000)
    const plot = 'a plot of many words that goes on and on without an end of any kind'
    expect(() => (part === 'normalizer' ? tokenizer.encode(plot) : tokenizer.encodeMany(['A', plot]))).toThrow(
      /its patterns took longer than 1 seconds for 64 texts or fewer, and may take for ever/,
    )
    expect(tokenizer.encodeMany(Array(130).fill('a'), { maxTokens: 8 })).toHaveLength(130)
  })
  test('a folder without a tokenizer', () => expect(() => loadTokenizer(folderOf({}))).toThrow(/neither tokenizer.json nor vocab.txt/))
  test('a vocab.txt without the special tokens', () =>
    expect(() => loadTokenizer(folderOf({ 'vocab.txt': 'a\nb' }))).toThrow(/vocab.txt cannot be used.*lacks \[UNK\]/))
  test('a tokenizer_config.json that is not an object', () =>
    expect(() => loadTokenizer(folderOf({ 'vocab.txt': lines, 'tokenizer_config.json': '3' }))).toThrow(
      /tokenizer_config.json.*not contain a JSON object/,
    ))
})
