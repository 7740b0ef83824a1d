/** Tensors of a checkpoint in a safetensors file, written whole and then named. */
import { open, readFile, rename } from 'node:fs/promises'
import { crc32 } from 'node:zlib'
import { safetensorsHeader } from '../../model-folder/safetensors.ts'
import type { Tensors, Weights } from './learner.ts'

/** What a file must turn out to be; kept beside it. */
export interface Seal {
  readonly name: string
  readonly bytes: number
  /** CRC-32 of all of it. */
  readonly sum: number
}

const bytesOf = (data: Float32Array): Uint8Array => new Uint8Array(data.buffer, data.byteOffset, data.byteLength)

/** Writes `path`; it is there only once all of it is on the disk. */
export async function writeTensors(path: string, name: string, tensors: Tensors): Promise<Seal> {
  const specs = Array.from(tensors, ([key, { shape }]) => ({ name: key, shape }))
  const file = await open(`${path}.part`, 'w')
  let [bytes, sum] = [0, 0]
  try {
    for (const chunk of [safetensorsHeader(specs), ...Array.from(tensors.values(), ({ data }) => bytesOf(data))]) {
      sum = crc32(chunk, sum)
      await file.writeFile(chunk)
      bytes += chunk.length
    }
    await file.sync()
  } finally {
    await file.close()
  }
  await rename(`${path}.part`, path)
  return { name, bytes, sum }
}

/** @returns null where the file is not what its seal says */
export async function readTensors(path: string, seal: Seal): Promise<Tensors | null> {
  const file = await readFile(path).catch(() => null)
  if (file?.length !== seal.bytes || crc32(file) !== seal.sum) return null
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength)
  const start = 8 + Number(view.getBigUint64(0, true))
  const header = JSON.parse(new TextDecoder().decode(file.subarray(8, start))) as Record<
    string,
    { readonly shape: number[]; readonly data_offsets: [number, number] }
  >
  const tensors = new Map<string, Weights>()
  delete header['__metadata__']
  for (const [name, { shape, data_offsets }] of Object.entries(header)) {
    const [from, to] = data_offsets
    const data = new Float32Array((to - from) / 4)
    bytesOf(data).set(file.subarray(start + from, start + to))
    tensors.set(name, { shape, data })
  }
  return tensors
}
