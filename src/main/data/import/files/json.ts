/**
 * Objects of a JSON array (by itself, or behind other members as web services answer), of JSON Lines, and objects that follow one another.
 * The text is cut between the elements, and `JSON.parse` reads each: an element that is not an object is rejected with its text, and reading
 * goes on. (stream-json, which reads token by token, takes seven times as long and stops at the first error.)
 */
import { UserError } from '../../../../contract/errors.ts'
import { givenName } from './columns.ts'
import type { RawRecord } from './finish.ts'
import { csvLine } from './scan.ts'
import { lineBreaks } from './table.ts'

/** Characters of one element. */
const MAX_ELEMENT_CHARACTERS = 16 * 1024 * 1024
const MAX_KEYS = 20_000
/** Levels of lists and objects inside each other; a record of movies has a few. */
const MAX_DEPTH = 200
const TOO_DEEP = `it has more than ${MAX_DEPTH} lists or objects inside each other`
const BACKSLASH = 92
/** Numbers that JavaScript would write differently: 7.0, 1e3, 12345678901234567890. */
const EXACT_NUMBER = /[:[,]\s*-?(?:\d{16,}|\d+\.\d*0(?!\d)|\d+(?:\.\d+)?[eE]|\d+\.\d{16,})/
/** Characters of the beginning by which the layout is decided. */
const HEAD = 256 * 1024
/** Strings and brackets. A string that does not end matches as well, so that no position is scanned twice. */
const MARKS = /"[^"\\]*(?:\\[\s\S][^"\\]*)*"?|[{}[\]]/g
/** Words of Python's json and pandas for a missing number, and strings, which stay. */
const NOT_A_NUMBER = /"[^"\\]*(?:\\[\s\S][^"\\]*)*"?|-?\b(?:NaN|Infinity)\b/g
/** Members whose own members are the cells of a record: in files of Label Studio, Argilla, Elasticsearch and JSON:API. */
const RECORDS: ReadonlySet<string> = new Set(['data', 'fields', '_source', 'attributes'])

/** The text of one element, and the line it begins in. */
export interface Element {
  readonly text: string
  readonly line: number
  /** Why it is not a valid element. */
  readonly broken?: string
}
export type ElementCutter = (chunks: AsyncIterable<string>, name: string) => AsyncGenerator<readonly Element[]>

/**
 * The layout of a text that begins like this: `json` for a list of objects, `jsonl` for objects one after another; null: it is not JSON. A
 * table header begins with none of these characters.
 */
export function jsonKind(head: string): 'json' | 'jsonl' | null {
  const start = head.trimStart()
  if (/^\[\s*(?:[[{"\]]|$)/.test(start)) return 'json'
  if (!/^\{\s*["}]/.test(start)) return null
  const { end, list } = outline(start)
  if (start.slice(end).trim() !== '') return 'jsonl'
  if (list !== null) return 'json'
  const object = parseObject(start)
  return typeof object === 'string' || Object.values(object).some((value) => typeof value === 'string') ? 'jsonl' : 'json'
}

/** The elements of a JSON array, their commas left out. */
export const arrayElements: ElementCutter = (chunks, name) => cutElements(chunks, new Cutter(name, 1))
/** Objects one after another: each in a line, or each in several lines. */
export const objectElements: ElementCutter = (chunks, name) => cutElements(chunks, new ObjectCutter(name))

interface Cuts {
  push(chunk: string): readonly Element[]
  end(): readonly Element[]
}
async function* cutElements(chunks: AsyncIterable<string>, cutter: Cuts): AsyncGenerator<readonly Element[]> {
  for await (const chunk of chunks) yield cutter.push(chunk)
  yield cutter.end()
}

/** The element as a record with one cell per column. `raw` is a CSV line of the cells, or the text of a broken element. */
export function elementRecord({ text, line, broken }: Element, columns: readonly string[]): RawRecord {
  const object = broken ?? parseObject(text)
  if (typeof object === 'string') return { fields: [], raw: text.trim() + '\n', line, broken: object }
  const fields = columns.map((column, i) => cellText(memberOf(object, column, i)))
  return { fields, raw: csvLine(fields), line, broken: null }
}

/** Adds the names of an element's members to `keys`. Throws a UserError if there are more than a table may have. */
export function gatherKeys({ text }: Element, keys: Set<string>, name: string): void {
  const object = parseObject(text)
  if (typeof object === 'string') return
  for (const [key, value] of Object.entries(object))
    if (RECORDS.has(key) && isObject(value)) for (const inner of Object.keys(value)) keys.add(`${key}.${inner}`)
    else keys.add(key)
  if (keys.size > MAX_KEYS)
    throw new UserError(
      'too-many-columns',
      `The objects of ${name} have more than ${MAX_KEYS.toLocaleString('en')} different members, as no table of movies has: choose another file.`,
    )
}

/** The cell of a JSON value: text unchanged, lists and objects as JSON, '' for null. */
function cellText(value: unknown): string {
  if (value === null || value === undefined) return ''
  if (typeof value === 'string') return value
  if (value instanceof ExactNumber) return value.text
  return typeof value === 'object' ? JSON.stringify(value) : (value as number | boolean).toString()
}

/** A member; one with an empty name is found under the name that its column was given. */
function memberOf(object: Readonly<Record<string, unknown>>, column: string, index: number): unknown {
  if (Object.hasOwn(object, column)) return object[column]
  const [outer = '', ...inner] = column.split('.')
  const inside = RECORDS.has(outer) ? own(object, outer) : undefined
  if (isObject(inside)) return own(inside, inner.join('.'))
  return column === givenName(index) ? own(object, '') : undefined
}

function own(object: Readonly<Record<string, unknown>>, key: string): unknown {
  return Object.hasOwn(object, key) ? object[key] : undefined
}

/** A number as the file writes it. */
class ExactNumber {
  readonly text: string
  constructor(text: string) {
    this.text = text
  }
  toJSON(): unknown {
    return (JSON as unknown as { rawJSON: (text: string) => unknown }).rawJSON(this.text)
  }
}

/** The object, a comma after it left out, or why the text is not one. */
function parseObject(text: string): Readonly<Record<string, unknown>> | string {
  const trimmed = text.trimEnd()
  const json = trimmed.endsWith(',') ? trimmed.slice(0, -1) : trimmed
  if (isTooDeep(json)) return TOO_DEEP
  try {
    const value = parseJson(json)
    return isObject(value) ? value : 'it is not a JSON object'
  } catch (error) {
    return `it is not JSON: ${(error as Error).message.slice(0, 200)}`
  }
}

/** JSON that is nested too deeply overflows the stack of what writes it again. */
function isTooDeep(text: string): boolean {
  if (!hasMany(text, '[') && !hasMany(text, '{')) return false
  let depth = 0
  for (const [mark] of text.matchAll(MARKS)) {
    if (mark === '[' || mark === '{') depth++
    else if (mark === ']' || mark === '}') depth--
    if (depth > MAX_DEPTH) return true
  }
  return false
}

/** True if a text has more than half of `MAX_DEPTH` of this mark; most texts have fewer, and need not be read with their strings. */
function hasMany(text: string, mark: string): boolean {
  let count = 0
  for (let at = text.indexOf(mark); at >= 0 && count <= MAX_DEPTH / 2; at = text.indexOf(mark, at + 1)) count++
  return count > MAX_DEPTH / 2
}

function parseJson(text: string): unknown {
  const plain = /NaN|Infinity/.test(text) ? text.replace(NOT_A_NUMBER, (found) => (found.startsWith('"') ? found : 'null')) : text
  return EXACT_NUMBER.test(plain) ? JSON.parse(plain, exactly) : JSON.parse(plain)
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof ExactNumber)
}

function exactly(_: string, value: unknown, context?: { readonly source?: string }): unknown {
  return typeof value === 'number' && context?.source !== undefined && String(value) !== context.source
    ? new ExactNumber(context.source)
    : value
}

/**
 * Where the first value of a text ends, and where its list of objects begins: the longest one, if it takes more than half of the value,
 * since one movie may hold short lists.
 */
function outline(text: string): { readonly end: number; readonly list: number | null } {
  let [depth, start, startDepth, end] = [0, -1, 0, text.length]
  let longest = { start, length: 0 }
  const close = (at: number): void => {
    if (start >= 0 && at - start > longest.length) longest = { start, length: at - start }
    start = -1
  }
  for (const { 0: mark, index } of text.matchAll(MARKS)) {
    if (mark === '{' || mark === '[') {
      depth++
      if (mark === '{' || start >= 0 || !/^\s*\{/.test(text.slice(index + 1, index + 200))) continue
      start = index + 1
      startDepth = depth
    } else if (mark === '}' || mark === ']') {
      if (depth === startDepth) close(index)
      if (--depth > 0) continue
      end = index + 1
      break
    }
  }
  close(end)
  return { end, list: longest.length * 2 > end ? longest.start : null }
}

/** Lines where the first one is an object, else objects of several lines: a line that is damaged then costs only itself. */
class ObjectCutter implements Cuts {
  readonly #name: string
  #head = ''
  #cutter: Cuts | null = null

  constructor(name: string) {
    this.#name = name
  }

  push(chunk: string): readonly Element[] {
    if (this.#cutter) return this.#cutter.push(chunk)
    this.#head += chunk
    return this.#head.length < HEAD && !this.#head.trimStart().includes('\n') ? [] : this.#choose().push(this.#head)
  }

  end(): readonly Element[] {
    return this.#cutter ? this.#cutter.end() : [...this.#choose().push(this.#head), ...this.#choose().end()]
  }

  #choose(): Cuts {
    const [first = ''] = this.#head.trimStart().split('\n', 1)
    this.#cutter ??= typeof parseObject(first) === 'string' ? new Cutter(this.#name, 0) : new LineCutter(this.#name)
    return this.#cutter
  }
}

/** The lines of a text that are not blank. */
class LineCutter implements Cuts {
  readonly #name: string
  #pending = ''
  #line = 1

  constructor(name: string) {
    this.#name = name
  }

  push(chunk: string): readonly Element[] {
    const lines = (this.#pending + chunk).split('\n')
    this.#pending = lines.pop() ?? ''
    if (this.#pending.length > MAX_ELEMENT_CHARACTERS) throw tooLong(this.#name, this.#line + lines.length)
    const elements = lines.map((text, i) => ({ text, line: this.#line + i })).filter(({ text }) => text.trim() !== '')
    this.#line += lines.length
    return elements
  }

  end(): readonly Element[] {
    return this.#pending.trim() === '' ? [] : [{ text: this.#pending, line: this.#line }]
  }
}

/**
 * Cuts a text between its elements. In a list they end at a comma of depth 1 outside of strings, else where the depth is 0 again (`base` is
 * the depth at which elements begin).
 */
class Cutter implements Cuts {
  readonly #name: string
  readonly #base: 0 | 1
  #pending = ''
  /** How far `#pending` has been scanned, and the nesting depth there; 0: the list has not begun. */
  #at = 0
  #depth = 0
  #begun: boolean
  /** True if the list is a member of an object. */
  #wrapped = false
  #inString = false
  #ended = false
  #line = 1
  #out: Element[] = []

  constructor(name: string, base: 0 | 1) {
    this.#name = name
    this.#base = base
    this.#begun = base === 0
  }

  push(chunk: string): readonly Element[] {
    this.#pending += chunk
    if (!this.#begun && !this.#begin(false)) return []
    this.#cut()
    // the members after the list are not read
    if (this.#ended && this.#wrapped) this.#pending = ''
    if (this.#pending.length > MAX_ELEMENT_CHARACTERS) throw tooLong(this.#name, this.#line)
    return this.#drain()
  }

  end(): readonly Element[] {
    if (!this.#begun && !this.#begin(true)) throw notAList(this.#name)
    this.#cut()
    if (this.#ended) this.#expectEnd()
    else if (this.#base === 1 || this.#pending.trim() !== '')
      this.#take(this.#pending.length, this.#pending.length, `the file ends before its ${this.#base === 1 ? 'list' : 'last object'} does`)
    return this.#drain()
  }

  #drain(): readonly Element[] {
    const out = this.#out
    this.#out = []
    return out
  }

  #begin(atEnd: boolean): boolean {
    const text = this.#pending
    const bracket = /^\s*\[/.exec(text)
    this.#wrapped = bracket === null
    if (this.#wrapped && text.length < HEAD && !atEnd) return false
    const start = bracket?.[0].length ?? outline(text.slice(0, HEAD)).list
    if (start === null) throw notAList(this.#name)
    this.#advance(start)
    this.#begun = true
    this.#depth = 1
    return true
  }

  #cut(): void {
    const marks = /["{}[\],]/g
    while (!this.#ended) {
      if (this.#inString && !this.#skipString()) return
      marks.lastIndex = this.#at
      const found = marks.exec(this.#pending)
      if (!found) {
        this.#at = this.#pending.length
        return
      }
      this.#at = found.index + 1
      this.#mark(found[0], found.index)
    }
  }

  #mark(mark: string, index: number): void {
    if (mark === '"') this.#inString = true
    else if (mark === '{' || mark === '[') this.#depth++
    else if (mark === ',') {
      if (this.#depth === this.#base) this.#take(index, index + 1)
    } else if (--this.#depth === 0) {
      this.#take(this.#base === 0 ? index + 1 : index, index + 1)
      this.#ended = this.#base === 1
    }
  }

  /** Moves past the quote that ends the string; false if it does not end in the text so far. */
  #skipString(): boolean {
    const text = this.#pending
    for (let quote = text.indexOf('"', this.#at); quote >= 0; quote = text.indexOf('"', quote + 1)) {
      let escapes = 0
      while (text.charCodeAt(quote - escapes - 1) === BACKSLASH) escapes++
      if (escapes % 2 === 1) continue
      this.#at = quote + 1
      this.#inString = false
      return true
    }
    this.#at = text.length
    return false
  }

  /** Takes the element up to `end`, and goes on at `next`. */
  #take(end: number, next: number, broken?: string): void {
    const text = this.#pending.slice(0, end)
    const lead = /^\s*/.exec(text)?.[0] ?? ''
    const element = { text: text.trim(), line: this.#line + lineBreaks(lead) }
    if (lead.length < text.length || broken !== undefined) this.#out.push(broken === undefined ? element : { ...element, broken })
    this.#advance(next)
  }

  #advance(by: number): void {
    this.#line += lineBreaks(this.#pending.slice(0, by))
    this.#pending = this.#pending.slice(by)
    this.#at = 0
  }

  #expectEnd(): void {
    const rest = this.#pending.trim()
    if (rest === '' || this.#wrapped) return
    throw new UserError(
      'not-one-list',
      `${this.#name} goes on after its list ends, in line ${this.#line}: "${rest.slice(0, 40)}". Save the list of movies by itself, or one object in each line.`,
    )
  }
}

/** The error about JSON that is not a table. */
export function notAList(name: string): UserError {
  return new UserError(
    'not-a-list',
    `${name} is JSON, but holds no list of objects: it needs one { … } for each movie, between [ and ] or one after another.`,
  )
}

function tooLong(name: string, line: number): UserError {
  return new UserError(
    'element-too-long',
    `${name}, line ${line}: one element is longer than ${MAX_ELEMENT_CHARACTERS.toLocaleString('en')} characters. A quote or a bracket before it is probably never closed.`,
  )
}
