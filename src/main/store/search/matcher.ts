/** Text queries, and a test whether one movie matches. */

export interface TextQuery {
  readonly text: string
  /** Where the words are: in title or plot, or in one of them. */
  readonly part: 'all' | 'title' | 'plot'
  /** True: exactly these words, one after the other. False: all of them, in any order, and the last one may be a prefix. */
  readonly exact: boolean
}
/** Returns true if a title and a plot match a query. */
export type Matcher = (title: string, plot: string) => boolean

export const wordsOf = (text: string): readonly string[] => text.normalize('NFC').match(/[\p{L}\p{N}\p{M}]+/gu) ?? []
/** Letters and digits without combining marks: the index tokenises others in its own way. */
const PLAIN_WORDS = /^[\p{Script=Latin}\p{Script=Greek}\p{Script=Cyrillic}\p{Nd}]+$/u
const WORD_SIGN = '[\\p{L}\\p{N}]'
/** Runs of letters whose folding is remembered, and their length: some hundred kilobytes. */
const [MAX_CACHED, MAX_CACHED_CHARACTERS] = [5000, 8]
/** ASCII needs no folding of accents. */
// eslint-disable-next-line no-control-regex
const ASCII = /^[\x00-\x7f]*$/

// eslint-disable-next-line no-control-regex
const OTHER_LETTERS = /[^\x00-\x7f]+/g
const without = new Map<string, string>()
/** Letters that are not ASCII, without accents. The same few recur in a text, and decomposing them is most of the work. */
function withoutAccents(letters: string): string {
  let plain = without.get(letters)
  if (plain === undefined) {
    plain = letters.normalize('NFD').replace(/\p{M}/gu, '')
    if (without.size < MAX_CACHED && letters.length <= MAX_CACHED_CHARACTERS) without.set(letters, plain)
  }
  return plain
}
/** Text as a search compares it: without case and accents. ASCII never composes or reorders, so the letters between are folded by themselves. */
export const fold = (text: string): string => (ASCII.test(text) ? text : text.replace(OTHER_LETTERS, withoutAccents)).toLowerCase()

/**
 * The matches of the text index, decided for one movie at a time, ignoring case and accents. For a few movies this is faster than the
 * index. Null for words that the index may tokenise differently.
 */
export function matcherOf({ text, part, exact }: TextQuery): Matcher | null {
  const words = wordsOf(text)
  if (words.length === 0 || words.some((word) => !PLAIN_WORDS.test(word))) return null
  const sequences = exact ? [words] : words.map((word) => [word])
  const patterns = sequences.map((sequence, i) => {
    const end = !exact && i === words.length - 1 ? '' : `(?!${WORD_SIGN})`
    const between = '[^\\p{L}\\p{N}]+'
    return { letters: fold(sequence[0] ?? ''), whole: new RegExp(`(?<!${WORD_SIGN})${sequence.map(fold).join(between)}${end}`, 'u') }
  })
  // most movies lack the letters, so this check is several times faster than the pattern alone
  const holds = (folded: string): boolean => patterns.every(({ letters, whole }) => folded.includes(letters) && whole.test(folded))
  // a phrase does not begin in the title and end in the plot
  if (part === 'all' && exact) return (title, plot) => holds(fold(title)) || holds(fold(plot))
  return (title, plot) => holds(part === 'all' ? `${fold(title)} ${fold(plot)}` : fold(part === 'title' ? title : plot))
}

/** {@link matcherOf}; for words that the index may tokenise differently, a test for the text as a substring. */
export function anyMatcherOf(query: TextQuery): Matcher {
  const folded = fold(query.text.trim())
  const parts = { title: [0], plot: [1], all: [0, 1] }[query.part]
  return matcherOf(query) ?? ((...texts) => parts.some((part) => fold(texts[part] ?? '').includes(folded)))
}
