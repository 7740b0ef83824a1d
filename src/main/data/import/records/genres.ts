/** Reads genre cells, and rewrites a cell in its own style. One table entry per syntax. */
import { GENRE_SEPARATORS, type GenreSeparator, type GenreSyntax } from '../../../../contract/importing.ts'
import { required } from '../../../../contract/required.ts'
import { parseLiteral, type Literal, type LiteralItem } from './literals.ts'
import { joinNames, splitNames, surround, tokensOf } from './separated.ts'

interface Syntax {
  readonly parse: (cell: string, protectedNames: readonly string[]) => string[]
  readonly format: (
    cell: string,
    genres: readonly string[],
    known: ReadonlyMap<string, string>,
    protectedNames: readonly string[],
  ) => string
  /** Adds to `known` the names for which the cell has a spelling of its own. */
  readonly learn?: (cell: string, known: Map<string, string>) => void
}

/** How genre cells are written. */
export interface GenreStyle {
  readonly genreSyntax: GenreSyntax
  /** Names that contain the separator and are not split. */
  readonly protectedNames: readonly string[]
}

const NONE: readonly string[] = Object.freeze([])
/** Size of the cache of {@link genreReader}: a catalogue has far fewer combinations of genres than movies. */
const MOST_KEPT = 20_000
const LONGEST_KEPT = 1000

/** The genres of a cell as written, trimmed, without empty ones. */
export function parseGenres(cell: string, syntax: GenreSyntax, protectedNames = NONE): string[] {
  return SYNTAXES[syntax].parse(cell, protectedNames)
}

/** {@link parseGenres} with a cache, for many cells. Equal cells return the same array, so callers must not change it. */
export function genreReader({ genreSyntax, protectedNames }: GenreStyle): (cell: string) => readonly string[] {
  const kept = new Map<string, readonly string[]>()
  return (cell) => {
    const known = kept.get(cell)
    if (known) return known
    if (cell.length > LONGEST_KEPT) return parseGenres(cell, genreSyntax, protectedNames)
    // a copy: a cell that is a slice of its file would keep the whole chunk in memory
    const own = (' ' + cell).slice(1)
    const genres = parseGenres(own, genreSyntax, protectedNames)
    if (kept.size >= MOST_KEPT) kept.clear()
    kept.set(own, genres)
    return genres
  }
}

/**
 * The cell rewritten to hold `genres`, in the style of the original `cell`: its separator, its quotes, its dictionary
 * elements for genres that stay. `known`: name -> the text that other cells of the file write for it, for genres that are added.
 * A cell that already contains exactly these genres is returned unchanged. Throws a UserError if a name would read back as two.
 */
export function formatGenres(
  cell: string,
  syntax: GenreSyntax,
  genres: readonly string[],
  known: ReadonlyMap<string, string>,
  protectedNames = NONE,
): string {
  const current = parseGenres(cell, syntax, protectedNames)
  if (current.length === genres.length && current.every((genre, i) => genre === genres[i])) return cell
  return SYNTAXES[syntax].format(cell, genres, known, protectedNames)
}

/** Adds to `known` how `cell` writes its elements, for {@link formatGenres}: list literals, and names in quotes or with escapes. */
export function learnElements(cell: string, syntax: GenreSyntax, known: Map<string, string>): void {
  SYNTAXES[syntax].learn?.(cell, known)
}
/** True if {@link learnElements} can learn from cells of this syntax. */
export function learnsElements(syntax: GenreSyntax): boolean {
  return SYNTAXES[syntax].learn !== undefined
}

/** A syntax of names between separators. `separator` is used where the cell has none of its own. */
function separated(char: string, separator: string): Syntax {
  return {
    parse: (cell, protectedNames) => splitNames(cell, char, protectedNames),
    format: (cell, genres, known, protectedNames) => joinNames(cell, genres, { char, separator, protectedNames }, known),
    learn: (cell, known) => {
      if (!/["'\\]/.test(cell)) return
      for (const { name, start, end } of tokensOf(cell, char, NONE))
        if (end - start !== name.length && !known.has(name)) known.set(name, cell.slice(start, end))
    },
  }
}

const WHOLE_CELL: Syntax = {
  parse: (cell) => trimmed([cell]),
  // a cell with a single genre has no separator to copy
  format: (cell, genres) => surround(cell, genres.join(', ')),
}
function literal(newText: (genre: string, quote: string) => string): Syntax {
  return {
    parse: (cell) => elementsOf(cell).map((element) => element.name),
    format: (cell, genres, known) => formatLiteral(cell, genres, known, newText),
    learn: (cell, known) => {
      if (isBare(cell.trim())) return
      for (const { name, text } of elementsOf(cell)) if (!known.has(name)) known.set(name, text)
    },
  }
}

/** The separator of each syntax that has one, without the white space around it; a word needs its white space. */
export const SEPARATORS = bySeparator((text) => (/\p{L}/u.test(text) ? text : text.trim() || text))
function bySeparator<T>(of: (text: string, name: GenreSeparator) => T): Readonly<Record<GenreSeparator, T>> {
  const entries = Object.entries(GENRE_SEPARATORS).map(([name, text]) => [name, of(text, name as GenreSeparator)])
  return Object.fromEntries(entries) as Record<GenreSeparator, T>
}

const SYNTAXES: Readonly<Record<GenreSyntax, Syntax>> = {
  ...bySeparator((text, name) => separated(SEPARATORS[name], text)),
  // no name of a genre contains a vertical bar, so it may separate the few that follow a correction
  single: separated('|', '|'),
  long: WHOLE_CELL,
  json: literal((genre) => JSON.stringify(genre)),
  python: literal(pythonString),
  // each genre has a column of its own, see onehot.ts
  'one-hot': WHOLE_CELL,
}

/** Keys under which dictionaries store the name of a genre, most specific first. */
const NAME_KEYS = ['name', 'genre', 'label', 'title', 'text', 'value'] as const

interface Element {
  readonly name: string
  /** The element as the cell writes it. */
  readonly text: string
}

function elementsOf(cell: string): Element[] {
  return itemsOf(cell).flatMap(({ value, start, end }) => {
    const name = nameOf(value).trim()
    return name === '' ? [] : [{ name, text: cell.slice(start, end) }]
  })
}

function itemsOf(cell: string): readonly LiteralItem[] {
  const text = cell.trim()
  const value = parseLiteral(text)
  if (Array.isArray(value)) return shift(value as readonly LiteralItem[], cell.indexOf(text))
  // bare words where a list is expected, as hand-edited files have them
  if (isBare(text, value)) return bareWords(cell)
  return value === undefined || value === null ? [] : [{ value, start: 0, end: cell.length }]
}

/** Names without brackets and quotes, which are not a literal. */
function isBare(text: string, value = parseLiteral(text)): boolean {
  return value === undefined && /^[^[\]{}"']+$/.test(text)
}

function bareWords(cell: string): LiteralItem[] {
  let start = 0
  return cell.split(',').map((word) => {
    const item = { value: word.trim(), start, end: start + word.length }
    start = item.end + 1
    return item
  })
}

function shift(items: readonly LiteralItem[], by: number): readonly LiteralItem[] {
  return by === 0 ? items : items.map(({ value, start, end }) => ({ value, start: start + by, end: end + by }))
}

function nameOf(value: Literal): string {
  if (typeof value === 'string') return value
  if (!(value instanceof Map)) return ''
  const entries = value as ReadonlyMap<string, Literal>
  const name = entries.get(nameKey(entries) ?? '')
  return typeof name === 'string' ? name : ''
}

/** The key under which a dictionary stores the name of its genre. */
function nameKey(entries: ReadonlyMap<string, Literal>): string | undefined {
  return NAME_KEYS.find((key) => typeof entries.get(key) === 'string')
}

function formatLiteral(
  cell: string,
  genres: readonly string[],
  known: ReadonlyMap<string, string>,
  newText: (genre: string, quote: string) => string,
): string {
  if (isBare(cell.trim()) && genres.every((genre) => isBare(genre) && !genre.includes(','))) return surround(cell, genres.join(', '))
  const items = isBare(cell.trim()) ? [] : itemsOf(cell)
  const here = new Map(items.length === 0 ? [] : elementsOf(cell).map(({ name, text }) => [name, text]))
  const between =
    items.length > 1 ? cell.slice(required(items[0], 'the first of items').end, required(items[1], 'an entry of items').start) : ', '
  const model = here.values().next().value ?? known.values().next().value ?? "{'name': ''}"
  const elements = genres.map((genre) => here.get(genre) ?? known.get(genre) ?? newElement(genre, model, newText))
  return surround(cell, `[${elements.join(/^\s*,\s*$/.test(between) ? between : ', ')}]`)
}

/** An element for a genre that the file has never written: a string or a dictionary, with the quotes and the key of `model`. */
function newElement(genre: string, model: string, newText: (genre: string, quote: string) => string): string {
  const quote = /["']/.exec(model)?.[0] ?? "'"
  const text = newText(genre, quote)
  if (!model.startsWith('{')) return text
  const value = parseLiteral(model)
  const key = value instanceof Map ? nameKey(value as ReadonlyMap<string, Literal>) : undefined
  return `{${newText(key ?? 'name', quote)}: ${text}}`
}

/** A string as Python writes it. */
function pythonString(text: string, quote: string): string {
  const escaped = text.replace(/[\\\p{Cc}]/gu, (char) => PYTHON_ESCAPES[char] ?? `\\x${char.charCodeAt(0).toString(16).padStart(2, '0')}`)
  return quote + escaped.replaceAll(quote, '\\' + quote) + quote
}
const PYTHON_ESCAPES: Readonly<Record<string, string>> = { '\\': '\\\\', '\n': '\\n', '\r': '\\r', '\t': '\\t' }

function trimmed(names: readonly string[]): string[] {
  return names.map((name) => name.trim()).filter((name) => name !== '')
}
