/** Turns contributions of tokens into contributions of words, in the form shared by all explanations. */
import { UserError } from '../../../contract/errors.ts'
import type { TextExplanation } from '../../../contract/jobs.ts'
import type { Span, Term } from '../../../contract/records.ts'
import { many } from '../../../contract/words.ts'
import { withoutPunctuation, wordsOf } from '../../analysis/error-words.ts'
import { strongest } from '../linear/explain.ts'
import type { Encoding } from '../tokenize/types.ts'
import { MAX_ERROR, type Attribution } from './integrated.ts'

/** A word is a run of characters without white space. */
const WORD = /\S+/gu

/**
 * Spans are half-open ranges of UTF-16 code units, in order, without overlap. Contributions of special tokens, and the difference between
 * the sum of gradients and the integral, are part of `intercept`: with it the scores add up to the logit.
 * @throws UserError `no-explanation` if the contributions miss more than a twentieth of their expected sum
 */
export function toExplanation(text: string, encoding: Encoding, attribution: Attribution): Omit<TextExplanation, 'of'> {
  const { scores, logit, error, points } = attribution
  if (error > MAX_ERROR)
    throw new UserError(
      'no-explanation',
      `No explanation is shown for this plot: with ${points} points the contributions of its words miss ${percent(error)} of their expected sum.`,
    )
  const note = `Integrated gradients with ${points} points; they miss ${percent(error)} of their expected sum.`
  return tokenExplanation(text, encoding, { scores, logit }, note)
}

/** Explains by contributions of tokens, whatever they are. */
export function tokenExplanation(
  text: string,
  encoding: Encoding,
  { scores, logit }: Pick<Attribution, 'scores' | 'logit'>,
  note: string,
): Omit<TextExplanation, 'of'> {
  return explanationOf(text, wordSpans(text, encoding.offsets, scores), logit, `${note}${unread(text, encoding)}`)
}

/** Words that are deleted at once: a batch of texts. */
const BATCH = 32
/**
 * Occlusion: each word is deleted in turn; how far that lowers the logit is its contribution.
 * @param read how many characters of the text the model reads
 */
export async function occlusion(
  text: string,
  logitsOf: (texts: readonly string[]) => Promise<ArrayLike<number>>,
  read = text.length,
): Promise<Omit<TextExplanation, 'of'>> {
  const [logit = 0] = Array.from(await logitsOf([text]))
  const words = wordsOf(text).filter(({ start }) => start < read)
  const spans: Span[] = []
  for (let at = 0; at < words.length; at += BATCH) {
    const some = words.slice(at, at + BATCH)
    const without = await logitsOf(some.map(({ start, end }) => text.slice(0, start) + text.slice(end)))
    some.forEach((word, i) => spans.push({ ...word, score: logit - without[i]! }))
  }
  const note = 'Occlusion: each word is deleted in turn. The contributions need not add up.'
  return explanationOf(text, spans, logit, note)
}

function explanationOf(text: string, spans: readonly Span[], logit: number, note: string): Omit<TextExplanation, 'of'> {
  const explained = spans.reduce((sum, { score }) => sum + score, 0)
  return { spans, ...strongest(words(text, spans)), intercept: logit - explained, logit, note }
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
