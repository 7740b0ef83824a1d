/** The codebook: what each genre means, and rules between genres. Every version of an entry is kept. */
import { z } from 'zod'
import { projectMethod, type } from './method.ts'

const name = z.string().trim().min(1).max(1000)
const names = z.array(name).max(200).default([])
const examples = z.array(z.string().trim().min(1).max(1000)).max(100).default([])
/** The definition of one genre. Genres are named, so that catalogues can share a codebook. */
export const CODEBOOK_ENTRY = z.strictObject({
  genre: name,
  definition: z.string().trim().max(4000).default(''),
  examples,
  counterExamples: examples,
  /** The broader genre: a movie with this genre has that one, too. */
  parent: name.nullable().default(null),
  /** Genres that a movie with this genre has as well. */
  implies: names,
  /** Genres that a movie with this genre does not have. */
  excludes: names,
})
export type CodebookEntry = z.output<typeof CODEBOOK_ENTRY>
/** The content of a version, without its number and writer; without a version, an empty entry. */
export const entryOf = (genre: string, version?: CodebookEntry): CodebookEntry => CODEBOOK_ENTRY.strip().parse(version ?? { genre })
export const CODEBOOK_VERSIONS = z.array(
  CODEBOOK_ENTRY.extend({
    /** Counted from 1 for each genre. */
    version: z.int().min(1),
    at: z.string(),
    who: z.string(),
    /** Only the wording changed: decisions under the version before are still right. */
    wording: z.boolean(),
  }),
)
export type CodebookVersion = z.output<typeof CODEBOOK_VERSIONS>[number]
/** Entries in a file, as `reelabel codebook` exports and reads them. */
export const CODEBOOK_FILE = z.object({ codebook: z.array(CODEBOOK_ENTRY).min(1).max(1000) })
/** Versions that a project keeps. */
export const MAX_VERSIONS = 10_000

export interface CodebookRule {
  readonly genre: string
  readonly kind: 'implies' | 'excludes'
  readonly other: string
}
/** The rules of entries: a parent is implied. */
export const rulesIn = (entries: readonly CodebookEntry[]): CodebookRule[] =>
  entries.flatMap(({ genre, parent, implies, excludes }) => [
    ...[...new Set([...(parent === null ? [] : [parent]), ...implies])].map((other) => ({ genre, kind: 'implies' as const, other })),
    ...excludes.map((other) => ({ genre, kind: 'excludes' as const, other })),
  ])
export const ruleText = ({ genre, kind, other }: CodebookRule): string => `${genre} ${kind} ${other}`

/** The last version of each genre's entry, by genre. */
export function currentEntries(versions: readonly CodebookVersion[]): CodebookVersion[] {
  const last = new Map(versions.map((v) => [v.genre, v]))
  return [...last.values()].sort((a, b) => a.genre.localeCompare(b.genre, 'en'))
}

export interface CodebookState {
  readonly entries: readonly (CodebookVersion & {
    /** The genre of the catalogue; null if it has none of this name. */
    readonly id: number | null
  })[]
}
/** Movies to look at again because of a genre's entry. */
export interface CodebookCounts {
  /** Movies in which the genre was last decided before what the entry says now: `outdated:GENRE`. */
  readonly outdated: number
  /** Movies whose labels break a rule about the genre: `breaks:GENRE`. */
  readonly breaks: number
}

export const CODEBOOK_METHODS = {
  /** The last version of each entry. */
  'codebook.get': projectMethod({}, type<CodebookState>()),
  /** Of each entry about a genre of the catalogue, by genre. It reads the labels of all movies. */
  'codebook.counts': projectMethod({}, type<Readonly<Record<string, CodebookCounts>>>()),
  /** All versions of a genre's entry, the newest first. */
  'codebook.versions': projectMethod({ genre: name }, type<readonly CodebookVersion[]>()),
  /**
   * Adds a version for each entry that differs from the last one of its genre; other genres keep theirs. `changed`: their genres;
   * `unknown`: names that no genre of the catalogue has.
   * @throws UserError `bad-codebook` if rules contradict each other
   */
  'codebook.set': projectMethod(
    { entries: z.array(CODEBOOK_ENTRY).min(1).max(1000), wording: z.boolean().default(false) },
    type<{ readonly changed: readonly string[]; readonly unknown: readonly string[] }>(),
  ),
}
