/** Evidence for separators that names of genres contain as well, such as the hyphen of Sci-Fi: their parts are genres elsewhere. */
import type { GenreSeparator, GenreSyntax, ImportReason } from '../../../../contract/importing.ts'
import { isUsualGenre } from '../records/genre-names.ts'
import { SEPARATORS } from '../records/genres.ts'

/** Separators that names hardly ever contain: their share of the cells is sufficient evidence. */
export const PLAIN_SEPARATORS = ['pipe', 'semicolon', 'comma', 'slash'] as const satisfies readonly GenreSeparator[]
/** Share of the parts that must be known as genres of their own. */
const KNOWN_PARTS = 0.8
/** Names that look like several genres are worth a warning from this many on. */
const SEVERAL = 2

/** True if what the separator divides are names that also stand alone, or have the names of common genres. */
export function isSeparator(separator: GenreSeparator, cells: readonly string[]): boolean {
  const texts = new Set(cells)
  const parts = [...texts].flatMap((cell) => partsOf(cell, separator))
  const isKnown = knownIn(texts, separator)
  return parts.length > 1 && parts.filter(isKnown).length >= parts.length * KNOWN_PARTS
}

/** The separator that most of the `names` seem to contain, although the cells are not split at it; null without such names. */
export function joinedNames(names: readonly string[], syntax: GenreSyntax): ImportReason<'joined-names'> | null {
  const texts = new Set(names)
  const found = (Object.keys(SEPARATORS) as GenreSeparator[]).map((separator) => {
    const isKnown = knownIn(texts, separator)
    const joined = names.filter((name) => {
      const parts = partsOf(name, separator)
      return parts.length > 1 && parts.every(isKnown)
    })
    return { separator, joined }
  })
  const [most] = found.filter(({ separator }) => separator !== syntax).sort((a, b) => b.joined.length - a.joined.length)
  const [example] = most?.joined ?? []
  if (!most || example === undefined || most.joined.length < SEVERAL) return null
  return { code: 'joined-names', example, names: most.joined.length, separator: most.separator }
}

/** The parts of a text; none of one without the separator, or of a common name such as Film-Noir. */
function partsOf(text: string, separator: GenreSeparator): string[] {
  if (!text.includes(SEPARATORS[separator]) || isUsualGenre(text)) return []
  return text
    .split(SEPARATORS[separator])
    .map((part) => part.trim())
    .filter((part) => part !== '')
}

/** "Action & Adventure" is one genre of television unless its parts stand alone. */
function knownIn(texts: ReadonlySet<string>, separator: GenreSeparator): (part: string) => boolean {
  return (part) => texts.has(part) || (separator !== 'ampersand' && separator !== 'and' && isUsualGenre(part))
}
