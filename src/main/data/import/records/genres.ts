/** Reads genre cells, and rewrites a cell in its own style. One table entry per syntax. */
import { GENRE_SEPARATORS, type GenreSeparator, type GenreSyntax } from '../../../../contract/importing.ts'
import { isMissing } from '../../clean/missing.ts'
import { LITERAL_CELLS } from './literal-cells.ts'
import { betweenOf, joinNames, plainName, splitNames, surround, tokensOf, type ListStyle, type Syntax } from './separated.ts'

/** How genre cells are written. */
export interface GenreStyle {
  readonly genreSyntax: GenreSyntax
  /** Names that contain the separator and are not split. */
  readonly protectedNames: readonly string[]
}

const NONE: readonly string[] = Object.freeze([])
/** Size of the cache of {@link genreReader}: a catalogue has far fewer combinations of genres than movies. */
const MAX_KEPT = 20_000
const MAX_KEPT_CHARACTERS = 1000

/** The genres of a cell as written, trimmed, HTML entities decoded, without empty ones and words for a missing value. */
export function parseGenres(cell: string, syntax: GenreSyntax, protectedNames = NONE): string[] {
  return isMissing(cell) ? [] : SYNTAXES[syntax].parse(cell, protectedNames).filter((name) => !isMissing(name))
}

/** {@link parseGenres} with a cache, for many cells. Equal cells return the same array, so callers must not change it. */
export function genreReader({ genreSyntax, protectedNames }: GenreStyle): (cell: string) => readonly string[] {
  const kept = new Map<string, readonly string[]>()
  return (cell) => {
    const known = kept.get(cell)
    if (known) return known
    if (cell.length > MAX_KEPT_CHARACTERS) return parseGenres(cell, genreSyntax, protectedNames)
    // a copy: a cell that is a slice of its file would keep the whole chunk in memory
    const own = (' ' + cell).slice(1)
    const genres = parseGenres(own, genreSyntax, protectedNames)
    if (kept.size >= MAX_KEPT) kept.clear()
    kept.set(own, genres)
    return genres
  }
}

/**
 * The cell rewritten to hold `genres`, in the style of the original `cell`: its separator, its quotes, its dictionary
 * elements for genres that stay. `known`: name -> the text that other cells of the file write for it, for genres that are added;
 * `style`: what the file writes where the cell shows nothing.
 * A cell that already contains exactly these genres is returned unchanged. Throws a UserError if a name would read back as two.
 */
export function formatGenres(
  cell: string,
  syntax: GenreSyntax,
  genres: readonly string[],
  known: ReadonlyMap<string, string>,
  style: ListStyle = {},
): string {
  const current = parseGenres(cell, syntax, style.protectedNames)
  if (current.length === genres.length && current.every((genre, i) => genre === genres[i])) return cell
  return SYNTAXES[syntax].format(cell, genres, known, style)
}

/** Adds to `known` how `cell` writes its elements, for {@link formatGenres}: list literals, and names in quotes or with escapes. */
export function learnElements(cell: string, syntax: GenreSyntax, known: Map<string, string>): void {
  SYNTAXES[syntax].learn?.(cell, known)
}
/** True if {@link learnElements} can learn from cells of this syntax. */
export function learnsElements(syntax: GenreSyntax): boolean {
  return SYNTAXES[syntax].learn !== undefined
}

/** The text between the first two names of a cell; undefined for a cell of one name, and for lists that have no plain separator. */
export function textBetween(cell: string, syntax: GenreSyntax, protectedNames = NONE): string | undefined {
  return SYNTAXES[syntax].betweenOf?.(cell, protectedNames)
}

/** A syntax of names between separators. `separator` is used where the cell has none of its own. */
function separated(char: string, separator: string): Syntax {
  return {
    parse: (cell, protectedNames) => splitNames(cell, char, protectedNames),
    format: (cell, genres, known, { protectedNames = NONE, between = separator }) =>
      joinNames(cell, genres, { char, separator: between, protectedNames }, known),
    betweenOf: (cell, protectedNames) => (cell.includes(char) ? betweenOf(cell, tokensOf(cell, char, protectedNames), char) : undefined),
    learn: (cell, known) => {
      if (!/["'\\&]/.test(cell)) return
      for (const { name, start, end } of tokensOf(cell, char, NONE))
        if (end - start !== name.length && !known.has(name)) known.set(name, cell.slice(start, end))
    },
  }
}

const WHOLE_CELL: Syntax = {
  parse: (cell) => [plainName(cell)],
  // a cell with a single genre has no separator to copy
  format: (cell, genres) => surround(cell, genres.join(', ')),
}
/** The separator of each syntax that has one, without the white space around it; a word needs its white space. */
export const SEPARATORS = bySeparator((text) => (/\p{L}/u.test(text) ? text : text.trim() || text))
/** The separator of a syntax; undefined if it has none. */
export function separatorOf(syntax: GenreSyntax): string | undefined {
  return (SEPARATORS as Readonly<Partial<Record<GenreSyntax, string>>>)[syntax]
}
function bySeparator<T>(of: (text: string, name: GenreSeparator) => T): Readonly<Record<GenreSeparator, T>> {
  const entries = Object.entries(GENRE_SEPARATORS).map(([name, text]) => [name, of(text, name as GenreSeparator)])
  return Object.fromEntries(entries) as Record<GenreSeparator, T>
}

const SYNTAXES: Readonly<Record<GenreSyntax, Syntax>> = {
  ...bySeparator((text, name) => separated(SEPARATORS[name], text)),
  // no name of a genre contains a vertical bar, so it may separate the few that follow a correction
  single: separated('|', '|'),
  long: WHOLE_CELL,
  json: LITERAL_CELLS.json,
  python: LITERAL_CELLS.python,
  // each genre has a column of its own, see onehot.ts
  'one-hot': WHOLE_CELL,
}
