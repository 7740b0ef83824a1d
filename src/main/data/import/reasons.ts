/** The sentences that an import plan is shown with: why it was made so, and what stands in its way. */
import type { GenreSyntax, Mapping } from '../../../contract/importing.ts'
import type { Format } from './formats.ts'
import { parseGenres } from './genres.ts'
import type { RoledSample } from './inspect.ts'
import { columnIndex } from './read.ts'
import { averageLength, cellsOf } from './sniff.ts'

const DELIMITER_NAMES: Readonly<Record<string, string>> = { ',': 'commas', ';': 'semicolons', '\t': 'tabs', '|': 'vertical bars' }
const SYNTAX_NAMES: Readonly<Record<GenreSyntax, string>> = {
  comma: 'separated by commas',
  semicolon: 'separated by semicolons',
  pipe: 'separated by |',
  slash: 'separated by /',
  json: 'as JSON lists',
  python: 'as Python lists',
  single: 'one in each cell',
  long: 'one in each row, joined by id',
}
const FORMAT_SAMPLES = 5

/** Why this format and these columns, one sentence each. */
export function giveReasons(
  format: Format,
  files: readonly RoledSample[],
  mapping: Mapping,
  syntax: GenreSyntax,
  chosen: boolean,
): readonly string[] {
  const plots = cellsIn(files, mapping.plot)
  const genres = cellsIn(files, mapping.genres).map((cell) => parseGenres(cell, syntax))
  const names = [...new Set(genres.flat())]
  const perCell = genres.length === 0 ? 0 : genres.flat().length / genres.length
  return [
    formatReason(format, files, chosen),
    ...files.map(
      ({ name, role, delimiter, bom }) =>
        `${name}: ${role}, separated by ${DELIMITER_NAMES[delimiter]!}, UTF-8${bom ? ' with a byte order mark' : ''}`,
    ),
    mapping.plot === null ? null : `plots: ${mapping.plot}, ${Math.round(averageLength(plots))} characters on average`,
    mapping.genres === null
      ? null
      : `genres: ${mapping.genres}, ${SYNTAX_NAMES[syntax]}, ${perCell.toFixed(1)} on average, such as ${names.slice(0, FORMAT_SAMPLES).join(', ')}`,
    mapping.title === null ? 'titles: none' : `titles: ${mapping.title}`,
    mapping.id === null ? 'ids: none, so movies are called row-1, row-2 and so on' : `ids: ${mapping.id}`,
    mapping.split === null ? null : `split: ${mapping.split}, kept as it is`,
  ].filter((reason) => reason !== null)
}

/** What must be done before the import can start; empty where nothing. */
export function findProblems(format: Format, files: readonly RoledSample[], mapping: Mapping, syntax: GenreSyntax): readonly string[] {
  const problems: string[] = []
  const missing = format.roles.filter(({ role, ifMissing }) => ifMissing !== null && !files.some((file) => file.role === role))
  const names = files.map(({ name }) => name).join(', ')
  for (const { ifMissing } of missing) problems.push(`${names}: ${ifMissing!}`)
  if (missing.length === 0) problems.push(...unmapped(files, mapping))
  if (syntax === 'long' && mapping.id === null) problems.push('One genre in each row needs an id column to join the rows by: choose one')
  if (mapping.plot !== null && mapping.plot === mapping.genres)
    problems.push(`Plots and genres cannot both be "${mapping.plot}": choose two columns`)
  for (const { name, records } of files) if (records.length === 0) problems.push(`${name} has a header but no records: choose another file`)
  return problems
}

function unmapped(files: readonly RoledSample[], mapping: Mapping): string[] {
  const columns = [...new Set(files.flatMap((file) => file.columns))].filter((column) => column !== '').join(', ')
  const problems: string[] = []
  for (const [key, what] of [
    ['plot', 'plots'],
    ['genres', 'genres'],
  ] as const) {
    const name = mapping[key]
    if (name === null) problems.push(`No column was found to hold the ${what}: choose one of ${columns}`)
    else
      problems.push(
        ...filesWithout(files, key, name).map((file) => `${file} has no column "${name}" for the ${what}: import it on its own`),
      )
  }
  return problems
}

/** Files of movies must all have the column; lists that are joined to them need not. */
function filesWithout(files: readonly RoledSample[], key: 'plot' | 'genres', name: string): string[] {
  const split = files.some(({ role }) => role !== 'movies')
  if (split && key === 'genres') return []
  return files.filter(({ role, columns }) => role === 'movies' && columnIndex(columns, name) < 0).map((file) => file.name)
}

function formatReason(format: Format, files: readonly RoledSample[], chosen: boolean): string {
  if (chosen) return `format: ${format.name}, as chosen`
  const telling = format.roles.filter(({ role }) => files.some((file) => file.role === role)).flatMap(({ requires }) => requires)
  if (telling.length === 0) return `format: ${format.name}, as the columns are those of no other format`
  return `format: ${format.name}, by the columns ${[...new Set(telling)].join(', ')}`
}

function cellsIn(files: readonly RoledSample[], column: string | null): string[] {
  return files.flatMap((file) =>
    cellsOf(
      file.records.map(({ fields }) => fields),
      columnIndex(file.columns, column),
    ),
  )
}
