/** Guesses about a table without a description: genre syntax and roles of columns. */
import type { GenreSeparator, GenreSyntax } from '../../../../contract/importing.ts'
import { required } from '../../../../contract/required.ts'
import { isMissing } from '../../clean/missing.ts'
import { isUsualGenre } from '../records/genre-names.ts'
import { parseGenres, SEPARATORS } from '../records/genres.ts'
import { columnsCalled, columnsLike, columnsMentioning, isVague, type HeaderRole } from './headers.ts'
import { isSeparator, PLAIN_SEPARATORS } from './separator-evidence.ts'
import { parseLiteral } from '../records/literals.ts'
import { genresOfColumns, hasGenrePrefix, isFlag } from '../records/onehot.ts'
import { findProtected } from '../records/protect.ts'
import { splitOf } from '../records/read.ts'
import { averageLength, cellsOf, type Rows } from './rows.ts'

const MAX_GENRE_CHARACTERS = 30
const SYNTAXES = Object.keys(SEPARATORS) as GenreSeparator[]
/** Mean lengths above which cells are not genres: of names between separators, and of lists, to which annotation tools add other values. */
const MAX_LIST_CHARACTERS = 400
const MAX_LITERAL_CHARACTERS = 4000
/** Share of cells that must contain a separator before it is accepted. */
const SEPARATOR_SHARE = 0.02
/** A separator that names rarely contain is preferred to one that is up to this many times as frequent. */
const PREFERENCE_RATIO = 5
/** Number of adjacent flag columns, none with the name of a common genre, that are taken for genres. */
const MIN_UNKNOWN_FLAGS = 5

/** The syntax of the genre cells; null without evidence. `names` that contain a separator: `auto`, or as chosen. */
export function sniffSyntax(cells: readonly string[], names: readonly string[] | 'auto' = 'auto'): GenreSyntax | null {
  const filled = cells.map((cell) => cell.trim()).filter((cell) => !isMissing(cell))
  if (filled.length === 0) return null
  const isLiteral = (cell: string): boolean => /^[[{(]/.test(cell) && typeof parseLiteral(cell) === 'object'
  const literals = filled.filter(isLiteral)
  // annotation tools write a list where a movie has several genres, and the bare name of a single one
  const single = filled.every((cell) => isLiteral(cell) || !PLAIN_SEPARATORS.some((name) => separates(cell, SEPARATORS[name])))
  if (literals.length > (single ? 0 : filled.length / 2)) return literals.every(isJson) ? 'json' : 'python'
  const plain: readonly GenreSeparator[] = PLAIN_SEPARATORS
  const shares = SYNTAXES.map((name) => {
    const share = filled.filter((cell) => separates(cell, SEPARATORS[name])).length / filled.length
    return share > 0 && (plain.includes(name) || isSeparator(name, filled)) ? share : 0
  })
  const enough = Math.max(SEPARATOR_SHARE, Math.max(...shares) / PREFERENCE_RATIO)
  const best = SYNTAXES[shares.findIndex((share) => share >= enough)]
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

/**
 * The column of genres. One whose name says so needs no other evidence than that it is filled: its names may be long, begin with a digit or
 * be missing. Any other one must hold few distinct words; one that says the same in every record comes last. `plot` is already assigned.
 */
export function guessGenres(columns: readonly string[], rows: Rows, plot: string | null): string | null {
  const index = new Map(columns.map((column, i) => [column, i]))
  const judged = new Map<string, Vocabulary | null>(plot === null ? [] : [[plot, null]])
  // a table with thousands of columns has the words of few judged: those that are called genres come first
  const wordsOf = (column: string): Vocabulary | null => {
    const found = judged.get(column)
    if (found !== undefined) return found
    const words = vocabulary(cellsOf(rows, required(index.get(column), 'an entry of index')), rows.length)
    judged.set(column, words)
    return words
  }
  const isConstant = (column: string): boolean => wordsOf(column)?.constant === true
  const named = columnsLike('genres', columns).filter(
    (column) => !isFlagColumn(column, required(index.get(column), 'an entry of index'), rows),
  )
  const varied = named.filter((column) => wordsOf(column)?.words && !isConstant(column))
  const called = columnsCalled('genres', columns).find((column) => !isVague(column) && wordsOf(column))
  const hinted = varied.find((column) => (wordsOf(column)?.filled ?? 0) >= 0.5) ?? varied[0] ?? called
  if (hinted !== undefined) return hinted
  const score = (column: string): number => {
    const found = wordsOf(column)
    if (!found || !found.words || found.longNames || found.distinct < 2) return 0
    // a small catalogue repeats few of its genres, but their names are common
    if (found.distinct * 3 > found.tokens && found.usual < 0.9) return 0
    return found.perCell * (1 + 3 * found.usual)
  }
  // one short word per row is as likely a language or a country as a genre, unless the words are common genres
  const likely = columns.filter((column) => score(column) > 1.2).sort((a, b) => score(b) - score(a))
  return likely.find((column) => !isConstant(column)) ?? named.find((column) => wordsOf(column)?.words) ?? likely[0] ?? null
}

/** All columns whose names say that they hold genres, such as genre1 and genre2; none if `genres` is the only one. */
export function guessSeveral(columns: readonly string[], rows: Rows, genres: string | null): readonly string[] {
  const called = columnsCalled('genres', columns).filter((column) => !isVague(column))
  const named = new Set([...called, ...columnsMentioning('genres', columns)])
  if (genres === null || !named.has(genres)) return []
  const cells = new Map(
    columns.flatMap((column, i) => (named.has(column) ? [[column, rows.map((row) => (row[i] ?? '').trim())] as const] : [])),
  )
  const cellsAt = (column: string): readonly string[] => cells.get(column) ?? []
  const several = [...cells.keys()].filter((column) => {
    const filled = cellsAt(column).filter((cell) => cell !== '')
    const words = vocabulary(filled, rows.length)
    const saysNothing = words?.constant && words.filled === 1
    return !isFlagColumn(column, columns.indexOf(column), rows) && (filled.length === 0 || (words?.words && !saysNothing))
  })
  const syntax = sniffSyntax(several.flatMap(cellsAt)) ?? 'single'
  const genresAt = new Map(several.map((column) => [column, cellsAt(column).map((cell) => parseGenres(cell, syntax))]))
  /** A main genre beside the list of all genres says nothing more. */
  const within = (column: string, other: string): boolean =>
    cellsAt(column).some((cell) => cell !== '') &&
    (genresAt.get(column) ?? []).every((names, row) => names.every((name) => genresAt.get(other)?.[row]?.includes(name)))
  const kept = several.filter(
    (column, i) => !several.some((other, j) => i !== j && within(column, other) && (j < i || !within(other, column))),
  )
  return kept.length > 1 ? kept : []
}

/** The columns that each stand for one genre if the table is one-hot; else none. */
export function guessGenreColumns(columns: readonly string[], rows: Rows): readonly string[] {
  const flagged = new Set(columns.filter((column, i) => isFlagColumn(column, i, rows)))
  const prefixed = [...flagged].filter(hasGenrePrefix)
  if (prefixed.length > 1) return prefixed
  const usual = genresOfColumns(columns).map(isUsualGenre)
  const runs = runsOf(columns.map((column) => flagged.has(column)))
  const telling = runs.filter(([from, to]) => usual.slice(from, to).filter(Boolean).length * 4 >= to - from)
  const known = genresAmong(telling.flatMap(([from, to]) => columns.slice(from, to)))
  if (telling.some(([from, to]) => usual.slice(from, to).filter(Boolean).length > 1)) return known
  const unknown = runs.filter(([from, to]) => to - from >= MIN_UNKNOWN_FLAGS)
  return unknown.length === 1 ? genresAmong(columns.slice(...required(unknown[0], 'the first of unknown'))) : []
}

/** True if every cell of the column at `index` is a flag. */
export function isFlagColumn(column: string, index: number, rows: Rows): boolean {
  return rows.every((row) => isFlag(row[index] ?? '', column)) && rows.some((row) => (row[index] ?? '') !== '')
}

/** Flags of a catalogue that are not genres: `adult` and `video` of TMDB, `has_poster`. */
const NO_GENRE =
  /^(?:(?:is|has|was)[_\s.-].*|(?:is)?adult|video|released|original|active|deleted|watched|seen|liked|favou?rite|streaming|split)$/i
function genresAmong(flags: readonly string[]): string[] {
  const genres = flags.filter((column) => !NO_GENRE.test(column.trim()))
  // where most have a prefix such as `is_`, it is how the table names its genres
  return genres.length * 2 > flags.length ? genres : [...flags]
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

/** True if each row is one genre of a movie, whose other genres are in other rows with the same key and plot. */
export function isLong(rows: Rows, keyOf: (row: readonly string[]) => string, plot: number, genres: number): boolean {
  let [repeats, others] = [0, 0]
  const first = new Map<string, readonly string[]>()
  for (const row of rows) {
    const key = keyOf(row)
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
  return columnsLike('title', columns)[0] ?? null
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
    (cells) => new Set(cells).size <= Math.max(2, cells.length / 5) && averageLength(cells) < MAX_GENRE_CHARACTERS,
  )
}
/** A year, or a date in any order: `2021`, `2021-12-15`, `12/15/21`, `15 December 2021`. */
const YEAR = /(?:^|\D)(?:1[89]|20)\d\d(?:\D|$)|^\d{1,2}[./-]\d{1,2}[./-]\d\d$/

function byContent(role: HeaderRole, columns: readonly string[], rows: Rows, fits: (cells: string[]) => boolean): string | null {
  return (
    columnsLike(role, columns).find((column) => {
      const cells = cellsOf(rows, columns.indexOf(column))
      return cells.length > 0 && fits(cells)
    }) ?? null
  )
}

/** A column that is called split and contains only train, valid and test (or their usual other names). */
export function guessSplit(columns: readonly string[], rows: Rows): string | null {
  return byContent('split', columns, rows, (cells) => cells.every((cell) => splitOf(cell) !== null))
}

interface Vocabulary {
  readonly tokens: number
  readonly distinct: number
  readonly perCell: number
  readonly words: boolean
  readonly longNames: boolean
  /** Every record says the same. */
  readonly constant: boolean
  /** Share of the records that fill the column. */
  readonly filled: number
  /** Share of tokens that are common genres. */
  readonly usual: number
}

function vocabulary(cells: readonly string[], records: number): Vocabulary | null {
  // long prose and numbers need no further checks
  if (
    cells.length === 0 ||
    averageLength(cells.slice(0, 20)) > (/^\s*[[{]/.test(cells[0] ?? '') ? MAX_LITERAL_CHARACTERS : MAX_LIST_CHARACTERS)
  )
    return null
  const syntax = sniffSyntax(cells)
  if (syntax === null) return null
  const tokens = cells.flatMap((cell) => parseGenres(cell, syntax))
  const share = (is: (token: string) => boolean): number => tokens.filter(is).length / Math.max(1, tokens.length)
  return {
    tokens: tokens.length,
    distinct: new Set(tokens).size,
    perCell: tokens.length / cells.length,
    words: share((token) => /^\p{L}/u.test(token) && !/:\/\//.test(token)) >= 0.9,
    longNames: averageLength(tokens) > MAX_GENRE_CHARACTERS,
    constant: cells.length > 1 && new Set(cells).size === 1,
    filled: cells.length / Math.max(1, records),
    usual: share(isUsualGenre),
  }
}

function isJson(cell: string): boolean {
  try {
    JSON.parse(cell)
    return true
  } catch {
    return false
  }
}
