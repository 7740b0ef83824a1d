import { toReply } from '../../../contract/errors.ts'
import type { JobReply, JobRequest, BackupWork, RestoreWork } from '../../../contract/jobs.ts'
import { withDiskErrors } from '../../files/disk-errors.ts'
import { toUserError } from '../../store/database.ts'
import type { JobControl } from '../../processes/job-control.ts'
import { cleanWork } from './clean.ts'
import { writeEverything } from './everything.ts'
import { writeExport } from './export.ts'
import { importFiles } from './import.ts'
import { merge } from './merge.ts'
import { salvageInto } from './salvage.ts'
import { constants, copyFileSync } from 'node:fs'
import { headAt } from '../../files/regular.ts'
import { compareDecisions } from '../../store/merging/logs.ts'
import { readMergeFigures } from '../../store/merging/figures.ts'
import { KEPT_BESIDE } from '../../store/project-file.ts'
import { copyDecisions, copyOfMoment, makeReady, putDecisions } from '../../store/backup.ts'

/** Does one kind of work, at once or until the promise resolves; its results are sent with `tell`. */
type Work<T extends JobRequest['t']> = (
  request: Extract<JobRequest, { readonly t: T }>,
  tell: (message: JobReply) => void,
  control: JobControl,
) => unknown

const WORK: { readonly [T in JobRequest['t']]: Work<T> } = {
  clean: cleanWork,
  import: async (request, tell, control) => tell({ t: 'imported', report: await importFiles(request, control) }),
  compare: (request, tell) => tell({ t: 'compared', figures: readMergeFigures(request.project, request.staged) }),
  'compare-decisions': ({ project, other }, tell) => tell({ t: 'decisions-compared', compared: compareDecisions(project, other) }),
  merge: async (request, tell, control) => tell({ t: 'merged', lastBatch: await merge(request, control) }),
  backup: async (request, _tell, control) => withFileErrors(request.to, () => backUp(request, control)),
  restore: (request, tell) => tell({ t: 'restored', lost: restoreTo(request) }),
  everything: async (request, tell, control) =>
    tell({ t: 'everything', rows: await withFileErrors(request.folder, () => writeEverything(request, control)) }),
  export: async (request, tell, control) =>
    tell({ t: 'exported', counts: await withFileErrors(request.target, () => writeExport(request, control)) }),
  salvage: async (request, tell, control) =>
    tell({ t: 'salvaged', ...(await withFileErrors(request.folder, () => salvageInto(request, control))) }),
}

const withFileErrors = <T>(path: string, write: () => Promise<T>): Promise<T> =>
  withDiskErrors(path, async () => {
    try {
      return await write()
    } catch (error) {
      throw toUserError(path, error)
    }
  })

/** Does the requested work and sends its result or error; never rejects. */
export async function work(request: JobRequest, tell: (message: JobReply) => void, signal: AbortSignal): Promise<void> {
  try {
    const task = WORK[request.t] as (r: JobRequest, tell: (m: JobReply) => void, control: JobControl) => unknown
    await task(request, tell, { signal, progress: (fraction, phase) => tell({ t: 'progress', fraction, phase }) })
    tell({ t: 'done' })
  } catch (error) {
    tell({ t: 'error', error: toReply(error) })
  }
}

/** Copies a project that the engine has open. */
async function backUp({ file, kind, to }: BackupWork, control: JobControl): Promise<void> {
  if (kind === 'decisions') copyDecisions(file, to)
  else
    await copyOfMoment(file, to, (fraction) => {
      control.signal.throwIfAborted()
      control.progress(fraction, 'copying')
    })
}

/** Makes the file that will replace a project. Returns the number of decisions that found no movie in it. */
export function restoreTo({ backup, base, to }: RestoreWork): number {
  const from = base ?? backup
  copyFileSync(from, to, constants.COPYFILE_EXCL | constants.COPYFILE_FICLONE)
  // a project that was kept as it is has its newest decisions in the log beside it
  for (const suffix of KEPT_BESIDE) if (headAt(from + suffix, 1) !== null) copyFileSync(from + suffix, to + suffix)
  makeReady(to)
  const lost = base === null ? 0 : putDecisions(to, backup)
  makeReady(to)
  return lost
}
