import { MessageChannelMain, utilityProcess, type MessagePortMain, type UtilityProcess, type WebContents } from 'electron'
import { CHANNELS, type Disconnect } from '../../contract/bridge.ts'
import type { FromEngine, ToEngine } from '../../contract/shell.ts'
import { ProcessHost, type ProcessEntries } from './process-host.ts'

/** An engine that ran this long before it stopped has earned another start. */
const STEADY_MS = 60_000
const QUIT_MS = 3000

export interface EngineHostOptions {
  readonly entries: ProcessEntries & { readonly engine: string }
  readonly dataDir: string
  /** Project file to open at the start. */
  readonly open: string | undefined
  onProject(project: { readonly path: string; readonly name: string }): void
  onProblem(message: string): void
}

/** Keeps one engine running, and the window connected to it: started again once after a crash, with the same project. */
export class EngineHost {
  readonly #options: EngineHostOptions
  readonly #processes: ProcessHost
  #child: UtilityProcess | undefined
  #startedAt = 0
  #restarts = 0
  #open: string | undefined
  #window: WebContents | undefined
  #quitting = false
  /** Why the engine could not start, in its own words. */
  #reason: string | undefined

  constructor(options: EngineHostOptions) {
    this.#options = options
    this.#processes = new ProcessHost(options.entries)
    this.#open = options.open
    this.#start()
  }
  #start(): void {
    const { entries, dataDir } = this.#options
    const child = utilityProcess.fork(entries.engine, [dataDir, ...(this.#open ? [this.#open] : [])], {
      serviceName: 'Reelabel engine',
      stdio: 'inherit',
    })
    this.#child = child
    this.#startedAt = performance.now()
    this.#reason = undefined
    child.on('message', (m: FromEngine) => this.#receive(m))
    child.on('exit', (code) => this.#exited(code))
  }
  #post(m: ToEngine, ports?: MessagePortMain[]): void {
    this.#child?.postMessage(m, ports)
  }
  #receive(m: FromEngine): void {
    if (m.t === 'project') {
      this.#open = m.path
      this.#options.onProject(m)
    } else if (m.t === 'open-failed') this.#options.onProblem(m.message)
    else if (m.t === 'failed') this.#reason = m.message
    else if (m.t === 'spawn') this.#processes.spawn(m.kind, m.id, (to, ports) => this.#post(to, ports))
    else this.#processes.kill(m.id)
  }
  #exited(code: number): void {
    this.#child = undefined
    this.#processes.killAll()
    if (this.#quitting) return
    if (performance.now() - this.#startedAt > STEADY_MS) this.#restarts = 0
    const restarting = this.#restarts++ === 0
    const message = `The engine stopped (${this.#reason ?? `exit code ${code}`}). ${restarting ? 'It has been started again.' : 'Restart Reelabel to go on.'} Every confirmed decision is saved.`
    this.#tellWindow({ message, restarting })
    if (!restarting) return
    this.#start()
    if (this.#window) this.connect(this.#window)
  }
  #tellWindow(why: Disconnect): void {
    if (this.#window && !this.#window.isDestroyed()) this.#window.send(CHANNELS.gone, why)
  }

  /** A port from the engine straight to the window; again after every load of the page. */
  connect(window: WebContents): void {
    this.#window = window
    if (window.isDestroyed()) return
    if (!this.#child) return void this.#tellWindow({ message: 'The engine stopped. Restart Reelabel to go on.', restarting: false })
    const { port1, port2 } = new MessageChannelMain()
    this.#post({ t: 'window' }, [port1])
    window.postMessage(CHANNELS.port, null, [port2])
  }
  openProject(path: string): void {
    this.#post({ t: 'open', path })
  }
  /** Lets the engine close its files; it gets a little time for that, then it is ended. */
  async quit(): Promise<void> {
    this.#quitting = true
    const child = this.#child
    if (!child) return
    const gone = new Promise<void>((resolve) => child.once('exit', () => resolve()))
    this.#post({ t: 'quit' })
    const timer = setTimeout(() => child.kill(), QUIT_MS)
    await gone
    clearTimeout(timer)
  }
}
