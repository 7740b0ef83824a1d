import { UserError } from '../../contract/errors.ts'
import type { JobReply, JobRequest } from '../../contract/jobs.ts'
import type { WorkProcess } from './processes.ts'
import type { JobControl } from './queue.ts'
import { supervise } from './supervise.ts'

/**
 * Has a job process do one piece of work; it is gone when this settles.
 * @param what `backup`: the word for it in messages and, with `-died`, in the code of the error
 * @throws UserError what the work throws, `cancelled`, `WHAT-died`
 */
export async function runWork(
  start: () => WorkProcess<'job'>,
  request: JobRequest,
  control: JobControl,
  what: string,
  take: (message: JobReply) => void = () => undefined,
): Promise<void> {
  const process = start()
  const gone = new Promise<void>((resolve) => process.onExit(() => resolve()))
  try {
    await supervise({
      process,
      request,
      signal: control.signal,
      receive: (m) => {
        if (m.t === 'progress') control.progress(m.fraction, m.phase)
        else if (m.t === 'error')
          throw m.error.code === 'internal' ? new Error(m.error.message) : new UserError(m.error.code, m.error.message, m.error.details)
        else take(m)
        return m.t === 'done'
      },
      cancelled: () => new UserError('cancelled', `The ${what} was cancelled.`),
      died: (code) =>
        new UserError(
          `${what}-died`,
          `The process of the ${what} ended before it was done (exit code ${code ?? 'none, killed'}). Nothing was changed; start it again.`,
        ),
    })
  } finally {
    await gone
  }
}
