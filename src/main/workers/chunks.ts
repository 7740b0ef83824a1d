/**
 * Data of trainings on a queue: files in chunks that are named by the SHA-256 of their bytes. A chunk that is there is not sent again, and
 * one that was changed on the way is refused. Chunks expire.
 */
import { createHash } from 'node:crypto'
import { open, rename, stat } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { messageOf, UserError } from '../../contract/errors.ts'
import type { SentFile } from '../../contract/workers.ts'
import { PREFIX, type Redis } from './connection.ts'

/** Bytes of a chunk. */
export const CHUNK_BYTES = 4 << 20
/** Seconds after which a chunk expires that no run needs any more, and that any run may need. */
export const [AFTER_S, KEPT_S] = [3600, 48 * 3600]
/** Bytes that one training may send to a Redis without a limit of its own. */
export const MAX_BYTES = 2e9

const keyOf = (digest: string): string => `${PREFIX}:chunk:${digest}`
const digestOf = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex')

/** Sends a file. Resolves with the names of its chunks. @throws UserError `queue-full`, `cancelled` as `signal` says */
export async function sendFile(redis: Redis, path: string, signal?: AbortSignal): Promise<SentFile> {
  const chunks: string[] = []
  const file = await open(path)
  try {
    for (let bytes = await piece(file); bytes.length > 0; bytes = await piece(file)) {
      signal?.throwIfAborted()
      const digest = digestOf(bytes)
      chunks.push(digest)
      if ((await redis.expire(keyOf(digest), KEPT_S)) === 0) await put(redis, digest, bytes)
    }
  } finally {
    await file.close()
  }
  return { name: basename(path), chunks }
}

async function piece(file: Awaited<ReturnType<typeof open>>): Promise<Buffer> {
  const bytes = Buffer.allocUnsafe(CHUNK_BYTES)
  let size = 0
  while (size < CHUNK_BYTES) {
    const { bytesRead } = await file.read(bytes, size, CHUNK_BYTES - size)
    if (bytesRead === 0) break
    size += bytesRead
  }
  return bytes.subarray(0, size)
}

async function put(redis: Redis, digest: string, bytes: Buffer): Promise<void> {
  try {
    await redis.set(keyOf(digest), bytes, 'EX', KEPT_S)
  } catch (error) {
    throw messageOf(error).startsWith('OOM') ? full() : error
  }
}
const full = (): UserError =>
  new UserError('queue-full', 'The queue has no memory left for the data of this training: raise `maxmemory` of its Redis, or wait until older data expire.') // prettier-ignore

/** Refuses files that are larger than what is left of the queue's memory. @throws UserError `queue-full` */
export async function assertRoom(redis: Redis, paths: readonly string[]): Promise<void> {
  const sizes = await Promise.all(paths.map(async (path) => (await stat(path)).size))
  const bytes = sizes.reduce((sum, size) => sum + size, 0)
  const info = await redis.info('memory')
  const figure = (name: string): number => Number(new RegExp(`^${name}:(\\d+)`, 'm').exec(info)?.[1] ?? 0)
  const limit = figure('maxmemory')
  const room = limit === 0 ? MAX_BYTES : limit - figure('used_memory')
  if (bytes <= room) return
  const [wanted, left] = [bytes, room].map((n) => Math.ceil(n / 1e6))
  throw new UserError('queue-full', `The data of this training take ${wanted} MB, and the queue has room for ${left} MB: raise \`maxmemory\` of its Redis.`) // prettier-ignore
}

/**
 * Writes a file from its chunks into a folder, where it appears when it is complete.
 * @throws UserError `chunk-missing` if a chunk has expired, `chunk-damaged` if its bytes are others than those that its name says
 */
export async function fetchFile(redis: Redis, { name, chunks }: SentFile, folder: string): Promise<string> {
  const path = join(folder, name)
  const file = await open(`${path}.part`, 'w')
  try {
    for (const digest of chunks) {
      const bytes = await redis.getBuffer(keyOf(digest))
      if (!bytes) throw new UserError('chunk-missing', `A part of ${name} is not on the queue any more: start the training again.`)
      if (digestOf(bytes) !== digest) throw new UserError('chunk-damaged', `A part of ${name} was changed on the queue: start the training again.`) // prettier-ignore
      await file.writeFile(bytes)
    }
  } finally {
    await file.close()
  }
  await rename(`${path}.part`, path)
  return path
}

/** Lets the chunks of files expire after this number of seconds. */
export async function expire(redis: Redis, files: readonly SentFile[], seconds: number): Promise<void> {
  const all = new Set(files.flatMap(({ chunks }) => chunks))
  const pipeline = redis.pipeline()
  for (const digest of all) pipeline.expire(keyOf(digest), seconds)
  await pipeline.exec()
}
