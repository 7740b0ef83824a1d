/**
 * Positions of tokens in the text they were made from. The library returns only their strings, so each is converted to the bytes that it
 * represents, and those are found in the bytes of the text, from left to right. Bytes, because byte-level BPE and byte fallback split
 * characters; such a token gets the whole character.
 */
import type { Aligned } from './aligned.ts'

/**
 * The alphabet of byte-level BPE: each byte is written as a printable character. Radford et al. 2019, `bytes_to_unicode` in
 * encoder.py of openai/gpt-2: bytes that are printable in Latin-1 stand for themselves, the others for U+0100 and on.
 */
const PRINTABLE: readonly (readonly [number, number])[] = [
  [0x21, 0x7e],
  [0xa1, 0xac],
  [0xae, 0xff],
]
const isPrintable = (byte: number): boolean => PRINTABLE.some(([from, to]) => byte >= from && byte <= to)

const BYTE_OF_CHARACTER: ReadonlyMap<number, number> = new Map(
  Array.from({ length: 256 }, (_, byte) => byte)
    .sort((a, b) => Number(isPrintable(b)) - Number(isPrintable(a)) || a - b)
    .map((byte, place) => [isPrintable(byte) ? byte : 0x100 + place - PRINTABLE.reduce((n, [from, to]) => n + to - from + 1, 0), byte]),
)

const encoder = new TextEncoder()
/** UTF-8; half of a surrogate pair becomes U+FFFD. */
const utf8 = (text: string): Uint8Array => encoder.encode(text)

/** Bytes of a byte-level BPE token; null if it is not in that alphabet. */
function bytesOfToken(token: string): Uint8Array | null {
  const bytes = new Uint8Array(token.length)
  for (let i = 0; i < token.length; i++) {
    const byte = BYTE_OF_CHARACTER.get(token.charCodeAt(i))
    if (byte === undefined) return null
    bytes[i] = byte
  }
  return bytes
}

const FALLBACK = /^<0x([0-9A-F]{2})>$/
/** The byte of a token such as `<0x0A>` of SentencePiece's byte fallback; null for any other token. */
function fallbackByte(token: string): number | null {
  const hex = FALLBACK.exec(token)?.[1]
  return hex === undefined ? null : Number.parseInt(hex, 16)
}

/** How a vocabulary spells its tokens. */
export interface Spelling {
  /** Tokens are written in the alphabet of byte-level BPE. */
  readonly byteLevel: boolean
  /** The character for a space; SentencePiece uses U+2581. */
  readonly space: string
  /** Prefix of tokens that continue a word, and suffix of tokens that end one. */
  readonly prefix: string
  readonly suffix: string
}

const SPACE = 0x20

/** Bytes that a token represents. `word`: it is a whole word, without prefix and suffix. */
export function surfaceOf(token: string, spelling: Spelling, word: boolean): Uint8Array {
  if (spelling.byteLevel) return bytesOfToken(token) ?? utf8(token)
  const byte = fallbackByte(token)
  if (byte !== null && !word) return Uint8Array.of(byte)
  let text = token
  if (!word && spelling.prefix !== '' && text.startsWith(spelling.prefix)) text = text.slice(spelling.prefix.length)
  if (!word && spelling.suffix !== '' && text.endsWith(spelling.suffix)) text = text.slice(0, -spelling.suffix.length)
  return utf8(text.replaceAll(spelling.space, ' '))
}

/** Bytes of a text and the code unit of each. */
interface Source {
  readonly bytes: Uint8Array
  readonly unit: Int32Array
}

function sourceOf(text: string, space: string): Source {
  const spaced = text.replaceAll(space, ' ')
  const bytes = utf8(spaced)
  const unit = new Int32Array(bytes.length)
  let at = 0
  for (let i = 0; i < spaced.length; i++) {
    const code = spaced.codePointAt(i)!
    const length = code < 0x80 ? 1 : code < 0x800 ? 2 : code <= 0xffff ? 3 : 4
    unit.fill(i, at, at + length)
    at += length
    if (length === 4) i++
  }
  return { bytes, unit }
}

/**
 * Finds the tokens.
 * @param aligned the normalised text
 * @param surfaces bytes of each token, in order; null for an unknown one, which covers the text before the next known one
 * @returns pairs of positions in the original text; spaces before a token are not part of it
 */
export function alignTokens(aligned: Aligned, surfaces: readonly (Uint8Array | null)[], space: string): number[] {
  const source = sourceOf(aligned.text, space)
  const spans: number[] = []
  let cursor = 0
  for (const [i, surface] of surfaces.entries()) {
    const found = surface ? find(source.bytes, surface, cursor) : unknown(source, surfaces[i + 1], cursor)
    spans.push(...spanOf(aligned, source, found))
    cursor = Math.max(cursor, found.end)
  }
  return spans
}

interface Found {
  readonly start: number
  readonly end: number
}
/** How far beyond spaces a token is searched, in bytes: a pre-tokeniser drops little. */
const LOOK_AHEAD = 256

/** Position of a token's bytes from `cursor` on. A leading space may have been added before the text. */
function find(bytes: Uint8Array, surface: Uint8Array, cursor: number): Found {
  const bare = surface[0] === SPACE ? surface.subarray(1) : null
  const here = (at: number): Found | null => {
    if (startsWith(bytes, surface, at)) return { start: at, end: at + surface.length }
    return bare && startsWith(bytes, bare, at) ? { start: at, end: at + bare.length } : null
  }
  const last = Math.min(bytes.length, cursor + LOOK_AHEAD)
  for (let at = cursor; at <= last; at++) {
    const found = here(at)
    if (found) return found
  }
  return { start: cursor, end: cursor }
}

/** At least one character, up to the next token that can be found; surrounding spaces are excluded. */
function unknown({ bytes, unit }: Source, next: Uint8Array | null | undefined, cursor: number): Found {
  const start = afterSpaces(bytes, cursor, bytes.length)
  let least = start
  while (least < bytes.length && unit[least] === unit[start]) least++
  if (next === null) return { start, end: least }
  const following = next ? find(bytes, next, least) : { start: bytes.length, end: bytes.length }
  let end = next && following.end === following.start ? least : following.start
  while (end > least && isSpace(bytes[end - 1]!)) end--
  return { start, end }
}

function startsWith(bytes: Uint8Array, what: Uint8Array, at: number): boolean {
  if (at + what.length > bytes.length) return false
  for (let i = 0; i < what.length; i++) if (bytes[at + i] !== what[i]) return false
  return true
}

function afterSpaces(bytes: Uint8Array, from: number, to: number): number {
  let at = from
  while (at < to && isSpace(bytes[at]!)) at++
  return at
}
const isSpace = (byte: number): boolean => byte === SPACE || (byte >= 9 && byte <= 13)

/** Trims spaces, unless the range consists only of spaces. */
function spanOf(aligned: Aligned, { bytes, unit }: Source, { start, end }: Found): readonly [number, number] {
  const { starts, ends } = aligned
  if (start >= end) {
    const at = start < unit.length ? starts[unit[start]!]! : (ends.at(-1) ?? 0)
    return [at, at]
  }
  const first = afterSpaces(bytes, start, end)
  return [starts[unit[first < end ? first : start]!]!, ends[unit[end - 1]!]!]
}
