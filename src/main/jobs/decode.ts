import { fromReply, UserError } from '../../contract/errors.ts'
import type { ComputeReply, DecodeJob } from '../../contract/jobs.ts'
import type { JobControl } from '../processes/job-control.ts'
import { supervise, type SpawnProcess } from '../processes/work-process.ts'

type Answers = Extract<ComputeReply, { t: 'answered' }>['answers']

/** Asks a decoder in a compute process. @param keep stores answers as they arrive */
export const askInProcess = (
  spawn: SpawnProcess,
  request: DecodeJob,
  control: JobControl,
  keep: (answers: Answers) => void,
): Promise<void> =>
  supervise({
    process: spawn('compute'),
    request,
    signal: control.signal,
    receive: (m) => {
      if (m.t === 'progress') control.progress(m.done / m.total, m.phase)
      else if (m.t === 'error') throw fromReply(m.error)
      else if (m.t === 'answered') keep(m.answers)
      return m.t === 'done'
    },
    cancelled: () => new UserError('cancelled', 'The model was stopped.'),
    died: (code) =>
      new UserError(
        'compute-died',
        `The model's process ended too early (exit code ${code ?? 'none: it was killed'}), perhaps for lack of memory. Its answers so far are kept.`,
      ),
  })
