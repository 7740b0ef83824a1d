/**
 * WordPiece: splits a word into the longest pieces of the vocabulary, from its start. Devlin et al. 2019, `WordpieceTokenizer` of
 * google-research/bert.
 */
export interface WordPieceVocabulary {
  /** Ids of pieces that start a word, and of pieces that continue one (without their prefix). */
  readonly first: ReadonlyMap<string, number>
  readonly next: ReadonlyMap<string, number>
  /** Code units of the longest piece. */
  readonly longest: number
  readonly unknown: number
  /** Characters of the longest word that is split; a longer one is unknown. */
  readonly longestWord: number
}

/** @param options `prefix`: prefix of word-internal pieces, `##` */
export function wordPieceVocabulary(
  ids: ReadonlyMap<string, number>,
  options: { readonly unknown: number; readonly prefix: string; readonly longestWord: number },
): WordPieceVocabulary {
  const first = new Map<string, number>()
  const next = new Map<string, number>()
  let longest = 1
  for (const [token, id] of ids) {
    // half a surrogate pair would split a character
    if (!token.isWellFormed() || token === '') continue
    first.set(token, id)
    longest = Math.max(longest, token.length)
    if (token.startsWith(options.prefix) && token.length > options.prefix.length) next.set(token.slice(options.prefix.length), id)
  }
  return { first, next, longest, unknown: options.unknown, longestWord: options.longestWord }
}

/**
 * Appends the ids of one word to `ids`, and the end of each piece in the word to `ends`. A word that the vocabulary cannot spell gets one
 * unknown token.
 */
export function appendPieces(word: string, vocabulary: WordPieceVocabulary, ids: number[], ends?: number[]): void {
  const begin = ids.length
  let start = tooLong(word, vocabulary.longestWord) ? -1 : 0
  while (start >= 0 && start < word.length) {
    const known = start === 0 ? vocabulary.first : vocabulary.next
    let end = Math.min(word.length, start + vocabulary.longest)
    let id = known.get(word.slice(start, end))
    while (id === undefined && --end > start) id = known.get(word.slice(start, end))
    if (id !== undefined) {
      ids.push(id)
      ends?.push(end)
    }
    start = id === undefined ? -1 : end
  }
  if (start >= 0) return
  ids.length = begin
  ids.push(vocabulary.unknown)
  if (ends) {
    ends.length = begin
    ends.push(word.length)
  }
}

/** True if the text has more than this many characters (not code units). */
function tooLong(word: string, characters: number): boolean {
  if (word.length <= characters) return false
  return Array.from(word).length > characters
}
