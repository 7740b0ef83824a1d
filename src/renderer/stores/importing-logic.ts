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
/** Shown before the import; afterwards the report has the engine's own words and counts. */
export const CLEANING: readonly { readonly rule: CleanRuleId; readonly label: string }[] = [
  { rule: 'missing', label: 'Leave out movies without a plot or without a genre' },
  { rule: 'placeholder', label: 'Leave out placeholder plots such as “Add a plot”' },
  { rule: 'truncated', label: 'Cut the “See full summary” remains of truncated plots' },
  { rule: 'genre-alias', label: 'Merge spellings of one genre' },
  { rule: 'exact-duplicate', label: 'Leave out exact duplicates' },
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

/** A project name from the first file's: `my_movies.v2.csv` gives `my movies.v2`. */
export const projectName = (file: string): string =>
  file
    .replace(/\.[a-z]{2,4}$/i, '')
    .replace(/[_\s]+/g, ' ')
    .trim()
    .slice(0, 100) || 'New project'
