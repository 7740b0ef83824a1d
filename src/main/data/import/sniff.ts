/** Guesses about a table that nobody has described: genre syntax, and which column holds what. */
import type { GenreSyntax } from '../../../contract/importing.ts'
import { GENRE_HEADERS } from './formats.ts'
import { parseGenres, SEPARATORS } from './genres.ts'
import { parseLiteral } from './literals.ts'
import { SPLIT_NAMES } from './read.ts'

type Rows = readonly (readonly string[])[]

const PLOT_HEADERS = /^(plot|overview|description|synopsis|summary|storyline|plot_summary|text)$/i
const TITLE_HEADERS = ['title', 'movie_title', 'movie_name', 'original_title', 'primarytitle', 'name', 'film', 'movie']
const ID_HEADERS = ['id', 'movie_id', 'movieid', 'imdb_id', 'imdbid', 'tmdb_id', 'tconst', 'film_id', 'key']
const SPLIT_HEADERS = ['split', 'subset', 'partition']
/** Fewer characters on average are a title or a name, unless the header says that they are plots. */
const SHORTEST_PLOT = 40
const LONGEST_GENRE = 30
/** The share of cells that must show a separator before it is believed. */
const SEPARATOR_SHARE = 0.02

/** How the genre cells are written, or null where they say nothing. */
export function sniffSyntax(cells: readonly string[]): GenreSyntax | null {
  const filled = cells.map((cell) => cell.trim()).filter((cell) => cell !== '')
  if (filled.length === 0) return null
  const literals = filled.filter((cell) => /^[[{]/.test(cell) && typeof parseLiteral(cell) === 'object')
  if (literals.length * 2 > filled.length) return literals.every(isJson) ? 'json' : 'python'
  const names = Object.keys(SEPARATORS) as (keyof typeof SEPARATORS)[]
  const shares = names.map((name) => filled.filter((cell) => cell.includes(SEPARATORS[name])).length / filled.length)
  const best = Math.max(...shares)
  return best < SEPARATOR_SHARE ? 'single' : names[shares.indexOf(best)]!
}

/** The column with the longest prose. */
export function guessPlot(columns: readonly string[], rows: Rows): string | null {
  const scores = columns.map((column, i) => {
    const cells = cellsOf(rows, i)
    const hint = PLOT_HEADERS.test(column.trim())
    const length = averageLength(cells)
    if (cells.length === 0 || cells.every((cell) => !isProse(cell)) || (!hint && length < SHORTEST_PLOT)) return 0
    return hint ? length * 2 : length
  })
  return bestColumn(columns, scores)
}

/** The column with few distinct tokens, by its name where the name says so. `plot` is taken already. */
export function guessGenres(columns: readonly string[], rows: Rows, plot: string | null): string | null {
  const candidates = columns.map((column, i) => (column === plot ? null : vocabulary(cellsOf(rows, i))))
  for (const hint of GENRE_HEADERS) {
    const i = columns.findIndex((column, j) => column.trim().toLowerCase() === hint && candidates[j] !== null)
    if (i >= 0) return columns[i]!
  }
  const scores = candidates.map((found) => {
    if (!found || !found.words || found.distinct < 2 || found.distinct * 3 > found.tokens) return 0
    return found.perCell
  })
  // one short word per row is as likely a language or a country as a genre
  return Math.max(...scores) > 1.2 ? bestColumn(columns, scores) : null
}

/** The columns whose names say that they hold a title or an id. */
export function guessTitle(columns: readonly string[]): string | null {
  return byName(columns, TITLE_HEADERS)
}
export function guessId(columns: readonly string[]): string | null {
  return byName(columns, ID_HEADERS)
}

/** A column that is called split and holds nothing but train, valid and test (or their usual other names). */
export function guessSplit(columns: readonly string[], rows: Rows): string | null {
  const name = byName(columns, SPLIT_HEADERS)
  if (name === null) return null
  const cells = cellsOf(rows, columns.indexOf(name)).map((cell) => cell.trim().toLowerCase())
  return cells.length > 0 && cells.every((cell) => SPLIT_NAMES.has(cell)) ? name : null
}

/** Mean length of the cells that are not empty. */
export function averageLength(cells: readonly string[]): number {
  return cells.length === 0 ? 0 : cells.reduce((sum, cell) => sum + cell.length, 0) / cells.length
}

/** The cells of one column that are not empty. */
export function cellsOf(rows: Rows, index: number): string[] {
  return rows.map((row) => row[index] ?? '').filter((cell) => cell.trim() !== '')
}

function vocabulary(cells: readonly string[]): { tokens: number; distinct: number; perCell: number; words: boolean } | null {
  const syntax = sniffSyntax(cells)
  if (syntax === null) return null
  const tokens = cells.flatMap((cell) => parseGenres(cell, syntax))
  if (tokens.length === 0 || averageLength(tokens) > LONGEST_GENRE) return null
  const words = tokens.filter((token) => /^\p{L}/u.test(token) && !/:\/\//.test(token)).length >= tokens.length * 0.9
  return { tokens: tokens.length, distinct: new Set(tokens).size, perCell: tokens.length / cells.length, words }
}

function isProse(cell: string): boolean {
  return !/^\s*(\[|\{|https?:)/.test(cell) && /\s/.test(cell.trim())
}

function isJson(cell: string): boolean {
  try {
    JSON.parse(cell)
    return true
  } catch {
    return false
  }
}

function byName(columns: readonly string[], names: readonly string[]): string | null {
  for (const name of names) {
    const found = columns.find((column) => column.trim().toLowerCase() === name)
    if (found !== undefined) return found
  }
  return null
}

function bestColumn(columns: readonly string[], scores: readonly number[]): string | null {
  const best = Math.max(0, ...scores)
  return best === 0 ? null : columns[scores.indexOf(best)]!
}
