/** Files that are either whole or not there: written beside their place, then renamed into it. */
import { randomBytes } from 'node:crypto'
import { open, rename, rm, type FileHandle } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { UserError } from '../../../contract/errors.ts'

const BUFFER_CHARACTERS = 1024 * 1024

const REASONS: Readonly<Record<string, readonly [code: string, why: string]>> = {
  ENOENT: ['folder-not-found', 'its folder does not exist. Create it or choose another one.'],
  ENOTDIR: ['folder-not-found', 'its folder is a file. Choose another folder.'],
  EACCES: ['folder-not-writable', 'permission denied. Choose a folder that you may write to.'],
  EPERM: ['folder-not-writable', 'permission denied. Choose a folder that you may write to.'],
  EROFS: ['folder-not-writable', 'the disk is read-only. Choose another folder.'],
  EISDIR: ['is-a-folder', 'there is a folder of that name. Choose another name.'],
  ENOSPC: ['disk-full', 'the disk is full. Free some space or choose another disk.'],
  EDQUOT: ['disk-full', 'the disk quota is used up. Free some space or choose another disk.'],
}

/**
 * Writes `chunks` to `path` through a temporary file in the same folder, which is flushed to the disk and renamed at the end.
 * Whatever fails, a former file of that name stays as it was and the temporary file goes. Returns the bytes written.
 * Throws a UserError where the folder is missing or cannot be written to.
 */
export async function writeAtomically(path: string, chunks: Iterable<string> | AsyncIterable<string>): Promise<number> {
  const temporary = join(dirname(path), `.${basename(path)}.${randomBytes(6).toString('hex')}.tmp`)
  const handle = await open(temporary, 'wx').catch((error: unknown) => explain(path, error))
  try {
    let bytes: number
    try {
      bytes = await writeAll(handle, chunks)
      await handle.sync()
    } finally {
      await handle.close()
    }
    await rename(temporary, path)
    await syncFolder(dirname(path))
    return bytes
  } catch (error) {
    await rm(temporary, { force: true })
    return explain(path, error)
  }
}

async function writeAll(handle: FileHandle, chunks: Iterable<string> | AsyncIterable<string>): Promise<number> {
  let bytes = 0
  let buffered = ''
  const flush = async (): Promise<void> => {
    const data = Buffer.from(buffered, 'utf8')
    buffered = ''
    for (let done = 0; done < data.length;) done += (await handle.write(data, done)).bytesWritten
    bytes += data.length
  }
  for await (const chunk of chunks) {
    buffered += chunk
    if (buffered.length >= BUFFER_CHARACTERS) await flush()
  }
  await flush()
  return bytes
}

/** The rename itself must reach the disk; not every system lets a folder be opened for that. */
async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder).catch(() => null)
  await handle?.sync().catch(() => null)
  await handle?.close()
}

function explain(path: string, error: unknown): never {
  const reason = REASONS[(error as NodeJS.ErrnoException | null)?.code ?? '']
  if (error instanceof UserError || !reason) throw error
  throw new UserError(reason[0], `${path} cannot be written: ${reason[1]}`, { path })
}
