/** Turns contributions of tokens into contributions of words, in the form shared by all explanations. */
import { UserError } from '../../../contract/errors.ts'
import type { TextExplanation } from '../../../contract/jobs.ts'
import type { Span, Term } from '../../../contract/records.ts'
import { many } from '../../../contract/words.ts'
import { strongest, withoutPunctuation } from '../linear/explain.ts'
import type { Encoding } from '../tokenize/types.ts'
import { MOST_ERROR, type Attribution } from './integrated.ts'

/** A word is a run of characters without white space. */
const WORD = /\S+/gu

/**
 * Spans are half-open ranges of UTF-16 code units, in order, without overlap. Contributions of special tokens, and the difference between
 * the sum of gradients and the integral, are part of `intercept`: with it the scores add up to the logit.
 * @throws UserError `no-explanation` if the contributions miss more than a twentieth of their expected sum
 */
export function toExplanation(text: string, encoding: Encoding, attribution: Attribution): Omit<TextExplanation, 'of'> {
  const { scores, logit, error, points } = attribution
  if (error > MOST_ERROR)
    throw new UserError(
      'no-explanation',
      `No explanation is shown for this plot: with ${points} points the contributions of its words miss ${percent(error)} of their expected sum.`,
    )
  const spans = wordSpans(text, encoding.offsets, scores)
  const explained = spans.reduce((sum, { score }) => sum + score, 0)
  const note = `Integrated gradients with ${points} points; they miss ${percent(error)} of their expected sum.`
  return { spans, ...strongest(words(text, spans)), intercept: logit - explained, logit, note: `${note}${unread(text, encoding)}` }
}

const percent = (share: number): string => `${(100 * share).toFixed(1)}%`

/** Note for a plot whose end was cut off. */
function unread(text: string, { offsets }: Encoding): string {
  const end = offsets.reduce((most, at) => Math.max(most, at), 0)
  return text.slice(end).trim().length > 0 && /[\p{L}\p{N}]/u.test(text.slice(end))
    ? ` The model reads only the first ${many(end, 'character')} of the plot.`
    : ''
}

/** One span for each word that has a token; its tokens' scores are added up. */
function wordSpans(text: string, offsets: Int32Array, scores: Float64Array): Span[] {
  const spans: Span[] = []
  let token = 0
  for (const { index, 0: word } of text.matchAll(WORD)) {
    const end = index + word.length
    let score = 0
    let [first, last] = [-1, -1]
    for (; token < scores.length && offsets[2 * token]! < end; token++) {
      if (offsets[2 * token] === offsets[2 * token + 1]) continue
      if (first < 0) first = Math.max(index, offsets[2 * token]!)
      last = Math.min(end, offsets[2 * token + 1]!)
      score += scores[token]!
    }
    if (first >= 0) spans.push({ ...withoutPunctuation(text, first, last), score })
  }
  return spans
}

/** The words of a text; the contributions of equal words are added up. */
function words(text: string, spans: readonly Span[]): Term[] {
  const sums = new Map<string, number>()
  for (const { start, end, score } of spans) {
    const word = text.slice(start, end).toLowerCase()
    sums.set(word, (sums.get(word) ?? 0) + score)
  }
  return Array.from(sums, ([text, contribution]) => ({ text, kind: 'word', contribution }))
}
