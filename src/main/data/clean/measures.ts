/** Length of a text in words, for scripts with and without spaces. */

const WORD = /[\p{L}\p{N}\p{M}]+(?:['’-][\p{L}\p{N}\p{M}]+)*/gu
/** Scripts that put no spaces between words: Chinese, Japanese, Thai, Lao, Khmer, Burmese. */
const UNSPACED = /[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]/g
/** In these scripts, the number of characters that make about one word. */
const CHARACTERS_A_WORD = 2
const ASCII_ONLY = /^[\0-\x7f]*$/

/** True if a text has at least this many words; reads no further than necessary. */
export function hasWords(text: string, least: number): boolean {
  if (least <= 0) return true
  WORD.lastIndex = 0
  for (let n = 0; n < least; n++) if (!WORD.test(text)) return false
  return true
}

/** Words of a text; two characters of a script without spaces count as one. */
export function countWords(text: string): number {
  if (ASCII_ONLY.test(text)) return text.match(/[a-z0-9]+(?:['-][a-z0-9]+)*/gi)?.length ?? 0
  const unspaced = text.match(UNSPACED)?.length ?? 0
  const spaced = unspaced === 0 ? text : text.replace(UNSPACED, ' ')
  return (spaced.match(WORD)?.length ?? 0) + Math.ceil(unspaced / CHARACTERS_A_WORD)
}

export const UNITS = ['words', 'characters'] as const
export type Unit = (typeof UNITS)[number]
/** Characters are UTF-16 code units. */
export const lengthOf = (text: string, unit: Unit): number => (unit === 'words' ? countWords(text) : text.length)

/** The beginning of a text, at most this many words or characters, cut between words, with an ellipsis. */
export function shortened(text: string, limit: number, unit: Unit): string {
  const pieces = text.trimEnd().match(/\s*\S+/g) ?? []
  let end = 0
  let length = 0
  for (const piece of pieces) {
    length += unit === 'words' ? countWords(piece) : piece.length
    if (length > limit) break
    end += piece.length
  }
  // one word, or a script without spaces, longer than the limit
  if (end === 0) end = Math.min(text.length, unit === 'words' ? limit * CHARACTERS_A_WORD : limit)
  return `${text.slice(0, end).toWellFormed().trimEnd()} …`
}
