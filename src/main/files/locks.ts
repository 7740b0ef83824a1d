/**
 * Locks that other processes see as small files. A process of this machine is looked up by its id and start time, so that a lock ends
 * with its process, even after kill -9. A process of another machine counts as running while it touches its lock file. See docs/decisions/0011-locks-and-atomic-writes.md.
 */
import { mkdirSync, readFileSync, rmSync, statSync, utimesSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { writeFileAtomically } from './atomic.ts'
import { namesIn } from './read.ts'
import { HEARTBEAT_MS, isRunning, type ProcessIdentity } from './process-identity.ts'

/**
 * A lock that several processes may hold: one file for each holder, called `<prefix><host>-<pid>-<random>`. A holder that wants to be
 * alone first takes the lock and then looks for others: of two that do so at the same time, both may fail, but never both succeed.
 */
export class SharedLock<T extends ProcessIdentity> {
  readonly #prefix: string
  readonly #path: string
  readonly #heartbeat: NodeJS.Timeout

  /** @throws the system's error if the file cannot be written */
  constructor(prefix: string, holder: T) {
    this.#prefix = prefix
    this.#path = `${prefix}${holder.host.replace(/[^\w.-]/g, '_')}-${holder.pid}-${crypto.randomUUID().slice(0, 8)}`
    mkdirSync(dirname(prefix), { recursive: true })
    writeFileAtomically(this.#path, JSON.stringify(holder))
    this.#heartbeat = setInterval(() => touch(this.#path), HEARTBEAT_MS).unref()
  }
  /** The other holders. Lock files of dead processes are removed. */
  others(): T[] {
    touch(this.#path)
    // the disk may be another machine's, with another clock
    const now = statSync(this.#path, { throwIfNoEntry: false })?.mtimeMs ?? Date.now()
    return holders(this.#prefix, now, this.#path) as T[]
  }
  release(): void {
    clearInterval(this.#heartbeat)
    rmSync(this.#path, { force: true })
  }
}

/** The holders of a lock, read without holding it. */
export function holders(prefix: string, now = Date.now(), except = ''): ProcessIdentity[] {
  return namesIn(dirname(prefix))
    .filter((name) => name.startsWith(basename(prefix)))
    .map((name) => join(dirname(prefix), name))
    .filter((path) => path !== except)
    .flatMap((path) => {
      const holder = read(path)
      const silentMs = now - (statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0)
      if (holder && isRunning(holder, silentMs)) return [holder]
      rmSync(path, { force: true })
      return []
    })
}

function read(path: string): ProcessIdentity | null {
  try {
    const holder = JSON.parse(readFileSync(path, 'utf8')) as Partial<ProcessIdentity> | null
    return typeof holder?.pid === 'number' && typeof holder.host === 'string' ? (holder as ProcessIdentity) : null
  } catch {
    return null
  }
}

function touch(path: string): void {
  try {
    utimesSync(path, new Date(), new Date())
  } catch {
    // removed together with its folder
  }
}
