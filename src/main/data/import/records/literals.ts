/**
 * Lists and dictionaries as Python's `repr` or JSON writes them, parsed without evaluating anything. Supports only what genre
 * cells contain: lists, dictionaries, strings with escapes, numbers, True/False/None (and true/false/null, nan).
 */

const DEEPEST = 32
const LONGEST = 1_000_000

export type Literal = string | number | boolean | null | readonly LiteralItem[] | ReadonlyMap<string, Literal>
/** An element of a list and its range in the text: [start, end). */
export interface LiteralItem {
  readonly value: Literal
  readonly start: number
  readonly end: number
}

/** The value of a cell, or undefined if the text is no such literal, or is longer or deeper than any genre list. */
export function parseLiteral(text: string): Literal | undefined {
  if (text.length > LONGEST) return undefined
  const reader: Reader = { text, at: 0, depth: 0 }
  try {
    const value = readValue(reader)
    skipSpace(reader)
    return reader.at === text.length ? value : undefined
  } catch (error) {
    if (error instanceof NoLiteral) return undefined
    throw error
  }
}

interface Reader {
  readonly text: string
  at: number
  depth: number
}
class NoLiteral extends Error {}

const WORDS: readonly (readonly [RegExp, Literal])[] = [
  [/True\b|true\b/y, true],
  [/False\b|false\b/y, false],
  [/None\b|null\b|nan\b|NaN\b/y, null],
]
const NUMBER = /[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?/y
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
  if (first === '[') return nested(reader, readList)
  if (first === '{') return nested(reader, readDictionary)
  if (first === '"' || first === "'") return readString(reader)
  for (const [pattern, value] of WORDS) if (match(reader, pattern) !== null) return value
  const number = match(reader, NUMBER)
  if (number === null) throw new NoLiteral()
  return Number(number)
}

function nested<T>(reader: Reader, read: (reader: Reader) => T): T {
  if (++reader.depth > DEEPEST) throw new NoLiteral()
  reader.at++
  const value = read(reader)
  reader.depth--
  return value
}

function readList(reader: Reader): LiteralItem[] {
  const items: LiteralItem[] = []
  while (!accept(reader, ']')) {
    if (items.length > 0) expect(reader, ',')
    // a trailing comma is legal Python
    if (accept(reader, ']')) return items
    skipSpace(reader)
    const start = reader.at
    const value = readValue(reader)
    items.push({ value, start, end: reader.at })
  }
  return items
}

function readDictionary(reader: Reader): Map<string, Literal> {
  const entries = new Map<string, Literal>()
  while (!accept(reader, '}')) {
    if (entries.size > 0) expect(reader, ',')
    if (accept(reader, '}')) return entries
    const key = readValue(reader)
    if (typeof key === 'object') throw new NoLiteral()
    expect(reader, ':')
    entries.set(String(key), readValue(reader))
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
