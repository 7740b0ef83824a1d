/**
 * Learns a WordPiece vocabulary from a corpus. The most frequent pair of neighbouring pieces becomes a new piece, repeatedly: the score
 * of Hugging Face's WordPieceTrainer (tokenizers, src/models/wordpiece/trainer.rs: a BpeTrainer whose word-internal pieces start with
 * ##), after Sennrich et al. 2016, algorithm 1. Not the likelihood ratio n(ab) / n(a)n(b) that is sometimes given for WordPiece, which
 * prefers the rarest pieces. The order of words and of ties is deterministic, so there is no seed.
 */
import { type BertTextOptions, chunksOf, normaliseChunk, standsAlone, UNCASED, wordsOf } from './bert-text.ts'
import { PairCounts } from './pair-counts.ts'

const SPECIAL_TOKENS = ['[PAD]', '[UNK]', '[CLS]', '[SEP]', '[MASK]'] as const
/** Longer words are unknown to the encoder. */
const MAX_WORD_CHARACTERS = 100
/** Share of the vocabulary for single characters; the rarest are left out if a corpus has more. */
const SHARE_OF_CHARACTERS = 0.5

export interface LearnOptions extends Partial<BertTextOptions> {
  /** Number of entries, special tokens and characters included; fewer if the corpus has no more pairs. */
  readonly size: number
  /** Minimum number of occurrences of a pair. */
  readonly minCount: number
}

/**
 * Learns the vocabulary.
 * @returns the special tokens, then every character of the corpus, then every character that can continue a word (with ##), most frequent
 *   first, then the pieces in the order in which they were created
 */
export function learnVocabulary(texts: Iterable<string>, { size, minCount, ...options }: LearnOptions): string[] {
  const text = { ...UNCASED, ...options }
  const words = countWords(texts, text)
  const pieces = new Pieces(alphabet(words, size, text))
  const pairs = new PairCounts()
  for (const [word, count] of words) {
    const spelt = pieces.spell(word)
    if (spelt) pairs.addWord(spelt, count)
  }
  while (pieces.tokens.length < size) {
    const best = pairs.best()
    if (!best || best.count < minCount) break
    pairs.merge(best, pieces.join(best.left, best.right))
  }
  return pieces.tokens
}

/** Pieces by their number in the vocabulary. */
class Pieces {
  readonly tokens: string[]
  private readonly ids: Map<string, number>
  constructor(characters: readonly string[]) {
    this.tokens = [...SPECIAL_TOKENS, ...characters]
    this.ids = new Map(this.tokens.map((token, id) => [token, id]))
  }

  /** A word as single characters; null if a character is not in the vocabulary, or if the word is too long for the encoder. */
  spell(word: string): number[] | null {
    const characters = Array.from(word)
    if (characters.length > MAX_WORD_CHARACTERS) return null
    const ids = characters.map((character, i) => this.ids.get(i === 0 ? character : `##${character}`))
    return ids.every((id) => id !== undefined) ? ids : null
  }

  /** Joins that give the same piece give the same number. */
  join(left: number, right: number): number {
    const token = this.tokens[left]! + this.tokens[right]!.slice(2)
    const known = this.ids.get(token)
    if (known !== undefined) return known
    this.ids.set(token, this.tokens.length)
    return this.tokens.push(token) - 1
  }
}

/** Every character, and its word-internal form if it occurs inside words: a new word of known characters is never unknown. */
function alphabet(words: ReadonlyMap<string, number>, size: number, text: BertTextOptions): string[] {
  const counts = new Map<string, number>()
  for (const [word, count] of words) for (const character of word) counts.set(character, (counts.get(character) ?? 0) + count)
  const ordered = [...counts].sort(([a, n], [b, m]) => m - n || a.codePointAt(0)! - b.codePointAt(0)!).map(([character]) => character)
  const characters: string[] = []
  const next: string[] = []
  for (const character of ordered) {
    const joins = !standsAlone(character, text)
    if (SPECIAL_TOKENS.length + characters.length + next.length + (joins ? 2 : 1) > SHARE_OF_CHARACTERS * size) break
    characters.push(character)
    if (joins) next.push(`##${character}`)
  }
  return [...characters, ...next]
}

/** Number of occurrences of each word; each distinct chunk is normalised once. */
function countWords(texts: Iterable<string>, options: BertTextOptions): Map<string, number> {
  const chunks = new Map<string, number>()
  for (const text of texts) for (const chunk of chunksOf(text)) chunks.set(chunk, (chunks.get(chunk) ?? 0) + 1)
  const words = new Map<string, number>()
  for (const [chunk, count] of chunks)
    for (const word of wordsOf(normaliseChunk(chunk, options))) words.set(word, (words.get(word) ?? 0) + count)
  return words
}
