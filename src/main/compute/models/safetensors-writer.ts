/** Writes safetensors files as the reference implementation lays them out: an aligned header, then tensor after tensor. */
import { closeSync, fsyncSync, openSync, writeSync } from 'node:fs'
import { elements } from '../graph/dims.ts'

/** A tensor to be written; `read` is called once, when its turn has come, so that no more than one is in memory. */
export interface WrittenTensor {
  readonly name: string
  readonly shape: readonly number[]
  readonly read: () => Float32Array
}

const ELEMENT_BYTES = 4
/** The data begins at a multiple of it. */
const ALIGNMENT = 8

/** The header with the length before it. */
export function safetensorsHeader(tensors: readonly Omit<WrittenTensor, 'read'>[]): Buffer {
  let offset = 0
  const entries = tensors.map(({ name, shape }) => {
    const start = offset
    offset += elements(shape) * ELEMENT_BYTES
    return [name, { dtype: 'F32', shape, data_offsets: [start, offset] }] as const
  })
  // other programs look for the format before they load
  const text = JSON.stringify(Object.fromEntries([['__metadata__', { format: 'pt' }], ...entries]))
  const bytes = Buffer.byteLength(text)
  const padded = text + ' '.repeat((ALIGNMENT - (bytes % ALIGNMENT)) % ALIGNMENT)
  const length = Buffer.alloc(8)
  length.writeBigUInt64LE(BigInt(Buffer.byteLength(padded)))
  return Buffer.concat([length, Buffer.from(padded)])
}

/** Writes a file that is not there yet, flushed to the disk. Answers its bytes. */
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
  if (data.length !== elements(shape)) throw new Error(`"${name}" has ${data.length} numbers, not ${shape.join(' x ')}`)
  return Buffer.from(data.buffer, data.byteOffset, data.byteLength)
}

/** Writes all of it, a GiB at a time, at `position` or else where the last write ended. Answers its bytes. */
export function writeAll(file: number, bytes: Buffer, position: number | null = null): number {
  for (let done = 0; done < bytes.length;)
    done += writeSync(file, bytes, done, Math.min(bytes.length - done, 2 ** 30), position === null ? null : position + done)
  return bytes.length
}
