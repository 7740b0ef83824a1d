/**
 * Files that are either complete or not there: written to a temporary file in the same folder, flushed to the disk, renamed, and the
 * folder flushed too where the system allows it. write-file-atomic 7 and 8 ignore a short write: on a full disk they
 * replace a good file by a truncated one. Neither writes a stream. See docs/decisions/0011-locks-and-atomic-writes.md.
 */
import { closeSync, fsyncSync, openSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { mkdir, open, readdir, rm, rmdir, stat, type FileHandle } from 'node:fs/promises'
import { dirname } from 'node:path'
import { UserError } from '../../contract/errors.ts'
import { diskError } from './disk-errors.ts'
import { temporaryName } from './temporary.ts'

/** Text, or bytes for a file that is not UTF-8. */
export type Chunks = Iterable<string | Buffer> | AsyncIterable<string | Buffer>

const BUFFER_CHARACTERS = 1024 * 1024

/** Keeps a list of temporary files and folders, so that what a killed program leaves can be found and removed. */
export interface Journal {
  begin(temporary: string): void
  end(temporary: string): void
}
const NO_JOURNAL: Journal = { begin: () => undefined, end: () => undefined }

/**
 * Replaces a small file.
 * @param mode permissions of the new file, where the system has them
 * @throws the system's error; a former file of that name is then unchanged
 */
export function writeFileAtomically(path: string, data: string | Uint8Array, mode = 0o666): void {
  const temporary = temporaryName(path)
  try {
    const file = openSync(temporary, 'wx', mode)
    try {
      writeFileSync(file, data)
      fsyncSync(file)
    } finally {
      closeSync(file)
    }
    renameDurably(temporary, path)
  } catch (error) {
    rmSync(temporary, { force: true })
    throw error
  }
}

/** Renames a file or folder whose content is on the disk already, and flushes the rename. */
export function renameDurably(from: string, to: string): void {
  renameSync(from, to)
  syncFolderOf(to)
}

/** Flushes a file that was written by other means. */
export function syncFile(path: string): void {
  const file = openSync(path, 'r+')
  try {
    fsyncSync(file)
  } finally {
    closeSync(file)
  }
}

/** Flushes which files are in the folder of a file. */
export const syncFolderOf = (path: string): void => syncFolder(dirname(path))

/** A rename is on the disk once its folder is; not every system allows a folder to be opened for that. */
function syncFolder(folder: string): void {
  let file: number
  try {
    file = openSync(folder, 'r')
  } catch {
    return
  }
  try {
    fsyncSync(file)
  } catch {
    // refused by the file system
  } finally {
    closeSync(file)
  }
}

/**
 * Replaces a file of any size that `fill` writes and flushes, for example with {@link writeNew}. If anything fails, a former file of
 * that name is unchanged.
 * @throws UserError if the folder is missing or cannot be written to
 */
export async function makeFileAtomically(path: string, fill: (temporary: string) => Promise<void>, journal = NO_JOURNAL): Promise<void> {
  const temporary = temporaryName(path)
  try {
    refuseOtherKinds(path)
    journal.begin(temporary)
    await fill(temporary)
    renameDurably(temporary, path)
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => null)
    throw diskError(path, error)
  } finally {
    journal.end(temporary)
  }
}

/**
 * Makes a folder with all the files that `fill` writes, or none. @returns what `fill` returns
 * @throws UserError if there is something of that name already, unless it is an empty folder
 */
export async function makeFolderAtomically<T>(path: string, fill: (folder: string) => Promise<T>, journal = NO_JOURNAL): Promise<T> {
  const temporary = temporaryName(path)
  try {
    await refuseTaken(path)
    journal.begin(temporary)
    await mkdir(temporary)
    const filled = await fill(temporary)
    syncFolder(temporary)
    await refuseTaken(path)
    await rmdir(path).catch(() => null) // an empty folder; not every system renames over it
    renameDurably(temporary, path)
    return filled
  } catch (error) {
    await rm(temporary, { recursive: true, force: true }).catch(() => null)
    throw diskError(path, error)
  } finally {
    journal.end(temporary)
  }
}

/** @throws UserError `not-a-file`: a file would take the place of a device, such as /dev/null, or of a pipe that another program reads */
function refuseOtherKinds(path: string): void {
  const there = statSync(path, { throwIfNoEntry: false })
  if (!there || there.isFile() || there.isDirectory()) return
  throw new UserError('not-a-file', `${path} is a pipe, socket or device: choose another name. Nothing was written.`)
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

/** Writes a file that does not exist yet and flushes it to the disk. Returns its bytes. */
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
