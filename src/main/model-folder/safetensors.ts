/**
 * Safetensors files: an 8-byte little-endian length, then JSON of {name: {dtype, shape, data_offsets}}, then the bytes of the
 * tensors. Checked as the reference implementation does (github.com/huggingface/safetensors, "Format"): offsets begin at 0, follow
 * each other without overlap or hole and end where the file ends. Nothing in a file is trusted.
 */
import { closeSync, fstatSync, fsyncSync, openSync, readSync, writeSync } from 'node:fs'
import { basename } from 'node:path'
import { z } from 'zod'
import { UserError } from '../../contract/errors.ts'
import { quoted } from '../../contract/words.ts'
import { openRegular, withRegular } from '../files/regular.ts'

/** Bytes of an element by its type. */
const ELEMENT_BYTES = {
  F64: 8,
  F32: 4,
  F16: 2,
  BF16: 2,
  F8_E4M3: 1,
  F8_E5M2: 1,
  I64: 8,
  U64: 8,
  I32: 4,
  U32: 4,
  I16: 2,
  U16: 2,
  I8: 1,
  U8: 1,
  BOOL: 1,
} as const
export type SafetensorsDType = keyof typeof ELEMENT_BYTES

/** A tensor in a file. `start` counts from the beginning of the file. */
export interface TensorEntry {
  readonly name: string
  readonly dtype: SafetensorsDType
  readonly shape: readonly number[]
  readonly start: number
  readonly bytes: number
}
export interface SafetensorsHeader {
  /** Tensors by name, in the order of their bytes. */
  readonly tensors: ReadonlyMap<string, TensorEntry>
  readonly metadata: Readonly<Record<string, string>>
}

/** Below the limit of the reference implementation, 100 MB, which takes gigabytes when it is parsed: 100,000 tensors have 10 MB. */
const MAX_HEADER_BYTES = 16_000_000
const PREFIX_BYTES = 8

const size = z.int().min(0)
const ENTRY = z.strictObject({ dtype: z.string().max(20), shape: z.array(size).max(16), data_offsets: z.tuple([size, size]) })
const METADATA = z.record(z.string(), z.string())

/** The error for a damaged file. `why` is a phrase. */
const damagedWeights = (file: string, why: string): UserError =>
  new UserError('model-damaged', `${file} is not a whole safetensors file: ${why}. Download or copy the model again.`, { file })

/** Reads only the header of a file. @throws UserError `model-damaged`, `file-not-readable` */
export function readSafetensorsHeader(path: string): SafetensorsHeader {
  return withRegular(path, (file) => headerOf(file, basename(path)))
}

/** Header of an open file. @param name used in errors */
function headerOf(file: number, name: string): SafetensorsHeader {
  const fileBytes = fstatSync(file).size
  if (fileBytes < PREFIX_BYTES) throw damagedWeights(name, `it has ${fileBytes} bytes`)
  const length = Number(readExactly(file, 0, PREFIX_BYTES, name).readBigUInt64LE())
  if (length > MAX_HEADER_BYTES) throw damagedWeights(name, `its header claims ${length} bytes`)
  if (length > fileBytes - PREFIX_BYTES) throw damagedWeights(name, `its header of ${length} bytes is longer than the file`)
  return parseHeader(readExactly(file, PREFIX_BYTES, length, name), fileBytes, name)
}

/** Reads `bytes` bytes of an open file from `position` on. @throws UserError `model-damaged` if the file ends before */
function readExactly(file: number, position: number, bytes: number, name: string, into = Buffer.allocUnsafeSlow(bytes)): Buffer {
  for (let done = 0; done < bytes;) {
    const got = readSync(file, into, done, Math.min(bytes - done, 2 ** 30), position + done)
    if (got === 0) throw damagedWeights(name, `it ends at byte ${position + done}, ${bytes - done} bytes too early`)
    done += got
  }
  return into
}

/**
 * Parses and checks a header.
 * @param json its bytes, without the length before it
 * @param fileBytes size of the file
 */
export function parseHeader(json: Uint8Array, fileBytes: number, file: string): SafetensorsHeader {
  const { text, value } = parseObject(json, file)
  const dataStart = PREFIX_BYTES + json.length
  const { __metadata__: metadata, ...tensors } = value
  const entries = Object.entries(tensors).map(([name, value]) => entryOf(name, value, dataStart, file))
  entries.sort((a, b) => a.start - b.start || a.bytes - b.bytes)
  checkCovered(entries, dataStart, fileBytes, file)
  const known = METADATA.safeParse(metadata ?? {})
  if (!known.success) throw damagedWeights(file, 'its __metadata__ is not a list of texts')
  refuseDuplicates(text, value, file)
  return { tensors: new Map(entries.map((e) => [e.name, e])), metadata: known.data }
}

function parseObject(json: Uint8Array, file: string): { text: string; value: Record<string, unknown> } {
  let text: string
  let value: unknown
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(json)
    value = JSON.parse(text) as unknown
  } catch {
    throw damagedWeights(file, 'its header is not JSON')
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw damagedWeights(file, 'its header is not a list of tensors')
  return { text, value: value as Record<string, unknown> }
}

/** JSON.parse keeps the last of two equal names: if the text has more names than the value, one of them is there twice. */
function refuseDuplicates(text: string, value: object, file: string): void {
  if (keysInText(text) !== keysOf(value)) throw damagedWeights(file, 'its header names something twice')
}
const keysOf = (value: unknown): number =>
  typeof value !== 'object' || value === null || Array.isArray(value)
    ? 0
    : Object.values(value).reduce((sum: number, child) => sum + keysOf(child), Object.keys(value).length)
/** Counts the strings that are followed by a colon in valid JSON. */
function keysInText(text: string): number {
  let keys = 0
  for (let open = text.indexOf('"'); open >= 0;) {
    let close = open + 1
    while (text[close] !== '"') close += text[close] === '\\' ? 2 : 1
    let next = close + 1
    while (/\s/.test(text.charAt(next))) next++
    if (text[next] === ':') keys++
    open = text.indexOf('"', next)
  }
  return keys
}

const isKnown = (dtype: string): dtype is SafetensorsDType => Object.hasOwn(ELEMENT_BYTES, dtype)

function entryOf(name: string, value: unknown, dataStart: number, file: string): TensorEntry {
  const parsed = ENTRY.safeParse(value)
  if (!parsed.success) throw damagedWeights(file, `the entry of tensor ${quoted(name)} is malformed`)
  const { dtype, shape, data_offsets: offsets } = parsed.data
  if (!isKnown(dtype)) throw damagedWeights(file, `tensor ${quoted(name)} has the unknown type ${quoted(dtype)}`)
  const bytes = offsets[1] - offsets[0]
  const expected = shape.reduce((product, n) => product * n, ELEMENT_BYTES[dtype])
  if (bytes !== expected)
    throw damagedWeights(file, `tensor ${quoted(name)} (${dtype}, ${shape.join(' x ')}) needs ${expected} bytes and has ${bytes}`)
  return { name, dtype, shape, start: dataStart + offsets[0], bytes }
}

/** @throws UserError unless the tensors, in order, fill the file from `dataStart` to its end */
function checkCovered(entries: readonly TensorEntry[], dataStart: number, fileBytes: number, file: string): void {
  let end = dataStart
  for (const { name, start, bytes } of entries) {
    if (start !== end) throw damagedWeights(file, `tensor ${quoted(name)} ${start < end ? 'overlaps another one' : 'follows a hole'}`)
    end += bytes
  }
  if (end > fileBytes) throw damagedWeights(file, `its tensors need ${end} bytes and the file has ${fileBytes}: it was cut off`)
  if (end < fileBytes) throw damagedWeights(file, `${fileBytes - end} bytes follow its last tensor`)
}

const elementsOf = (shape: readonly number[]): number => shape.reduce((product, n) => product * n, 1)

/** An open file whose tensors are read one by one. */
export class SafetensorsFile {
  readonly path: string
  readonly header: SafetensorsHeader
  readonly #file: number

  /** @throws UserError `model-damaged`, `file-not-readable` */
  constructor(path: string) {
    this.path = path
    this.#file = openRegular(path)
    try {
      this.header = headerOf(this.#file, basename(path))
    } catch (error) {
      closeSync(this.#file)
      throw error
    }
  }

  get bytes(): number {
    return fstatSync(this.#file).size
  }

  /** @throws UserError `model-damaged` if there is no such tensor */
  entry(name: string): TensorEntry {
    const entry = this.header.tensors.get(name)
    if (!entry) throw new UserError('model-damaged', `${this.path} has no tensor "${name}".`)
    return entry
  }

  /** Weights as float32, row-major; F16 and BF16 are converted. @throws UserError `model-unsupported` for other types */
  float32(name: string): Float32Array<ArrayBuffer> {
    const entry = this.entry(name)
    const widen = FLOATS[entry.dtype]
    if (!widen)
      throw new UserError(
        'model-unsupported',
        `Tensor "${name}" of ${basename(this.path)} holds ${entry.dtype}. Weights must be F32, F16 or BF16: choose a model that is not quantised.`,
      )
    return widen(this.#read(entry))
  }

  /** Integers; those of 32 bits are converted. @throws UserError `model-unsupported` for other types */
  int64(name: string): BigInt64Array<ArrayBuffer> {
    const entry = this.entry(name)
    if (entry.dtype === 'I32') return BigInt64Array.from(new Int32Array(this.#read(entry)), BigInt)
    if (entry.dtype !== 'I64')
      throw new UserError('model-unsupported', `Tensor "${name}" of ${basename(this.path)} holds ${entry.dtype}, not I64 or I32.`)
    return new BigInt64Array(this.#read(entry))
  }

  close(): void {
    closeSync(this.#file)
  }

  #read({ start, bytes }: TensorEntry): ArrayBuffer {
    const buffer = new ArrayBuffer(bytes)
    readExactly(this.#file, start, bytes, basename(this.path), Buffer.from(buffer))
    return buffer
  }
}

const FLOATS: Readonly<Partial<Record<SafetensorsDType, (bytes: ArrayBuffer) => Float32Array<ArrayBuffer>>>> = {
  F32: (bytes) => new Float32Array(bytes),
  F16: (bytes) => widened(new Uint16Array(bytes), halfTable()),
  BF16: (bytes) => bfloat(new Uint16Array(bytes)),
}

/** bfloat16 is the upper half of a float32. */
function bfloat(bits: Uint16Array): Float32Array<ArrayBuffer> {
  const out = new Uint32Array(bits.length)
  for (let i = 0; i < bits.length; i++) out[i] = bits[i]! << 16
  return new Float32Array(out.buffer)
}

function widened(bits: Uint16Array, table: Uint32Array): Float32Array<ArrayBuffer> {
  const out = new Uint32Array(bits.length)
  for (let i = 0; i < bits.length; i++) out[i] = table[bits[i]!]!
  return new Float32Array(out.buffer)
}

let halves: Uint32Array | undefined
/** Bits of the float32 that each float16 stands for (IEEE 754, binary16). */
function halfTable(): Uint32Array {
  halves ??= Uint32Array.from({ length: 65_536 }, (_, bits) => {
    const [sign, exponent, fraction] = [(bits & 0x8000) << 16, (bits >> 10) & 31, bits & 1023]
    if (exponent === 31) return (sign | 0x7f800000 | (fraction << 13)) >>> 0
    if (exponent > 0) return (sign | ((exponent + 112) << 23) | (fraction << 13)) >>> 0
    const value = new Float32Array([fraction * 2 ** -24])
    return (sign | new Uint32Array(value.buffer)[0]!) >>> 0
  })
  return halves
}

/** A tensor to be written. `read` is called just before it is written, so that only one tensor is in memory. */
export interface WrittenTensor {
  readonly name: string
  readonly shape: readonly number[]
  readonly read: () => Float32Array
}

/** The data start at a multiple of this. */
const ALIGNMENT = 8

interface HeaderTensor {
  readonly name: string
  readonly shape: readonly number[]
  readonly dtype?: SafetensorsDType
}
/**
 * The header with the length before it. The metadata are its first entry.
 * @param metadata other programs look for `format` before they load a file
 * @param alignment the data start at a multiple of this
 */
export function safetensorsHeader(
  tensors: readonly HeaderTensor[],
  { metadata = { format: 'pt' }, alignment = ALIGNMENT }: { metadata?: Readonly<Record<string, string>>; alignment?: number } = {},
): Buffer {
  let offset = 0
  const entries = tensors.map(({ name, shape, dtype = 'F32' }): [string, unknown] => {
    const start = offset
    offset += elementsOf(shape) * ELEMENT_BYTES[dtype]
    return [name, { dtype, shape, data_offsets: [start, offset] }]
  })
  // not JSON.stringify of one object, which would move names such as "0" to the front
  const text = [['__metadata__', metadata] as const, ...entries].map(([name, value]) => `${JSON.stringify(name)}:${JSON.stringify(value)}`)
  const json = Buffer.from(`{${text.join(',')}}`)
  const padding = (alignment - ((PREFIX_BYTES + json.length) % alignment)) % alignment
  const length = Buffer.alloc(PREFIX_BYTES)
  length.writeBigUInt64LE(BigInt(json.length + padding))
  return Buffer.concat([length, json, Buffer.alloc(padding, ' ')])
}

/** Writes a new file and flushes it to the disk. Returns its size. */
export function writeSafetensors(path: string, tensors: readonly WrittenTensor[]): number {
  const file = openSync(path, 'wx')
  try {
    let bytes = writeAll(file, safetensorsHeader(tensors))
    for (const tensor of tensors) bytes += writeAll(file, bytesOf(tensor))
    fsyncSync(file)
    return bytes
  } finally {
    closeSync(file)
  }
}

function bytesOf({ name, shape, read }: WrittenTensor): Buffer {
  const data = read()
  if (data.length !== elementsOf(shape)) throw new Error(`"${name}" has ${data.length} numbers, not ${shape.join(' x ')}`)
  return Buffer.from(data.buffer, data.byteOffset, data.byteLength)
}

/** Writes all bytes, at most 1 GiB at a time, at `position` or after the last write. Returns their number. */
export function writeAll(file: number, bytes: Buffer, position: number | null = null): number {
  for (let done = 0; done < bytes.length;)
    done += writeSync(file, bytes, done, Math.min(bytes.length - done, 2 ** 30), position === null ? null : position + done)
  return bytes.length
}
