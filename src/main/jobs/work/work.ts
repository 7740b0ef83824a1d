import { toReply } from '../../../contract/errors.ts'
import type { JobReply, JobRequest } from '../../../contract/jobs.ts'
import { withDiskErrors } from '../../files/disk-errors.ts'
import { toUserError } from '../../store/database.ts'
import type { JobControl } from '../../processes/job-control.ts'
import { backUp, restoreTo } from './backup.ts'
import { cleanWork } from './clean.ts'
import { writeEverything } from './everything.ts'
import { writeExport } from './export.ts'
import { importFiles } from './import.ts'
import { compare, merge } from './merge.ts'
import { salvageInto } from './salvage.ts'

/** Does one kind of work; its results are sent with `tell`. */
type Work<T extends JobRequest['t']> = (
  request: Extract<JobRequest, { readonly t: T }>,
  tell: (message: JobReply) => void,
  control: JobControl,
) => Promise<void>

const WORK: { readonly [T in JobRequest['t']]: Work<T> } = {
  clean: cleanWork,
  import: async (request, tell, control) => tell({ t: 'imported', report: await importFiles(request, control) }),
  // eslint-disable-next-line @typescript-eslint/require-await -- every kind of work has the same type
  compare: async (request, tell) => tell({ t: 'compared', figures: compare(request) }),
  merge: async (request, tell, control) => tell({ t: 'merged', lastBatch: await merge(request, control) }),
  backup: async (request, _tell, control) => withFileErrors(request.to, () => backUp(request, control)),
  // eslint-disable-next-line @typescript-eslint/require-await -- every kind of work has the same type
  restore: async (request, tell) => tell({ t: 'restored', lost: restoreTo(request) }),
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

/** Does the requested work and sends how it ended; never rejects. */
export async function work(request: JobRequest, tell: (message: JobReply) => void, signal: AbortSignal): Promise<void> {
  try {
    const task = WORK[request.t] as (r: JobRequest, tell: (m: JobReply) => void, control: JobControl) => Promise<void>
    await task(request, tell, { signal, progress: (fraction, phase) => tell({ t: 'progress', fraction, phase }) })
    tell({ t: 'done' })
  } catch (error) {
    tell({ t: 'error', error: toReply(error) })
  }
}
