import type { Lines, ProcessKind } from '../../contract/jobs.ts'
import type { UserError } from '../../contract/errors.ts'
import type { WorkProcess } from './processes.ts'

export interface Supervision<K extends ProcessKind> {
  readonly process: WorkProcess<K>
  readonly request: Lines[K]['request']
  readonly signal: AbortSignal
  /** Takes one message; true when it was the last one. What it throws ends the work. */
  readonly receive: (message: Lines[K]['reply']) => boolean
  readonly cancelled: () => UserError
  /** Of a process that went before its last message. */
  readonly died: (code: number | null) => UserError
}

/** Has a process do one job. A cancel kills it; either way it is on its way out when this settles. */
export function supervise<K extends ProcessKind>({ process, request, signal, receive, cancelled, died }: Supervision<K>): Promise<void> {
  return new Promise((resolve, reject) => {
    let over = false
    const end = (settle: () => void): void => {
      if (over) return
      over = true
      signal.removeEventListener('abort', cancel)
      process.kill()
      settle()
    }
    const cancel = (): void => end(() => reject(cancelled()))
    if (signal.aborted) return void cancel()
    signal.addEventListener('abort', cancel)
    process.onMessage((m) => {
      if (over) return
      try {
        if (receive(m)) end(resolve)
      } catch (error) {
        end(() => reject(error instanceof Error ? error : new Error(String(error))))
      }
    })
    process.onExit((code) => end(() => reject(died(code))))
    process.post(request)
  })
}
