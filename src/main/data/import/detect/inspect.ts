/** Plans an import: format, columns and first movies, decided by the content of the files, before anything is written. */
import type { FilePlan, FileRole, ImportPlan, Mapping, ProtectedName } from '../../../../contract/importing.ts'
import { UserError } from '../../../../contract/errors.ts'
import { required } from '../../../../contract/required.ts'
import { headerKeyOf, tableChoices, withRemembered, NO_MEMORY, type ImportChoices, type Memory, type Remembered } from './choices.ts'
import { chooseEntries } from './entries.ts'
import { detectFormat, formatOf, roleIn, type Format } from '../records/formats.ts'
import { isOneName } from '../records/separated.ts'
import { FORECAST_CHARACTERS, forecastImport, warningsOf, type Forecast } from './forecast.ts'
import { joinOf, type Join } from './join.ts'
import { findProtected } from '../records/protect.ts'
import { columnIndex, textKey } from '../records/read.ts'
import { findProblems, giveReasons } from './reasons.ts'
import { separatorOf } from '../records/genres.ts'
import { takeSample, type RoledSample, type Sample } from './sample.ts'
import {
  guessGenreColumns,
  guessGenres,
  guessId,
  guessSeveral,
  guessSplit,
  guessTitle,
  guessType,
  guessYear,
  isFlagColumn,
  isLong,
  sniffSyntax,
} from './sniff.ts'
import { guessPlot } from './plots.ts'
import { cellsIn, cellsOf, rowsOf, rowsToGuessFrom, type Rows } from './rows.ts'

export type { ImportChoices } from './choices.ts'

const ROLE_ORDER: readonly FileRole[] = ['movies', 'genres', 'themes']
/** Log entries about the text of the sample that a plan shows. */
const SHOWN_ENTRIES = 100

/**
 * Plans the import of `paths`; `memory` has the choices made for a table with the same header. Throws a UserError if a file
 * cannot be read as a table or if `userChoices` names a column that no file has; a plan that lacks plots or genres has
 * `problems` instead. `characters`: how much of the files the forecast reads.
 */
export async function inspect(
  paths: readonly string[],
  userChoices: ImportChoices,
  memory: Memory = NO_MEMORY,
  characters = FORECAST_CHARACTERS,
): Promise<ImportPlan> {
  if (paths.length === 0) throw new UserError('no-files', 'No file was chosen. Choose one or more files with a table of movies.')
  const all: Sample[] = []
  for (const path of new Set(paths)) all.push(...(await takeSample(path, tableChoices(userChoices))))
  const { samples, reasons } = chooseEntries(all, userChoices.entries ?? [])
  const headerKey = headerKeyOf(samples.map(({ columns }) => columns))
  const remembered = memory.recall(headerKey)
  const columns = [...new Set(samples.flatMap((sample) => sample.columns))]
  const made = plan(samples, remembered ? withRemembered(userChoices, remembered, columns) : userChoices, {
    headerKey,
    remembered,
    columns,
  })
  const read = await forecastImport(made, characters)
  return {
    ...made,
    ...read,
    ...(made.problems.length > 0 ? { warnings: [], asks: false } : warningsOf(read, made.genreSyntax)),
    reasons: [...(memory.notice === null ? [] : [memory.notice]), ...made.reasons, ...reasons],
  }
}

/** The part of a plan that the beginning of the files decides. */
type Decided = Omit<ImportPlan, keyof Forecast | 'warnings' | 'asks'>

function plan(
  samples: readonly Sample[],
  userChoices: ImportChoices,
  { headerKey, remembered, columns }: { headerKey: string; remembered: Remembered | null; columns: readonly string[] },
): Decided {
  const found = userChoices.format === 'auto' ? detectFormat(samples.map(({ columns }) => columns)) : formatOf(userChoices.format)
  const several = new Set(samples.map(({ columns }) => headerKeyOf([columns]))).size > 1
  const mayJoin = found.id === 'joined-tables' || (userChoices.format === 'auto' && found.id === 'table')
  const join = several && mayJoin ? joinOf(samples, userChoices.mapping) : null
  const format = join ? formatOf('joined-tables') : found
  const files = samples
    .map((sample): RoledSample => ({ ...sample, role: join?.lists.has(sample) ? 'genres' : (roleIn(format, sample.columns) ?? 'movies') }))
    .sort((a, b) => ROLE_ORDER.indexOf(a.role) - ROLE_ORDER.indexOf(b.role))
  const first = required(files[0], 'the first of files')
  const rows = rowsToGuessFrom(first)
  const genres = chooseGenres({ format, join }, files, rows, columns, userChoices)
  const decided = {
    format: format.id,
    files: files.map(planOf),
    ...genres,
    protectedNames: chooseProtected(files, genres, userChoices),
    filterColumns: { year: guessYear(first.columns, rows), type: guessType(first.columns, rows) },
  }
  const log = files.flatMap((file) => [...file.log, ...file.records.flatMap((record) => record.log)])
  return {
    ...decided,
    formatName: format.name,
    reasons: giveReasons(decided, files, { format, chosen: userChoices.format !== 'auto', remembered, join }),
    remembered: remembered !== null,
    headerKey,
    offers: files.flatMap(({ name, offers }) => offers.map((offer) => ({ ...offer, file: name }))),
    log: log.slice(0, SHOWN_ENTRIES),
    problems: findProblems(decided, files, format, join),
  }
}

/** The plan of a file: the sample without its records and reasons. */
function planOf(sample: RoledSample): FilePlan {
  const { path, name, role, bytes, kind, packing, entry, encoding, delimiter, escape, bom, header, headerLine, columns, repairs } = sample
  return { path, name, role, bytes, kind, packing, entry, encoding, delimiter, escape, bom, header, headerLine, columns, repairs }
}

type Genres = Pick<ImportPlan, 'mapping' | 'genreSyntax' | 'genreColumns'>

/** Roles of columns and the genre syntax: each may be evidence for the other. */
function chooseGenres(
  { format, join }: { readonly format: Format; readonly join: Join | null },
  files: readonly RoledSample[],
  rows: Rows,
  columns: readonly string[],
  userChoices: ImportChoices,
): Genres {
  const first = required(files[0], 'the first of files').columns
  const usual = join
    ? join.mapping
    : format.id === 'table'
      ? guessMapping(first, rows, userChoices.mapping)
      : usualMapping(format, first, rows, columns)
  const mapping = chooseMapping(usual, columns, userChoices.mapping)
  const chosenColumns = (userChoices.genreColumns ?? []).map((column) => findColumn(columns, column))
  const isFlag = (column: string): boolean =>
    isFlagColumn(column, first.indexOf(column), rows) || cellsOf(rows, first.indexOf(column)).length === 0
  const oneHot =
    userChoices.genreSyntax === 'one-hot' || (userChoices.genreSyntax === 'auto' && chosenColumns.length > 0 && chosenColumns.every(isFlag))
  const undecided =
    userChoices.genreSyntax === 'auto' &&
    chosenColumns.length === 0 &&
    mapping.genres === null &&
    userChoices.mapping.genres === undefined &&
    format.id === 'table'
  if (oneHot || undecided) {
    const genreColumns = chosenColumns.length > 0 ? chosenColumns : guessGenreColumns(first, rows)
    if (oneHot || genreColumns.length > 0) return { mapping: { ...mapping, genres: null }, genreSyntax: 'one-hot', genreColumns }
  }
  const guessed = format.id === 'table' && userChoices.mapping.genres === undefined ? guessSeveral(first, rows, mapping.genres) : []
  const [genres = mapping.genres, ...others] = chosenColumns.length > 0 ? chosenColumns : guessed
  const genreColumns = others.length > 0 && genres !== null ? [genres, ...others] : []
  return { ...chooseSyntax(format, files, { mapping: { ...mapping, genres }, genreColumns }, userChoices), genreColumns }
}

function chooseMapping(usual: Mapping, columns: readonly string[], requested: Partial<Mapping>): Mapping {
  const choose = (key: keyof Mapping): string | null => {
    const name = requested[key]
    return name === undefined ? (usual[key] ?? null) : name === null ? null : findColumn(columns, name)
  }
  const { genresId } = usual
  if (requested.genresId) findColumn(columns, requested.genresId)
  return {
    ...{ id: choose('id'), title: choose('title'), plot: choose('plot'), genres: choose('genres'), split: choose('split') },
    ...(genresId === undefined ? {} : { genresId }),
  }
}

function usualMapping(format: Format, first: readonly string[], rows: Rows, columns: readonly string[]): Mapping {
  const column = (name: string | null): string | null => columns[columnIndex(columns, name)] ?? null
  const { id, title, plot, genres } = format.mapping
  return { id: column(id), title: column(title), plot: column(plot), genres: column(genres), split: guessSplit(first, rows) }
}

function guessMapping(columns: readonly string[], rows: Rows, requested: Partial<Mapping>): Mapping {
  const plot = requested.plot === undefined ? guessPlot(columns, rows) : (columns[columnIndex(columns, requested.plot)] ?? null)
  const genres = guessGenres(columns, rows, plot)
  const id = guessId(columns, rows)
  const title = guessTitle(columns.filter((column) => ![plot, genres, id].includes(column)))
  return { id, title, plot, genres, split: guessSplit(columns, rows) }
}

function findColumn(columns: readonly string[], name: string): string {
  const found = columns[columnIndex(columns, name)]
  if (found !== undefined) return found
  const names = columns.filter((column) => column !== '')
  const more = names.length > 50 ? ` and ${names.length - 50} more` : ''
  throw new UserError('unknown-column', `No file has a column "${name}". The columns are: ${names.slice(0, 50).join(', ')}${more}.`, {
    columns,
  })
}

/** The content decides between the genre syntaxes of a format; without evidence, the default one is used. */
function chooseSyntax(
  format: Format,
  files: readonly Sample[],
  { mapping, genreColumns }: Omit<Genres, 'genreSyntax'>,
  userChoices: ImportChoices,
): Omit<Genres, 'genreColumns'> {
  const usual = required(format.syntaxes[0], 'the first of syntaxes')
  if (userChoices.genreSyntax !== 'auto') return { mapping, genreSyntax: userChoices.genreSyntax }
  if (format.syntaxes.length === 1) return { mapping, genreSyntax: usual }
  const sniffed = sniffSyntax(genreCells(files, { mapping, genreColumns }), userChoices.protectedNames)
  if (format.syntaxes.includes('long') && (sniffed === null || sniffed === 'single') && genreColumns.length === 0) {
    const by = longBy(required(files[0], 'the first of files'), mapping)
    if (by === 'id') return { mapping, genreSyntax: 'long' }
    if (by === 'text' && userChoices.mapping.id === undefined) return { mapping: { ...mapping, id: null }, genreSyntax: 'long' }
  }
  return { mapping, genreSyntax: sniffed !== null && format.syntaxes.includes(sniffed) ? sniffed : usual }
}

/** The cells of all columns of genres that are not empty. */
function genreCells(files: readonly Sample[], { mapping, genreColumns }: Pick<Genres, 'mapping' | 'genreColumns'>): string[] {
  const names = genreColumns.length > 0 ? genreColumns : [mapping.genres]
  return names.flatMap((name) => cellsIn(files, name))
}

/** The key that the rows of one movie share if each row is one genre: the id, or title and plot; null for another table. */
function longBy(first: Sample, { id, title, plot, genres }: Mapping): 'id' | 'text' | null {
  const at = (column: string | null): number => columnIndex(first.columns, column)
  const [idAt, titleAt, plotAt, genresAt] = [at(id), at(title), at(plot), at(genres)]
  if (plotAt < 0 || genresAt < 0) return null
  const rows = rowsOf(first)
  if (idAt >= 0 && isLong(rows, (row) => (row[idAt] ?? '').trim(), plotAt, genresAt)) return 'id'
  const textOf = (row: readonly string[]): string =>
    (row[plotAt] ?? '').trim() === '' ? '' : textKey(row[titleAt] ?? '', row[plotAt] ?? '')
  // ids that never repeat number the rows
  const numbered = new Set(rows.map((row) => row[idAt])).size === rows.length
  return (idAt < 0 || numbered) && isLong(rows, textOf, plotAt, genresAt) ? 'text' : null
}

/** The names that the user protects, or else those for which the content has evidence. */
function chooseProtected(files: readonly Sample[], genres: Genres, userChoices: ImportChoices): readonly ProtectedName[] {
  const { genreSyntax } = genres
  const char = separatorOf(genreSyntax)
  if (char === undefined) return []
  const cells = genreCells(files, genres)
  const { protectedNames = 'auto' } = userChoices
  if (protectedNames === 'auto') return findProtected(cells, genreSyntax)
  return protectedNames.map((name) => {
    const count = cells.filter((cell) => isOneName(cell, char, name)).length
    return { name, count, why: 'as chosen' }
  })
}
