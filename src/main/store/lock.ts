/**
 * Who has a project open: one small hidden file beside it for each program. Labels may be changed by several programs in
 * turns; what rewrites the project is for one alone, see `EXCLUSIVE` in the queue of jobs.
 */
import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs'
import { hostname, userInfo } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { UserError } from '../../contract/errors.ts'
import type { Holder } from '../../contract/safety.ts'

/** How often a program says that it is still there, for programs on other machines, which cannot look for its process. */
const BEAT_MS = 30_000
/** After this silence a program on another machine is taken for dead. */
const SILENT_MS = 5 * BEAT_MS

interface Note extends Holder {
  /** When the process began, as the system counts it; null where that is not to be had. A process id may be given anew. */
  readonly began: string | null
}

/** When a process began, in the system's own ticks; null where that is not to be had or there is no such process. */
function beganAt(pid: number): string | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    // the name in brackets may hold anything
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? null
  } catch {
    return null
  }
}
function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}

/** This program, as others shall see it. */
export function thisProgram(program: string): Holder {
  return { program, user: userName(), host: hostname(), pid: process.pid, since: new Date().toISOString() }
}
function userName(): string {
  try {
    return userInfo().username
  } catch {
    return 'somebody'
  }
}

/** A program's note that it has a project open. */
export class Presence {
  readonly #project: string
  readonly #holder: Holder
  readonly #file: string
  #beat: NodeJS.Timeout | null = null

  /** Leaves a note; where the folder cannot be written there is none. */
  constructor(project: string, holder: Holder) {
    this.#project = project
    this.#holder = holder
    const host = holder.host.replace(/[^\w.-]/g, '_')
    this.#file = join(dirname(project), `${prefixOf(project)}${host}-${holder.pid}-${crypto.randomUUID().slice(0, 8)}`)
    try {
      mkdirSync(dirname(project), { recursive: true })
      writeFileSync(this.#file, JSON.stringify({ ...holder, began: beganAt(holder.pid) } satisfies Note))
      this.#beat = setInterval(() => this.#sayAgain(), BEAT_MS).unref()
    } catch {
      // a folder that cannot be written, a full disk: opening says so where it matters
    }
  }
  #sayAgain(): void {
    try {
      utimesSync(this.#file, new Date(), new Date())
    } catch {
      // taken away with its folder
    }
  }
  /** The other programs that have the project open now; notes of dead ones are removed. */
  others(): Holder[] {
    return notesOf(this.#project, this.#now()).filter((h) => h.host !== this.#holder.host || h.pid !== this.#holder.pid)
  }
  /** The time by the clock of the disk, which may be another machine's. */
  #now(): number {
    this.#sayAgain()
    return statSync(this.#file, { throwIfNoEntry: false })?.mtimeMs ?? Date.now()
  }
  /** Throws `project-in-use` while another program has the project open. */
  assertAlone(): void {
    const [other] = this.others()
    if (!other) return
    throw new UserError(
      'project-in-use',
      `${basename(this.#project)} is open in another program, ${holderText(other)}: close it there, then try again. Labels can be changed in both; cleaning, training, updating and restoring need the project to themselves.`,
      other,
    )
  }
  close(): void {
    if (this.#beat) clearInterval(this.#beat)
    rmSync(this.#file, { force: true })
  }
}

const prefixOf = (project: string): string => `.${basename(project)}.open-`

function notesOf(project: string, now: number): Holder[] {
  const folder = dirname(project)
  return namesIn(folder)
    .filter((name) => name.startsWith(prefixOf(project)))
    .flatMap((name) => {
      const path = join(folder, name)
      const note = readNote(path)
      const silentMs = now - (statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0)
      if (note && isAlive(note, silentMs)) return [note]
      rmSync(path, { force: true })
      return []
    })
}
function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder)
  } catch {
    return []
  }
}
function readNote(path: string): Note | null {
  try {
    const note = JSON.parse(readFileSync(path, 'utf8')) as Partial<Note> | null
    return typeof note?.pid === 'number' && typeof note.host === 'string' ? (note as Note) : null
  } catch {
    return null
  }
}
function isAlive(note: Note, silentMs: number): boolean {
  if (note.host !== hostname()) return silentMs < SILENT_MS
  return isRunning(note.pid) && (note.began === null || (beganAt(note.pid) ?? note.began) === note.began)
}

/** `the window of ann on desk (process 4711) since 20 November 2026, 14:02`. */
export function holderText(h: Holder): string {
  const since = new Date(h.since)
  const day = since.toLocaleDateString('en-GB', { day: 'numeric', month: 'long', year: 'numeric' })
  const time = since.toLocaleTimeString('en-GB', { hour: '2-digit', minute: '2-digit' })
  return `${h.program} of ${h.user} on ${h.host} (process ${h.pid}) since ${day}, ${time}`
}
