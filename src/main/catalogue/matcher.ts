/** Whether a title and a plot hold what is sought. */
export type Matcher = (title: string, plot: string) => boolean

/** Letters and digits that nothing is combined with: of others the index has ideas of its own. */
const PLAIN_WORDS = /^[\p{Script=Latin}\p{Script=Greek}\p{Script=Cyrillic}\p{Nd}]+$/u
const WORD_SIGN = '[\\p{L}\\p{N}]'
/** ASCII needs no folding of accents. */
// eslint-disable-next-line no-control-regex
const ASCII = /^[\x00-\x7f]*$/

const fold = (text: string): string => (ASCII.test(text) ? text : text.normalize('NFD').replace(/\p{M}/gu, '')).toLowerCase()

/**
 * What the text index finds, decided for one movie at a time: every word occurs, the last one may be a beginning, case and
 * accents aside. For a few movies that is quicker than the index. Null for words that the index may understand otherwise.
 */
export function matcherOf(query: string): Matcher | null {
  const words = query.normalize('NFC').match(/[\p{L}\p{N}\p{M}]+/gu) ?? []
  if (words.length === 0 || words.some((word) => !PLAIN_WORDS.test(word))) return null
  const patterns = words.map((word, i) => {
    const end = i === words.length - 1 ? '' : `(?!${WORD_SIGN})`
    return { letters: fold(word), whole: new RegExp(`(?<!${WORD_SIGN})${fold(word)}${end}`, 'u') }
  })
  return (title, plot) => {
    const text = `${fold(title)} ${fold(plot)}`
    // most movies lack the letters: several times quicker than the pattern alone
    return patterns.every(({ letters, whole }) => text.includes(letters) && whole.test(text))
  }
}
