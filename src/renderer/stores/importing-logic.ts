import type { Args } from '../../contract/api.ts'
import type { Delimiter, Encoding, FormatId, GenreSyntax, ImportDecision, ImportPlan, Mapping, RepairId } from '../../contract/importing.ts'

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
  { value: 'one-hot', label: 'One column per genre' },
]
export const ENCODING_NAMES: Readonly<Record<Encoding, string>> = {
  'utf-8': 'UTF-8',
  'utf-16le': 'UTF-16, little-endian',
  'utf-16be': 'UTF-16, big-endian',
  'windows-1252': 'Windows-1252',
  'iso-8859-1': 'Latin-1 (ISO 8859-1)',
}
export const DELIMITER_NAMES: Readonly<Record<Delimiter, string>> = { ',': 'Comma', ';': 'Semicolon', '\t': 'Tab', '|': 'Vertical bar' }
export const HEADERS = [
  { value: 'auto', label: 'Detect' },
  { value: 'yes', label: 'Names the columns' },
  { value: 'none', label: 'Is a movie already' },
] as const
export const REPAIR_NAMES: Readonly<Record<RepairId, { readonly label: string; readonly help: string }>> = {
  mojibake: { label: 'Text read in the wrong encoding', help: '“PokÃ©mon” becomes “Pokémon”' },
  torn: { label: 'Records torn apart', help: 'by a line break in the middle of a cell: the pieces are joined' },
  'broken-quotes': { label: 'Quotes broken by a conversion', help: 'the cells are put together again where that is safe' },
}
/** `reason`: how the plan's sentence about it begins. */
export const ROLES: readonly { readonly key: keyof Mapping; readonly label: string; readonly none: string; readonly reason: string }[] = [
  { key: 'plot', label: 'Plot column', none: 'None', reason: 'plots' },
  { key: 'genres', label: 'Genres column', none: 'None', reason: 'genres' },
  { key: 'title', label: 'Title column', none: 'None', reason: 'titles' },
  { key: 'id', label: 'Id column', none: 'None (use row numbers)', reason: 'ids' },
  { key: 'split', label: 'Split column', none: 'None (make one)', reason: 'split' },
]
/** The plan's sentence that begins with `key:`, without that and without the column that stands beside it anyway. */
export function reasonFor(plan: Pick<ImportPlan, 'reasons'>, key: string, column: string | null): string {
  const text = plan.reasons.find((r) => r.startsWith(`${key}: `))?.slice(key.length + 2) ?? ''
  if (column === null) return text.replace(/^none(?:, so )?/, '')
  if (text === column) return ''
  return text.startsWith(`${column}, `) ? text.slice(column.length + 2) : text
}
/** Tables of archives and workbooks: those known before, those that the plan takes, and those it says it leaves out. */
export function entriesOf(plan: Pick<ImportPlan, 'files' | 'reasons'>, known: readonly string[]): readonly string[] {
  const taken = plan.files.flatMap(({ entry }) => (entry === null ? [] : [entry]))
  const left = plan.reasons.flatMap((r) => /^.+?: (.+) is left out, as /.exec(r)?.[1] ?? [])
  return [...new Set([...known, ...taken, ...left])]
}
/** Decisions of one kind, with an example and the lines of the first ones. */
export interface DecisionGroup {
  readonly what: ImportDecision['what']
  readonly why: string
  readonly count: number
  readonly examples: readonly ImportDecision[]
}
const EXAMPLES = 3
export function decisionGroups(decisions: readonly ImportDecision[]): readonly DecisionGroup[] {
  const groups = new Map<string, ImportDecision[]>()
  for (const d of decisions) {
    // numbers differ from record to record, the reason does not
    const key = `${d.what} ${d.why.replace(/\d+/g, '#')}`
    groups.set(key, [...(groups.get(key) ?? []), d])
  }
  return [...groups.values()]
    .map((all) => ({ what: all[0]?.what ?? 'repaired', why: all[0]?.why ?? '', count: all.length, examples: all.slice(0, EXAMPLES) }))
    .sort((a, b) => b.count - a.count)
}
/** What is chosen by hand; `auto` and what is empty is left to the detection. */
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
  repairs: {},
  entries: [],
}
/** Files and choices, as the engine takes them. */
export const sourceArgs = (paths: readonly string[], o: Overrides): Args<'import.inspect'> => ({ ...o, paths: [...paths] })

export const PIECE_BYTES = 1 << 20
/** Offsets and ends of the pieces a file is sent in; an empty file still takes one. */
export function pieces(bytes: number, piece = PIECE_BYTES): (readonly [number, number])[] {
  const count = Math.max(1, Math.ceil(bytes / piece))
  return Array.from({ length: count }, (_, i) => [i * piece, Math.min(bytes, (i + 1) * piece)] as const)
}

const words = (file: string): string =>
  file
    .replace(/(?:\.[a-z]{2,7})?(?:\.gz)?$/i, '')
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
