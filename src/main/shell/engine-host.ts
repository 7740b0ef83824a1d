import { MessageChannelMain, utilityProcess, type MessagePortMain, type UtilityProcess, type WebContents } from 'electron'
import { CHANNELS, type Disconnect, type FromEngine, type PathGrant, type ToEngine } from '../../contract/bridge.ts'
import type { ProcessKind } from '../../contract/jobs.ts'
import { messageOf } from '../../contract/errors.ts'
import { answerOf } from './keychain.ts'
import { printPdf } from './print.ts'
import { entryFile } from '../processes/entries.ts'

/** An engine that ran this long before it stopped is started again. */
const STEADY_MS = 60_000
const QUIT_MS = 3000

export interface EngineHostOptions {
  readonly dataDir: string
  /** Project file to open at the start. */
  readonly open: string | undefined
  onProject(project: { readonly path: string; readonly name: string }): void
  onProblem(message: string): void
}

/** Keeps one engine running for the window. After a crash it is started again once, with the same project. */
export class EngineHost {
  readonly #options: EngineHostOptions
  readonly #processes: ProcessHost
  #child: UtilityProcess | undefined
  #startedAt = 0
  #restarts = 0
  #open: string | undefined
  #window: WebContents | undefined
  #quitting = false
  /** The paths that the analyst chose, in order; sent to the next engine too. */
  readonly #grants = new Map<string, { readonly message: ToEngine; readonly received: PromiseWithResolvers<null> }>()
  /** The engine's own message if it could not start. */
  #reason: string | undefined

  constructor(options: EngineHostOptions) {
    this.#options = options
    this.#processes = new ProcessHost(entryFile)
    this.#open = options.open
    this.#start()
  }
  #start(): void {
    const { dataDir } = this.#options
    const child = utilityProcess.fork(entryFile('engine'), [dataDir, ...(this.#open ? [this.#open] : [])], {
      serviceName: 'Reelabel engine',
      stdio: 'inherit',
    })
    this.#child = child
    this.#startedAt = performance.now()
    this.#reason = undefined
    child.on('message', (m: FromEngine) => this.#receive(m))
    child.on('exit', (code) => this.#exited(code))
    for (const { message } of this.#grants.values()) this.#post(message)
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
    else if (m.t === 'granted') [...this.#grants.values()][m.id]?.received.resolve(null)
    else if (m.t === 'print')
      void printPdf(m.html, m.pdf).then(
        () => this.#post({ t: 'printed', id: m.id, problem: null }),
        (e: unknown) => this.#post({ t: 'printed', id: m.id, problem: messageOf(e) }),
      )
    else if (m.t === 'ask-shell')
      void answerOf(m.question).then(
        (answer) => this.#post({ t: 'shell-answer', id: m.id, answer, problem: null }),
        (e: unknown) => this.#post({ t: 'shell-answer', id: m.id, answer: null, problem: messageOf(e) }),
      )
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
  }
  #tellWindow(why: Disconnect): void {
    if (this.#window && !this.#window.isDestroyed()) this.#window.send(CHANNELS.gone, why)
  }

  /** Gives the window a port to the engine. The page asks for one when it is loaded, and again when it reconnects. */
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
  /** Lets the page name a path that the analyst chose. Resolves when the engine has received it: a call of the page cannot come before it. */
  readonly grant = (path: string, grant: PathGrant): Promise<unknown> => {
    const known = this.#grants.get(`${grant} ${path}`)
    if (known) return known.received.promise
    const message = { t: 'grant', id: this.#grants.size, path, grant } as const
    const received = Promise.withResolvers<null>()
    this.#grants.set(`${grant} ${path}`, { message, received })
    this.#post(message)
    return received.promise
  }
  /** Asks the engine to close its files and end; kills it if that takes too long. */
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

/** Starts and ends the processes that work for the engine. Their messages go over a port that the shell does not read. */
export class ProcessHost {
  readonly #running = new Map<number, UtilityProcess>()
  readonly #fileOf: (kind: ProcessKind) => string

  /** @param fileOf the file that each kind of process is started with */
  constructor(fileOf: (kind: ProcessKind) => string) {
    this.#fileOf = fileOf
  }
  spawn(kind: ProcessKind, id: number, tell: (m: ToEngine, ports?: MessagePortMain[]) => void): void {
    const child = utilityProcess.fork(this.#fileOf(kind), [], { serviceName: `Reelabel ${kind}`, stdio: 'inherit' })
    this.#running.set(id, child)
    const { port1, port2 } = new MessageChannelMain()
    child.postMessage({ t: 'engine' }, [port1])
    tell({ t: 'process', id }, [port2])
    child.on('exit', (code) => {
      this.#running.delete(id)
      tell({ t: 'process-exit', id, code })
    })
  }
  /** Kills at once, because native work cannot be interrupted. A process that has no id yet is killed as soon as it has one. */
  kill(id: number): void {
    const child = this.#running.get(id)
    if (!child) return
    if (child.pid === undefined) child.once('spawn', () => killNow(child))
    else killNow(child)
  }
  /** The engine has ended, so no process can deliver its results. */
  killAll(): void {
    for (const id of [...this.#running.keys()]) this.kill(id)
  }
}

function killNow({ pid }: UtilityProcess): void {
  try {
    if (pid !== undefined) process.kill(pid, 'SIGKILL')
  } catch (error) {
    // it has ended by itself, and its exit is about to be reported
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
  }
}
