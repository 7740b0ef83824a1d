import { existsSync } from 'node:fs'
import { UserError } from '../../contract/errors.ts'
import { renameDurably } from '../files/atomic.ts'
import { removeSideFiles } from '../store/project-file.ts'
import type { Context } from './context.ts'

/**
 * Puts a finished file in a project's place and opens it.
 * @throws UserError `project-busy` where another program has it open, `project-gone` where it is not there any more: the project stays
 */
export function replaceProjectFile(c: Context, file: string, project: string): void {
  const open = c.isOpen(project) ? c.workspace() : null
  open?.store.assertThere()
  open?.store.close()
  try {
    // what another program still writes to the old file would be lost
    if (open && existsSync(`${project}-wal`))
      throw new UserError('project-busy', `${project} is open in another program: close it there, then try again. Nothing was changed.`)
    removeSideFiles(project)
    renameDurably(file, project)
  } finally {
    c.open(project)
  }
}
