/** Which spellings mean the same genre. Only true synonyms: `Musical` is not `Music`, and `Kids` is not always `Family`. */

import { normalised, withoutHtml } from './characters.ts'
import { foldText } from './hashing.ts'

/** Canonical name -> other ways to write it, lower case. Case and white space need no entry. */
const ALIASES: Readonly<Record<string, readonly string[]>> = {
  'Science Fiction': ['sci-fi', 'sci fi', 'scifi', 'science-fiction', 'sciencefiction', 'sf'],
  'Film-Noir': ['film noir', 'filmnoir'],
  Sport: ['sports'],
  Biography: ['biopic', 'bio-pic', 'biographical'],
  History: ['historical'],
  Animation: ['animated'],
  Documentary: ['documentaries'],
  Comedy: ['comedies'],
  Romance: ['romantic'],
  Thriller: ['thrillers'],
  Western: ['westerns'],
  Musical: ['musicals'],
  'TV Movie': ['tv-movie', 'tvmovie', 'television movie'],
  'Reality-TV': ['reality tv', 'reality television'],
  'Talk-Show': ['talk show', 'talkshow'],
  'Game-Show': ['game show', 'gameshow'],
}

const CANONICAL: ReadonlyMap<string, string> = new Map(
  Object.entries(ALIASES).flatMap(
    ([name, others]) => [[foldGenre(name), name], ...others.map((other): [string, string] => [other, name])] as [string, string][],
  ),
)

/** A key that is equal for two spellings of one genre: aliases, case and white space do not count. */
export function genreKey(name: string): string {
  const folded = foldGenre(name)
  const canonical = CANONICAL.get(folded)
  return canonical === undefined ? folded : foldGenre(canonical)
}

/** The key if the alias rule is off: only white space around a name is ignored. */
export function exactGenreKey(name: string): string {
  return name.trim()
}

/**
 * The name under which a genre is kept: the most frequent spelling of the canonical name in `spellings` (from
 * {@link spellingsOf}), else the table's, else the name itself.
 */
export function canonicalGenre(name: string, spellings?: ReadonlyMap<string, string>): string {
  const key = genreKey(name)
  return spellings?.get(key) ?? CANONICAL.get(key) ?? name.trim()
}

/** Finds a genre by its name in any case, else by another spelling of it. */
export function genreCalled<G extends { readonly name: string }>(genres: readonly G[], name: string): G | undefined {
  return (
    genres.find((genre) => foldGenre(genre.name) === foldGenre(name)) ?? genres.find((genre) => genreKey(genre.name) === genreKey(name))
  )
}

/** For every genre key, its most frequent spelling, aliases left out; on equal counts the first one seen. */
export function spellingsOf(counts: ReadonlyMap<string, number>): ReadonlyMap<string, string> {
  const best = new Map<string, { name: string; count: number }>()
  for (const [name, count] of counts) {
    const key = genreKey(name)
    if (foldGenre(name) === key && count > (best.get(key)?.count ?? 0)) best.set(key, { name: name.trim(), count })
  }
  return new Map([...best].map(([key, { name }]) => [key, name]))
}

/** A name without HTML entities, and with case, white space, quotes and dashes normalised. */
export function foldGenre(name: string): string {
  const plain = withoutHtml(name) ?? name
  return foldText(normalised(plain, 'NFC', true) ?? plain)
}
