/**
 * Which file a project is. Programs that synchronise folders, and people, put other files in the place of a project that is open or whose
 * program was killed, and SQLite would apply the log of the former file to the new one. So a file has a random id inside. It is renewed
 * when a program begins to write, and again whenever the log was written back, unless another program relies on it. The note of every
 * program that has the project open says which ids the file may have now; the note of a killed program stays with the log.
 */
import type Database from 'better-sqlite3'
import { statSync } from 'node:fs'
import { UserError } from '../../contract/errors.ts'
import { bareId, fileAt, hold } from './bare-file.ts'
import { setLogAside } from './project-file.ts'
import type { ProjectLock } from './project-lock.ts'

type Db = Database.Database

/** Size and time of the last change. */
function stateOf(path: string): string {
  const stat = statSync(path, { bigint: true, throwIfNoEntry: false })
  return `${stat?.size} ${stat?.mtimeNs}`
}

export class FileIdentity {
  readonly #path: string
  readonly #db: Db
  readonly #lock: ProjectLock | null
  readonly #file: string | null
  readonly #log: string | null
  readonly #release: () => void
  /** Size and time of the file when its id was last found to be one of {@link #ids}; null: never. */
  #state: string | null = null
  #ids: readonly string[] = []
  /** False with a rollback journal, which changes the file with every decision: then the id is renewed only once. */
  readonly #renewsOften: boolean
  #renewed = false

  /** @param lock of this program's share in the project; null: nothing but the file's place on the disk is checked */
  constructor(path: string, db: Db, lock: ProjectLock | null) {
    this.#path = path
    this.#db = db
    this.#lock = lock
    this.#file = fileAt(path)
    this.#log = fileAt(`${path}-wal`)
    this.#release = lock ? hold(path) : () => undefined
    this.#renewsOften = this.#log !== null
    if (!lock) return
    // while SQLite's lock is held no other program renews the id
    db.transaction(() => this.#expect([bareId(path), identityOf(db)])).immediate()
  }
  /** @throws UserError `project-gone` if the file was moved, deleted, replaced or overwritten. Call it before every write. */
  assertUnchanged(): void {
    const why = this.whyGone
    if (why !== null)
      throw new UserError(
        'project-gone',
        `${this.#path} was ${why} by another program while it was open. Nothing was written, it would be lost: put the file back, or save a copy of the open project under another name.`,
      )
    if (!this.#lock || this.#db.inTransaction) return
    const state = stateOf(this.#path)
    if (state === this.#state) return
    if (this.#renewsOften || !this.#renewed) this.#renew()
    this.#state = stateOf(this.#path)
  }
  /** True if another file has taken the place of the one that was opened, or nothing. */
  get isElsewhere(): boolean {
    return this.#file !== null && fileAt(this.#path) !== this.#file
  }
  /**
   * The change of the file, if it is no longer the one that was opened; else null. If another program has written another project into
   * it, what SQLite reads is a mixture of both from now on.
   */
  get whyGone(): 'moved, deleted or replaced' | 'overwritten' | null {
    if (this.isElsewhere) return 'moved, deleted or replaced'
    if (this.#lock === null || stateOf(this.#path) === this.#state || this.#ids.includes(bareId(this.#path) ?? '')) return null
    return 'overwritten'
  }
  #renew(): void {
    const lock = this.#lock
    const next = crypto.randomUUID()
    this.#db
      .transaction(() => {
        if (!lock || lock.othersExpectIds()) return
        this.#expect([bareId(this.#path), next])
        renewIdentity(this.#db, next)
        this.#renewed = true
      })
      .immediate()
    // so that the file itself has the id
    if (this.#renewsOften) this.#db.pragma('wal_checkpoint(passive)')
    if (bareId(this.#path) === next) this.#expect([next])
  }
  #expect(ids: readonly (string | null)[]): void {
    this.#ids = [...new Set(ids)].filter((id) => id !== null && id !== '') as string[]
    this.#lock?.setExpectedIds(this.#ids)
  }
  /**
   * Call it before SQLite closes the file. If the file is no longer the one that was opened, the log is set aside and emptied: SQLite would
   * write it into the other file.
   * @returns what {@link setLogAside} returns; null if the file is ours
   */
  leave(): string | null {
    if (this.whyGone === null || this.#log === null || fileAt(`${this.#path}-wal`) !== this.#log) return null
    return setLogAside(this.#path)
  }
  /** Call it after SQLite has closed the file. */
  release(): void {
    this.#release()
  }
}

/** The id in the file, which no other project has. */
export const identityOf = (db: Db): string | null => (db.prepare('select id from identity').pluck().get() as string | undefined) ?? null

/** From now on the file is another one than those that it was copied from or that are copied from it. */
export function renewIdentity(db: Db, id: string = crypto.randomUUID()): void {
  db.exec('delete from identity')
  db.prepare('insert into identity values (?)').run(id)
}
