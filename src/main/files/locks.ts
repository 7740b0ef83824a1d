/**
 * Locks that other processes see as small files. A process of this machine is looked up by its id and start time, so that a lock ends
 * with its process, even after kill -9. A process of another machine counts as running while it touches its lock file. See docs/decisions/0011-locks-and-atomic-writes.md.
 */
import { closeSync, lstatSync, openSync, rmSync, statSync, writeSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { z } from 'zod'
import { writeFileAtomically } from './atomic.ts'
import { HEARTBEAT_MS, isRunning, type ProcessIdentity } from './process-identity.ts'
import { namesIn } from './read.ts'
import { readRegular } from './regular.ts'

const MAX_BYTES = 65_536
const HOLDER = z.looseObject({ host: z.string().max(255), pid: z.int().positive(), began: z.string().max(40).nullable() })

/**
 * A lock that several processes may hold: one file for each holder, called `<prefix><host>-<pid>-<random>`. A holder that wants to be
 * alone first takes the lock and then looks for others: of two that do so at the same time, both may fail, but never both succeed.
 */
export class SharedLock<T extends ProcessIdentity> {
  readonly #prefix: string
  readonly #path: string
  readonly #heartbeat: NodeJS.Timeout

  /** @throws the system's error if the file cannot be written, for example because there is no such folder */
  constructor(prefix: string, holder: T) {
    this.#prefix = prefix
    this.#path = `${prefix}${holder.host.replace(/[^\w.-]/g, '_')}-${holder.pid}-${crypto.randomUUID().slice(0, 8)}`
    this.update(holder)
    this.#heartbeat = setInterval(() => touch(this.#path), HEARTBEAT_MS).unref()
  }
  /** Changes what others read of this holder. */
  update(holder: T): void {
    writeFileAtomically(this.#path, JSON.stringify(holder))
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

/** The holders of a lock, read without holding it. Lock files of dead processes are removed. */
export function holders(prefix: string, now = Date.now(), except = ''): ProcessIdentity[] {
  return lockFiles(prefix, now)
    .filter(({ path }) => path !== except)
    .flatMap(({ path, holder, running }) => {
      if (running) return [holder]
      removeIfAllowed(path)
      return []
    })
}

export interface LockFile {
  readonly path: string
  readonly holder: ProcessIdentity
  readonly running: boolean
}
/** All lock files, also those of dead processes. What is not one of them, whatever its name, is left alone. */
export function lockFiles(prefix: string, now = Date.now()): LockFile[] {
  return namesIn(dirname(prefix))
    .filter((name) => name.startsWith(basename(prefix)))
    .flatMap((name) => {
      const path = join(dirname(prefix), name)
      const holder = read(path)
      if (!holder) return []
      // a time in the future was set by a clock that was wrong
      const silentMs = Math.abs(now - (statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0))
      return [{ path, holder, running: isRunning(holder, silentMs) }]
    })
}

function read(path: string): ProcessIdentity | null {
  try {
    if (!lstatSync(path).isFile()) return null
    return HOLDER.parse(JSON.parse(readRegular(path, MAX_BYTES).toString()))
  } catch {
    return null
  }
}

/** In a folder with the sticky bit, another user's file can only be removed by that user. */
function removeIfAllowed(path: string): void {
  try {
    rmSync(path, { force: true })
  } catch {
    // the lock file of a dead process does no harm
  }
}

/** Writes the first byte, a brace, again: the time of the change is then of the disk's own clock. */
function touch(path: string): void {
  try {
    const file = openSync(path, 'r+')
    writeSync(file, '{', 0)
    closeSync(file)
  } catch {
    // removed together with its folder
  }
}
