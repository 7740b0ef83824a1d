/** Digests of the files of models. */
import { createHash } from 'node:crypto'
import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { ModelFiles } from '../../contract/models.ts'
import { streamRegular } from '../files/regular.ts'

/** Files that decide what a model computes. */
const COUNTS =
  /^(?:config\.json|tokenizer\.json|tokenizer_config\.json|special_tokens_map\.json|vocab\.txt|.*\.safetensors|.*\.safetensors\.index\.json)$/
/** Files that decide what an adapter adds to it. */
const ADAPTER_COUNTS = /^(?:adapter_config\.json|adapter_model\.safetensors|labels\.json)$/

const namesIn = async (folder: string, counts: RegExp): Promise<string[]> =>
  (await readdir(folder)).filter((name) => counts.test(name)).sort()
/** Names of the files of a model that a training reads. */
export const modelFileNames = (folder: string): Promise<string[]> => namesIn(folder, COUNTS)
/** Names of the files of an adapter that a training reads. */
export const adapterFileNames = (folder: string): Promise<string[]> => namesIn(folder, ADAPTER_COUNTS)

/** Digests by folder and the sizes and times of its files. */
const known = new Map<string, string>()

/**
 * SHA-256 of a model's configuration, vocabulary and weights, and of its adapter's. A run stores it, and its adapters fit no other
 * weights. Files are read again only if one has changed since the last call.
 */
export async function modelDigest({ modelFolder, adapterFolder }: ModelFiles): Promise<string> {
  const base = await folderDigest(modelFolder, COUNTS)
  if (adapterFolder === null) return base
  const adapter = await folderDigest(adapterFolder, ADAPTER_COUNTS)
  return createHash('sha256').update(`${base}\n${adapter}`).digest('hex')
}

async function folderDigest(folder: string, counts: RegExp): Promise<string> {
  const names = await namesIn(folder, counts)
  const stats = await Promise.all(names.map(async (name) => [name, await stat(join(folder, name))] as const))
  const key = JSON.stringify([folder, stats.map(([name, { size, mtimeMs }]) => [name, size, mtimeMs])])
  const digest = known.get(key) ?? (await filesDigest(folder, names))
  known.set(key, digest)
  return digest
}

/** SHA-256 of the names, sizes and contents of files. */
export async function filesDigest(folder: string, names: readonly string[]): Promise<string> {
  const hash = createHash('sha256')
  for (const name of names) {
    const path = join(folder, name)
    hash.update(`${name}\n${(await stat(path)).size}\n`)
    for await (const chunk of streamRegular(path, 1 << 20)) hash.update(chunk as Buffer)
  }
  return hash.digest('hex')
}
