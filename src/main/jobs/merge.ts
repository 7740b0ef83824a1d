/** A second import into a project: files are staged as a project of their own, compared, and joined to a copy that replaces the project. */
import { join } from 'node:path'
import type { MergePlan } from '../../contract/merging.ts'
import type { ImportPlan } from '../../contract/importing.ts'
import { lossInWords } from '../data/import/detect/forecast.ts'
import { temporaryName } from '../files/temporary.ts'
import { removeDatabase } from '../store/project-file.ts'
import { Store } from '../store/store.ts'
import { importProject, type ImportInput, type StartWork } from './import.ts'
import { part, type JobControl } from '../processes/job-control.ts'
import { workResult } from '../processes/work-process.ts'

/** An update that is read and compared, waiting for the analyst's confirmation. */
export interface Staged {
  readonly plan: MergePlan
  /** The staged import, a project file in a temporary folder. */
  readonly file: string
  /** The project that it was compared with. */
  readonly project: string
}

/** Share of reading in the job of staging. */
const READING = 0.8

export interface StageInput extends Pick<ImportInput, 'plan' | 'seed'> {
  readonly project: string
  readonly folder: string
}

/**
 * Reads the files into a project of their own in a temporary folder and compares it with the open project.
 * @throws UserError what reading and comparing throws; the files are then removed
 */
export async function stage({ plan, project, folder, seed }: StageInput, control: JobControl, start: StartWork): Promise<Staged> {
  const token = crypto.randomUUID()
  const file = join(folder, `staged-${token}.reel`)
  const reading = part(control, 0, READING)
  const report = await importProject({ plan, project: file, sample: false, ruleSet: [], seed }, reading, start)
  try {
    control.progress(READING, 'comparing with the project')
    const { figures } = await workResult(start, { t: 'compare', project, staged: file }, control, 'update', 'compared')
    const loss = plan.asks ? lossInWords(plan.forecast) : null
    return { file, project, plan: { ...figures, token, files: report.files, loss, warnings: warningsOf(plan, figures) } }
  } catch (error) {
    removeDatabase(file)
    throw error
  }
}

/** Share of the project's movies below which the files seem to be another catalogue, so that the plan has a warning. */
const MIN_SHARED = 0.01

function warningsOf(plan: ImportPlan, f: Pick<MergePlan, 'same' | 'changed' | 'removed' | 'added' | 'by'>): string[] {
  const shared = f.same + f.changed
  const present = shared + f.removed
  if (present === 0 || f.added === 0 || shared >= MIN_SHARED * present || f.removed === 0) return []
  const how = f.by === 'id' ? `by the column "${plan.mapping.id}"` : 'by title and plot'
  return [
    `Only ${shared.toLocaleString('en')} of the project's ${present.toLocaleString('en')} movies are in these files (matched ${how}). If they are more movies for the same catalogue, keep those that the files lack; if they are another catalogue, import them into a project of their own.`,
  ]
}

export interface MergeInput {
  readonly staged: Staged
  readonly keepRemoved: boolean
  /** Puts the finished copy in the project's place and opens it. */
  readonly replace: (file: string) => void
  /** The open store, for decisions that are made while the copy is written. */
  readonly store: Store
}

/**
 * Joins a staged import. The project is copied, the copy is changed, and it replaces the project when it is complete: a
 * cancelled, failed or killed update leaves the project as it was.
 */
export async function mergeProject(
  { staged, keepRemoved, replace, store }: MergeInput,
  control: JobControl,
  start: StartWork,
): Promise<void> {
  const { project } = staged
  const file = temporaryName(project)
  try {
    const request = { t: 'merge', project, staged: staged.file, file, keepRemoved } as const
    const { lastBatch } = await workResult(start, request, control, 'update', 'merged')
    control.signal.throwIfAborted()
    control.progress(0.99, 'taking its place')
    carryOver(store, file, lastBatch)
    replace(file)
  } finally {
    removeDatabase(file)
  }
}

/** Adds the decisions that were made meanwhile to the copy before it replaces the project. */
function carryOver(store: Store, file: string, lastBatch: number): void {
  if (store.changes.lastBatch() === lastBatch) return
  const copy = new Store(file, 'open')
  try {
    copy.transaction(() => {
      for (const batch of store.changes.batches().filter((b) => b.id > lastBatch))
        copy.changes.append(batch, store.changes.changesOf(batch.id), batch.id - 1)
    })
    copy.checkpoint()
  } finally {
    copy.close()
  }
}
