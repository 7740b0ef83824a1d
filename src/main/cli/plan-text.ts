/** Text of an import plan: what was detected and why, what the import would do, and what prevents it. */
import { SHARED_REASONS } from '../../contract/import-words.ts'
import {
  GENRE_SEPARATORS,
  wordReason,
  type GenreSeparator,
  type GenreSyntax,
  type ImportPlan,
  type ReasonWording,
} from '../../contract/importing.ts'
import { count, many, quoted } from '../../contract/words.ts'
import { table, wrap } from './print.ts'

const GENRES = 30
const MOVIES = 5
const ENTRIES = 10
const PLOT = 120
const PROTECTED = 5

const SYNTAX_NAMES: Readonly<Record<GenreSyntax, string>> = {
  ...(Object.fromEntries(Object.entries(GENRE_SEPARATORS).map(([name, text]) => [name, `separated by "${text.trim()}"`])) as Record<
    GenreSeparator,
    string
  >),
  'line-break': 'separated by line breaks',
  space: 'separated by spaces',
  comma: 'separated by commas',
  semicolon: 'separated by semicolons',
  pipe: 'separated by |',
  slash: 'separated by /',
  json: 'as JSON lists',
  python: 'as Python lists',
  single: 'one in each cell',
  long: 'one in each row',
  'one-hot': 'a column for each',
}
export const REASONS: ReasonWording = {
  ...SHARED_REASONS,
  format: ({ name, by, columns }) => {
    const known = `by the columns ${columns.join(', ')}`
    return `format: ${name}, ${{ choice: 'as chosen', columns: known, 'no-other': 'no known format has these columns' }[by]}`
  },
  plot: ({ column, characters, tags }) =>
    `plots: ${column}, ${count(characters)} characters on average${tags ? ', with HTML tags, which cleaning can remove' : ''}`,
  genres: ({ column, syntax, perCell, examples }) =>
    `genres: ${column}, ${SYNTAX_NAMES[syntax]}, ${perCell.toFixed(1)} on average, such as ${examples.join(', ')}`,
  'genre-columns': ({ columns, perMovie, examples }) => {
    const more = columns > examples.length ? ` and ${columns - examples.length} more` : ''
    return `genres: ${many(columns, 'column')}, marked where a movie has the genre, ${perMovie.toFixed(1)} on average: ${examples.join(', ')}${more}`
  },
  title: ({ column }) => `titles: ${column ?? 'none'}`,
  id: ({ column, repeats, of, joined }) => {
    if (column === null)
      return `ids: none, so movies are numbered row-1, row-2, …${joined ? '; rows with the same title and plot are one movie' : ''}`
    if (repeats === 0) return `ids: ${column}`
    const what = joined ? 'their rows are joined' : 'the second movie of an id is called ID#2, the third ID#3'
    return `ids: ${column}, not unique: ${count(repeats)} of the first ${count(of)} ${repeats === 1 ? 'repeats' : 'repeat'} an earlier one; ${what}`
  },
  split: ({ column }) => `split: ${column}, kept as it is`,
  'joined-names': ({ example, names, separator }) =>
    `${quoted(example)} and ${many(names - 1, 'other name')} look like several genres each: --genre-syntax ${separator} separates them.`,
  'numbered-genres': ({ examples }) =>
    `The genres are numbers, such as ${examples.join(', ')}: an import with --genre-names FILE gives them the names in a file.`,
}

export function planText(plan: ImportPlan): string {
  return [
    plan.formatName,
    ...[...plan.reasons.map((reason) => wordReason(REASONS, reason)), ...protectedNames(plan)].map((text) => wrap(`- ${text}`, 110, '  ')),
    ...section(
      'Not ready to import',
      plan.problems.map((problem) => wrap(problem, 110, '  ')),
    ),
    ...section(
      'Before the import',
      [...forecastText(plan), ...warningTexts(plan)].map((text) => wrap(text, 110, '  ')),
    ),
    ...section(
      'Repairs',
      plan.offers.map((offer) => offerText(plan, offer)),
    ),
    ...section('Import log of the first records', firstEntries(plan)),
    ...section('Rejected records', rejectedRecords(plan)),
    ...section(`Genres of ${scope(plan)}`, genres(plan)),
    ...section('First movies', plan.preview.slice(0, MOVIES).map(movieText)),
  ].join('\n')
}

const scope = ({ forecast: { records, whole } }: ImportPlan): string => `${whole ? '' : 'the first '}${many(records, 'record')}`
function forecastText(plan: ImportPlan): string[] {
  const { problems, forecast } = plan
  return problems.length > 0 ? [] : [`${scope(plan)} will become ${many(forecast.movies, 'movie')}.`]
}
/** Warnings before the import. */
function warningTexts({ warnings }: Pick<ImportPlan, 'warnings'>): string[] {
  return warnings.map((warning) => wordReason(REASONS, warning))
}

function rejectedRecords({ forecast: { rejectedRecords: records } }: ImportPlan): string[] {
  return records.slice(0, ENTRIES).map(({ file, line, why, raw }) => `  ${file}, line ${line}: ${why}\n    ${cut(raw)}`)
}

function protectedNames({ protectedNames: names }: ImportPlan): string[] {
  const more = names.length > PROTECTED ? [`${many(names.length - PROTECTED, 'more name is', 'more names are')} one genre each`] : []
  return [...names.slice(0, PROTECTED).map(({ name, why }) => `"${name}" is one genre: ${why}`), ...more]
}

function section(title: string, lines: readonly string[]): string[] {
  return lines.length === 0 ? [] : ['', title, ...lines]
}

function offerText(plan: ImportPlan, { file, repair, count: places, why, examples }: ImportPlan['offers'][number]): string {
  const on = plan.files.find(({ name }) => name === file)?.repairs[repair] === true
  const shown = examples.slice(0, 2).map(({ line, before, after }) => `\n    line ${line}: ${cut(before)}\n        -> ${cut(after)}`)
  return `  ${file}: ${repair} ${on ? 'on' : 'off'}, found ${many(places, 'time')}: ${why}${shown.join('')}`
}

function firstEntries(plan: ImportPlan): string[] {
  const log = plan.log.filter(({ what }) => what !== 'rejected')
  const shown = log.slice(0, ENTRIES).map(({ file, line, what, why }) => `  ${file}, line ${line}: ${what}: ${why}`)
  return log.length > ENTRIES ? [...shown, `  and ${log.length - ENTRIES} more`] : shown
}

function genres({ genrePreview }: ImportPlan): string[] {
  if (genrePreview.length === 0) return []
  const rows = genrePreview.slice(0, GENRES).map(({ name, count, becomes, unusual }) => {
    const renamed = becomes.length === 1 && becomes[0] === name ? '' : `-> ${becomes.join(' + ') || 'dropped'}`
    return [cut(name), String(count), renamed, unusual ?? '']
  })
  const more = genrePreview.length > GENRES ? [`and ${genrePreview.length - GENRES} more`] : []
  return [table(['genre', 'records', '', ''], rows), ...more].flatMap((text) => text.split('\n')).map((line) => `  ${line}`)
}

function movieText({ key, title, genres, plot }: ImportPlan['preview'][number]): string {
  return `  ${key}  ${title}: ${genres.join(', ')}\n    ${cut(plot)}`
}

function cut(text: string): string {
  const line = text.replace(/\s+/g, ' ').trim()
  return line.length <= PLOT ? line : line.slice(0, PLOT) + '…'
}
