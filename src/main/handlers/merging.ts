import { UserError } from '../../contract/errors.ts'
import { count, many } from '../../contract/words.ts'
import { refuseLoss } from '../jobs/import.ts'
import { mergeProject, stage, type Staged } from '../jobs/merge.ts'
import { FORECAST_CHARACTERS } from '../data/import/detect/forecast.ts'
import { part } from '../processes/job-control.ts'
import { removeDatabase } from '../store/project-file.ts'
import type { MERGE_METHODS } from '../../contract/merging.ts'
import type { Context, Handlers } from './context.ts'
import { replaceProjectFile } from './replace-project-file.ts'

/** Share of an update's progress bar for the backup before it. */
const BACKING_UP = 0.2

/** Updates of the open project: files are staged and compared first, then applied. */
export function mergingHandlers(c: Context): Handlers<typeof MERGE_METHODS> {
  let staged: Staged | null = null
  /** The files of `staged`. */
  let files: readonly string[] = []
  const discard = (): void => {
    if (staged) removeDatabase(staged.file)
    staged = null
  }
  /** The update staged for the open project; one for another project is discarded. */
  const current = (): Staged | null => {
    if (staged && staged.project !== c.workspace().store.path) discard()
    return staged
  }
  return {
    // meanwhile no project is opened
    'merge.stage': (source, caller) =>
      c.jobs.reserve('compare', async (startJob) => {
        const { store } = c.workspace()
        const plan = await c.reader.inspect(source, c.projects.importMemory.path, FORECAST_CHARACTERS, caller)
        if (plan.problems.length > 0) throw new UserError('cannot-import', plan.problems.join(' '))
        discard()
        const seed = store.meta.get('splitSeed') ?? 42
        const input = { plan, project: store.path, folder: c.projects.temporary, seed }
        const job = startJob(null, async (control) => {
          staged = await stage(input, control, () => c.spawn('job'))
          files = source.paths
          const { same, added, changed, removed } = staged.plan
          return `${count(added)} new, ${count(changed)} changed, ${count(removed)} missing, ${count(same)} the same.`
        })
        return { job }
      }),
    'merge.plan': () => current()?.plan ?? null,
    'merge.run': ({ token, removed, accept }) => {
      const update = current()
      if (update?.plan.token !== token)
        throw new UserError('no-update', 'This update is no longer there: read the files again ("Update from files").')
      if (update.plan.loss !== null && !accept) refuseLoss(update.plan.loss)
      const { store } = c.workspace()
      const path = store.path
      return c.jobs.start('merge', null, async (control) => {
        await c.backups.before(path, 'before-merge', part(control, 0, BACKING_UP))
        const { added, changed, removed: gone } = update.plan
        const replace = (file: string): void => replaceProjectFile(c, file, path)
        await mergeProject(
          { staged: update, keepRemoved: removed === 'keep', replace, store },
          part(control, BACKING_UP, 1 - BACKING_UP),
          () => c.spawn('job'),
        )
        discard()
        c.projects.removeUploads(files)
        return `${many(added, 'movie')} new, ${count(changed)} changed, ${count(gone)} ${removed === 'keep' ? 'kept though the files lack them' : 'removed'}.`
      })
    },
    'merge.discard': () => {
      discard()
      return null
    },
  }
}
