/** Files that are either whole or not there: written beside their place, then renamed into it. */
import { randomBytes } from 'node:crypto'
import { mkdir, open, readdir, rename, rm, rmdir, stat, type FileHandle } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { UserError } from '../../../contract/errors.ts'

/** Text, or bytes where a file is not UTF-8. */
export type Chunks = Iterable<string | Buffer> | AsyncIterable<string | Buffer>

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

/** Told of every temporary file and folder, so that what a killed program leaves can be found and removed. */
export interface Journal {
  begin(temporary: string): void
  end(temporary: string): void
}
const NO_JOURNAL: Journal = { begin: () => undefined, end: () => undefined }

/**
 * Writes `chunks` to `path` through a temporary file in the same folder, which is flushed to the disk and renamed at the end.
 * Whatever fails, a former file of that name stays as it was and the temporary file goes. Returns the bytes written.
 * Throws a UserError where the folder is missing or cannot be written to.
 */
export async function writeAtomically(path: string, chunks: Chunks, journal = NO_JOURNAL): Promise<number> {
  const temporary = temporaryName(path)
  try {
    journal.begin(temporary)
    const bytes = await writeNew(temporary, chunks)
    await rename(temporary, path)
    await syncFolder(dirname(path))
    return bytes
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => null)
    return explain(path, error)
  } finally {
    journal.end(temporary)
  }
}

/**
 * Writes files into a new folder `path` through a temporary folder beside it, which is renamed at the end: all of them or
 * none. Throws a UserError where something of that name is there already, unless it is an empty folder.
 */
export function writeFolderAtomically(
  path: string,
  files: readonly { readonly name: string; readonly chunks: Chunks }[],
  journal = NO_JOURNAL,
): Promise<void> {
  const fill = async (folder: string): Promise<void> => {
    for (const { name, chunks } of files) await writeNew(join(folder, name), chunks)
  }
  return makeFolderAtomically(path, fill, journal)
}

/** The same for a folder that `fill` fills. */
export async function makeFolderAtomically(path: string, fill: (folder: string) => Promise<void>, journal = NO_JOURNAL): Promise<void> {
  const temporary = temporaryName(path)
  try {
    await refuseTaken(path)
    journal.begin(temporary)
    await mkdir(temporary)
    await fill(temporary)
    await syncFolder(temporary)
    await refuseTaken(path)
    await rmdir(path).catch(() => null) // an empty one; not every system renames over it
    await rename(temporary, path)
    await syncFolder(dirname(path))
  } catch (error) {
    await rm(temporary, { recursive: true, force: true }).catch(() => null)
    explain(path, error)
  } finally {
    journal.end(temporary)
  }
}

async function refuseTaken(path: string): Promise<void> {
  const there = await stat(path).catch(() => null)
  if (!there) return
  if (!there.isDirectory()) throw new UserError('file-exists', `${path} is a file: choose another name. Nothing was written.`)
  if ((await readdir(path)).length === 0) return
  throw new UserError(
    'folder-not-empty',
    `The files of this export go into a folder of their own, and ${path} is not empty: choose another name, or empty it first. Nothing was written.`,
  )
}

const temporaryName = (path: string): string => join(dirname(path), `.${basename(path)}.${randomBytes(6).toString('hex')}.tmp`)

/** Writes a file that is not there yet, flushed to the disk; answers its bytes. */
export async function writeNew(path: string, chunks: Chunks, encode: (text: string) => Buffer = utf8): Promise<number> {
  const handle = await open(path, 'wx')
  try {
    const bytes = await writeAll(handle, chunks, encode)
    await handle.sync()
    return bytes
  } finally {
    await handle.close()
  }
}

const utf8 = (text: string): Buffer => Buffer.from(text, 'utf8')

async function writeAll(handle: FileHandle, chunks: Chunks, encode: (text: string) => Buffer): Promise<number> {
  let bytes = 0
  let buffered = ''
  const write = async (data: Buffer): Promise<void> => {
    for (let done = 0; done < data.length;) done += (await handle.write(data, done)).bytesWritten
    bytes += data.length
  }
  const flush = async (): Promise<void> => {
    const text = buffered
    buffered = ''
    await write(encode(text))
  }
  for await (const chunk of chunks) {
    if (typeof chunk !== 'string') {
      await flush()
      await write(chunk)
      continue
    }
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

/** Throws what kept a file from being written, in clear words where they are known. */
export function explain(path: string, error: unknown): never {
  const reason = REASONS[(error as NodeJS.ErrnoException | null)?.code ?? '']
  if (error instanceof UserError || !reason) throw error
  throw new UserError(reason[0], `${path} cannot be written: ${reason[1]}`, { path })
}
