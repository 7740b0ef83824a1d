/**
 * Genre cells that hold a list or a dictionary as Python, JSON or NumPy write them, and words between commas in a column of such cells. One
 * entry in a table for each kind of dictionary.
 */
import { required } from '../../../../contract/required.ts'
import { parseLiteral, type Literal, type LiteralEntry, type LiteralItem } from './literals.ts'
import { plainName, surround, type Syntax } from './separated.ts'

/** Keys under which a dictionary stores the name of its genre, most specific first. */
const NAME_KEYS = ['name', 'genre', 'label', 'title', 'text', 'value'] as const
/** Keys under which it stores a list of them: Label Studio (`result`, `choices`, `taxonomy`), Argilla (`value`), Prodigy (`accept`). */
const LIST_KEYS = ['result', 'choices', 'taxonomy', 'genres', 'values', 'value', 'labels', 'label', 'names', 'accept'] as const

type List = readonly LiteralItem[]
type Dictionary = ReadonlyMap<string, LiteralEntry>

/** Dictionaries that hold a genre in each entry. */
interface DictionaryKind {
  readonly fits: (values: readonly Literal[]) => boolean
  /** The genre of an entry; '' if the movie does not have it. */
  readonly name: (key: string, value: Literal) => string
  /** Value of a new entry. `like`: the values of others, as written. */
  readonly write: (name: string, like: readonly string[]) => string
}
const isNumber = (value: Literal): boolean => typeof value === 'number' || typeof value === 'boolean'
/** Flags and probabilities, as spaCy writes them: `{"Drama": 1.0, "War": 0.0}`. */
const FLAGGED: DictionaryKind = {
  fits: (values) => values.every((value) => isNumber(value) && Number(value) >= 0 && Number(value) <= 1),
  name: (key, value) => (Number(value) >= 0.5 ? key : ''),
  write: (_, like) => FLAGS.find((pair) => like.some((text) => pair.includes(text)))?.[1] ?? '1',
}
/** Votes, as Steam counts them: `{"Drama": 120, "War": 7}`. */
const VOTES: DictionaryKind = {
  fits: (values) => values.every(isNumber),
  name: (key, value) => (Number(value) > 0 ? key : ''),
  write: () => '1',
}
/** Names by id, as Freebase writes them: `{"/m/07s9rl0": "Drama"}`. */
const NAMES_BY_ID: DictionaryKind = {
  fits: (values) => values.every((value) => typeof value === 'string'),
  name: (_, value) => value as string,
  write: (name) => JSON.stringify(name),
}
/** The first kind that fits counts. */
const DICTIONARIES: readonly DictionaryKind[] = [FLAGGED, VOTES, NAMES_BY_ID]
/** No and yes. */
const FLAGS: readonly (readonly string[])[] = [['0.0', '1.0'], ['false', 'true'], ['False', 'True'], ['0', '1']] // prettier-ignore

interface Element {
  readonly name: string
  /** The element as the cell writes it. */
  readonly text: string
}

/** Text of a new element. */
type NewText = (genre: string, quote: string) => string

export const LITERAL_CELLS: Readonly<Record<'json' | 'python', Syntax>> = {
  json: literal((genre) => JSON.stringify(genre)),
  python: literal(pythonString),
}

function literal(newText: NewText): Syntax {
  return {
    parse: namesIn,
    format: (cell, genres, known) => {
      const text = formatLiteral(cell, genres, known, newText)
      const read = new Set(namesIn(text))
      if (read.size === genres.length && genres.every((genre) => read.has(genre))) return text
      return surround(cell, `[${genres.map((genre) => newText(genre, '"')).join(', ')}]`)
    },
    learn: (cell, known) => {
      for (const { name, text } of elementsOf(cell, holderOf(wholeOf(cell)))) if (name !== '' && !known.has(name)) known.set(name, text)
    },
  }
}

function namesIn(cell: string): string[] {
  if (isBare(cell)) return cell.split(',').map(plainName).filter((name) => name !== '') // prettier-ignore
  const whole = wholeOf(cell)
  return whole === null ? [] : [...new Set(namesOf(whole, cell).map(plainName))].filter((name) => name !== '')
}

/** The value of a cell with its place; null if it holds no literal. */
function wholeOf(cell: string): LiteralItem | null {
  const text = cell.trim()
  const value = parseLiteral(text)
  const start = cell.indexOf(text)
  return value === undefined ? null : { value: shifted(value, start), start, end: start + text.length }
}

/** Places in the cell instead of its trimmed text. */
function shifted(value: Literal, by: number): Literal {
  if (by === 0 || typeof value !== 'object' || value === null) return value
  const move = <T extends LiteralItem>(item: T): T => ({
    ...item,
    value: shifted(item.value, by),
    start: item.start + by,
    end: item.end + by,
  })
  if (!isDictionary(value)) return value.map(move)
  return new Map(Array.from(value, ([key, entry]) => [key, { ...move(entry), from: entry.from + by }]))
}

const isDictionary = (value: Literal): value is Dictionary => value instanceof Map
const isList = (value: Literal): value is List => Array.isArray(value)

/** Names without brackets and quotes where a list is expected, as hand-edited files and annotation tools have them. */
function isBare(cell: string): boolean {
  const text = cell.trim()
  return text !== '' && !/^[[{(]/.test(text) && typeof parseLiteral(text) !== 'string'
}

/** The genres of a value. */
function namesOf({ value }: LiteralItem, cell: string): string[] {
  if (typeof value === 'string') return [value]
  if (isList(value)) {
    // ids, as TMDB writes them; a number beside a name is its weight
    const ids = value.every((item) => typeof item.value === 'number')
    return value.flatMap((item) => (ids ? [cell.slice(item.start, item.end)] : namesOf(item, cell)))
  }
  if (!isDictionary(value)) return []
  const inner = innerOf(value)
  if (inner.length > 0) return inner.flatMap((item) => namesOf(item, cell))
  const kind = kindOf(value)
  return kind === null ? [] : Array.from(value, ([key, entry]) => kind.name(key, entry.value))
}

/** The values of a dictionary that hold its genres: its name, its list, or all if each is a list or a dictionary. */
function innerOf(dictionary: Dictionary): List {
  const name = NAME_KEYS.map((key) => dictionary.get(key)).find((entry) => typeof entry?.value === 'string')
  if (name) return [name]
  const list = LIST_KEYS.map((key) => dictionary.get(key)).find((entry) => entry && holds(entry.value))
  if (list) return [list]
  const all = [...dictionary.values()]
  return all.every((entry) => holds(entry.value)) ? all : []
}

const holds = (value: Literal): boolean => isList(value) || isDictionary(value)

function kindOf(dictionary: Dictionary): DictionaryKind | null {
  const values = Array.from(dictionary.values(), ({ value }) => value)
  return (values.length > 0 && DICTIONARIES.find(({ fits }) => fits(values))) || null
}

/** The one list or dictionary whose elements are the genres; null if the value contains no such one, or several. */
function holderOf(item: LiteralItem | null): LiteralItem | null {
  if (item === null || !holds(item.value)) return null
  const { value } = item
  const inner = isDictionary(value)
    ? innerOf(value)
    : (value as List).filter((element) => isDictionary(element.value) && holds(innerOf(element.value)[0]?.value ?? null))
  if (inner.length === 0) return item
  return inner.length === 1 ? holderOf(required(inner[0], 'the first of inner')) : null
}

/** The elements of a list or a dictionary; those that are not a genre of the movie have the name ''. */
function elementsOf(cell: string, holder: LiteralItem | null): Element[] {
  if (holder === null) return []
  const { value } = holder
  if (isDictionary(value)) {
    const kind = kindOf(value)
    return Array.from(value, ([key, { value: inner, from, end }]) => ({ name: kind?.name(key, inner) ?? '', text: cell.slice(from, end) }))
  }
  const list = value as List
  const ids = list.every((item) => typeof item.value === 'number')
  return list.map((item) => {
    const text = cell.slice(item.start, item.end)
    return { name: plainName(ids ? text : (namesOf(item, cell)[0] ?? '')), text }
  })
}

function formatLiteral(cell: string, genres: readonly string[], known: ReadonlyMap<string, string>, newText: NewText): string {
  if (isBare(cell) && genres.every((genre) => isBare(genre) && !genre.includes(','))) return surround(cell, genres.join(', '))
  const holder = holderOf(wholeOf(cell))
  const here = elementsOf(cell, holder).filter(({ name }) => name !== '')
  const texts = new Map(here.map(({ name, text }) => [name, text]))
  if (holder && isDictionary(holder.value) && holder.value.size > 0) return formatDictionary(cell, holder, genres, known)
  const model = here[0]?.text ?? known.values().next().value ?? "{'name': ''}"
  const elements = genres.map((genre) => texts.get(genre) ?? known.get(genre) ?? newElement(genre, model, newText))
  if (holder === null) return surround(cell, `[${elements.join(', ')}]`)
  const [first, second] = holder.value as List
  const between = first && second ? cell.slice(first.end, second.start) : ', '
  const list = cell.charAt(holder.start) + elements.join(between) + cell.charAt(holder.end - 1)
  return cell.slice(0, holder.start) + list + cell.slice(holder.end)
}

/** A dictionary with other genres: flags are set, entries of other kinds are added and removed. */
function formatDictionary(
  cell: string,
  { value, start, end }: LiteralItem,
  genres: readonly string[],
  known: ReadonlyMap<string, string>,
): string {
  const dictionary = value as Dictionary
  const kind = kindOf(dictionary) ?? VOTES
  const flags = kind === FLAGGED
  const like = Array.from(dictionary.values(), (entry) => cell.slice(entry.start, entry.end))
  const quote = cell.charAt(dictionary.values().next().value?.from ?? 0)
  const written = new Set<string>()
  const entries = Array.from(dictionary, ([key, entry]) => {
    const name = plainName(kind.name(key, entry.value))
    const of = flags ? plainName(key) : name
    written.add(of)
    if ((name !== '') === genres.includes(of)) return cell.slice(entry.from, entry.end)
    const yes = kind.write(of, like)
    return flags
      ? cell.slice(entry.from, entry.start) + (genres.includes(of) ? yes : (FLAGS.find((pair) => pair[1] === yes)?.[0] ?? '0'))
      : ''
  })
  const added = genres
    .filter((genre) => !written.has(genre))
    .map((genre) => known.get(genre) ?? `${quoted(genre, quote)}: ${kind.write(genre, like)}`)
  const list = [...entries.filter((text) => text !== ''), ...added].join(', ')
  return `${cell.slice(0, start)}{${list}}${cell.slice(end)}`
}

const quoted = (text: string, quote: string): string => (quote === '"' ? JSON.stringify(text) : pythonString(text, "'"))

/** An element for a genre that the file has never written: a string or a dictionary, with the quotes and the key of `model`. */
function newElement(genre: string, model: string, newText: NewText): string {
  const quote = /["']/.exec(model)?.[0]
  if (!model.startsWith('{')) return quote === undefined && /^[\p{L}\d][^[\]{}()"',:]*$/u.test(genre) ? genre : newText(genre, quote ?? "'")
  const value = parseLiteral(model)
  const key = value !== undefined && isDictionary(value) ? NAME_KEYS.find((name) => typeof value.get(name)?.value === 'string') : undefined
  return `{${newText(key ?? 'name', quote ?? "'")}: ${newText(genre, quote ?? "'")}}`
}

/** A string as Python writes it. */
function pythonString(text: string, quote: string): string {
  const escaped = text.replace(/[\\\p{Cc}]/gu, (char) => PYTHON_ESCAPES[char] ?? `\\x${char.charCodeAt(0).toString(16).padStart(2, '0')}`)
  return quote + escaped.replaceAll(quote, '\\' + quote) + quote
}
const PYTHON_ESCAPES: Readonly<Record<string, string>> = { '\\': '\\\\', '\n': '\\n', '\r': '\\r', '\t': '\\t' }
