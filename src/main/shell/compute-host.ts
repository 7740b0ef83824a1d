import { MessageChannelMain, utilityProcess, type MessagePortMain, type UtilityProcess } from 'electron'
import type { ToEngine } from '../../contract/shell.ts'

/** Starts and ends compute processes for the engine; their work goes over a port that the shell does not read. */
export class ComputeHost {
  readonly #entry: string
  readonly #running = new Map<number, UtilityProcess>()

  constructor(entry: string) {
    this.#entry = entry
  }
  spawn(id: number, tell: (m: ToEngine, ports?: MessagePortMain[]) => void): void {
    const child = utilityProcess.fork(this.#entry, [], { serviceName: 'Reelabel compute', stdio: 'inherit' })
    this.#running.set(id, child)
    const { port1, port2 } = new MessageChannelMain()
    child.postMessage({ t: 'engine' }, [port1])
    tell({ t: 'compute', id }, [port2])
    child.on('exit', (code) => {
      this.#running.delete(id)
      tell({ t: 'compute-exit', id, code })
    })
  }
  /** At once: a process in the middle of native work hears no polite request. */
  kill(id: number): void {
    const pid = this.#running.get(id)?.pid
    if (pid !== undefined) process.kill(pid, 'SIGKILL')
  }
  /** With their engine gone, nobody wants their results. */
  killAll(): void {
    for (const id of [...this.#running.keys()]) this.kill(id)
  }
}
