/** The sentences that an import plan is shown with: why it was made like this, and which problems prevent it. */
import type { GenreSyntax, ImportPlan } from '../../../../contract/importing.ts'
import { required } from '../../../../contract/required.ts'
import type { Remembered } from './choices.ts'
import type { Format } from '../records/formats.ts'
import { parseGenres } from '../records/genres.ts'
import type { RoledSample } from './sample.ts'
import { genresOfColumns, isMarked } from '../records/onehot.ts'
import { columnIndex, mergeRule } from '../records/read.ts'
import { averageLength, cellsOf } from './sniff.ts'

const SYNTAX_NAMES: Readonly<Record<GenreSyntax, string>> = {
  comma: 'separated by commas',
  semicolon: 'separated by semicolons',
  pipe: 'separated by |',
  slash: 'separated by /',
  json: 'as JSON lists',
  python: 'as Python lists',
  single: 'one in each cell',
  long: 'one in each row, joined by id',
  'one-hot': 'a column for each',
}
/** Names that a sentence lists. */
const EXAMPLES = 5
const MOST_COLUMNS = 20

type Decided = Pick<ImportPlan, 'format' | 'mapping' | 'genreSyntax' | 'genreColumns' | 'protectedNames' | 'filterColumns'>
interface Surroundings {
  readonly format: Format
  /** The format was chosen by hand. */
  readonly chosen: boolean
  readonly remembered: Remembered | null
}

/** Why this format and these columns were chosen, one sentence each. */
export function giveReasons(plan: Decided, files: readonly RoledSample[], { format, chosen, remembered }: Surroundings): readonly string[] {
  const { mapping, filterColumns } = plan
  return [
    remembered === null ? null : `columns and genres: as you chose on ${dayOf(remembered.at)} for a table with this header`,
    formatReason(format, files, chosen),
    ...files.flatMap(({ name, role, reasons }) => (role === 'movies' ? reasons : [...reasons, `${name}: a list of ${role}, joined by id`])),
    mapping.plot === null ? null : plotReason(mapping.plot, cellsIn(files, mapping.plot)),
    ...genreReasons(plan, files),
    mapping.title === null ? 'titles: none' : `titles: ${mapping.title}`,
    idReason(plan, files),
    mapping.split === null ? null : `split: ${mapping.split}, kept as it is`,
    filterColumns.year === null ? null : `years: ${filterColumns.year}, for filters of cleaning`,
    filterColumns.type === null ? null : `types: ${filterColumns.type}, for filters of cleaning`,
  ].filter((reason) => reason !== null)
}

/** Problems that must be solved before the import can start. */
export function findProblems(plan: Decided, files: readonly RoledSample[], format: Format): readonly string[] {
  const { mapping, genreSyntax } = plan
  const problems: string[] = []
  const missing = format.roles.filter(({ role, ifMissing }) => ifMissing !== null && !files.some((file) => file.role === role))
  const names = files.map(({ name }) => name).join(', ')
  for (const { ifMissing } of missing) problems.push(`${names}: ${required(ifMissing, 'ifMissing')}`)
  const different = differentHeaders(files)
  problems.push(...different)
  if (missing.length === 0) problems.push(...unmapped(plan, files, different.length > 0))
  if (genreSyntax === 'long' && mapping.id === null)
    problems.push('One genre in each row needs an id column to join the rows by: choose one')
  if (mapping.plot !== null && mapping.plot === mapping.genres)
    problems.push(`Plots and genres cannot both be "${mapping.plot}": choose two columns`)
  for (const { name, records } of files) if (records.length === 0) problems.push(`${name} has a header but no records: choose another file`)
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
        `${file.name} has other columns than ${first.name}: ${differences.join(' and ')}. Import it on its own, or give both the same header`,
      ]
    }),
  )
}

function withoutColumns(columns: readonly string[], others: readonly string[]): string[] {
  const known = new Set(others.map((column) => column.trim().toLowerCase()))
  return columns.filter((column) => !known.has(column.trim().toLowerCase()))
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
    if (name === null) problems.push(`No column was found to hold the ${what}: choose one of ${list(columns, MOST_COLUMNS, '')}`)
    else if (!different)
      problems.push(
        ...filesWithout(files, key, name).map((file) => `${file} has no column "${name}" for the ${what}: import it on its own`),
      )
  }
  return problems
}

/** All files of movies must have the column; lists that are joined to them need not. */
function filesWithout(files: readonly RoledSample[], key: 'plot' | 'genres', name: string): string[] {
  const split = files.some(({ role }) => role !== 'movies')
  if (split && key === 'genres') return []
  return files.filter(({ role, columns }) => role === 'movies' && columnIndex(columns, name) < 0).map((file) => file.name)
}

function formatReason(format: Format, files: readonly RoledSample[], chosen: boolean): string {
  if (chosen) return `format: ${format.name}, as chosen`
  const telling = format.roles.filter(({ role }) => files.some((file) => file.role === role)).flatMap(({ requires }) => requires)
  if (telling.length === 0) return `format: ${format.name}, no known format has these columns`
  return `format: ${format.name}, by the columns ${[...new Set(telling)].join(', ')}`
}

function plotReason(column: string, plots: readonly string[]): string {
  const tags = plots.filter((plot) => /<\/?[a-z][^<>]*>/i.test(plot)).length
  const marked = tags * 2 > plots.length ? ', with HTML tags, which cleaning can take away' : ''
  return `plots: ${column}, ${Math.round(averageLength(plots))} characters on average${marked}`
}

function genreReasons(plan: Decided, files: readonly RoledSample[]): string[] {
  const { mapping, genreSyntax, genreColumns, protectedNames } = plan
  if (genreSyntax === 'one-hot') return genreColumns.length === 0 ? [] : [flagReason(genreColumns, files)]
  if (mapping.genres === null) return []
  const names = protectedNames.map(({ name }) => name)
  const cells = cellsIn(files, mapping.genres).map((cell) => parseGenres(cell, genreSyntax, names))
  const perCell = cells.length === 0 ? 0 : cells.flat().length / cells.length
  return [
    `genres: ${mapping.genres}, ${SYNTAX_NAMES[genreSyntax]}, ${perCell.toFixed(1)} on average, such as ${[...new Set(cells.flat())].slice(0, EXAMPLES).join(', ')}`,
    ...protectedNames.slice(0, EXAMPLES).map(({ name, why }) => `"${name}" is one genre: ${why}`),
    ...(protectedNames.length > EXAMPLES ? [`${protectedNames.length - EXAMPLES} more names are one genre each`] : []),
  ]
}

function flagReason(columns: readonly string[], files: readonly RoledSample[]): string {
  const rows = files.flatMap(({ columns: all, records }) => {
    const at = columns.map((column) => ({ column, index: columnIndex(all, column) }))
    return records.map(({ fields }) => at.filter(({ column, index }) => isMarked(fields[index] ?? '', column)).length)
  })
  const perMovie = rows.length === 0 ? 0 : rows.reduce((sum, count) => sum + count, 0) / rows.length
  return `genres: ${columns.length} columns, marked where a movie has the genre, ${perMovie.toFixed(1)} on average: ${list(genresOfColumns(columns), EXAMPLES, '')}`
}

function idReason(plan: Decided, files: readonly RoledSample[]): string {
  const { id } = plan.mapping
  if (id === null) return 'ids: none, so movies are numbered row-1, row-2, …'
  const cells = cellsIn(
    files.filter(({ role }) => role === 'movies'),
    id,
  )
  const repeats = cells.length - new Set(cells.map((cell) => cell.trim())).size
  if (repeats === 0) return `ids: ${id}`
  const what = mergeRule(plan) === 'by-id' ? 'their rows are joined' : 'the second movie of an id is called ID#2, the third ID#3'
  return `ids: ${id}, not unique: ${repeats} of the first ${cells.length} repeat an earlier one; ${what}`
}

function cellsIn(files: readonly RoledSample[], column: string | null): string[] {
  return files.flatMap((file) =>
    cellsOf(
      file.records.map(({ fields }) => fields),
      columnIndex(file.columns, column),
    ),
  )
}

/** Names as a sentence lists them, with a limit. */
function list(names: readonly string[], most = EXAMPLES, quote = '"'): string {
  const shown = names.slice(0, most).map((name) => quote + name + quote)
  return names.length > most ? `${shown.join(', ')} and ${names.length - most} more` : shown.join(', ')
}

/** `20 November 2026`. */
function dayOf(at: string): string {
  return new Date(at).toLocaleDateString('en-GB', { day: 'numeric', month: 'long', year: 'numeric' })
}
