/**
 * Caches the ids of words. The library's own BPE works on its whole input; if no merge crosses a leading space, the words between spaces
 * do not depend on each other, and a text of SentencePiece can be split into them.
 */
import type { Definition } from './definition.ts'
import type { LibraryParts } from './library.ts'

/** Limits of the cache: number of words, and code units of the longest cached word. */
const CACHED = 200_000
const MAX_CACHED_CHARACTERS = 64
const SPACED = /\u2581+[^\u2581]*|[^\u2581]+/g

/** Ids of the library's tokens for words. */
export function wordIds(definition: Definition, library: LibraryParts): (words: string[]) => number[] {
  const cache = new Map<string, readonly number[] | null>()
  const parted = fallsApart(definition)
  const known = (tokens: readonly string[]): number[] => tokens.map((token) => library.idOf(token)).filter((id) => id !== undefined)
  /** null if a token is unknown: the library joins unknown tokens of neighbouring words. */
  const idsOf = (word: string): readonly number[] | null => {
    const found = cache.get(word)
    if (found !== undefined) return found
    const tokens = library.tokenise([word])
    const ids = tokens.every((token) => library.knows(token)) ? known(tokens) : null
    if (word.length <= MAX_CACHED_CHARACTERS) {
      if (cache.size >= CACHED) cache.clear()
      cache.set(word, ids)
    }
    return ids
  }
  return (words) => {
    const ids: number[] = []
    for (const word of parted ? words.flatMap((w) => w.match(SPACED) ?? []) : words) {
      const own = idsOf(word)
      if (!own) return known(library.tokenise(words))
      for (const id of own) ids.push(id)
    }
    return ids
  }
}

/** True if BPE never merges the end of one SentencePiece word with the start of the next. */
function fallsApart({ model, json }: Definition): boolean {
  const { merges, ignore_merges: whole } = json['model'] as {
    readonly merges?: readonly (string | readonly string[])[]
    readonly ignore_merges?: unknown
  }
  if (model.type !== 'BPE' || whole === true || model.prefix !== '' || model.suffix !== '') return false
  return (merges ?? []).every((merge) => !/[^\u2581]\u2581/.test(typeof merge === 'string' ? merge.replace(' ', '') : merge.join('')))
}
