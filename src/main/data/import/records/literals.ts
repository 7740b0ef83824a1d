/**
 * Lists and dictionaries as Python's `repr` or JSON writes them, parsed without evaluating anything. Supports only what genre
 * cells contain: lists, tuples, sets, dictionaries, strings with escapes, numbers, True/False/None (and true/false/null, nan), arrays of
 * NumPy (without commas), and words without quotes in a list.
 */

const MAX_DEPTH = 32
const MAX_CHARACTERS = 1_000_000

export type Literal = string | number | boolean | null | readonly LiteralItem[] | ReadonlyMap<string, LiteralEntry>
/** An element of a list, or the value of an entry of a dictionary, and its range in the text: [start, end). */
export interface LiteralItem {
  readonly value: Literal
  readonly start: number
  readonly end: number
}

/** The value of a cell, or undefined if the text is not such a literal, or is longer or deeper than any genre list. */
export function parseLiteral(text: string): Literal | undefined {
  if (text.length > MAX_CHARACTERS) return undefined
  const reader: Reader = { text, at: 0, depth: 0, words: false }
  try {
    const value = readValue(reader)
    skipSpace(reader)
    return reader.at === text.length ? value : undefined
  } catch (error) {
    if (error instanceof NoLiteral) return undefined
    throw error
  }
}

export interface LiteralEntry extends LiteralItem {
  /** Where its key begins. */
  readonly from: number
}

interface Reader {
  readonly text: string
  at: number
  depth: number
  /** True if words need no quotes. */
  words: boolean
}
class NoLiteral extends Error {}

const WORDS: readonly (readonly [RegExp, Literal])[] = [
  [/[Tt]rue(?=\s*(?:[,:\])}]|$))/y, true],
  [/[Ff]alse(?=\s*(?:[,:\])}]|$))/y, false],
  [/(?:None|null|nan|NaN)(?=\s*(?:[,:\])}]|$))/y, null],
]
const NUMBER = /[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?(?=[\s,:\])}]|$)/y
/** `Science Fiction` in `[Science Fiction, War]`. */
const BARE = /[^\s[\]{}()"',:][^[\]{}()",:]*/y
/** Prefixes that Python 2 and NumPy 2 write before a quote. */
const STRING_PREFIX = /(?:np\.str_\()?[uUbBrR]?(?=["'])/y
const SPACE = /\s*/y
const ESCAPES: Readonly<Record<string, string>> = {
  n: '\n',
  t: '\t',
  r: '\r',
  b: '\b',
  f: '\f',
  v: '\v',
  a: '\x07',
  '0': '\0',
  '/': '/',
  '\n': '',
}
const HEX_DIGITS: Readonly<Record<string, number>> = { x: 2, u: 4, U: 8 }

function readValue(reader: Reader): Literal {
  skipSpace(reader)
  const first = reader.text[reader.at]
  if (first === '[') return nested(reader, true, (inner) => readList(inner, ']'))
  if (first === '(') return nested(reader, false, (inner) => readList(inner, ')'))
  if (first === '{') return nested(reader, true, readBraces)
  const prefix = match(reader, STRING_PREFIX)
  if (prefix !== null) {
    const value = readString(reader)
    if (prefix.includes('(')) expect(reader, ')')
    return value
  }
  for (const [pattern, value] of WORDS) if (match(reader, pattern) !== null) return value
  const number = match(reader, NUMBER)
  if (number !== null) return Number(number)
  const word = reader.words ? match(reader, BARE) : null
  if (word === null) throw new NoLiteral()
  reader.at -= word.length - word.trimEnd().length
  return word.trimEnd()
}

function nested<T>(outer: Reader, words: boolean, read: (reader: Reader) => T): T {
  if (outer.depth >= MAX_DEPTH) throw new NoLiteral()
  const reader = { ...outer, at: outer.at + 1, depth: outer.depth + 1, words }
  const value = read(reader)
  outer.at = reader.at
  return value
}

function readItem(reader: Reader): LiteralItem {
  skipSpace(reader)
  const start = reader.at
  const value = readValue(reader)
  return { value, start, end: reader.at }
}

function readList(reader: Reader, close: string, items: LiteralItem[] = []): LiteralItem[] {
  while (!accept(reader, close)) {
    const before = items.at(-1)
    if (before && !accept(reader, ',') && !isArray(reader, before)) throw new NoLiteral()
    // a trailing comma is legal Python
    if (accept(reader, close)) return items
    items.push(readItem(reader))
  }
  return items
}

/** True if the next element follows white space and is of the same kind, as in an array of NumPy. */
function isArray({ text, at }: Reader, { value, end }: LiteralItem): boolean {
  return at > end && (typeof value === 'string' ? /["']/ : /[\d.+-]/).test(text.charAt(at)) && typeof value !== 'object'
}

/** A dictionary or a set. */
function readBraces(reader: Reader): Map<string, LiteralEntry> | LiteralItem[] {
  const entries = new Map<string, LiteralEntry>()
  while (!accept(reader, '}')) {
    if (entries.size > 0) expect(reader, ',')
    if (accept(reader, '}')) return entries
    const key = readItem(reader)
    if (entries.size === 0 && !accept(reader, ':')) return readList(reader, '}', [key])
    if (typeof key.value === 'object') throw new NoLiteral()
    if (entries.size > 0) expect(reader, ':')
    entries.set(String(key.value), { ...readItem(reader), from: key.start })
  }
  return entries
}

function readString(reader: Reader): string {
  const { text } = reader
  const quote = text.charAt(reader.at)
  const parts: string[] = []
  let from = ++reader.at
  for (; ; reader.at++) {
    const char = text[reader.at]
    if (char === undefined) throw new NoLiteral()
    if (char === quote) break
    if (char !== '\\') continue
    parts.push(text.slice(from, reader.at), readEscape(reader))
    from = reader.at + 1
  }
  parts.push(text.slice(from, reader.at++))
  return parts.join('')
}

/** Reads an escape from its backslash on; leaves `at` on its last character. */
function readEscape(reader: Reader): string {
  const kind = reader.text[++reader.at]
  if (kind === undefined) throw new NoLiteral()
  const digits = HEX_DIGITS[kind]
  if (digits === undefined) return ESCAPES[kind] ?? ('\\\'"'.includes(kind) ? kind : '\\' + kind)
  const hex = reader.text.slice(reader.at + 1, reader.at + 1 + digits)
  const code = Number.parseInt(hex, 16)
  if (!/^[0-9a-fA-F]+$/.test(hex) || hex.length < digits || code > 0x10ffff) throw new NoLiteral()
  reader.at += digits
  return String.fromCodePoint(code)
}

function skipSpace(reader: Reader): void {
  match(reader, SPACE)
}
function accept(reader: Reader, char: string): boolean {
  skipSpace(reader)
  if (reader.text[reader.at] !== char) return false
  reader.at++
  return true
}
function expect(reader: Reader, char: string): void {
  if (!accept(reader, char)) throw new NoLiteral()
}
function match(reader: Reader, pattern: RegExp): string | null {
  pattern.lastIndex = reader.at
  const found = pattern.exec(reader.text)
  if (found === null) return null
  reader.at = pattern.lastIndex
  return found[0]
}
