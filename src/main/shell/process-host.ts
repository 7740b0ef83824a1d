import { MessageChannelMain, utilityProcess, type MessagePortMain, type UtilityProcess } from 'electron'
import type { ProcessKind } from '../../contract/jobs.ts'
import type { ToEngine } from '../../contract/shell.ts'

/** Where each kind of process begins. */
export type ProcessEntries = Readonly<Record<ProcessKind, string>>

/** Starts and ends processes that work for the engine; their work goes over a port that the shell does not read. */
export class ProcessHost {
  readonly #entries: ProcessEntries
  readonly #running = new Map<number, UtilityProcess>()

  constructor(entries: ProcessEntries) {
    this.#entries = entries
  }
  spawn(kind: ProcessKind, id: number, tell: (m: ToEngine, ports?: MessagePortMain[]) => void): void {
    const child = utilityProcess.fork(this.#entries[kind], [], { serviceName: `Reelabel ${kind}`, stdio: 'inherit' })
    this.#running.set(id, child)
    const { port1, port2 } = new MessageChannelMain()
    child.postMessage({ t: 'engine' }, [port1])
    tell({ t: 'process', id }, [port2])
    child.on('exit', (code) => {
      this.#running.delete(id)
      tell({ t: 'process-exit', id, code })
    })
  }
  /** At once: a process in the middle of native work hears no polite request. One that has no id yet dies as soon as it has. */
  kill(id: number): void {
    const child = this.#running.get(id)
    if (!child) return
    if (child.pid === undefined) child.once('spawn', () => killNow(child))
    else killNow(child)
  }
  /** With their engine gone, nobody wants their results. */
  killAll(): void {
    for (const id of [...this.#running.keys()]) this.kill(id)
  }
}

function killNow({ pid }: UtilityProcess): void {
  try {
    if (pid !== undefined) process.kill(pid, 'SIGKILL')
  } catch (error) {
    // it went by itself, and its exit is on the way
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
  }
}
