import { UserError } from '../../contract/errors.ts'
import type { JobReply } from '../../contract/jobs.ts'
import type { WorkProcess } from '../processes/work-process.ts'
import { work } from './work/work.ts'

/** Does the work of a job process in this process: for work so small that starting a process would take longer. */
export function runInProcess(): WorkProcess<'job'> {
  const messages: ((m: JobReply) => void)[] = []
  const exits: ((code: number | null) => void)[] = []
  const abort = new AbortController()
  /** Settles when the work has ended. */
  let ended = Promise.resolve()
  return {
    post: (request) => {
      ended = work(request, (m) => messages.forEach((l) => l(m)), abort.signal)
    },
    onMessage: (l) => void messages.push(l),
    onExit: (l) => void exits.push(l),
    kill: () => {
      if (abort.signal.aborted) return
      abort.abort(new UserError('cancelled', 'The job was cancelled.'))
      void ended.then(() => exits.forEach((l) => l(null)))
    },
  }
}
