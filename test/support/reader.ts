import { toReply } from '../../src/contract/errors.ts'
import type { ReaderReply } from '../../src/contract/jobs.ts'
import type { WorkProcess } from '../../src/main/processes/work-process.ts'
import { read } from '../../src/main/reader/read.ts'

/** Does the work of a reader process in this process. */
export function readInProcess(): WorkProcess<'reader'> {
  let tell: (m: ReaderReply) => void = () => undefined
  return {
    post: (request) =>
      void read(structuredClone(request))
        .catch((error: unknown) => ({ t: 'failed' as const, error: toReply(error) }))
        .then((answer) => tell({ ...structuredClone(answer), id: request.id, full: false })),
    onMessage: (l) => (tell = l),
    onExit: () => undefined,
    kill: () => (tell = () => undefined),
  }
}
