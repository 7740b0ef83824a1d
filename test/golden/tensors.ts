/** Reads reference tensors, independently of Reelabel's own reader. */
import { readFileSync } from 'node:fs'

export interface Reference {
  readonly shape: readonly number[]
  readonly data: Float32Array<ArrayBuffer>
}
export type References = ReadonlyMap<string, Reference>

interface Entry {
  readonly dtype: string
  readonly shape: readonly number[]
  readonly data_offsets: readonly [number, number]
}

const READERS: Readonly<Record<string, (bytes: ArrayBuffer) => Float32Array<ArrayBuffer>>> = {
  F32: (bytes) => new Float32Array(bytes),
  F64: (bytes) => Float32Array.from(new Float64Array(bytes)),
  // ids and masks: far below 2^24
  I64: (bytes) => Float32Array.from(new BigInt64Array(bytes), Number),
  I32: (bytes) => Float32Array.from(new Int32Array(bytes)),
}

/** All tensors of a safetensors file: 8 bytes of header length, a JSON header, the numbers. */
export function readTensors(path: string): References {
  const file = readFileSync(path)
  const start = 8 + Number(file.readBigUInt64LE(0))
  const header = JSON.parse(file.toString('utf8', 8, start)) as Record<string, Entry>
  const names = Object.keys(header).filter((name) => name !== '__metadata__')
  return new Map(
    names.map((name) => {
      const { dtype, shape, data_offsets: at } = header[name]!
      const read = READERS[dtype]
      if (!read) throw new Error(`${path}: "${name}" is ${dtype}`)
      const bytes = new Uint8Array(file.subarray(start + at[0], start + at[1])).buffer
      return [name, { shape, data: read(bytes) }]
    }),
  )
}

/** @throws Error if there is no such tensor */
export function named(references: References, name: string): Reference {
  const tensor = references.get(name)
  if (!tensor) throw new Error(`the references have no "${name}"`)
  return tensor
}
