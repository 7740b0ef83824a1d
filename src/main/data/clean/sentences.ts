/** Sentences that stand in many plots: notices, advertisements, what a website adds to each. */
import { foldText, HashNumbers, hashText, type Hash64 } from './hashing.ts'

export interface Sentence {
  /** Half-open, in UTF-16 code units, white space after it included. */
  readonly start: number
  readonly end: number
  /** What two copies have in common; empty where it has no letters. */
  readonly key: string
}

/** Ends of sentences: a line break, or a full stop and its like with closing quotes before white space. */
const END = /\n+|[.!?…]+["'”’»)\]]*\s+|[。！？]+/g

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

const keyOf = (sentence: string): string => foldText(sentence).replace(/^[^\p{L}\p{N}]+|[^\p{L}\p{N}]+$/gu, '')

/** Counts in how many plots each sentence stands, so that those of many can be cut. */
export class RepeatedSentences {
  readonly #plots: number
  readonly #shortest: number
  #counts = new HashNumbers()
  /** Plots that were counted, under their titles: a movie that is in the catalogue twice says nothing about its sentences. */
  #seen = new HashNumbers()
  readonly #hash: Hash64 = { high: 0, low: 0 }

  /** @param plots how many make a sentence boilerplate @param shortest letters and signs that it needs, its ends aside */
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
  /** Ends the counting; memory for sentences that are not repeated is given back. */
  counted(): void {
    this.#counts = this.#counts.keep((plots) => plots >= this.#plots)
    this.#seen = new HashNumbers()
  }
  /** The plot without its repeated sentences, and these with their counts; null where it has none. */
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
