/**
 * Reelabel's own binary files (checkpoints, cached activations, saved jobs, models in a project): safetensors files whose metadata
 * holds a JSON header and the CRC-32 of the whole file, computed with zeros in the place of the checksum.
 */
import { crc32 } from 'node:zlib'
import { parseHeader, safetensorsHeader, type SafetensorsDType } from './safetensors.ts'

export type ContainerData = Float16Array | Float32Array | Float64Array | Int32Array | Uint8Array
export interface ContainerTensor {
  /** One dimension if left out. */
  readonly shape?: readonly number[]
  readonly data: ContainerData
}
export interface Container {
  readonly header: unknown
  readonly tensors: ReadonlyMap<string, Required<ContainerTensor>>
}

/** The data start at a multiple of this: exactly there unless the header is long. */
export const CONTAINER_ALIGNMENT = 256
const LENGTH_BYTES = 8
const NO_SUM = '00000000'
/** Position of the checksum: metadata are the first entry of a header, and the checksum is first in them. */
const SUM_AT = LENGTH_BYTES + '{"__metadata__":{"crc32":"'.length
const SUM_END = SUM_AT + NO_SUM.length

/** The file in pieces: its header, then the tensors, which are not copied. */
export function containerChunks(header: unknown, tensors: Iterable<readonly [string, ContainerTensor]>): readonly Uint8Array[] {
  const all = [...tensors]
  const specs = all.map(([name, { shape, data }]) => ({ name, shape: shape ?? [data.length], dtype: dtypeOf(data) }))
  const metadata = { crc32: NO_SUM, header: JSON.stringify(header) }
  const head = safetensorsHeader(specs, { metadata, alignment: CONTAINER_ALIGNMENT })
  const chunks = [head, ...all.map(([, { data }]) => bytesOf(data))]
  head.write(hex(chunks.reduce((sum, chunk) => crc32(chunk, sum), 0)), SUM_AT, 'latin1')
  return chunks
}

export const packContainer = (header: unknown, tensors: Iterable<readonly [string, ContainerTensor]>): Buffer =>
  Buffer.concat(containerChunks(header, tensors))

/** @throws Error with a phrase if `file` is not exactly what {@link containerChunks} made */
export function unpackContainer(file: Uint8Array): Container {
  const { buffer, byteOffset, byteLength } = file
  const bytes = Buffer.from(buffer, byteOffset, byteLength)
  if (bytes.length < SUM_END) throw new Error('it is too short')
  const sum = crc32(bytes.subarray(SUM_END), crc32(NO_SUM, crc32(bytes.subarray(0, SUM_AT))))
  if (bytes.toString('latin1', SUM_AT, SUM_END) !== hex(sum)) throw new Error('its checksum is wrong')
  const dataStart = LENGTH_BYTES + Number(bytes.readBigUInt64LE())
  const { tensors, metadata } = parseHeader(bytes.subarray(LENGTH_BYTES, dataStart), bytes.length, 'it')
  const views = Array.from(tensors.values(), ({ name, dtype, shape, start, bytes: length }) => {
    const data = typed(dtype, bytes.subarray(start, start + length))
    return [name, { shape, data }] as const
  })
  return { header: JSON.parse(metadata['header'] ?? 'null'), tensors: new Map(views) }
}

const hex = (sum: number): string => sum.toString(16).padStart(NO_SUM.length, '0')

const bytesOf = ({ buffer, byteOffset, byteLength }: ContainerData): Uint8Array => new Uint8Array(buffer, byteOffset, byteLength)

const ARRAYS = { F16: Float16Array, F32: Float32Array, F64: Float64Array, I32: Int32Array, U8: Uint8Array } as const
const isStored = (dtype: string): dtype is keyof typeof ARRAYS => Object.hasOwn(ARRAYS, dtype)

function dtypeOf(data: ContainerData): SafetensorsDType {
  const dtype = Object.keys(ARRAYS).find((name) => isStored(name) && data instanceof ARRAYS[name])
  if (dtype !== undefined && isStored(dtype)) return dtype
  throw new Error('only arrays of float16, float32, float64, int32 and uint8 can be stored')
}

/** A copy with a buffer of its own: a view would keep the whole file in memory, and postMessage would copy all of it. */
function typed(dtype: SafetensorsDType, bytes: Uint8Array): ContainerData {
  if (!isStored(dtype)) throw new Error(`it has a tensor of type ${dtype}`)
  return new ARRAYS[dtype](new Uint8Array(bytes).buffer)
}
