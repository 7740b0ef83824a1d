/** Import and cleaning, as they cross process boundaries. */

export type FormatId = '9000-movies' | 'imdb-by-genre' | 'movies-dataset' | 'letterboxd-three' | 'letterboxd-one' | 'table'
/** How a genre cell is written. `long`: one row per (movie, genre). */
export type GenreSyntax = 'comma' | 'semicolon' | 'pipe' | 'slash' | 'json' | 'python' | 'single' | 'long'
/** What a file contributes: whole movies, or lists joined to them by id. */
export type FileRole = 'movies' | 'genres' | 'themes'

/** Which column holds what, by header name. Everything else is kept as it is. */
export interface Mapping {
  readonly id: string | null
  readonly title: string | null
  readonly plot: string | null
  readonly genres: string | null
  readonly split: string | null
}
export const MAPPING_KEYS = ['id', 'title', 'plot', 'genres', 'split'] as const satisfies readonly (keyof Mapping)[]

export interface FilePlan {
  readonly path: string
  readonly name: string
  readonly role: FileRole
  readonly bytes: number
  readonly delimiter: string
  readonly bom: boolean
  readonly columns: readonly string[]
}

/** What an import would do, shown before anything is written. */
export interface ImportPlan {
  readonly format: FormatId
  readonly formatName: string
  /** Why this format, and why each column: one sentence each. */
  readonly reasons: readonly string[]
  readonly files: readonly FilePlan[]
  readonly mapping: Mapping
  readonly genreSyntax: GenreSyntax
  /** The first movies, as they would be imported. */
  readonly preview: readonly { readonly key: string; readonly title: string; readonly plot: string; readonly genres: readonly string[] }[]
  /** What stands in the way of importing, such as a missing plot column; empty when it can start. */
  readonly problems: readonly string[]
}

export const CLEAN_RULES = ['missing', 'placeholder', 'truncated', 'genre-alias', 'exact-duplicate'] as const
export type CleanRuleId = (typeof CLEAN_RULES)[number]
export type CleanSwitches = Readonly<Record<CleanRuleId, boolean>>

export interface CleanRuleReport {
  readonly rule: CleanRuleId
  readonly title: string
  /** What it does, in a sentence. */
  readonly description: string
  readonly on: boolean
  /** `removes`: movies leave the catalogue; `changes`: their plot or genres are rewritten. */
  readonly effect: 'removes' | 'changes'
  /** Movies it applies to (counted also when it is off). */
  readonly count: number
  readonly examples: readonly { readonly key: string; readonly title: string; readonly before: string; readonly after: string }[]
}
export interface CleanReport {
  readonly movies: number
  readonly kept: number
  readonly rules: readonly CleanRuleReport[]
}

/** Counts of an import. `records` are data rows of the files; movies are records after merging by id. */
export interface ImportReport {
  readonly format: FormatId
  readonly files: readonly { readonly name: string; readonly records: number; readonly setAside: number }[]
  readonly records: number
  readonly movies: number
  readonly emptyPlot: number
  readonly noGenre: number
  readonly genreCounts: Readonly<Record<string, number>>
  readonly setAside: readonly { readonly file: string; readonly line: number; readonly why: string; readonly raw: string }[]
  readonly split: 'column' | 'made'
  readonly clean: CleanReport
}
