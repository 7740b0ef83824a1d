/**
 * A disk cache of the activations below the lowest trainable layer, which a training does not change. An entry holds the activations of
 * some rows. Its name is a digest of the weights below and of the token ids, so that a retrain on corrected labels finds it again.
 * The least recently used entries are removed when the folder exceeds its budget.
 */
import { createHash } from 'node:crypto'
import { mkdir, readdir, readFile, rename, rm, stat, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { freeBytes } from '../../files/disk-errors.ts'
import { removeAbandoned, temporaryName } from '../../files/temporary.ts'
import { CONTAINER_ALIGNMENT, containerChunks, unpackContainer } from '../../model-folder/container.ts'

const SUFFIX = '.activations'
/** Name of the tensor in an entry. */
const NAME = 'activations'
/** The numbers of an entry begin at this byte: it has one tensor and no header of its own. */
export const HEADER_BYTES = CONTAINER_ALIGNMENT

export interface PrefixCache {
  /** The file of an entry: {@link HEADER_BYTES}, then the numbers. An open file can be read even after the entry is removed. */
  path(key: string): string
  /** @returns the numbers of an entry; null if there is none or it is damaged */
  read(key: string): Promise<Float32Array | null>
  /** Adds an entry, unless it alone exceeds the budget. */
  write(key: string, numbers: Float32Array): Promise<void>
  /** Bytes that could be stored if all entries were removed, limited by the budget and the disk. */
  room(): Promise<number>
}

/** Space that the cache leaves free for checkpoints and the project. */
const SPARE_BYTES = 1e9

/** Key of an entry from all that decides its numbers: weights, layer, token ids. */
export function cacheKey(...parts: readonly (string | number | Int32Array)[]): string {
  const hash = createHash('sha256')
  for (const part of parts) {
    const bytes = part instanceof Int32Array ? new Uint8Array(part.buffer, part.byteOffset, part.byteLength) : `${part}`
    hash.update(`${bytes.length}:`).update(bytes)
  }
  return hash.digest('hex').slice(0, 40)
}

/** @param budget most bytes of the folder; 0 switches the cache off */
export function prefixCache(folder: string, budget: number, free = freeBytes): PrefixCache {
  const path = (key: string): string => join(folder, `${key}${SUFFIX}`)
  return {
    path,
    async read(key) {
      const numbers = parse(await readFile(path(key)).catch(() => null))
      // the time of the last use decides which entries are removed first
      if (numbers) await utimes(path(key), new Date(), new Date()).catch(() => undefined)
      return numbers
    },
    async write(key, numbers) {
      const bytes = HEADER_BYTES + numbers.byteLength
      if (bytes > budget) return
      await mkdir(folder, { recursive: true })
      await makeRoom(folder, budget - bytes)
      const temporary = temporaryName(path(key))
      try {
        // not flushed to the disk: a damaged entry has a wrong checksum, and is computed again
        await writeFile(temporary, containerChunks(null, [[NAME, { data: numbers }]]))
        await rename(temporary, path(key))
      } catch (error) {
        await rm(temporary, { force: true })
        throw error
      }
    },
    async room() {
      if (budget === 0) return 0
      await mkdir(folder, { recursive: true })
      const own = (await entriesIn(folder)).reduce((sum, { bytes }) => sum + bytes, 0)
      return Math.max(0, Math.min(budget, own + free(folder) - SPARE_BYTES))
    },
  }
}

function parse(file: Buffer | null): Float32Array | null {
  if (!file) return null
  try {
    return (unpackContainer(file).tensors.get(NAME)?.data as Float32Array | undefined) ?? null
  } catch {
    return null
  }
}

interface Entry {
  readonly path: string
  readonly bytes: number
  /** Time of its last use. */
  readonly used: number
}
async function entriesIn(folder: string): Promise<Entry[]> {
  const names = (await readdir(folder)).filter((name) => name.endsWith(SUFFIX))
  return Promise.all(
    names.map(async (name) => {
      const path = join(folder, name)
      const { size, mtimeMs } = await stat(path).catch(() => ({ size: 0, mtimeMs: 0 }))
      return { path, bytes: size, used: mtimeMs }
    }),
  )
}

/** Removes least recently used entries until the others fit, and temporary files of killed processes. */
async function makeRoom(folder: string, room: number): Promise<void> {
  removeAbandoned(folder)
  let kept = 0
  for (const { path, bytes } of (await entriesIn(folder)).sort((a, b) => b.used - a.used)) {
    kept += bytes
    if (kept > room) await rm(path, { force: true })
  }
}
