/** Files of models that are small enough for tests. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { FakeModel } from './fake-hub.ts'

/** A safetensors file with one F32 tensor of `n` numbers, and a tensor that is not a parameter. */
export function safetensors(n: number, name = 'w'): Buffer {
  const header = Buffer.from(
    JSON.stringify({
      [name]: { dtype: 'F32', shape: [n], data_offsets: [0, 4 * n] },
      position_ids: { dtype: 'I64', shape: [1, 2], data_offsets: [4 * n, 4 * n + 16] },
    }),
  )
  const length = Buffer.alloc(8)
  length.writeBigUInt64LE(BigInt(header.length))
  const data = Buffer.alloc(4 * n + 16)
  for (let i = 0; i < data.length; i++) data[i] = (i * 31 + (i >> 8)) & 255
  return Buffer.concat([length, header, data])
}

export const config = (type = 'distilbert', more: object = {}): Buffer => Buffer.from(JSON.stringify({ model_type: type, ...more }))
const README = Buffer.from('---\nlanguage: en\nlicense: "mit" # the usual one\n---\n# A model\nlicense: none\n')

/** Number of weights: enough for a response in many pieces. */
export const NUMBERS = 50_000
export const tinyFiles = (n = NUMBERS): Record<string, Buffer> => ({
  'config.json': config(),
  'model.safetensors': safetensors(n),
  'vocab.txt': Buffer.from('[PAD]\n[UNK]\n'),
  'README.md': README,
})
export const tinyModel = (more: Partial<FakeModel> = {}): FakeModel => ({ id: 'ann/tiny', files: tinyFiles(), ...more })

export function writeModel(folder: string, files: Readonly<Record<string, Buffer>> = tinyFiles(8)): string {
  mkdirSync(folder, { recursive: true })
  for (const [name, bytes] of Object.entries(files)) writeFileSync(join(folder, name), bytes)
  return folder
}
