import type { Args } from '../../contract/api.ts'
import { wordReason, type ImportLogEntry, type ImportPlan, type Mapping, type ReasonCode } from '../../contract/importing.ts'
import { m } from '../messages/index.ts'

/** The columns that an import needs. */
const ROLES = ['plot', 'genres', 'title', 'id', 'split'] as const satisfies readonly (keyof Mapping)[]
/** The columns that an import with this plan needs: tables of different columns may be joined. */
export function rolesOf({ format, files }: Pick<ImportPlan, 'format' | 'files'>): readonly ((typeof ROLES)[number] | 'genresId')[] {
  const headers = new Set(files.map(({ columns }) => JSON.stringify(columns.toSorted())))
  const mayJoin = format === 'joined-tables' || (format === 'table' && headers.size > 1)
  return mayJoin ? ROLES.flatMap((role) => (role === 'id' ? [role, 'genresId' as const] : [role])) : ROLES
}
/** Codes of reasons that are shown at the settings they concern; the others are listed as details. */
const SHOWN_ELSEWHERE: ReadonlySet<ReasonCode> = new Set([
  ...ROLES,
  'memory-damaged',
  'remembered',
  'format',
  'genre-columns',
  'left-out',
  'hidden',
])
type Reasons = Pick<ImportPlan, 'reasons'>
/** Texts of the plan's reasons with these codes. */
export const reasonsOf = ({ reasons }: Reasons, ...codes: readonly ReasonCode[]): readonly string[] =>
  reasons.flatMap((reason) => (codes.includes(reason.code) ? [wordReason(m.import.reasons, reason)] : []))
export const detailsOf = ({ reasons }: Reasons): readonly string[] =>
  reasons.flatMap((reason) => (SHOWN_ELSEWHERE.has(reason.code) ? [] : [wordReason(m.import.reasons, reason)]))
/** Tables of archives and workbooks: those known before, those that the plan uses, and those that it leaves out. */
export function entriesOf(plan: Pick<ImportPlan, 'files' | 'reasons'>, known: readonly string[]): readonly string[] {
  const used = plan.files.flatMap(({ entry }) => (entry === null ? [] : [entry]))
  const left = plan.reasons.flatMap((reason) => (reason.code === 'left-out' || reason.code === 'hidden' ? [reason.entry] : []))
  return [...new Set([...known, ...used, ...left])]
}
/** Entries of one kind, with an example and the lines of the first ones. */
export interface LogGroup {
  readonly what: ImportLogEntry['what']
  readonly why: string
  readonly count: number
  readonly examples: readonly ImportLogEntry[]
}
const EXAMPLES = 3
export function logGroups(log: readonly ImportLogEntry[]): readonly LogGroup[] {
  const groups = new Map<string, ImportLogEntry[]>()
  for (const d of log) {
    // the same reason may contain different numbers for each record
    const key = `${d.what} ${d.why.replace(/\d+/g, '#')}`
    groups.set(key, [...(groups.get(key) ?? []), d])
  }
  return [...groups.values()]
    .map((all) => ({ what: all[0]?.what ?? 'repaired', why: all[0]?.why ?? '', count: all.length, examples: all.slice(0, EXAMPLES) }))
    .sort((a, b) => b.count - a.count)
}
/** The user's choices; `auto` and empty values are detected. */
export type Overrides = Omit<Args<'import.inspect'>, 'paths'>
export const DETECT: Overrides = {
  format: 'auto',
  genreSyntax: 'auto',
  mapping: {},
  genreColumns: [],
  protectedNames: 'auto',
  encoding: 'auto',
  delimiter: 'auto',
  escape: 'auto',
  header: 'auto',
  headerLine: 'auto',
  repairs: {},
  entries: [],
}
/** Arguments for the engine from files and choices. */
export const sourceArgs = (paths: readonly string[], o: Overrides): Args<'import.inspect'> => ({ ...o, paths: [...paths] })

const words = (file: string): string =>
  file
    .replace(/(?:\.[a-z]{2,7})?(?:\.gz)?$/i, '')
    .replace(/[_\s]+/g, ' ')
    .trim()
const MIN_PREFIX = 3
/** The common first words of all names. */
function commonWords(names: readonly string[]): string {
  const [first = [], ...rest] = names.map((n) => n.split(/[\s-]+/))
  const different = first.findIndex((word, i) => rest.some((other) => other[i] !== word))
  return first.slice(0, different < 0 ? first.length : different).join(' ')
}
/** Name of the folder that contains all files; empty if they are in several folders or a path is unknown. */
function commonFolder(paths: readonly (string | null)[]): string {
  const folders = new Set(paths.map((p) => p?.split(/[\\/]/).at(-2) ?? ''))
  return folders.size === 1 ? words([...folders].join('')) : ''
}

/**
 * A project name from file names: `my_movies.v2.csv` gives `my movies.v2`. Several files give their common first words, else
 * their folder, else `action and 15 more`. `paths`: null for unknown paths.
 */
export function projectName(files: readonly string[], paths: readonly (string | null)[] = []): string {
  const names = files.map(words)
  const [first = ''] = names
  if (names.length < 2) return first.slice(0, 100) || m.import.newProjectName
  const common = commonWords(names)
  const name = common.length >= MIN_PREFIX ? common : commonFolder(paths)
  return (name || m.import.projectNameOfSeveral(first.slice(0, 80), names.length - 1)).slice(0, 100)
}
