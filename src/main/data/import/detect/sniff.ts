/** Guesses about a table without a description: genre syntax and roles of columns. */
import type { GenreSyntax } from '../../../../contract/importing.ts'
import { required } from '../../../../contract/required.ts'
import { isUsualGenre } from '../records/genre-names.ts'
import { parseGenres, SEPARATORS } from '../records/genres.ts'
import { columnsCalled, columnsMentioning, type HeaderRole } from './headers.ts'
import { parseLiteral } from '../records/literals.ts'
import { genresOfColumns, hasGenrePrefix, isFlag, isMarked } from '../records/onehot.ts'
import { findProtected } from '../records/protect.ts'
import { SPLIT_NAMES } from '../records/read.ts'

type Rows = readonly (readonly string[])[]

/** A shorter average is a title or a name, unless the header says that the column contains plots. */
const SHORTEST_PLOT = 40
const LONGEST_GENRE = 30
/** Share of cells that must contain a separator before it is accepted. */
const SEPARATOR_SHARE = 0.02
/** A separator that names rarely contain is preferred to one that is up to this many times as frequent. */
const STRONGER = 5
/** Cells that a guess examines: 40 rows of a table with 10,000 columns. */
const MOST_CELLS = 400_000
/** Number of adjacent flag columns, none with the name of a common genre, that are taken for genres. */
const FEWEST_UNKNOWN_FLAGS = 5

/** The rows that guesses examine in a table of this many columns. */
export function rowsToGuessFrom(rows: Rows, columns: number): Rows {
  return rows.slice(0, Math.max(20, Math.floor(MOST_CELLS / Math.max(1, columns))))
}

/** The syntax of the genre cells; null without evidence. `names` that contain a separator: `auto`, or as chosen. */
export function sniffSyntax(cells: readonly string[], names: readonly string[] | 'auto' = 'auto'): GenreSyntax | null {
  const filled = cells.map((cell) => cell.trim()).filter((cell) => cell !== '')
  if (filled.length === 0) return null
  const literals = filled.filter((cell) => /^[[{]/.test(cell) && typeof parseLiteral(cell) === 'object')
  if (literals.length * 2 > filled.length) return literals.every(isJson) ? 'json' : 'python'
  const syntaxes = Object.keys(SEPARATORS) as (keyof typeof SEPARATORS)[]
  const shares = syntaxes.map((name) => filled.filter((cell) => separates(cell, SEPARATORS[name])).length / filled.length)
  const enough = Math.max(SEPARATOR_SHARE, Math.max(...shares) / STRONGER)
  const best = syntaxes[shares.findIndex((share) => share >= enough)]
  if (best === undefined) return 'single'
  const kept = names === 'auto' ? findProtected(filled, best).map(({ name }) => name) : names
  return kept.length > 0 && filled.every((cell) => parseGenres(cell, best, kept).length < 2) ? 'single' : best
}

/** Not the semicolon of `&amp;`, nor the slash of a path such as `Fiction > Crime/Noir`. */
function separates(cell: string, char: string): boolean {
  if (!cell.includes(char)) return false
  if (char === '/') return !cell.includes('>')
  return char !== ';' || cell.replace(/&#?\w+;/g, '').includes(char)
}

/** The column with the longest prose. */
export function guessPlot(columns: readonly string[], rows: Rows): string | null {
  const called = new Set(columnsCalled('plot', columns))
  const mentioning = new Set(columnsMentioning('plot', columns))
  const scores = columns.map((column, i) => {
    const cells = cellsOf(rows, i)
    const hint = called.has(column) ? 2 : mentioning.has(column) ? 1.5 : 1
    return cells.length === 0 ? 0 : proseLength(cells, hint > 1) * hint
  })
  return bestColumn(columns, scores)
}

/** Mean length of the prose in a column; 0 if it has none. Tags, and text that repeats in every row, do not count. */
function proseLength(cells: readonly string[], named: boolean): number {
  const prose = cells.map((cell) => cell.replace(/<[^<>]{0,500}>/g, ' ').trim()).filter(isProse)
  if (prose.length === 0 || (!named && prose.length * 2 < cells.length)) return 0
  const length = averageLength(prose) * (isDense(required(prose[0], 'the first of prose')) ? 2.5 : 1)
  if (named) return length
  const distinct = new Set(prose).size
  return length < SHORTEST_PLOT || (prose.length > 4 && distinct * 10 < prose.length) ? 0 : length
}

/** The column with few distinct tokens, chosen by its name if the name is evidence. `plot` is already assigned. */
export function guessGenres(columns: readonly string[], rows: Rows, plot: string | null): string | null {
  const index = new Map(columns.map((column, i) => [column, i]))
  const found = (column: string): Vocabulary | null =>
    column === plot ? null : vocabulary(cellsOf(rows, required(index.get(column), 'an entry of index')))
  const named = [...columnsCalled('genres', columns), ...columnsMentioning('genres', columns)]
  const hinted = named.find((column) => !hasGenrePrefix(column) && found(column)?.words)
  if (hinted !== undefined) return hinted
  const scores = columns.map((column) => {
    const words = found(column)
    if (!words || !words.words || words.distinct < 2 || words.distinct * 3 > words.tokens) return 0
    return words.perCell * (1 + 3 * words.usual)
  })
  // one short word per row is as likely a language or a country as a genre, unless the words are common genres
  return Math.max(...scores) > 1.2 ? bestColumn(columns, scores) : null
}

/** The columns that each stand for one genre if the table is one-hot; else none. */
export function guessGenreColumns(columns: readonly string[], rows: Rows): readonly string[] {
  const flags = columns.map((column, i) => {
    const cells = rows.map((row) => row[i] ?? '')
    return (
      cells.every((cell) => isFlag(cell, column)) && (cells.some((cell) => isMarked(cell, column)) || cells.some((cell) => cell !== ''))
    )
  })
  const prefixed = columns.filter((column, i) => flags[i] && hasGenrePrefix(column))
  if (prefixed.length > 1) return prefixed
  const usual = genresOfColumns(columns).map(isUsualGenre)
  const runs = runsOf(flags)
  const telling = runs.filter(([from, to]) => usual.slice(from, to).filter(Boolean).length * 4 >= to - from)
  const known = telling.flatMap(([from, to]) => columns.slice(from, to))
  if (telling.some(([from, to]) => usual.slice(from, to).filter(Boolean).length > 1)) return known
  const unknown = runs.filter(([from, to]) => to - from >= FEWEST_UNKNOWN_FLAGS)
  return unknown.length === 1 ? columns.slice(...required(unknown[0], 'the first of unknown')) : []
}

/** Ranges [from, to) of true. */
function runsOf(flags: readonly boolean[]): [number, number][] {
  const runs: [number, number][] = []
  for (const [i, flag] of flags.entries()) {
    const last = runs.at(-1)
    if (flag && last?.[1] === i) last[1]++
    else if (flag) runs.push([i, i + 1])
  }
  return runs
}

/** True if each row is one genre of a movie, whose other genres are in other rows with the same id and plot. */
export function isLong(rows: Rows, id: number, plot: number, genres: number): boolean {
  if (id < 0 || plot < 0 || genres < 0) return false
  let [repeats, others] = [0, 0]
  const first = new Map<string, readonly string[]>()
  for (const row of rows) {
    const key = (row[id] ?? '').trim()
    const before = first.get(key)
    if (key !== '' && !before) first.set(key, row)
    if (key === '' || !before) continue
    repeats++
    if (row[plot] === before[plot] && row[genres] !== before[genres]) others++
  }
  return repeats >= 2 && others * 10 >= repeats * 9
}

/** The column whose name says that it contains titles. */
export function guessTitle(columns: readonly string[]): string | null {
  return columnsCalled('title', columns)[0] ?? columnsMentioning('title', columns)[0] ?? null
}
/** An id by name; of columns that only mention one, the first whose values do not repeat. */
export function guessId(columns: readonly string[], rows: Rows): string | null {
  const called = columnsCalled('id', columns)[0]
  if (called !== undefined) return called
  const unique = (column: string): boolean => {
    const cells = cellsOf(rows, columns.indexOf(column))
    return cells.length > 1 && cells.length === rows.length && new Set(cells).size === cells.length
  }
  return columns.find((column) => columnsMentioning('id', [column]).length > 0 && unique(column)) ?? null
}

/** A column of years or dates. */
export function guessYear(columns: readonly string[], rows: Rows): string | null {
  return byContent('year', columns, rows, (cells) => cells.filter((cell) => YEAR.test(cell)).length * 2 > cells.length)
}
/** A column of few kinds, such as movie, short and series. */
export function guessType(columns: readonly string[], rows: Rows): string | null {
  return byContent(
    'type',
    columns,
    rows,
    (cells) => new Set(cells).size <= Math.max(2, cells.length / 5) && averageLength(cells) < LONGEST_GENRE,
  )
}
/** A year, or a date in any order: `2021`, `2021-12-15`, `12/15/21`, `15 December 2021`. */
const YEAR = /(?:^|\D)(?:1[89]|20)\d\d(?:\D|$)|^\d{1,2}[./-]\d{1,2}[./-]\d\d$/

function byContent(role: HeaderRole, columns: readonly string[], rows: Rows, fits: (cells: string[]) => boolean): string | null {
  const candidates = [...columnsCalled(role, columns), ...columnsMentioning(role, columns)]
  return (
    candidates.find((column) => {
      const cells = cellsOf(rows, columns.indexOf(column))
      return cells.length > 0 && fits(cells)
    }) ?? null
  )
}

/** A column that is called split and contains only train, valid and test (or their usual other names). */
export function guessSplit(columns: readonly string[], rows: Rows): string | null {
  return byContent('split', columns, rows, (cells) => cells.every((cell) => SPLIT_NAMES.has(cell.trim().toLowerCase())))
}

/** Mean length of the cells that are not empty. */
export function averageLength(cells: readonly string[]): number {
  return cells.length === 0 ? 0 : cells.reduce((sum, cell) => sum + cell.length, 0) / cells.length
}

/** The cells of one column that are not empty. */
export function cellsOf(rows: Rows, index: number): string[] {
  return rows.map((row) => row[index] ?? '').filter((cell) => cell.trim() !== '')
}

interface Vocabulary {
  readonly tokens: number
  readonly distinct: number
  readonly perCell: number
  readonly words: boolean
  /** Share of tokens that are common genres. */
  readonly usual: number
}

function vocabulary(cells: readonly string[]): Vocabulary | null {
  // long prose and numbers need no further checks
  if (cells.length === 0 || averageLength(cells.slice(0, 20)) > 400) return null
  const syntax = sniffSyntax(cells)
  if (syntax === null) return null
  const tokens = cells.flatMap((cell) => parseGenres(cell, syntax))
  if (tokens.length === 0 || averageLength(tokens) > LONGEST_GENRE) return null
  const words = tokens.filter((token) => /^\p{L}/u.test(token) && !/:\/\//.test(token)).length >= tokens.length * 0.9
  const usual = tokens.filter(isUsualGenre).length / tokens.length
  return { tokens: tokens.length, distinct: new Set(tokens).size, perCell: tokens.length / cells.length, words, usual }
}

function isProse(text: string): boolean {
  return !/^(?:\[|\{|https?:)/.test(text) && (/\s/.test(text) || isDense(text))
}
/** Scripts without spaces, which say the same in a third of the characters. */
function isDense(text: string): boolean {
  return /[\p{sc=Han}\p{sc=Hiragana}\p{sc=Katakana}]{4}/u.test(text)
}

function isJson(cell: string): boolean {
  try {
    JSON.parse(cell)
    return true
  } catch {
    return false
  }
}

function bestColumn(columns: readonly string[], scores: readonly number[]): string | null {
  const best = Math.max(0, ...scores)
  return best === 0 ? null : required(columns[scores.indexOf(best)], 'an entry of columns')
}
