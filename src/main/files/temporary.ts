/**
 * Temporary files and folders. Each name contains the process that writes the file: several windows, the browser host and the command
 * line may share a folder, and each of them removes what killed processes left there and nothing else.
 */
import { createHash, randomBytes } from 'node:crypto'
import { lstatSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { hostname } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { namesIn } from './read.ts'
import { isRunning, thisProcess, type ProcessIdentity } from './process-identity.ts'

/** Suffixes of the files that SQLite and an import keep beside a temporary database. */
const NAME = /^\.(?<name>.+)\.(?<host>[0-9a-f]{8})-(?<pid>\d+)-(?<began>\d+)-[0-9a-f]{8}\.tmp(?:-wal|-shm|-journal)?$/s
/** A file of another machine's process is abandoned when it has not been written for that long: 1 day. */
const ELSEWHERE_TIMEOUT_MS = 24 * 3600 * 1000
/** File systems limit names to 255 bytes. */
const MAX_NAME_BYTES = 150

/** A new name for a temporary file or folder beside `path`: `.name.host-pid-start-random.tmp`. */
export function temporaryName(path: string, { host, pid, began }: ProcessIdentity = thisProcess()): string {
  const owner = [digestOf(host), pid, began ?? 0, randomBytes(4).toString('hex')].join('-')
  return join(dirname(path), `.${shortened(basename(path))}.${owner}.tmp`)
}
const digestOf = (host: string): string => createHash('sha256').update(host).digest('hex').slice(0, 8)

function shortened(name: string): string {
  let short = name
  while (Buffer.byteLength(short) > MAX_NAME_BYTES) short = Array.from(short).slice(0, -1).join('')
  return short
}

/** True if the process in the name of a temporary file has ended; false for other files. */
function isAbandoned(path: string): boolean {
  const { host, pid, began } = NAME.exec(basename(path))?.groups ?? {}
  if (host === undefined || began === undefined) return false
  if (host !== digestOf(hostname())) return Date.now() - (lstatSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0) > ELSEWHERE_TIMEOUT_MS
  return !isRunning({ host: hostname(), pid: Number(pid), began: began === '0' ? null : began }, 0)
}

/**
 * Removes what killed processes left in a folder. Returns the paths of what they were writing, each once.
 * @param isMarked tells by its content whether a file is what this program writes; needed in folders that are not its own
 */
export function removeAbandoned(folder: string, isMarked: (path: string) => boolean = () => true): string[] {
  const left = namesIn(folder).filter((name) => isAbandoned(join(folder, name)) && isMarked(join(folder, name)))
  for (const name of left) removeUnlessInUse(join(folder, name))
  return [...new Set(left.map(targetOf))].map((name) => join(folder, name))
}
const targetOf = (name: string): string => NAME.exec(name)?.groups?.['name'] ?? name

/** Windows keeps a file that a child of the killed process still has open; the next call removes it. Another user's file may stay. */
function removeUnlessInUse(path: string): void {
  try {
    rmSync(path, { recursive: true, force: true })
  } catch {
    // nothing that is left may keep the program from starting
  }
}

/** Makes a folder, and those above it, that only this user can read. */
export const makePrivateFolder = (path: string): void => void mkdirSync(path, { recursive: true, mode: 0o700 })

/** A list of the temporary files in folders that {@link removeAbandoned} is not called for, such as those of exports: one note for each. */
export class TemporaryFiles {
  readonly #folder: string
  readonly #notes = new Map<string, string>()
  constructor(folder: string) {
    this.#folder = folder
    makePrivateFolder(folder)
  }
  begin(temporary: string): void {
    const note = join(this.#folder, crypto.randomUUID())
    writeFileSync(note, temporary, { flush: true })
    this.#notes.set(temporary, note)
  }
  end(temporary: string): void {
    const note = this.#notes.get(temporary)
    if (note === undefined) return
    rmSync(note, { force: true })
    this.#notes.delete(temporary)
  }
  /** Removes what killed processes left. Returns the paths of what they were writing. */
  removeAbandoned(): string[] {
    const removed: string[] = []
    for (const name of readdirSync(this.#folder)) {
      const note = join(this.#folder, name)
      const temporary = readFileSync(note, 'utf8')
      if (NAME.test(basename(temporary)) && !isAbandoned(temporary)) continue
      if (isAbandoned(temporary)) {
        removeUnlessInUse(temporary)
        removed.push(join(dirname(temporary), targetOf(basename(temporary))))
      }
      rmSync(note, { force: true })
    }
    return removed
  }
}
