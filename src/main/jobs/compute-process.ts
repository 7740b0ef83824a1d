import { fork } from 'node:child_process'
import type { ComputeReply, ComputeRequest } from '../../contract/jobs.ts'
import { siblingEntry } from '../entry.ts'

/** A compute process as the job queue sees it, whichever way the host starts one. */
export interface ComputeProcess {
  post(message: ComputeRequest): void
  onMessage(listener: (message: ComputeReply) => void): void
  /** Called once, when the process is gone, however it went. */
  onExit(listener: (code: number | null) => void): void
  kill(): void
}
export type SpawnCompute = () => ComputeProcess

/** Compute as a plain child process: outside Electron. */
export const forkCompute: SpawnCompute = () => {
  const child = fork(siblingEntry('compute/index', 'compute'), [], {
    serialization: 'advanced',
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  })
  // a process that could not start, or was gone when it was sent something, says `error`; `exit` may or may not follow
  child.on('error', () => undefined)
  return {
    post: (m) => void child.send(m),
    onMessage: (l) => void child.on('message', (m) => l(m as ComputeReply)),
    onExit: (l) => {
      let told = false
      const tell = (code: number | null): void => {
        if (!told) l(code)
        told = true
      }
      child.once('exit', tell)
      child.once('error', () => tell(null))
    },
    kill: () => void child.kill('SIGKILL'),
  }
}
