import { accessSync, constants, statSync } from 'node:fs'
import { dirname } from 'node:path'
import { UserError } from '../../contract/errors.ts'

/** Which file a path led to when it was opened: what is written into one that is gone would be lost with the last program that has it open. */
export class Whereabouts {
  readonly #path: string
  readonly #file: string | null
  constructor(path: string) {
    this.#path = path
    this.#file = fileAt(path)
  }
  /** Whether the path still leads to the file. */
  isThere(): boolean {
    return this.#file === null || fileAt(this.#path) === this.#file
  }
  /** Throws `project-gone` when the file was moved, deleted or replaced. */
  assertThere(): void {
    if (this.isThere()) return
    throw new UserError(
      'project-gone',
      `${this.#path} was moved, deleted or replaced by another program while it was open. Nothing was written, it would be lost: put the file back, or save a copy of the open project under another name.`,
    )
  }
}

/** Device and number of a file; null for none. */
function fileAt(path: string): string | null {
  const stat = path === ':memory:' ? undefined : statSync(path, { bigint: true, throwIfNoEntry: false })
  return stat ? `${stat.dev} ${stat.ino}` : null
}

/** Throws `project-read-only` for a file or folder that cannot be written: SQLite needs both. */
export function assertWritable(path: string): void {
  for (const [what, place] of [
    ['The file', path],
    ['Its folder', dirname(path)],
  ] as const)
    try {
      accessSync(place, constants.W_OK)
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException
      if (code !== 'EACCES' && code !== 'EROFS' && code !== 'EPERM') return
      throw new UserError(
        'project-read-only',
        `${path} cannot be opened: ${what.toLowerCase()} is read-only. Copy the project to a folder that you may write to, and open it there.`,
      )
    }
}
