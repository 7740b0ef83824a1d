/**
 * The engine's side of the processes that work for it. A process is a child process of Node ({@link forkProcess}) or, under Electron, a utility
 * process that the shell starts on request ({@link RemoteProcesses} and shell/engine-host.ts). The other side is worker-port.ts.
 */
import { fork } from 'node:child_process'
import { createInterface } from 'node:readline'
import { setTimeout } from 'node:timers/promises'
import type { MessagePortMain } from 'electron'
import { fromReply, UserError } from '../../contract/errors.ts'
import { IMPORT_MEGABYTES, type JobReply, type JobRequest, type ProcessMessages, type ProcessKind } from '../../contract/jobs.ts'
import type { FromEngine } from '../../contract/bridge.ts'
import { entryFile } from './entries.ts'
import type { JobControl } from './job-control.ts'

export interface WorkProcess<K extends ProcessKind = ProcessKind> {
  post(message: ProcessMessages[K]['request']): void
  onMessage(listener: (message: ProcessMessages[K]['reply']) => void): void
  /** Calls the listener once, when the process has ended for any reason. */
  onExit(listener: (code: number | null) => void): void
  /** Ends the process at once. */
  kill(): void
}
export type SpawnProcess = <K extends ProcessKind>(kind: K) => WorkProcess<K>

/** ONNX Runtime prints these where there is no graphics driver; the list of devices already says so. */
const NOISE: readonly RegExp[] = [/^Warning: Couldn't load Vulkan/, /\/dawn-src\//, /^$/]

/** Starts a child process of Node: outside Electron. */
export const forkProcess: SpawnProcess = (kind) => {
  const child = fork(entryFile(kind), [], { serialization: 'advanced', stdio: ['ignore', 'inherit', 'pipe', 'ipc'] })
  if (child.stderr)
    createInterface({ input: child.stderr }).on('line', (line) => {
      if (!NOISE.some((n) => n.test(line))) process.stderr.write(`${line}\n`)
    })
  // a process that could not start, or had ended before a message was sent to it, emits `error`; `exit` may or may not follow
  child.on('error', () => undefined)
  return {
    post: (m) => void child.send(m),
    onMessage: (l) => void child.on('message', (m) => l(m as never)),
    onExit: (l) => {
      let ended = false
      const end = (code: number | null): void => {
        if (!ended) l(code)
        ended = true
      }
      child.once('exit', end)
      child.once('error', () => end(null))
    },
    kill: () => void child.kill('SIGKILL'),
  }
}

type EnginePort = Pick<MessagePortMain, 'postMessage' | 'on' | 'once' | 'start'>
/** Longest time that the last messages of an ended process are waited for. */
const LAST_MESSAGES_MS = 1000

/** One process that the shell starts; messages that are posted before its port arrives wait. */
class RemoteProcess {
  #port: EnginePort | undefined
  /** Resolves when the port has closed. */
  #closed: Promise<void> = Promise.resolve()
  readonly #queued: unknown[] = []
  readonly #onMessage = new Set<(m: never) => void>()
  readonly #onExit = new Set<(code: number | null) => void>()

  process<K extends ProcessKind>(kill: () => void): WorkProcess<K> {
    return {
      post: (m) => void (this.#port ? this.#port.postMessage(m) : this.#queued.push(m)),
      onMessage: (l) => void this.#onMessage.add(l),
      onExit: (l) => void this.#onExit.add(l),
      kill,
    }
  }
  connect(port: EnginePort): void {
    this.#port = port
    port.on('message', (e) => {
      for (const l of this.#onMessage) l(e.data as never)
    })
    this.#closed = new Promise((resolve) => port.once('close', () => resolve()))
    port.start()
    for (const m of this.#queued.splice(0)) port.postMessage(m)
  }
  /** The exit is reported through the shell and may overtake the last messages, which come over the port. */
  async exited(code: number | null): Promise<void> {
    await Promise.race([this.#closed, setTimeout(LAST_MESSAGES_MS)])
    for (const l of this.#onExit) l(code)
  }
}

/** Processes under Electron, where only the shell may start one. */
export class RemoteProcesses {
  readonly #tellShell: (m: FromEngine) => void
  readonly #running = new Map<number, RemoteProcess>()
  #next = 1

  constructor(tellShell: (m: FromEngine) => void) {
    this.#tellShell = tellShell
  }
  readonly spawn: SpawnProcess = (kind) => {
    const id = this.#next++
    const remote = new RemoteProcess()
    this.#running.set(id, remote)
    this.#tellShell({ t: 'spawn', kind, id })
    return remote.process(() => this.#tellShell({ t: 'kill', id }))
  }
  connect(id: number, port: EnginePort): void {
    this.#running.get(id)?.connect(port)
  }
  exited(id: number, code: number | null): void {
    const remote = this.#running.get(id)
    this.#running.delete(id)
    void remote?.exited(code)
  }
}

export interface Supervision<K extends ProcessKind> {
  readonly process: WorkProcess<K>
  readonly request: ProcessMessages[K]['request']
  readonly signal: AbortSignal
  /** Handles one message and returns true for the last one. An error that it throws ends the work. */
  readonly receive: (message: ProcessMessages[K]['reply']) => boolean
  readonly cancelled: () => UserError
  /** The error for a process that ended before its last message. */
  readonly died: (code: number | null) => UserError
}

/** Gives one job to a process. A cancelled job's process is killed; the process is always ending when the promise settles. */
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

/** Why the process of an import may have ended itself. */
const IMPORT_LIMIT = ` If it ends again, import fewer or smaller files: it may take ${IMPORT_MEGABYTES} MB of memory.`

/**
 * Gives one piece of work to a job process, which has ended when the promise settles.
 * @param what the word for the work in messages and, with `-died`, in the code of the error: `backup`
 * @param take receives every message but progress, errors and the last one
 * @throws UserError the error of the work, `cancelled`, `WHAT-died`
 */
export async function runWork(
  start: () => WorkProcess<'job'>,
  request: JobRequest,
  control: JobControl,
  what: string,
  take: (message: JobReply) => void = () => undefined,
): Promise<void> {
  const process = start()
  const gone = new Promise<void>((resolve) => process.onExit(() => resolve()))
  try {
    await supervise({
      process,
      request,
      signal: control.signal,
      receive: (m) => {
        if (m.t === 'progress') control.progress(m.fraction, m.phase)
        else if (m.t === 'error') throw fromReply(m.error)
        else take(m)
        return m.t === 'done'
      },
      cancelled: () => new UserError('cancelled', `The ${what} was cancelled.`),
      died: (code) =>
        new UserError(
          `${what}-died`,
          `The process of the ${what} ended too early (exit code ${code ?? 'none: it was killed'}). Nothing was changed; start it again.${request.t === 'import' ? IMPORT_LIMIT : ''}`,
        ),
    })
  } finally {
    await gone
  }
}

/** As {@link runWork}; returns the message of this kind, which the work sends once. */
export async function workResult<T extends JobReply['t']>(
  start: () => WorkProcess<'job'>,
  request: JobRequest,
  control: JobControl,
  what: string,
  kind: T,
): Promise<Extract<JobReply, { readonly t: T }>> {
  const results: Extract<JobReply, { readonly t: T }>[] = []
  await runWork(start, request, control, what, (m) => {
    if (m.t === kind) results.push(m as Extract<JobReply, { readonly t: T }>)
  })
  const [result] = results
  if (!result) throw new Error(`the process of the ${what} ended without its result`)
  return result
}
