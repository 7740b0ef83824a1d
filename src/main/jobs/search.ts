import { fromReply, UserError } from '../../contract/errors.ts'
import type { ComputeReply, MapJob, SuspectJob } from '../../contract/jobs.ts'
import type { JobControl } from '../processes/job-control.ts'
import { supervise, type SpawnProcess } from '../processes/work-process.ts'

/**
 * Runs a search in a compute process, which replies once with what it found.
 * @param take what the search found, if this reply has it
 * @param what names the search in errors: `search for suspects`
 */
export async function searchInProcess<R>(
  spawn: SpawnProcess,
  request: SuspectJob | MapJob,
  control: JobControl,
  take: (m: ComputeReply) => R | null,
  what: string,
): Promise<R> {
  const results: R[] = []
  await supervise({
    process: spawn('compute'),
    request,
    signal: control.signal,
    receive: (m) => {
      if (m.t === 'progress') control.progress(m.done / m.total, m.phase)
      else if (m.t === 'error') throw fromReply(m.error)
      const found = take(m)
      if (found !== null) results.push(found)
      return m.t === 'done'
    },
    cancelled: () => new UserError('cancelled', `The ${what} was cancelled.`),
    died: (code) =>
      new UserError(
        'compute-died',
        `The ${what} ended too early (exit code ${code ?? 'none: it was killed'}). No label was changed; start it again.`,
      ),
  })
  const [found] = results
  if (found === undefined) throw new Error(`the compute process ended a ${what} without its result`)
  return found
}
