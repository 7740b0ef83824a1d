import { existsSync, mkdirSync } from 'node:fs'
import { open, rm } from 'node:fs/promises'
import { dirname } from 'node:path'
import { UserError } from '../../contract/errors.ts'
import type { CleanRuleSet } from '../../contract/cleaning.ts'
import type { ImportPlan, ImportReport } from '../../contract/importing.ts'
import { renameDurably } from '../files/atomic.ts'
import { temporaryName } from '../files/temporary.ts'
import { removeSideFiles, SIDE_FILES } from '../store/project-file.ts'
import type { JobControl } from '../processes/job-control.ts'
import { workResult, type WorkProcess } from '../processes/work-process.ts'

export interface ImportInput {
  readonly plan: ImportPlan
  readonly project: string
  readonly sample: boolean
  readonly ruleSet: CleanRuleSet
  readonly seed: number
}

/** Starts a job process: a real one, or {@link runInProcess}. */
export type StartWork = () => WorkProcess<'job'>

/** Removes the files that an import writes. */
async function removeProjectFiles(path: string): Promise<void> {
  for (const suffix of ['', ...SIDE_FILES]) await removeAtOnce(path + suffix)
}

/**
 * Freeing the blocks of a large file takes a while: with an open handle the name is removed first, and the blocks are freed when the
 * handle is closed.
 */
async function removeAtOnce(path: string): Promise<void> {
  const handle = process.platform === 'win32' ? null : await open(path).catch(() => null)
  await rm(path, { force: true })
  void handle?.close()
}

/** @throws UserError `loss-not-accepted`, naming the loss */
export function refuseLoss(loss: string): never {
  throw new UserError(
    'loss-not-accepted',
    `${loss} Nothing was changed: see why with --dry-run or on the Import screen, and confirm it (--yes) to go on with the rest.`,
  )
}

/** Refuses an import before anything is done. @throws UserError `project-exists`, `cannot-import` */
export function refuseImport({ plan, project }: Pick<ImportInput, 'plan' | 'project'>): void {
  if (existsSync(project))
    throw new UserError('project-exists', `${project} exists already: choose another name, or delete it first. Nothing was changed.`)
  if (plan.problems.length > 0) throw new UserError('cannot-import', plan.problems.join(' '))
}

/**
 * Imports files into a new project. They are written to a staging file beside the project, which gets the project's name when it is
 * complete: a cancelled, failed or killed import leaves nothing behind.
 * @throws UserError `project-exists`, `cannot-import`, and what reading the files throws
 */
export async function importProject(input: ImportInput, control: JobControl, start: StartWork): Promise<ImportReport> {
  const { project } = input
  refuseImport(input)
  mkdirSync(dirname(project), { recursive: true })
  const path = temporaryName(project)
  try {
    const report = await grow(path, input, control, start)
    takeName(path, input)
    return report
  } finally {
    await removeProjectFiles(path)
  }
}

/** Writes the file in a job process, which has ended when this settles. */
async function grow(
  file: string,
  { plan, sample, ruleSet, seed }: ImportInput,
  control: JobControl,
  start: StartWork,
): Promise<ImportReport> {
  const request = { t: 'import', file, plan, sample, ruleSet, seed } as const
  return (await workResult(start, request, control, 'import', 'imported')).report
}

/** Gives the finished file its name, unless that has been taken in the meantime. */
function takeName(path: string, input: ImportInput): void {
  refuseImport(input)
  // left over from a deleted or killed project of that name
  removeSideFiles(input.project)
  renameDurably(path, input.project)
}
