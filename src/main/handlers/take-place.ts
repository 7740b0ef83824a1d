import { existsSync, renameSync, rmSync } from 'node:fs'
import { UserError } from '../../contract/errors.ts'
import type { Context } from './context.ts'

/** A file and what SQLite keeps beside it. */
export const COMPANIONS = ['', '-wal', '-shm', '-journal'] as const

/**
 * Puts a finished file in a project's place and opens it.
 * @throws UserError `project-busy` where another program has it open, `project-gone` where it is not there any more: the project stays
 */
export function takePlace(c: Context, file: string, project: string): void {
  const open = c.isOpen(project) ? c.workspace() : null
  open?.store.assertThere()
  open?.store.close()
  try {
    // what another program still writes to the old file would be lost
    if (open && existsSync(`${project}-wal`))
      throw new UserError('project-busy', `${project} is open in another program: close it there, then try again. Nothing was changed.`)
    // the log of the damaged file must not be played into the sound one
    for (const suffix of ['-wal', '-shm', '-journal']) rmSync(project + suffix, { force: true })
    renameSync(file, project)
  } finally {
    c.open(project)
  }
}
