/**
 * scikit-learn's text analysis, with offsets: lower-casing, the token pattern \b\w\w+\b and the chunks of `char_wb`.
 * `\w` is Python's: letters, numbers and the underscore (combining marks are not part of a word).
 */

/** A part of a text and its position, half-open, in UTF-16 code units. */
export interface Piece {
  readonly text: string
  readonly start: number
  readonly end: number
}

const WORD = /[\p{L}\p{N}_]{2,}/gu
/** The white space of Python's str.split. */
// eslint-disable-next-line no-control-regex -- the separators 1C to 1F are white space in Python
const CHUNK = /[^\t-\r\x1c-\x20\x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]+/g

/** The words of a lower-cased text: runs of at least two word characters. */
export const words = (lower: string): string[] => lower.match(WORD) ?? []
/** The white-space separated chunks of a lower-cased text. */
export const chunks = (lower: string): string[] => lower.match(CHUNK) ?? []

const located = (lower: string, pattern: RegExp): Piece[] =>
  Array.from(lower.matchAll(pattern), (match) => ({ text: match[0], start: match.index, end: match.index + match[0].length }))
/** Like {@link words}, with positions in the lower-cased text. */
export const locateWords = (lower: string): Piece[] => located(lower, WORD)
/** Like {@link chunks}, with positions in the lower-cased text. */
export const locateChunks = (lower: string): Piece[] => located(lower, CHUNK)

/**
 * The n-grams that scikit-learn's `char_wb` extracts from one chunk: of ` chunk `, by code points, for each length from `shortest` to
 * `longest`; a chunk that is not longer than a length is used whole, once, and ends the series. `visit` receives the n-gram and its range
 * [first, end) of code points in ` chunk `.
 */
export function chunkNgrams(
  chunk: string,
  [shortest, longest]: readonly [number, number],
  visit: (ngram: string, first: number, end: number) => void,
): void {
  const padded = ` ${chunk} `
  const points = offsetsOfCodePoints(padded)
  const length = points.length - 1
  for (let n = shortest; n <= longest; n++) {
    if (length <= n) {
      visit(padded, 0, length)
      return
    }
    for (let i = 0; i + n <= length; i++) visit(padded.slice(points[i], points[i + n]), i, i + n)
  }
}

/** The UTF-16 offset of each code point of `text`, followed by its length. */
export function offsetsOfCodePoints(text: string): number[] {
  const offsets = [0]
  let at = 0
  for (const point of text) offsets.push((at += point.length))
  return offsets
}

/** A lower-cased text and, for each of its UTF-16 code units, the range of the original that it comes from. */
export interface Lowered {
  readonly lower: string
  /** (lower.length) first code unit of the original character */
  readonly from: Int32Array
  /** (lower.length) end of the original character */
  readonly to: Int32Array
}

/** Lower-cases a text and tracks positions: a character may change its length (`İ` becomes two code units). */
export function lowerWithOffsets(text: string): Lowered {
  const lower = text.toLowerCase()
  const from = new Int32Array(lower.length)
  const to = new Int32Array(lower.length)
  let at = 0
  let source = 0
  for (const point of text) {
    const end = source + point.length
    for (const unitEnd = at + point.toLowerCase().length; at < unitEnd; at++) {
      from[at] = source
      to[at] = end
    }
    source = end
  }
  return { lower, from, to }
}
