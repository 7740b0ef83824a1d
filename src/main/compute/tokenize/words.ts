/** Words of a corpus and how often each occurs, read as BERT's tokenizer reads them. */
import { type BertTextOptions, chunksOf, normaliseChunk, wordsOf } from './bert-text.ts'

/** How often each word occurs; normalised chunk by chunk, each once. */
export function countWords(texts: Iterable<string>, options: BertTextOptions): Map<string, number> {
  const chunks = new Map<string, number>()
  for (const text of texts) for (const chunk of chunksOf(text)) chunks.set(chunk, (chunks.get(chunk) ?? 0) + 1)
  const words = new Map<string, number>()
  for (const [chunk, count] of chunks)
    for (const word of wordsOf(normaliseChunk(chunk, options))) words.set(word, (words.get(word) ?? 0) + count)
  return words
}
