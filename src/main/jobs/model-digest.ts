/** Which weights a model of the library has: a run says so, and its adapters fit no others. */
import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'

/** What decides what a model computes. */
const COUNTS = /^(?:config\.json|tokenizer\.json|vocab\.txt|.*\.safetensors)$/
const known = new Map<string, string>()

/** SHA-256 of its configuration, vocabulary and weights; read again only where a file has changed since. */
export async function modelDigest(folder: string): Promise<string> {
  const names = (await readdir(folder)).filter((name) => COUNTS.test(name)).sort()
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
