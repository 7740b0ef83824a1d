/** Genre cells: what they say, and how the same cell says something else in its own style. One entry for each syntax. */
import { UserError } from '../../../contract/errors.ts'
import type { GenreSyntax } from '../../../contract/importing.ts'
import { parseLiteral, type Literal, type LiteralItem } from './literals.ts'

interface Syntax {
  readonly parse: (cell: string) => string[]
  readonly format: (cell: string, genres: readonly string[], known: ReadonlyMap<string, string>) => string
}

/** The genres of a cell as written, trimmed, without empty ones. */
export function parseGenres(cell: string, syntax: GenreSyntax): string[] {
  return SYNTAXES[syntax].parse(cell)
}

/**
 * The cell rewritten to hold `genres`, in the style of the original `cell`: its separator, its quotes, its dictionary
 * elements for genres that stay. `known`: name -> the literal element as other cells of the file write it, for genres that
 * come in. A cell that holds these genres already comes back as it is. Throws a UserError where a name contains the separator.
 */
export function formatGenres(cell: string, syntax: GenreSyntax, genres: readonly string[], known: ReadonlyMap<string, string>): string {
  const current = parseGenres(cell, syntax)
  if (current.length === genres.length && current.every((genre, i) => genre === genres[i])) return cell
  return SYNTAXES[syntax].format(cell, genres, known)
}

/** Adds to `known` how `cell` writes its elements, for {@link formatGenres}. Only list literals have anything to learn. */
export function learnElements(cell: string, syntax: GenreSyntax, known: Map<string, string>): void {
  if (syntax !== 'json' && syntax !== 'python') return
  for (const { name, text } of elementsOf(cell)) if (!known.has(name)) known.set(name, text)
}

/** A syntax of names between separators. `separator` is written where the cell has none of its own to copy. */
function separated(char: string, separator: string): Syntax {
  const own = new RegExp(`[ \\t]*\\${char}[ \\t]*`)
  return {
    parse: (cell) => trimmed(cell.split(char)),
    format: (cell, genres) => {
      for (const genre of genres) if (genre.includes(char)) throw separatorInName(genre, char)
      return surround(cell, genres.join(own.exec(cell.trim())?.[0] ?? separator))
    },
  }
}

const WHOLE_CELL: Syntax = {
  parse: (cell) => trimmed([cell]),
  // a cell that was made for one genre has no separator of its own
  format: (cell, genres) => surround(cell, genres.join(', ')),
}
const LITERAL: Syntax = { parse: (cell) => elementsOf(cell).map((element) => element.name), format: formatLiteral }

const SYNTAXES: Readonly<Record<GenreSyntax, Syntax>> = {
  comma: separated(',', ', '),
  semicolon: separated(';', '; '),
  pipe: separated('|', '|'),
  slash: separated('/', '/'),
  single: WHOLE_CELL,
  long: WHOLE_CELL,
  json: LITERAL,
  python: LITERAL,
}

/** The separator of each syntax that has one, for guessing. */
export const SEPARATORS = { pipe: '|', semicolon: ';', comma: ',', slash: '/' } as const satisfies Partial<Record<GenreSyntax, string>>

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
  // a bare word where a list is expected, as hand-edited files have it
  if (value === undefined && /^[^[\]{}"']+$/.test(text))
    return text.split(',').map((word) => ({ value: word.trim(), ...placeOf(cell, word) }))
  return value === undefined || value === null ? [] : [{ value, start: 0, end: cell.length }]
}

function placeOf(cell: string, word: string): { start: number; end: number } {
  const start = cell.indexOf(word)
  return { start, end: start + word.length }
}

function shift(items: readonly LiteralItem[], by: number): readonly LiteralItem[] {
  return by === 0 ? items : items.map(({ value, start, end }) => ({ value, start: start + by, end: end + by }))
}

function nameOf(value: Literal): string {
  if (typeof value === 'string') return value
  const name = value instanceof Map ? (value as ReadonlyMap<string, Literal>).get('name') : undefined
  return typeof name === 'string' ? name : ''
}

function formatLiteral(cell: string, genres: readonly string[], known: ReadonlyMap<string, string>): string {
  const items = itemsOf(cell)
  const here = new Map(elementsOf(cell).map(({ name, text }) => [name, text]))
  const between = items.length > 1 ? cell.slice(items[0]!.end, items[1]!.start) : ', '
  const model = here.values().next().value ?? known.values().next().value ?? "{'name': ''}"
  const elements = genres.map((genre) => here.get(genre) ?? known.get(genre) ?? newElement(genre, model))
  return surround(cell, `[${elements.join(/^\s*,\s*$/.test(between) ? between : ', ')}]`)
}

/** An element for a genre that the file has never written: a string or a dictionary, with the quotes of `model`. */
function newElement(genre: string, model: string): string {
  const quote = /["']/.exec(model)?.[0] ?? "'"
  const text = quote + genre.replaceAll('\\', '\\\\').replaceAll(quote, '\\' + quote) + quote
  return model.startsWith('{') ? `{${quote}name${quote}: ${text}}` : text
}

function trimmed(names: readonly string[]): string[] {
  return names.map((name) => name.trim()).filter((name) => name !== '')
}

/** `text` with the white space that stood around the cell's. */
function surround(cell: string, text: string): string {
  const inner = cell.trim()
  if (inner === '') return text
  const start = cell.indexOf(inner)
  return cell.slice(0, start) + text + cell.slice(start + inner.length)
}

function separatorInName(genre: string, char: string): UserError {
  return new UserError(
    'genre-contains-separator',
    `The genre "${genre}" contains "${char}", which separates genres in this file. Rename the genre before exporting.`,
    { genre },
  )
}
