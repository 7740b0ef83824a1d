/** The file of a project on the disk, and the files that SQLite keeps beside it. */
import { accessSync, constants, rmSync, statSync } from 'node:fs'
import { dirname } from 'node:path'
import { UserError } from '../../contract/errors.ts'
import { codeOf } from '../files/disk-errors.ts'

/** Suffixes of the files that SQLite keeps beside a database while it is open, and that a killed program leaves. */
export const SIDE_FILES = ['-wal', '-shm', '-journal'] as const

/** Suffixes of those that hold decisions: a project that is kept unchanged needs them. */
export const KEPT_BESIDE = ['-wal', '-journal'] as const

/** Call it before another file takes this name: SQLite would apply the log or journal of the former file to it. */
export function removeSideFiles(path: string): void {
  for (const suffix of SIDE_FILES) rmSync(path + suffix, { force: true })
}
/** Removes a database, if it is there, with its side files. */
export function removeDatabase(path: string): void {
  rmSync(path, { force: true })
  removeSideFiles(path)
}

/** The file that a path led to when it was opened: what is written to a deleted file is lost when the last program closes it. */
export class FileIdentity {
  readonly #path: string
  readonly #file: string | null
  constructor(path: string) {
    this.#path = path
    this.#file = fileAt(path)
  }
  /** @throws UserError `project-gone` if the file was moved, deleted or replaced */
  assertUnchanged(): void {
    if (this.#file === null || fileAt(this.#path) === this.#file) return
    throw new UserError(
      'project-gone',
      `${this.#path} was moved, deleted or replaced by another program while it was open. Nothing was written, it would be lost: put the file back, or save a copy of the open project under another name.`,
    )
  }
}

/** Device and inode of a file; null if there is none. */
function fileAt(path: string): string | null {
  const stat = path === ':memory:' ? undefined : statSync(path, { bigint: true, throwIfNoEntry: false })
  return stat ? `${stat.dev} ${stat.ino}` : null
}

/** @throws UserError `project-read-only` if the file or its folder cannot be written: SQLite needs both */
export function assertWritable(path: string): void {
  for (const [what, place] of [
    ['The file', path],
    ['Its folder', dirname(path)],
  ] as const)
    try {
      accessSync(place, constants.W_OK)
    } catch (error) {
      const code = codeOf(error)
      if (code !== 'EACCES' && code !== 'EROFS' && code !== 'EPERM') return
      throw new UserError(
        'project-read-only',
        `${path} cannot be opened: ${what.toLowerCase()} is read-only. Copy the project to a folder that you may write to, and open it there.`,
      )
    }
}
