/** The reasons for an import plan, and the problems that prevent the import. */
import type { ImportPlan, ImportReason } from '../../../../contract/importing.ts'
import { required } from '../../../../contract/required.ts'
import type { Remembered } from './choices.ts'
import { foldColumn } from '../files/columns.ts'
import type { Format } from '../records/formats.ts'
import type { IdColumns, Join } from './join.ts'
import { parseGenres } from '../records/genres.ts'
import type { RoledSample } from './sample.ts'
import { genresOfColumns, isMarked } from '../records/onehot.ts'
import { columnIndex, mergeRule } from '../records/read.ts'
import { rankPlots, type NoPlot } from './plots.ts'
import { averageLength, cellsIn, rowsToGuessFrom } from './rows.ts'

/** Names that a list shows. */
const EXAMPLES = 5
const MAX_COLUMNS = 20

type Decided = Pick<ImportPlan, 'format' | 'mapping' | 'genreSyntax' | 'genreColumns' | 'protectedNames' | 'filterColumns'>
interface Surroundings {
  readonly format: Format
  /** The format was chosen by hand. */
  readonly chosen: boolean
  readonly remembered: Remembered | null
  readonly join: Join | null
}

/** Why this format and these columns were chosen. */
export function giveReasons(
  plan: Decided,
  files: readonly RoledSample[],
  { format, chosen, remembered, join }: Surroundings,
): readonly ImportReason[] {
  const { mapping, filterColumns } = plan
  const reasons: readonly (ImportReason | null)[] = [
    remembered === null ? null : { code: 'remembered', at: remembered.at },
    formatReason(format, files, chosen),
    ...files.flatMap(({ name, role, reasons }): readonly ImportReason[] =>
      role === 'movies' ? reasons : [...reasons, { code: 'joined', file: name, role, ids: idsOf(join) }],
    ),
    mapping.plot === null ? null : plotReason(mapping.plot, cellsIn(files, mapping.plot)),
    genreReason(plan, files),
    { code: 'title', column: mapping.title },
    idReason(plan, files),
    mapping.split === null ? null : { code: 'split', column: mapping.split },
    filterColumns.year === null ? null : { code: 'filter-column', filter: 'year', column: filterColumns.year },
    filterColumns.type === null ? null : { code: 'filter-column', filter: 'type', column: filterColumns.type },
  ]
  return reasons.filter((reason) => reason !== null)
}

/** Problems that must be solved before the import can start. */
export function findProblems(plan: Decided, files: readonly RoledSample[], format: Format, join: Join | null): readonly string[] {
  const { mapping } = plan
  const problems: string[] = []
  const missing = format.roles.filter(({ role, ifMissing }) => ifMissing !== null && !files.some((file) => file.role === role))
  const names = files.map(({ name }) => name).join(', ')
  for (const { ifMissing } of missing) problems.push(`${names}: ${required(ifMissing, 'ifMissing')}`)
  const different = differentHeaders(files)
  problems.push(...different)
  if (join && join.ids.length > 1) problems.push(severalIds(join.ids))
  const empty = files.filter(({ records }) => records.length === 0)
  for (const { name, columns } of empty)
    problems.push(`${name} holds a header (${list(columns, EXAMPLES)}) and no records: choose another file`)
  if (missing.length === 0 && empty.length === 0) problems.push(...unmapped(plan, files, different.length > 0))
  if (mapping.plot !== null && mapping.plot === mapping.genres)
    problems.push(`Plots and genres cannot both be "${mapping.plot}": choose two columns`)
  return problems
}

/** Files of one role are concatenated, so they must have the same columns, in any order. */
function differentHeaders(files: readonly RoledSample[]): string[] {
  return [...Map.groupBy(files, ({ role }) => role).values()].flatMap(([first, ...others]) =>
    others.flatMap((file) => {
      if (!first) return []
      const lacks = withoutColumns(first.columns, file.columns)
      const more = withoutColumns(file.columns, first.columns)
      if (lacks.length === 0 && more.length === 0) return []
      const differences = [
        lacks.length === 0 ? '' : `it lacks ${list(lacks)}`,
        more.length === 0 ? '' : `it has ${list(more)} besides`,
      ].filter((text) => text !== '')
      return [
        `${file.name} has other columns than ${first.name}: ${differences.join(' and ')}. Import it on its own, or give both the same header; a table of plots and a table of genres are joined if both have a column of the same ids: choose both columns if they are not found`,
      ]
    }),
  )
}

/** The columns by which tables are joined; null if there are several, or the format knows them. */
const idsOf = (join: Join | null): ImportReason<'joined'>['ids'] => {
  const [only, ...others] = join?.ids ?? []
  return only && others.length === 0 ? { id: only.id, genresId: only.genresId, shared: only.shared, of: only.of } : null
}
function severalIds(ids: readonly IdColumns[]): string {
  const pairs = ids.slice(0, EXAMPLES).map(({ id, genresId, shared, of }) => `"${id}" and "${genresId}" (${shared} of ${of} ids in common)`)
  return `The plots and the genres may belong together by several columns: ${pairs.join(', or ')}. Choose the column of ids of the plots and that of the genres`
}

function withoutColumns(columns: readonly string[], others: readonly string[]): string[] {
  const known = new Set(others.map(foldColumn))
  return columns.filter((column) => !known.has(foldColumn(column)))
}

function unmapped({ mapping, genreSyntax, genreColumns }: Decided, files: readonly RoledSample[], different: boolean): string[] {
  const columns = [...new Set(files.flatMap((file) => file.columns))].filter((column) => column !== '')
  const problems: string[] = []
  const oneHot = genreSyntax === 'one-hot'
  if (oneHot && genreColumns.length === 0)
    problems.push(`No columns of flags were found, one for each genre: choose them, or how the genres are written`)
  for (const [key, what] of [
    ['plot', 'plots'],
    ['genres', 'genres'],
  ] as const) {
    if (key === 'genres' && oneHot) continue
    const name = mapping[key]
    if (name === null)
      problems.push(
        key === 'plot'
          ? noPlots(required(files[0], 'the first of files'))
          : `No column was found to hold the genres: choose one of ${list(columns, MAX_COLUMNS, '')}`,
      )
    else if (!different)
      problems.push(
        ...filesWithout(files, key, name).map((file) => `${file} has no column "${name}" for the ${what}: import it on its own`),
      )
  }
  return problems
}

const WHY_NO_PLOT: Readonly<Record<NoPlot, string>> = {
  empty: 'is empty',
  other: 'is another text, by its name',
  short: 'is too short',
  'no-sentences': 'holds no sentences',
  repeats: 'repeats the same texts',
  'one-of-several': 'may hold them',
}
/** The refusal to guess, with the columns of the longest texts and why each one is not taken. */
function noPlots(file: RoledSample): string {
  const longest = rankPlots(file.columns, rowsToGuessFrom(file)).toSorted((a, b) => b.length - a.length)
  const reasons = longest.flatMap(({ column, why }) => (why === null ? [] : [`"${column}" ${WHY_NO_PLOT[why]}`]))
  return `No column is known to hold the plots: ${list(reasons, EXAMPLES, '')}. Choose the column that holds them`
}

/** All files of movies must have the column; lists that are joined to them need not. */
function filesWithout(files: readonly RoledSample[], key: 'plot' | 'genres', name: string): string[] {
  const split = files.some(({ role }) => role !== 'movies')
  if (split && key === 'genres') return []
  return files.filter(({ role, columns }) => role === 'movies' && columnIndex(columns, name) < 0).map((file) => file.name)
}

function formatReason({ name, roles }: Format, files: readonly RoledSample[], chosen: boolean): ImportReason {
  if (chosen) return { code: 'format', name, by: 'choice', columns: [] }
  const columns = roles.filter(({ role }) => files.some((file) => file.role === role)).flatMap(({ requires }) => requires)
  return { code: 'format', name, by: columns.length === 0 ? 'no-other' : 'columns', columns: [...new Set(columns)] }
}

function plotReason(column: string, plots: readonly string[]): ImportReason {
  const withTags = plots.filter((plot) => /<\/?[a-z][^<>]*>/i.test(plot)).length
  return { code: 'plot', column, characters: Math.round(averageLength(plots)), tags: withTags * 2 > plots.length }
}

function genreReason({ mapping, genreSyntax, genreColumns, protectedNames }: Decided, files: readonly RoledSample[]): ImportReason | null {
  if (genreSyntax === 'one-hot') return genreColumns.length === 0 ? null : flagReason(genreColumns, files)
  if (mapping.genres === null) return null
  const names = protectedNames.map(({ name }) => name)
  const columns = genreColumns.length > 0 ? genreColumns : [mapping.genres]
  const cells = columns.map((column) => cellsIn(files, column).map((cell) => parseGenres(cell, genreSyntax, names)))
  const all = cells.flat(2)
  // the first column is filled where a movie has any genre
  const perCell = average(all.length, Math.max(...cells.map(({ length }) => length)))
  return { code: 'genres', column: columns.join(', '), syntax: genreSyntax, perCell, examples: [...new Set(all)].slice(0, EXAMPLES) }
}

function flagReason(columns: readonly string[], files: readonly RoledSample[]): ImportReason {
  const marked = files.flatMap(({ columns: all, records }) => {
    const at = columns.map((column) => ({ column, index: columnIndex(all, column) }))
    return records.map(({ fields }) => at.filter(({ column, index }) => isMarked(fields[index] ?? '', column)).length)
  })
  const examples = genresOfColumns(columns).slice(0, EXAMPLES)
  const total = marked.reduce((sum, count) => sum + count, 0)
  return { code: 'genre-columns', columns: columns.length, perMovie: average(total, marked.length), examples }
}

/** With one decimal place; 0 of none. */
function average(total: number, of: number): number {
  return Math.round((10 * total) / Math.max(1, of)) / 10
}

function idReason(plan: Decided, files: readonly RoledSample[]): ImportReason {
  const { id } = plan.mapping
  const cells = cellsIn(
    files.filter(({ role }) => role === 'movies'),
    id,
  )
  const repeats = id === null ? 0 : cells.length - new Set(cells.map((cell) => cell.trim())).size
  return { code: 'id', column: id, repeats, of: cells.length, joined: mergeRule(plan) === 'by-id' }
}

/** Names as a sentence lists them, with a limit. */
function list(names: readonly string[], most = EXAMPLES, quote = '"'): string {
  const shown = names.slice(0, most).map((name) => quote + name + quote)
  return names.length > most ? `${shown.join(', ')} and ${names.length - most} more` : shown.join(', ')
}
