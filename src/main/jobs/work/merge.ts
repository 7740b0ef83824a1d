/** Joins a newer source to a copy of a project, in a job process. */
import type { MergeWork } from '../../../contract/jobs.ts'
import { copyOfMoment } from '../../store/backup.ts'
import { Store } from '../../store/store.ts'
import { part, type JobControl } from '../../processes/job-control.ts'
import { cleanInto, currentRuleSet } from './clean.ts'

/**
 * Makes a copy of the project with the staged source joined to it and cleaned by the project's own rule set.
 * @returns the last batch of the change log in the copy
 */
export async function merge({ project, staged, file, keepRemoved }: MergeWork, control: JobControl): Promise<number> {
  await copyOfMoment(project, file, (fraction) => {
    control.signal.throwIfAborted()
    control.progress(0.2 * fraction, 'copying the project')
  })
  control.progress(0.2, 'joining the new files')
  const importId = await opened(file, (store) => store.join(staged, { keepRemoved, at: new Date().toISOString() }))
  const report = await opened(staged, ({ imports }) => imports.latest()?.report)
  if (!report) throw new Error('the staged project has no import')
  // a new store, which reads the genres that were added
  return opened(file, async (store) => {
    control.progress(0.5, 'ordering titles')
    store.columns.rankTitles()
    control.progress(0.55, 'cleaning')
    const clean = await cleanInto(store, { ruleSet: currentRuleSet(store) }, part(control, 0.55, 0.45))
    store.imports.finish(importId, { ...report, clean })
    store.checkpoint()
    return store.changes.lastBatch()
  })
}

async function opened<T>(file: string, work: (store: Store) => T | Promise<T>): Promise<T> {
  const store = new Store(file, 'open')
  try {
    return await work(store)
  } finally {
    store.close()
  }
}
