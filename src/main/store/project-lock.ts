/** Which programs have a project open. Several may change labels in turn; a job that rewrites the project needs it alone. */
import { userInfo } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { UserError } from '../../contract/errors.ts'
import { moment } from '../../contract/words.ts'
import type { Holder } from '../../contract/safety.ts'
import { z } from 'zod'
import { holders, lockFiles, SharedLock, type LockFile } from '../files/locks.ts'
import { thisProcess, type ProcessIdentity } from '../files/process-identity.ts'
import { bareId } from './bare-file.ts'
import { hasLog, setLogAside } from './project-file.ts'

export interface ProjectHolder extends Holder, ProcessIdentity {
  /** The ids that the file may have, see `file-identity.ts`; none before it is open. */
  readonly ids?: readonly string[] | undefined
}

/** Another program's text in one line: a line break would begin a second, forged one. */
const ONE_LINE = z
  .string()
  .max(300)
  .transform((text) => text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu, ' '))
const NOTE = z.looseObject({
  program: ONE_LINE,
  user: ONE_LINE,
  host: ONE_LINE,
  since: z.iso.datetime(),
  ids: z.array(z.uuid()).max(10).optional(),
})
/** A holder with the checked members of its note; null if one of them is missing or not valid. */
const noteOf = (holder: ProcessIdentity): ProjectHolder | null => {
  const { data } = NOTE.safeParse(holder)
  return data ? { ...holder, ...data } : null
}
const prefixOf = (project: string): string => join(dirname(project), `.${basename(project)}.open-`)

/** This program, as other programs see it. */
export function thisProgram(program: string): ProjectHolder {
  return { program, user: systemUser(), since: new Date().toISOString(), ...thisProcess() }
}
/** Name of the system's user who runs this program. */
export function systemUser(): string {
  try {
    return userInfo().username
  } catch {
    return 'an unknown user'
  }
}

/** A program's share in a project, taken while it has the project open. */
export class ProjectLock {
  readonly #project: string
  readonly #prefix: string
  readonly #holder: ProjectHolder
  readonly #lock: SharedLock<ProjectHolder> | null

  /** Takes no lock if the folder cannot be written or the disk is full: opening the project reports that. */
  constructor(project: string, holder: ProjectHolder) {
    this.#project = project
    this.#holder = holder
    this.#prefix = prefixOf(project)
    this.#lock = lockOf(this.#prefix, holder)
  }
  /** The other programs that have the project open now. */
  others(): ProjectHolder[] {
    const all = (this.#lock ? this.#lock.others() : holders(this.#prefix)).flatMap((h) => noteOf(h) ?? [])
    return all.filter((h) => h.host !== this.#holder.host || h.pid !== this.#holder.pid)
  }
  /** @throws UserError `project-in-use` while another program has the project open */
  assertAlone(): void {
    const [other] = this.others()
    if (!other) return
    throw new UserError(
      'project-in-use',
      `${basename(this.#project)} is open in another program, ${holderText(other)}: close it there, then try again. Labels can be changed in both; cleaning, training, updating and restoring need the project to themselves.`,
      other,
    )
  }
  /** Records in the lock file which ids the project file may have. */
  setExpectedIds(ids: readonly string[]): void {
    this.#lock?.update({ ...this.#holder, ids })
  }
  /** True if another program expects certain ids, so that the file must keep its id. */
  othersExpectIds(): boolean {
    return (this.#lock?.others() ?? []).some((h) => h.ids !== undefined)
  }
  release(): void {
    this.#lock?.release()
  }
}

/** Lock files with the ids that the project file may have, if the log beside it belongs to none of these ids and so to another file. */
function foreignTo(project: string): readonly Pick<LockFile, 'running'>[] {
  if (!hasLog(project)) return []
  const notes = lockFiles(prefixOf(project)).flatMap(({ holder, running }) => {
    const ids = noteOf(holder)?.ids
    return ids ? [{ ids, running }] : []
  })
  const id = notes.length === 0 ? null : bareId(project)
  return id === null || notes.some(({ ids }) => ids.includes(id)) ? [] : notes
}

/** @throws UserError `project-gone` if the log beside the file belongs to another file, which SQLite would mix with this one */
export function assertOwnLog(project: string): void {
  if (foreignTo(project).length > 0)
    throw new UserError(
      'project-gone',
      `Another file was put in the place of ${project} while a program had it open: close it there, then open it again.`,
    )
}

/**
 * Sets the log beside a file aside if it is of another file, whose program was killed. A program that is running does so itself.
 * @returns as {@link setLogAside}
 */
export function setForeignLogAside(project: string): string | null {
  const notes = foreignTo(project)
  return notes.length === 0 || notes.some((note) => note.running) ? null : setLogAside(project)
}

function lockOf(prefix: string, holder: ProjectHolder): SharedLock<ProjectHolder> | null {
  try {
    return new SharedLock(prefix, holder)
  } catch {
    return null
  }
}

/** `the window of ann on desk (process 4711) since 20 November 2026, 14:02`. */
export const holderText = (h: Holder): string => `${h.program} of ${h.user} on ${h.host} (process ${h.pid}) since ${moment(h.since)}`
