import { existsSync } from 'node:fs'
import { UserError } from '../../contract/errors.ts'
import { renameDurably } from '../files/atomic.ts'
import { removeSideFiles } from '../store/project-file.ts'
import type { Context } from './context.ts'

/**
 * Replaces a project's file by a finished one and opens it.
 * @throws UserError `project-busy` if another program has it open, `project-gone` if its file is missing; the project stays unchanged
 */
export function replaceProjectFile(c: Context, file: string, project: string): void {
  const open = c.isOpen(project) ? c.workspace() : null
  open?.store.assertThere()
  open?.store.close()
  try {
    // anything that another program still wrote to the old file would be lost
    if (open && existsSync(`${project}-wal`))
      throw new UserError('project-busy', `${project} is open in another program: close it there, then try again. Nothing was changed.`)
    removeSideFiles(project)
    renameDurably(file, project)
  } finally {
    c.open(project)
  }
}
