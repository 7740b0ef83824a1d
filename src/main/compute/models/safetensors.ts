/** Tensors of a safetensors file, read one by one: never more than is asked for. */
import { closeSync, fstatSync } from 'node:fs'
import { basename } from 'node:path'
import { UserError } from '../../../contract/errors.ts'
import {
  headerOf,
  openWeights,
  readExactly,
  type SafetensorsDType,
  type SafetensorsHeader,
  type TensorEntry,
} from '../../data/models/safetensors-header.ts'

/** A file that is open until {@link close}. */
export class SafetensorsFile {
  readonly path: string
  readonly header: SafetensorsHeader
  readonly #file: number

  /** @throws UserError `model-damaged`, `file-not-readable` */
  constructor(path: string) {
    this.path = path
    this.#file = openWeights(path)
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

  /** @throws UserError `model-damaged` naming a tensor that is not in the file */
  entry(name: string): TensorEntry {
    const entry = this.header.tensors.get(name)
    if (!entry) throw new UserError('model-damaged', `${this.path} has no tensor "${name}".`)
    return entry
  }

  /** Weights as float32, row-major; half-precision ones are widened. @throws UserError `model-unsupported` for other types */
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

  /** Whole numbers of 64 bits. @throws UserError `model-unsupported` for other types */
  int64(name: string): BigInt64Array<ArrayBuffer> {
    const entry = this.entry(name)
    if (entry.dtype !== 'I64')
      throw new UserError('model-unsupported', `Tensor "${name}" of ${basename(this.path)} holds ${entry.dtype}, not I64.`)
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
