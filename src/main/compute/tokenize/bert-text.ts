/**
 * BERT's text processing before WordPiece: control characters are removed, Chinese characters and punctuation become words of their own,
 * and (uncased) all letters are lower-cased and lose their accents. Devlin et al. 2019, tokenization.py of google-research/bert, as
 * implemented in Hugging Face's BertNormalizer and BertPreTokenizer. White space separates a text into chunks that do not depend on each
 * other, which makes caching possible.
 */
import { type Aligned, AlignedWriter, asItStands, changeSegments, SEGMENT } from './aligned.ts'

export interface BertTextOptions {
  readonly lowercase: boolean
  /** null: same as `lowercase`. */
  readonly stripAccents: boolean | null
  readonly chineseChars: boolean
  /** True: control characters are removed and all white space becomes a space. */
  readonly cleanText: boolean
}
export const UNCASED: BertTextOptions = { lowercase: true, stripAccents: null, chineseChars: true, cleanText: true }

/** White space that stays white space when a text is cleaned: \v, \f and U+0085 are control characters and vanish. */
const CHUNK = /[^\t\n\r \u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]+/g
const UNWANTED = /[\0\ufffd]|(?![\t\n\r])[\p{Cc}\p{Cf}\p{Co}\p{Cs}]/gu
const CHINESE =
  /[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\u{20000}-\u{2a6df}\u{2a700}-\u{2b73f}\u{2b740}-\u{2b81f}\u{2b820}-\u{2ceaf}\u{2f800}-\u{2fa1f}]/gu
const ACCENTS = /\p{Mn}/gu
/** A character of punctuation, or a run of what is neither that nor white space. ASCII's symbols count as punctuation. */
const WORD = /[^\s\p{P}!-/:-@[-`{-~]+|[\p{P}!-/:-@[-`{-~]/gu
const ALONE = /^[\p{P}!-/:-@[-`{-~]$/u
const NOT_ASCII = /[^\x20-\x7e]/

/** A part of a text and its offset. */
export interface Located {
  readonly text: string
  readonly at: number
}

/** White-space separated chunks of a text. */
export const chunksOf = (text: string): string[] => text.match(CHUNK) ?? []
export const locateChunks = (text: string): Located[] => located(text, CHUNK)
/** Words of a normalised chunk. */
export const wordsOf = (chunk: string): string[] => chunk.match(WORD) ?? []
export const locateWords = (chunk: string): Located[] => located(chunk, WORD)
const located = (text: string, pattern: RegExp): Located[] => Array.from(text.matchAll(pattern), (m) => ({ text: m[0], at: m.index }))

/** True if a character is always a word of its own. */
export function standsAlone(character: string, { chineseChars }: BertTextOptions): boolean {
  return ALONE.test(character) || (chineseChars && character.search(CHINESE) === 0)
}

/** A chunk after normalisation; Chinese characters are surrounded by spaces. */
export function normaliseChunk(chunk: string, options: BertTextOptions): string {
  if (!NOT_ASCII.test(chunk)) return options.lowercase ? chunk.toLowerCase() : chunk
  let text = options.cleanText ? chunk.replace(UNWANTED, '') : chunk
  if (options.chineseChars) text = text.replace(CHINESE, ' $& ')
  return plain(text, options)
}

/** Like {@link normaliseChunk}, with the origin of each character. */
export function alignChunk(text: string, at: number, length: number, options: BertTextOptions): Aligned {
  const chunk = text.slice(at, at + length)
  if (!NOT_ASCII.test(chunk)) return letterByLetter(options.lowercase ? chunk.toLowerCase() : chunk, at)
  let aligned = asItStands(text, at, at + length)
  if (options.cleanText) aligned = without(aligned, UNWANTED)
  if (options.chineseChars) aligned = spaced(aligned)
  return changeSegments(aligned, SEGMENT, (part) => plain(part, options))
}

function letterByLetter(text: string, at: number): Aligned {
  const starts = Array.from({ length: text.length }, (_, i) => at + i)
  return { text, starts, ends: starts.map((start) => start + 1) }
}

/** Case and accents. */
function plain(text: string, { lowercase, stripAccents }: BertTextOptions): string {
  const lower = lowercase ? text.toLowerCase() : text
  return (stripAccents ?? lowercase) ? lower.normalize('NFD').replace(ACCENTS, '') : lower
}

function without(source: Aligned, pattern: RegExp): Aligned {
  const writer = new AlignedWriter()
  let from = 0
  for (const match of source.text.matchAll(pattern)) {
    writer.copy(source, from, match.index)
    from = match.index + match[0].length
  }
  writer.copy(source, from, source.text.length)
  return writer.done()
}

function spaced(source: Aligned): Aligned {
  const writer = new AlignedWriter()
  let from = 0
  for (const match of source.text.matchAll(CHINESE)) {
    const end = match.index + match[0].length
    writer.copy(source, from, match.index)
    writer.write(' ', source.starts[match.index]!, source.starts[match.index]!)
    writer.copy(source, match.index, end)
    writer.write(' ', source.ends[end - 1]!, source.ends[end - 1]!)
    from = end
  }
  writer.copy(source, from, source.text.length)
  return writer.done()
}
