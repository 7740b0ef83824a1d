/** Words behind predictions. */
import type { Span } from '../../contract/records.ts'

export interface WordShare {
  readonly word: string
  /** Mean contribution to the logit over the movies that have the word. */
  readonly contribution: number
  readonly movies: number
}
interface Explained {
  readonly text: string
  readonly spans: readonly Span[]
}

const wordAt = (text: string, { start, end }: Pick<Span, 'start' | 'end'>): string => text.slice(start, end).toLowerCase()

const FIRST_TO_LAST_LETTER = /[\p{L}\p{N}](?:.*[\p{L}\p{N}\p{M}])?/su

/** A range of a text without punctuation at its ends; the same range if it has no letter and no digit. */
export function withoutPunctuation(text: string, start: number, end: number): Pick<Span, 'start' | 'end'> {
  const found = FIRST_TO_LAST_LETTER.exec(text.slice(start, end))
  return found ? { start: start + found.index, end: start + found.index + found[0].length } : { start, end }
}

/** The words of a text: runs without white space that have a letter or a digit, without punctuation at their ends. */
export const wordsOf = (text: string): Pick<Span, 'start' | 'end'>[] =>
  Array.from(text.matchAll(/\S*[\p{L}\p{N}]\S*/gu), ({ index, 0: run }) => withoutPunctuation(text, index, index + run.length))

/** Contributions of each word of a text, its occurrences added up. */
export function contributions({ text, spans }: Explained): Map<string, number> {
  const sums = new Map<string, number>()
  for (const span of spans) sums.set(wordAt(text, span), (sums.get(wordAt(text, span)) ?? 0) + span.score)
  return sums
}

/**
 * The words with the largest sum of contributions over some explained texts.
 * @param sign 1: words for the genre, -1: words against it
 */
export function strongestWords(explained: readonly Explained[], sign: 1 | -1, most: number): WordShare[] {
  const all = new Map<string, { sum: number; movies: number }>()
  for (const each of explained)
    for (const [word, contribution] of contributions(each)) {
      const sum = all.get(word) ?? { sum: 0, movies: 0 }
      sum.sum += contribution
      sum.movies++
      all.set(word, sum)
    }
  return [...all]
    .filter(([, { sum }]) => sign * sum > 0)
    .sort(([, a], [, b]) => sign * (b.sum - a.sum))
    .slice(0, most)
    .map(([word, { sum, movies }]) => ({ word, contribution: sum / movies, movies }))
}

/** The text without every occurrence of these words, as its spans divide it. */
export function withoutWords(text: string, spans: readonly Span[], words: ReadonlySet<string>): string {
  let out = ''
  let at = 0
  for (const span of spans) {
    if (!words.has(wordAt(text, span))) continue
    out += text.slice(at, span.start)
    at = span.end
  }
  return out + text.slice(at)
}

/** Logit of a text without some of its words. */
type LogitWithout = (words: ReadonlySet<string>) => Promise<number>
/** Words that are tried at most. */
const MAX_TRIED = 25

/**
 * A smallest set of words whose deletion moves a logit to the other side of a cut: the strongest words are deleted one after the other until
 * it does, then each that is not needed is put back. No word of the result can be put back alone; a smaller set of other words may exist.
 * @returns null if no deletion of up to {@link MAX_TRIED} words does it
 */
export async function flippingWords(
  explained: Explained & { readonly logit: number },
  cut: number,
  logitWithout: LogitWithout,
): Promise<string[] | null> {
  const above = explained.logit >= cut
  const sign = above ? 1 : -1
  const ranked = [...contributions(explained)].filter(([, score]) => sign * score > 0).sort(([, a], [, b]) => sign * (b - a))
  const flips = async (words: readonly string[]): Promise<boolean> => (await logitWithout(new Set(words))) >= cut !== above
  const deleted: string[] = []
  for (const [word] of ranked.slice(0, MAX_TRIED)) {
    deleted.push(word)
    if (!(await flips(deleted))) continue
    let needed = deleted
    for (const candidate of deleted.slice(0, -1)) {
      const fewer = needed.filter((other) => other !== candidate)
      if (await flips(fewer)) needed = fewer
    }
    return needed
  }
  return null
}
