/** Which programs have a project open. Several may change labels in turn; a job that rewrites the project needs it alone. */
import { userInfo } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { UserError } from '../../contract/errors.ts'
import { moment } from '../../contract/words.ts'
import type { Holder } from '../../contract/safety.ts'
import { holders, SharedLock } from '../files/locks.ts'
import { thisProcess, type ProcessIdentity } from '../files/process-identity.ts'

export type ProjectHolder = Holder & ProcessIdentity

/** This program, as other programs see it. */
export function thisProgram(program: string): ProjectHolder {
  return { program, user: userName(), since: new Date().toISOString(), ...thisProcess() }
}
function userName(): string {
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
    this.#prefix = join(dirname(project), `.${basename(project)}.open-`)
    this.#lock = lockOf(this.#prefix, holder)
  }
  /** The other programs that have the project open now. */
  others(): ProjectHolder[] {
    const all = this.#lock ? this.#lock.others() : (holders(this.#prefix) as ProjectHolder[])
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
  release(): void {
    this.#lock?.release()
  }
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
