import type { ArgsIn } from '../../contract/api.ts'
import type { CleanRuleId, FormatId, GenreSyntax, Mapping } from '../../contract/importing.ts'

export const FORMATS: readonly { readonly value: FormatId | 'auto'; readonly label: string }[] = [
  { value: 'auto', label: 'Detect' },
  { value: '9000-movies', label: '9000+ Movies Dataset' },
  { value: 'imdb-by-genre', label: 'IMDb by genre, one file a genre' },
  { value: 'movies-dataset', label: 'The Movies Dataset' },
  { value: 'letterboxd-three', label: 'Letterboxd, three files' },
  { value: 'letterboxd-one', label: 'Letterboxd, one file' },
  { value: 'table', label: 'Any table' },
]
export const SYNTAXES: readonly { readonly value: GenreSyntax | 'auto'; readonly label: string }[] = [
  { value: 'auto', label: 'Detect' },
  { value: 'comma', label: 'Drama, Comedy' },
  { value: 'semicolon', label: 'Drama; Comedy' },
  { value: 'pipe', label: 'Drama|Comedy' },
  { value: 'slash', label: 'Drama/Comedy' },
  { value: 'json', label: 'JSON list' },
  { value: 'python', label: 'Python list' },
  { value: 'single', label: 'One genre' },
  { value: 'long', label: 'One row per movie and genre' },
]
export const ROLES: readonly { readonly key: keyof Mapping; readonly label: string; readonly none: string }[] = [
  { key: 'id', label: 'Id', none: 'None (use row numbers)' },
  { key: 'title', label: 'Title', none: 'None' },
  { key: 'plot', label: 'Plot', none: 'None' },
  { key: 'genres', label: 'Genres', none: 'None' },
  { key: 'split', label: 'Split', none: 'None (make one)' },
]
/** Before the import; the names are those of the report after it. */
export const CLEANING: readonly { readonly rule: CleanRuleId; readonly label: string; readonly help: string }[] = [
  { rule: 'truncated', label: 'Truncated tails', help: 'cuts “See full summary »” from the end of a plot' },
  { rule: 'placeholder', label: 'Placeholder plots', help: 'leaves out movies whose plot only says that there is none' },
  { rule: 'missing', label: 'Missing plot or genre', help: 'leaves out movies that there is nothing to learn from' },
  { rule: 'genre-alias', label: 'Genre aliases and case', help: 'gives every genre one name' },
  { rule: 'exact-duplicate', label: 'Exact duplicates', help: 'leaves out movies whose plot an earlier one has' },
]

export interface Overrides {
  readonly format: FormatId | 'auto'
  readonly genreSyntax: GenreSyntax | 'auto'
  readonly mapping: Partial<Mapping>
}
export const DETECT: Overrides = { format: 'auto', genreSyntax: 'auto', mapping: {} }
export const sourceArgs = (paths: readonly string[], o: Overrides): ArgsIn<'import.inspect'> => ({
  paths: [...paths],
  format: o.format,
  genreSyntax: o.genreSyntax,
  mapping: { ...o.mapping },
})

export const PIECE_BYTES = 1 << 20
/** Offsets and ends of the pieces a file is sent in; an empty file still takes one. */
export function pieces(bytes: number, piece = PIECE_BYTES): (readonly [number, number])[] {
  const count = Math.max(1, Math.ceil(bytes / piece))
  return Array.from({ length: count }, (_, i) => [i * piece, Math.min(bytes, (i + 1) * piece)] as const)
}

const words = (file: string): string =>
  file
    .replace(/\.[a-z]{2,4}$/i, '')
    .replace(/[_\s]+/g, ' ')
    .trim()
const SHORTEST_PREFIX = 3
/** The words that all names begin with. */
function commonWords(names: readonly string[]): string {
  const [first = [], ...rest] = names.map((n) => n.split(/[\s-]+/))
  const different = first.findIndex((word, i) => rest.some((other) => other[i] !== word))
  return first.slice(0, different < 0 ? first.length : different).join(' ')
}
/** The name of the folder that all these lie in; empty where they do not or no path is known. */
function commonFolder(paths: readonly (string | null)[]): string {
  const folders = new Set(paths.map((p) => p?.split(/[\\/]/).at(-2) ?? ''))
  return folders.size === 1 ? words([...folders].join('')) : ''
}

/**
 * A project name from the files': `my_movies.v2.csv` gives `my movies.v2`; several give what their names begin with,
 * else their folder, else `action and 15 more`. `paths`: where they lie, null where that is not known.
 */
export function projectName(files: readonly string[], paths: readonly (string | null)[] = []): string {
  const names = files.map(words)
  const [first = ''] = names
  if (names.length < 2) return first.slice(0, 100) || 'New project'
  const common = commonWords(names)
  const name = common.length >= SHORTEST_PREFIX ? common : commonFolder(paths)
  return (name || `${first.slice(0, 80)} and ${names.length - 1} more`).slice(0, 100)
}
