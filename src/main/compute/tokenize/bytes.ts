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
export const utf8 = (text: string): Uint8Array => encoder.encode(text)

/** Bytes that a token of byte-level BPE stands for; null where it is not of that alphabet. */
export function bytesOfToken(token: string): Uint8Array | null {
  const bytes = new Uint8Array(token.length)
  for (let i = 0; i < token.length; i++) {
    const byte = BYTE_OF_CHARACTER.get(token.charCodeAt(i))
    if (byte === undefined) return null
    bytes[i] = byte
  }
  return bytes
}

const FALLBACK = /^<0x([0-9A-F]{2})>$/
/** The byte of a token such as `<0x0A>` of SentencePiece's byte fallback; null of any other token. */
export function fallbackByte(token: string): number | null {
  const hex = FALLBACK.exec(token)?.[1]
  return hex === undefined ? null : Number.parseInt(hex, 16)
}
