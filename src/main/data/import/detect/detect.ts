/** Detects the encoding of a text, with the evidence. */
import { isAscii, isUtf8 } from 'node:buffer'
import type { BytePlace, Encoding, EncodingEvidence } from '../../../../contract/importing.ts'
import { required } from '../../../../contract/required.ts'
import { completeUpTo, inWindows1252, UNDEFINED_IN_1252 } from '../files/encodings.ts'
import { detectByLetters } from './letters.ts'

/** Bytes of the beginning, and of the lines that are not UTF-8. */
const SAMPLE_BYTES = 64 * 1024
const COUNTED_BYTES = 4 * 1024 * 1024
/** A UTF-8 file may contain a few invalid bytes, if there are at least this many valid characters for each. */
const MIN_VALID_PER_INVALID = 20
/**
 * After this many valid multi-byte characters in this many bytes without an invalid one, later invalid bytes are damage, not another
 * encoding.
 */
const SETTLED_CHARACTERS = 1000
const SETTLED_BYTES = 16 * 1024 * 1024
/** Share of zero bytes at every second position that indicates UTF-16. */
const ZERO_SHARE = 0.05
const PAIRED_SHARE = 0.8
/** Share of control characters above which bytes are not text. */
const CONTROL_SHARE = 0.05

export interface EncodingGuess {
  readonly encoding: Encoding
  readonly bom: boolean
  readonly evidence: EncodingEvidence
}

const BOMS: readonly { readonly bytes: readonly number[]; readonly encoding: Encoding }[] = [
  { bytes: [0xef, 0xbb, 0xbf], encoding: 'utf-8' },
  { bytes: [0xff, 0xfe], encoding: 'utf-16le' },
  { bytes: [0xfe, 0xff], encoding: 'utf-16be' },
]

/** The byte order mark that a file begins with, or null. */
function byteOrderMark(head: Buffer): { readonly encoding: Encoding; readonly bytes: number } | null {
  const found = BOMS.find(({ bytes }) => bytes.every((byte, i) => head[i] === byte))
  return found ? { encoding: found.encoding, bytes: found.bytes.length } : null
}

/** True if the beginning of a file is not text in any encoding: it has too many control characters. */
export function isBinary(head: Buffer): boolean {
  const wide = byteOrderMark(head)?.encoding ?? zeroEncoding(head)?.encoding
  const even = head.subarray(0, head.length - (head.length % 2))
  const units = wide === 'utf-16le' ? unitsOf(even) : wide === 'utf-16be' ? unitsOf(Buffer.from(even).swap16()) : head
  let controls = 0
  for (const unit of units) if (unit < 9 || (unit > 13 && unit < 32 && unit !== 27)) controls++
  return controls > units.length * CONTROL_SHARE && controls > 1
}

function unitsOf(littleEndian: Buffer): Uint16Array {
  // a copy, because 16-bit units must be aligned
  return new Uint16Array(new Uint8Array(littleEndian).buffer)
}

/** Receives all bytes of a file and determines their encoding at the end. */
export class EncodingWatch {
  #head: Buffer = Buffer.alloc(0)
  #rest: Buffer = Buffer.alloc(0)
  #offset = 0
  #ascii = true
  /** Multi-byte characters, in the first `COUNTED_BYTES` and after the first invalid byte. */
  #good = 0
  #bad = 0
  #firstBad: BytePlace | null = null
  /** Offset of the first occurrence of each byte 0x80 to 0x9f. */
  readonly #controls = new Map<number, number>()
  #firstHigh: BytePlace | null = null
  /** Lines with bytes that are not UTF-8, in Latin-1. */
  #lines = ''

  /** Receives the next bytes. */
  push(chunk: Buffer): void {
    if (this.#head.length < SAMPLE_BYTES) this.#head = Buffer.concat([this.#head, chunk.subarray(0, SAMPLE_BYTES - this.#head.length)])
    const bytes = this.#rest.length > 0 ? Buffer.concat([this.#rest, chunk]) : chunk
    const end = completeUpTo(bytes, bytes.length)
    this.#look(bytes.subarray(0, end))
    this.#rest = bytes.subarray(end)
    this.#offset += end
  }

  /** True if the rest of the file need not be read. A file of ASCII characters never settles: one later byte decides. */
  get settled(): boolean {
    return this.#bad === 0 && this.#good >= SETTLED_CHARACTERS && this.#offset >= SETTLED_BYTES
  }

  end(): EncodingGuess {
    const settled = this.settled
    if (!settled) this.#look(this.#rest)
    const mark = byteOrderMark(this.#head)
    if (mark) return { encoding: mark.encoding, bom: true, evidence: { code: 'byte-order-mark', encoding: mark.encoding } }
    const wide = zeroEncoding(this.#head)
    if (wide) return wide
    if (this.#bad === 0) {
      if (settled) return { encoding: 'utf-8', bom: false, evidence: { code: 'valid-beginning', megabytes: this.#offset >> 20 } }
      return { encoding: 'utf-8', bom: false, evidence: { code: this.#ascii ? 'ascii' : 'valid-utf-8' } }
    }
    return this.#good >= this.#bad * MIN_VALID_PER_INVALID ? this.#mixed() : this.#singleByte()
  }

  /** Counts only where necessary: a chunk that is valid UTF-8 as a whole, as in nearly all files, is skipped. */
  #look(bytes: Buffer): void {
    if (isAscii(bytes)) return
    this.#ascii = false
    if (this.#bad === 0 && this.#offset > COUNTED_BYTES && isUtf8(bytes)) return
    const bad = this.#bad
    for (let at = 0; at < bytes.length; at++) {
      const byte = bytes[at] ?? 0
      if (byte < 0x80) continue
      const length = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : 2
      if (byte >= 0xc2 && at + length <= bytes.length && isUtf8(bytes.subarray(at, at + length))) {
        this.#good++
        at += length - 1
      } else this.#noteBad({ byte, offset: this.#offset + at })
    }
    if (this.#bad > bad && this.#lines.length < SAMPLE_BYTES) this.#keepLines(bytes.toString('latin1'))
  }

  #keepLines(text: string): void {
    const lines = text.split(/(?<=\n)/).filter((line) => /[\x80-\xff]/.test(line))
    this.#lines = (this.#lines + lines.join('')).slice(0, SAMPLE_BYTES)
  }

  #noteBad(place: BytePlace): void {
    this.#bad++
    this.#firstBad ??= place
    if (place.byte >= 0xa0) this.#firstHigh ??= place
    else if (!this.#controls.has(place.byte)) this.#controls.set(place.byte, place.offset)
  }

  #mixed(): EncodingGuess {
    const first = required(this.#firstBad, 'the first byte that is not UTF-8')
    return { encoding: 'utf-8', bom: false, evidence: { code: 'mostly-utf-8', invalid: this.#bad, first } }
  }

  #singleByte(): EncodingGuess {
    const controls = [...this.#controls].map(([byte, offset]): BytePlace => ({ byte, offset }))
    const undefinedIn1252 = controls.find(({ byte }) => UNDEFINED_IN_1252.has(byte))
    const { encoding, similarTo } = detectByLetters(Buffer.from(this.#lines, 'latin1'))
    const firstBad = required(this.#firstBad, 'the first byte that is not UTF-8')
    if (encoding !== null) return { encoding, bom: false, evidence: { code: 'letters', encoding, at: firstBad } }
    if (undefinedIn1252) {
      const evidence = { code: 'not-windows-1252', at: undefinedIn1252, firstInvalid: firstBad, similarTo } as const
      return { encoding: 'iso-8859-1', bom: false, evidence }
    }
    const [control] = controls
    const at = control ?? required(this.#firstHigh, 'the first byte above 127')
    const character = inWindows1252(at.byte)
    return {
      encoding: 'windows-1252',
      bom: false,
      evidence: { code: 'windows-1252', at, character, inLatin1: control === undefined, similarTo },
    }
  }
}

function zeroEncoding(head: Buffer): EncodingGuess | null {
  const zeros = [0, 0]
  for (let i = 0; i < head.length; i++) if (head[i] === 0) zeros[i % 2] = (zeros[i % 2] ?? 0) + 1
  const half = Math.max(1, head.length / 2)
  for (const [parity, encoding] of [
    [1, 'utf-16le'],
    [0, 'utf-16be'],
  ] as const) {
    const share = (zeros[parity] ?? 0) / half
    if (share < ZERO_SHARE || (zeros[1 - parity] ?? 0) > (zeros[parity] ?? 0) / 10 || !pairsUp(head, parity)) continue
    const position = parity === 1 ? 'second' : 'first'
    return { encoding, bom: false, evidence: { code: 'zero-bytes', encoding, percent: Math.round(share * 100), position } }
  }
  return null
}

/** True if commas, quotes and line breaks, which every table contains, are paired with a zero byte. */
function pairsUp(head: Buffer, zeroAt: 0 | 1): boolean {
  let [all, paired] = [0, 0]
  for (let i = 0; i < head.length; i++) {
    if (head[i] !== 0x2c && head[i] !== 0x22 && head[i] !== 0x0a) continue
    all++
    if (i % 2 === 1 - zeroAt && head[zeroAt === 1 ? i + 1 : i - 1] === 0) paired++
  }
  return all > 0 && paired >= all * PAIRED_SHARE
}
