/**
 * Bytes to text and back without loss: encoding the decoded text gives the bytes again. The only importer of iconv-lite.
 * A byte that is invalid in its encoding becomes a lone surrogate U+DC00 + byte (as Python's `surrogateescape` does), which
 * valid text never contains; {@link readUndecoded} replaces it.
 */
import { isUtf8 } from 'node:buffer'
import iconv from 'iconv-lite'
import { ENCODINGS, type Encoding } from '../../../../contract/importing.ts'

/** Bytes that Windows-1252 does not define: they are decoded as the control characters of the same number, as in browsers. */
export const UNDEFINED_IN_1252: ReadonlySet<number> = new Set([0x81, 0x8d, 0x8f, 0x90, 0x9d])
const ESCAPED = 0xdc00
/** The odd byte at the end of a UTF-16 file is this plus the byte: half of a pair that makes none with another half before it. */
const ODD = 0xdb00
/** The character to which iconv-lite decodes bytes that it does not know. */
const UNKNOWN = '\ufffd'
/** Lengths of characters in bytes. */
const LENGTHS = [1, 2, 3, 4] as const
/** Bytes in which a text has a space, a comma or a line break. */
const NEAR = 4096
/** Bytes that could not be decoded, apart from each other. */
const UNDECODED = /([\udc00-\udcff])/u

interface Codec {
  /** Text of complete characters; an incomplete one is kept for the next chunk. */
  readonly decode: (bytes: Buffer) => string
  /** Offset at which the last complete character ends. */
  readonly whole: (bytes: Buffer) => number
  /** Text of an incomplete character at the end of a file. */
  readonly tail: (bytes: Buffer) => string
  readonly encode: (text: string) => Buffer
}

const SEVERAL_BYTES: ReadonlySet<Encoding> = new Set(['shift_jis', 'euc-jp', 'euc-kr', 'gb18030', 'big5'])

const CODECS: Readonly<Record<Encoding, Codec>> = {
  ...(Object.fromEntries(ENCODINGS.map((name) => [name, SEVERAL_BYTES.has(name) ? severalBytes(name) : oneByte(name)])) as Record<
    Encoding,
    Codec
  >),
  'utf-8': {
    decode: (bytes) => (isUtf8(bytes) ? bytes.toString('utf8') : escapeInvalid(bytes)),
    whole: (bytes) => completeUpTo(bytes, bytes.length),
    tail: escapeInvalid,
    encode: (text) => (text.isWellFormed() ? Buffer.from(text, 'utf8') : encodeAround(text, (part) => Buffer.from(part, 'utf8'))),
  },
  'utf-16le': {
    decode: (bytes) => bytes.toString('utf16le'),
    whole: (bytes) => wholePairs(bytes, 1),
    tail: (bytes) => bytes.toString('utf16le') + oddByte(bytes),
    encode: (text) => encode16(text, (units) => units),
  },
  'utf-16be': {
    decode: (bytes) => Buffer.from(bytes).swap16().toString('utf16le'),
    whole: (bytes) => wholePairs(bytes, 0),
    tail: (bytes) =>
      Buffer.from(bytes.subarray(0, bytes.length & ~1))
        .swap16()
        .toString('utf16le') + oddByte(bytes),
    encode: (text) => encode16(text, (units) => units.swap16()),
  },
  'windows-1252': { ...oneByte('windows-1252', 0), encode: encode1252 },
  'iso-8859-1': { ...oneByte('iso-8859-1'), decode: (bytes) => bytes.toString('latin1') },
}

/** An encoding with a table of 256 characters. Bytes that it does not define become the characters from `undefinedFrom` on. */
function oneByte(name: string, undefinedFrom = ESCAPED): Codec {
  const decode = (bytes: Buffer): string => {
    const text = iconv.decode(bytes, name)
    return text.includes(UNKNOWN)
      ? text.replaceAll(UNKNOWN, (_, at: number) => String.fromCharCode(undefinedFrom + (bytes[at] ?? 0)))
      : text
  }
  return {
    decode,
    whole: (bytes) => bytes.length,
    tail: () => '',
    encode: (text) => encodeAround(text, (part) => iconv.encode(part, name)),
  }
}

/**
 * An encoding with characters of one to four bytes. Some have two codes for a character, of which the encoder writes one: the bytes of the
 * other stay undecoded, so that they come back.
 */
function severalBytes(name: string): Codec {
  const exactly = (bytes: Buffer): string | null => {
    const text = iconv.decode(bytes, name)
    return !text.includes(UNKNOWN) && iconv.encode(text, name).equals(bytes) ? text : null
  }
  const byCharacter = (bytes: Buffer): string => {
    let text = ''
    for (let at = 0; at < bytes.length;) {
      const length = LENGTHS.find((count) => at + count <= bytes.length && exactly(bytes.subarray(at, at + count)) !== null)
      text += length === undefined ? String.fromCharCode(ESCAPED + (bytes[at] ?? 0)) : iconv.decode(bytes.subarray(at, at + length), name)
      at += length ?? 1
    }
    return text
  }
  const decode = (bytes: Buffer): string => {
    const whole = exactly(bytes)
    if (whole !== null) return whole
    const lines = bytes
      .toString('latin1')
      .split(/(?<=\n)/)
      .map((line) => Buffer.from(line, 'latin1'))
    return lines.map((line) => exactly(line) ?? byCharacter(line)).join('')
  }
  return { decode, whole: afterSeparator, tail: decode, encode: (text) => encodeAround(text, (part) => iconv.encode(part, name)) }
}

/** The offset after the last byte that is part of no longer character, such as a space or a line feed, if one is near the end. */
function afterSeparator(bytes: Buffer): number {
  for (let at = bytes.length; at > Math.max(0, bytes.length - NEAR); at--) if ((bytes[at - 1] ?? 0) < 0x30) return at
  return bytes.length > NEAR ? bytes.length : 0
}

/** The text of `chunks`, chunk by chunk; characters that are split between two chunks are joined. */
export async function* decodeText(chunks: AsyncIterable<Buffer>, encoding: Encoding): AsyncGenerator<string> {
  const { decode, whole, tail } = CODECS[encoding]
  let rest: Buffer = Buffer.alloc(0)
  for await (const chunk of chunks) {
    const bytes = rest.length > 0 ? Buffer.concat([rest, chunk]) : chunk
    const end = whole(bytes)
    rest = bytes.subarray(end)
    if (end > 0) yield decode(bytes.subarray(0, end))
  }
  if (rest.length > 0) yield tail(rest)
}

/** The bytes of a text. Characters that the encoding does not have become `?`: ask {@link canEncode} first. */
export function encodeText(text: string, encoding: Encoding): Buffer {
  return CODECS[encoding].encode(text)
}

/** The text of whole characters. */
export function decodedText(bytes: Buffer, encoding: Encoding): string {
  return CODECS[encoding].decode(bytes)
}

/** True if the encoding has every character of the text. */
export function canEncode(text: string, encoding: Encoding): boolean {
  if (encoding.startsWith('utf-16')) return true
  // eslint-disable-next-line no-control-regex
  if (/^[\x00-\x7f]*$/.test(text)) return true
  const decoded = text.replaceAll(/[\udc00-\udcff]/gu, '')
  return decodedText(encodeText(decoded, encoding), encoding) === decoded
}

/** One byte decoded as Windows-1252, such as ’ for 0x92. */
export function inWindows1252(byte: number): string {
  return decodedText(Buffer.of(byte), 'windows-1252')
}

/** The text with undecoded bytes read as Windows-1252, and these bytes. Other lone surrogates become U+FFFD. */
export function readUndecoded(text: string): { readonly text: string; readonly bytes: readonly number[] } {
  const bytes: number[] = []
  const read = text.replaceAll(/[\udc00-\udcff]/gu, (char) => {
    const byte = char.charCodeAt(0) - ESCAPED
    bytes.push(byte)
    return inWindows1252(byte)
  })
  return { text: read.toWellFormed(), bytes }
}

/** Encodes a text that has undecoded bytes, which stay as they are. */
function encodeAround(text: string, encode: (part: string) => Buffer): Buffer {
  return Buffer.concat(text.split(UNDECODED).map((part, i) => (i % 2 === 1 ? Buffer.of(part.charCodeAt(0) - ESCAPED) : encode(part))))
}

/** The last byte of a UTF-16 file that was cut in the middle of a unit. */
function oddByte(bytes: Buffer): string {
  return bytes.length % 2 === 0 ? '' : String.fromCharCode(ODD + (bytes.at(-1) ?? 0))
}

function encode16(text: string, order: (units: Buffer) => Buffer): Buffer {
  const odd = /[\udb00-\udbff]$/u.exec(text)
  const units = order(Buffer.from(odd ? text.slice(0, -1) : text, 'utf16le'))
  return odd ? Buffer.concat([units, Buffer.of(odd[0].charCodeAt(0) - ODD)]) : units
}

/** The end of the last complete UTF-8 character before `end`, so that a chunk can be decoded without the next one. */
export function completeUpTo(buffer: Buffer, end: number): number {
  for (let back = 1; back <= Math.min(3, end); back++) {
    const byte = buffer[end - back] ?? 0
    if (byte < 0x80) return end
    if (byte >= 0xc0) return sequenceLength(byte) > back ? end - back : end
  }
  return end
}

function sequenceLength(lead: number): number {
  return lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : lead >= 0xc2 ? 2 : 1
}

/** A surrogate pair is not split; `high` is the position of the high byte in a unit. */
function wholePairs(bytes: Buffer, high: 0 | 1): number {
  const end = bytes.length - (bytes.length % 2)
  return end >= 2 && ((bytes[end - 2 + high] ?? 0) & 0xfc) === 0xd8 ? end - 2 : end
}

function escapeInvalid(bytes: Buffer): string {
  const parts: string[] = []
  let from = 0
  for (let at = 0; at < bytes.length;) {
    const byte = bytes[at] ?? 0
    const length = byte < 0x80 ? 1 : sequenceLength(byte)
    if (byte < 0x80 || (length > 1 && at + length <= bytes.length && isUtf8(bytes.subarray(at, at + length)))) {
      at += length
      continue
    }
    parts.push(bytes.toString('utf8', from, at), String.fromCharCode(ESCAPED + byte))
    from = ++at
  }
  parts.push(bytes.toString('utf8', from))
  return parts.join('')
}

/** One byte is one character, so offsets in the text are offsets in the bytes. */
function encode1252(text: string): Buffer {
  const bytes = iconv.encode(text, 'windows-1252')
  for (const { index } of text.matchAll(/[\x80-\x9f]/g)) {
    const code = text.charCodeAt(index)
    if (UNDEFINED_IN_1252.has(code)) bytes[index] = code
  }
  return bytes
}
