/**
 * Objects of a JSON array, and of JSON Lines. The text is cut between the elements, and `JSON.parse` reads each: an element that is not an
 * object is rejected with its text, and reading goes on. (stream-json, which reads token by token, takes seven times as long
 * and stops at the first error.)
 */
import { UserError } from '../../../../contract/errors.ts'
import { givenName } from './columns.ts'
import type { RawRecord } from './finish.ts'
import { csvLine } from './scan.ts'
import { lineBreaks } from './table.ts'

/** Characters of one element. */
const LONGEST_ELEMENT = 16 * 1024 * 1024
const MOST_KEYS = 20_000
const BACKSLASH = 92
/** Numbers that JavaScript would write differently: 7.0, 1e3, 12345678901234567890. */
const EXACT_NUMBER = /[:[,]\s*-?(?:\d{16,}|\d+\.\d*0(?!\d)|\d+(?:\.\d+)?[eE]|\d+\.\d{16,})/
/** The beginning of a list: by itself, or as the first member of an object. */
const LIST_START = /^\s*(?:\{\s*"(?:[^"\\]|\\.){0,200}"\s*:\s*)?\[/
/** The list must begin within this many characters. */
const START_WITHIN = 1000

/** The text of one element, and the line it begins in. */
export interface Element {
  readonly text: string
  readonly line: number
  /** Why it is not a valid element. */
  readonly broken?: string
}
export type ElementCutter = (chunks: AsyncIterable<string>, name: string) => AsyncGenerator<readonly Element[]>

/** The elements of a JSON array, their commas left out. */
export async function* arrayElements(chunks: AsyncIterable<string>, name: string): AsyncGenerator<readonly Element[]> {
  const cutter = new ArrayCutter(name)
  for await (const chunk of chunks) yield cutter.push(chunk)
  yield cutter.end()
}

/** The lines of a text that are not blank. */
export async function* lineElements(chunks: AsyncIterable<string>, name: string): AsyncGenerator<readonly Element[]> {
  let pending = ''
  let line = 1
  for await (const chunk of chunks) {
    const lines = (pending + chunk).split('\n')
    pending = lines.pop() ?? ''
    if (pending.length > LONGEST_ELEMENT) throw tooLong(name, line + lines.length)
    yield lines.map((text, i) => ({ text, line: line + i })).filter(({ text }) => text.trim() !== '')
    line += lines.length
  }
  if (pending.trim() !== '') yield [{ text: pending, line }]
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
  for (const key of Object.keys(object)) keys.add(key)
  if (keys.size > MOST_KEYS)
    throw new UserError(
      'too-many-columns',
      `The objects of ${name} have more than ${MOST_KEYS.toLocaleString('en')} different members, as no table of movies has: choose another file.`,
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
  return column === givenName(index) && Object.hasOwn(object, '') ? object[''] : undefined
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

/** The object, or why it is not one. */
function parseObject(text: string): Readonly<Record<string, unknown>> | string {
  try {
    const value: unknown = EXACT_NUMBER.test(text) ? JSON.parse(text, exactly) : JSON.parse(text)
    if (typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof ExactNumber))
      return value as Readonly<Record<string, unknown>>
    return 'it is no JSON object'
  } catch (error) {
    return `it is no JSON: ${(error as Error).message.slice(0, 200)}`
  }
}

function exactly(_: string, value: unknown, context?: { readonly source?: string }): unknown {
  return typeof value === 'number' && context?.source !== undefined && String(value) !== context.source
    ? new ExactNumber(context.source)
    : value
}

/** Cuts an array between its elements: a comma of depth 1 outside of strings. */
class ArrayCutter {
  readonly #name: string
  #pending = ''
  /** How far `#pending` has been scanned, and the nesting depth there; 0: the list has not begun. */
  #at = 0
  #depth = 0
  #inString = false
  #ended = false
  #line = 1
  #out: Element[] = []

  constructor(name: string) {
    this.#name = name
  }

  push(chunk: string): readonly Element[] {
    this.#pending += chunk
    if (this.#depth === 0 && !this.#ended && !this.#begin()) return []
    this.#cut()
    if (this.#pending.length > LONGEST_ELEMENT) throw tooLong(this.#name, this.#line)
    return this.#drain()
  }

  end(): readonly Element[] {
    if (this.#ended) this.#expectEnd()
    else if (this.#depth === 0) throw notAList(this.#name)
    else this.#take(this.#pending.length, 'the file ends before its list does')
    return this.#drain()
  }

  #drain(): readonly Element[] {
    const out = this.#out
    this.#out = []
    return out
  }

  #begin(): boolean {
    const found = LIST_START.exec(this.#pending.slice(0, START_WITHIN))
    if (!found && this.#pending.trimStart().length > START_WITHIN) throw notAList(this.#name)
    if (!found) return false
    this.#advance(found[0].length)
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
      if (this.#depth === 1) this.#take(index)
    } else if (--this.#depth === 0) {
      this.#take(index)
      this.#ended = true
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

  /** Takes the element up to `index` and the character after it. */
  #take(index: number, broken?: string): void {
    const text = this.#pending.slice(0, index)
    const lead = /^\s*/.exec(text)?.[0] ?? ''
    const element = { text: text.trim(), line: this.#line + lineBreaks(lead) }
    if (lead.length < text.length || broken !== undefined) this.#out.push(broken === undefined ? element : { ...element, broken })
    this.#advance(index + 1)
  }

  #advance(by: number): void {
    this.#line += lineBreaks(this.#pending.slice(0, by))
    this.#pending = this.#pending.slice(by)
    this.#at = 0
  }

  #expectEnd(): void {
    const rest = this.#pending.trim()
    if (rest === '' || rest === '}') return
    throw new UserError(
      'not-one-list',
      `${this.#name} goes on after its list ends, in line ${this.#line}: "${rest.slice(0, 40)}". Save the list of movies by itself, or one object in each line.`,
    )
  }
}

function notAList(name: string): UserError {
  return new UserError('not-a-list', `${name} is JSON, but no list of objects: it must begin with [ and hold one { … } for each movie.`)
}

function tooLong(name: string, line: number): UserError {
  return new UserError(
    'element-too-long',
    `${name}, line ${line}: one element is longer than ${LONGEST_ELEMENT.toLocaleString('en')} characters. A quote or a bracket before it is probably never closed.`,
  )
}
