/** Tokenizer folders for tests, and a notation of encodings in which a case fits on a line. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll } from 'vitest'
import { learnVocabulary } from '../../../src/main/compute/tokenize/learn.ts'
import { fromVocabulary } from '../../../src/main/compute/tokenize/load.ts'
import type { Encoding, Tokenizer } from '../../../src/main/compute/tokenize/types.ts'

const made: string[] = []
afterAll(() => {
  for (const folder of made.splice(0)) rmSync(folder, { recursive: true })
})

/** A folder with these files; objects are written as JSON. */
export function folderOf(files: Readonly<Record<string, unknown>>): string {
  const folder = mkdtempSync(join(tmpdir(), 'tokenizer-'))
  made.push(folder)
  for (const [name, content] of Object.entries(files))
    writeFileSync(join(folder, name), typeof content === 'string' ? content : JSON.stringify(content))
  return folder
}

/** `token=text at its offsets` for each token. */
export const pictured = (tokenizer: Tokenizer, text: string, encoding: Encoding = tokenizer.encode(text)): string[] =>
  Array.from(encoding.ids, (id, i) => `${tokenizer.token(id) ?? id}=${text.slice(...spanAt(encoding, i))}`)

export const spanAt = ({ offsets }: Encoding, i: number): [number, number] => [offsets[2 * i]!, offsets[2 * i + 1]!]

/** The first fault of offsets, which must be in order, inside the text and never within a surrogate pair; null if there is none. */
export function offsetFault(text: string, encoding: Encoding, specials: ReadonlySet<number>): string | null {
  const { ids, offsets } = encoding
  if (offsets.length !== 2 * ids.length) return `${offsets.length} positions for ${ids.length} tokens`
  let last = 0
  for (const [i, id] of ids.entries()) {
    const [start, end] = spanAt(encoding, i)
    if (specials.has(id) && start === 0 && end === 0) continue
    if (start < last || end < start || end > text.length) return `token ${i} is at ${start} to ${end}, after ${last}`
    if ([start, end].some((at) => /^[\ud800-\udbff][\udc00-\udfff]/.test(text.slice(Math.max(0, at - 1))) && at > 0))
      return `token ${i} cuts a pair at ${start} to ${end}`
    last = start
  }
  return null
}

/** BERT's parts of a tokenizer.json around a vocabulary. */
export function bertJson(tokens: readonly string[], more: Readonly<Record<string, unknown>> = {}): Record<string, unknown> {
  const vocab = Object.fromEntries(tokens.map((token, id) => [token, id]))
  const special = ['[PAD]', '[UNK]', '[CLS]', '[SEP]', '[MASK]'].filter((content) => content in vocab)
  return {
    added_tokens: special.map((content) => ({ id: vocab[content], content, special: true, normalized: false })),
    normalizer: { type: 'BertNormalizer', clean_text: true, handle_chinese_chars: true, strip_accents: null, lowercase: true },
    pre_tokenizer: { type: 'BertPreTokenizer' },
    post_processor: { type: 'BertProcessing', cls: ['[CLS]', vocab['[CLS]']], sep: ['[SEP]', vocab['[SEP]']] },
    decoder: null,
    model: { type: 'WordPiece', unk_token: '[UNK]', continuing_subword_prefix: '##', max_input_chars_per_word: 100, vocab },
    ...more,
  }
}
export const SPECIALS = ['[PAD]', '[UNK]', '[CLS]', '[SEP]', '[MASK]'] as const

/** Number of unknown tokens, and tokens per word, of plots in a vocabulary of `size` entries learnt from them. */
export function tokensPerWord(plots: readonly string[], size: number): { readonly unknown: number; readonly perWord: number } {
  const tokenizer = fromVocabulary(learnVocabulary(plots, { size, minCount: 2 }))
  let [tokens, unknown] = [0, 0]
  for (const { ids } of tokenizer.encodeMany(plots)) {
    tokens += ids.length - 2
    for (const id of ids) if (id === 1) unknown++
  }
  const words = plots.reduce((n, plot) => n + (plot.match(/[\p{L}\p{N}]+|[^\s\p{L}\p{N}]/gu) ?? []).length, 0)
  return { unknown, perWord: tokens / words }
}
