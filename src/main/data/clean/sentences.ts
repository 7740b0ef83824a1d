/** Sentences that occur in many plots: notices, advertisements, text that a website adds to each. */
import { foldText, HashNumbers, hashText, type Hash64 } from './hashing.ts'

export interface Sentence {
  /** Half-open range in UTF-16 code units, including the white space after it. */
  readonly start: number
  readonly end: number
  /** Equal for two copies; empty if the sentence has no letters. */
  readonly key: string
}

/**
 * Ends of sentences: a line break, or terminal punctuation with closing quotes before white space. Here and below, a look behind keeps a
 * long run of punctuation from being tried at each of its characters.
 */
const END = /\n+|(?<![.!?…])[.!?…]+["'”’»)\]]*\s+|[。！？]+/g

export function sentencesOf(text: string): Sentence[] {
  const sentences: Sentence[] = []
  let start = 0
  const add = (end: number): void => {
    if (end > start) sentences.push({ start, end, key: keyOf(text.slice(start, end)) })
    start = end
  }
  for (const { 0: found, index } of text.matchAll(END)) add(index + found.length)
  add(text.length)
  return sentences
}

const keyOf = (sentence: string): string => foldText(sentence).replace(/^[^\p{L}\p{N}]+|(?<![^\p{L}\p{N}])[^\p{L}\p{N}]+$/gu, '')

/** Counts the plots in which each sentence occurs, so that frequent ones can be cut. */
export class RepeatedSentences {
  readonly #plots: number
  readonly #shortest: number
  #counts = new HashNumbers()
  /** Plots that were counted, under their titles: a movie that is in the catalogue twice counts once. */
  #seen = new HashNumbers()
  readonly #hash: Hash64 = { high: 0, low: 0 }

  /** @param plots with a sentence from which it is boilerplate @param shortest length of such a sentence in characters, trimmed */
  constructor(plots: number, shortest: number) {
    this.#plots = plots
    this.#shortest = shortest
  }
  count(title: string, plot: string): void {
    const movie = hashText(`${foldText(title)}\n${foldText(plot)}`, this.#hash)
    if (this.#seen.get(movie) !== 0) return
    this.#seen.set(movie, 1)
    const keys = new Set<string>()
    for (const { key } of sentencesOf(plot)) if (key.length >= this.#shortest) keys.add(key)
    for (const key of keys) this.#counts.add(hashText(key, this.#hash), 1)
  }
  /** Ends the counting and frees the memory of sentences that are not repeated. */
  counted(): void {
    this.#counts = this.#counts.keep((plots) => plots >= this.#plots)
    this.#seen = new HashNumbers()
  }
  /** The plot without its repeated sentences, and these with their counts; null if it has none. */
  cut(plot: string): { readonly plot: string; readonly cut: readonly { readonly text: string; readonly plots: number }[] } | null {
    const cut: { text: string; plots: number }[] = []
    let rest = ''
    for (const { start, end, key } of sentencesOf(plot)) {
      const plots = key.length >= this.#shortest ? this.#counts.get(hashText(key, this.#hash)) : 0
      const text = plot.slice(start, end)
      if (plots === 0) rest += text
      else cut.push({ text: text.trim(), plots })
    }
    return cut.length === 0 ? null : { plot: rest.trim(), cut }
  }
}
