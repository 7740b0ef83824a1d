/** Which weights a model of the library has: a run says so, and its adapters fit no others. */
import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { ModelFiles } from '../../contract/models.ts'

/** What decides what a model computes. */
const COUNTS =
  /^(?:config\.json|tokenizer\.json|tokenizer_config\.json|special_tokens_map\.json|vocab\.txt|.*\.safetensors|.*\.safetensors\.index\.json)$/
/** And what an adapter makes of it. */
const ADAPTER_COUNTS = /^(?:adapter_config\.json|adapter_model\.safetensors|labels\.json)$/
const known = new Map<string, string>()

/** SHA-256 of its configuration, vocabulary and weights, and of an adapter's; read again only where a file has changed since. */
export async function modelDigest({ modelFolder, adapterFolder }: ModelFiles): Promise<string> {
  const base = await folderDigest(modelFolder, COUNTS)
  if (adapterFolder === null) return base
  const adapter = await folderDigest(adapterFolder, ADAPTER_COUNTS)
  return createHash('sha256').update(`${base}\n${adapter}`).digest('hex')
}

async function folderDigest(folder: string, counts: RegExp): Promise<string> {
  const names = (await readdir(folder)).filter((name) => counts.test(name)).sort()
  const stats = await Promise.all(names.map((name) => stat(join(folder, name))))
  const key = JSON.stringify([folder, names, stats.map((s) => [s.size, s.mtimeMs])])
  const before = known.get(key)
  if (before !== undefined) return before
  const hash = createHash('sha256')
  for (const [i, name] of names.entries()) {
    hash.update(`${name}\n${stats[i]!.size}\n`)
    for await (const chunk of createReadStream(join(folder, name), { highWaterMark: 1 << 20 })) hash.update(chunk as Buffer)
  }
  const digest = hash.digest('hex')
  known.set(key, digest)
  return digest
}
