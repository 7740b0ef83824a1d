/** Errors of the file system as errors that say what to do. */
import { statfsSync } from 'node:fs'
import { UserError } from '../../contract/errors.ts'

const REASONS: Readonly<Record<string, readonly [code: string, why: string]>> = {
  ENOENT: ['folder-not-found', 'its folder does not exist. Create it or choose another one.'],
  ENOTDIR: ['folder-not-found', 'its folder is a file. Choose another folder.'],
  EACCES: ['folder-not-writable', 'permission denied. Choose a folder that you may write to.'],
  EPERM: ['folder-not-writable', 'permission denied. Choose a folder that you may write to.'],
  EROFS: ['folder-not-writable', 'the disk is read-only. Choose another folder.'],
  EISDIR: ['is-a-folder', 'there is a folder of that name. Choose another name.'],
  ENOSPC: ['disk-full', 'the disk is full. Free some space or choose another disk.'],
  ENAMETOOLONG: ['name-too-long', 'its name is too long for the disk. Choose a shorter one.'],
  EXDEV: ['other-disk', 'files are not moved to another disk. Move them yourself while no program has them open.'],
  EDQUOT: ['disk-full', 'the disk quota is used up. Free some space or choose another disk.'],
}

/** Errors that any access to a file may meet. */
const ANYWHERE: Readonly<Record<string, readonly [code: string, why: string]>> = {
  EMFILE: ['too-many-files', 'Reelabel has too many files and connections open. Close other windows of it, then try again.'],
  ENFILE: ['too-many-files', 'Programs of this machine have too many files open. Close some of them, then try again.'],
}
/** A file system error that has nothing to do with what was done as a UserError; any other error as it is. */
export function systemError(error: unknown): unknown {
  const reason = ANYWHERE[codeOf(error)]
  return reason ? new UserError(...reason) : error
}

/** A file system error met while writing `path` as a UserError; any other error as it is. */
export function diskError(path: string, error: unknown): unknown {
  const reason = REASONS[codeOf(error)]
  if (error instanceof UserError || !reason) return error
  return new UserError(reason[0], `${path} cannot be written: ${reason[1]}`, { path })
}

/** Runs `work`, which writes `path`. @throws UserError for what {@link diskError} knows */
export async function withDiskErrors<T>(path: string, work: () => T | Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    throw diskError(path, error)
  }
}

/** Code of a system error such as `ENOENT`; empty for any other error. */
export const codeOf = (error: unknown): string => (error instanceof Error ? ((error as NodeJS.ErrnoException).code ?? '') : '')

/** Free bytes on the disk of a folder. */
export function freeBytes(folder: string): number {
  const { bavail, bsize } = statfsSync(folder)
  return bavail * bsize
}
