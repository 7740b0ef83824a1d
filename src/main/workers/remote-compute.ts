/**
 * A training on workers, in the shape of a compute process: it receives the same request and sends the same replies, so that the engine does
 * with them what it does with those of its own processes. The client of the queue is loaded when it is needed.
 */
import { toReply } from '../../contract/errors.ts'
import type { ComputeReply } from '../../contract/jobs.ts'
import type { WorkProcess } from '../processes/work-process.ts'
import type { RemoteOptions } from './access.ts'

/** Starts the stand-in for a compute process. Its training is cancelled on the workers when it is killed. */
export function remoteCompute(options: RemoteOptions): WorkProcess<'compute'> {
  const stop = new AbortController()
  let listener: (reply: ComputeReply) => void = () => undefined
  const tell = (reply: ComputeReply): void => {
    if (!stop.signal.aborted) listener(reply)
  }
  return {
    onMessage: (l) => void (listener = l),
    // errors arrive as messages
    onExit: () => undefined,
    kill: () => stop.abort(),
    post: (request) => {
      const run = import('./client.ts').then(({ trainOnWorkers }) => trainOnWorkers(options, request, tell, stop.signal))
      run.catch((error: unknown) => tell({ t: 'error', error: toReply(error) }))
    },
  }
}
