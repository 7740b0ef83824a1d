/** Checksums of files as the Hub gives them. */
import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import type { Digest } from './downloaded.ts'

const CHUNK_BYTES = 1 << 20

/**
 * Checksum of the file as it lies on the disk, in hexadecimal digits. Large files of the Hub have the SHA-256 of their content;
 * the others what git calls them: the SHA-1 of `blob `, their bytes in decimal digits, a zero byte and the content (Pro Git, 10.2).
 */
export async function digestOf(path: string, algorithm: Digest['algorithm'], signal?: AbortSignal): Promise<string> {
  const hash = createHash(algorithm === 'sha256' ? 'sha256' : 'sha1')
  if (algorithm === 'git-sha1') hash.update(`blob ${(await stat(path)).size}\0`)
  for await (const chunk of createReadStream(path, { highWaterMark: CHUNK_BYTES, ...(signal ? { signal } : {}) }))
    hash.update(chunk as Buffer)
  return hash.digest('hex')
}
