import { fork } from 'node:child_process'
import { createInterface } from 'node:readline'
import type { Lines, ProcessKind } from '../../contract/jobs.ts'
import { siblingEntry } from '../entry.ts'

/** A process that works for the engine, whichever way the host starts one. */
export interface WorkProcess<K extends ProcessKind = ProcessKind> {
  post(message: Lines[K]['request']): void
  onMessage(listener: (message: Lines[K]['reply']) => void): void
  /** Called once, when the process is gone, however it went. */
  onExit(listener: (code: number | null) => void): void
  /** At once: nothing of its work is heard any more. */
  kill(): void
}
export type SpawnProcess = <K extends ProcessKind>(kind: K) => WorkProcess<K>

/** Where each kind begins: in the sources, and its bundle. */
const ENTRIES: Readonly<Record<ProcessKind, readonly [source: string, bundle: string]>> = {
  inference: ['compute/inference/index', 'inference'],
  compute: ['compute/index', 'compute'],
  job: ['jobs/work/index', 'job'],
}

/** What the library of graphics cards prints where there is no driver: the list of devices says that in words. */
const NOISE: readonly RegExp[] = [/^Warning: Couldn't load Vulkan/, /\/dawn-src\//, /^$/]

/** Plain child processes: outside Electron. */
export const forkProcess: SpawnProcess = (kind) => {
  const [source, bundle] = ENTRIES[kind]
  const child = fork(siblingEntry(source, bundle), [], {
    serialization: 'advanced',
    stdio: ['ignore', 'inherit', 'pipe', 'ipc'],
  })
  createInterface({ input: child.stderr! }).on('line', (line) => {
    if (!NOISE.some((n) => n.test(line))) process.stderr.write(`${line}\n`)
  })
  // a process that could not start, or was gone when it was sent something, says `error`; `exit` may or may not follow
  child.on('error', () => undefined)
  return {
    post: (m) => void child.send(m),
    onMessage: (l) => void child.on('message', (m) => l(m as never)),
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
