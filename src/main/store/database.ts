import Database from 'better-sqlite3'
import { existsSync } from 'node:fs'
import { basename } from 'node:path'
import { UserError } from '../../contract/errors.ts'
import { required } from '../../contract/required.ts'
import { SCHEMA } from './migrations/001-schema.ts'
import { beginWith, JOURNALS, needsNoLog, useJournal, type Journal } from './journal.ts'
import { codeOf, systemError } from '../files/disk-errors.ts'
import { APPLICATION_ID, assertWritable } from './project-file.ts'
import { assertOwnLog, type ProjectLock } from './project-lock.ts'
import { assertIdentityPage, assertObjects, damaged, distrust, objectsMadeBy } from './schema.ts'

export type Db = Database.Database

/**
 * Steps from each layout of a project file to the next, in order, in `migrations/`. `user_version` counts the steps that a file has seen. A
 * released step never changes: it contains its own SQL and code, and imports nothing from the rest of the store but types.
 */
export const MIGRATIONS: ((db: Db) => void)[] = [(db) => db.exec(SCHEMA)]
/** The layout of project files that this program writes. */
export const layout = (): number => MIGRATIONS.length

function unlockable(path: string): UserError {
  return new UserError(
    'locks-fail',
    `${path} lies where files cannot be locked, as on some network drives: copy it to a disk of this machine and open it there.`,
  )
}

/** Errors by SQLite's codes; a code also covers its extended codes. */
const REFUSALS: Readonly<Record<string, (path: string) => UserError>> = {
  SQLITE_NOTADB: (path) => new UserError('not-a-project', `${path} is not a Reelabel project: choose a .reel file.`),
  SQLITE_CORRUPT: (path) => damaged(path),
  SQLITE_MISMATCH: (path) => damaged(path, 'a value is of the wrong type'),
  SQLITE_READONLY_DBMOVED: (path) => new UserError('project-gone', `${path} was moved or deleted while it was open: put it back.`),
  SQLITE_CANTOPEN: (path) =>
    new UserError('project-unreadable', `${path} cannot be opened: check that the folder exists and may be written.`),
  SQLITE_READONLY: (path) => new UserError('project-read-only', `${path} cannot be written: check its permissions.`),
  SQLITE_BUSY: (path) => new UserError('project-busy', `${path} is in use by another program: close it there and try again.`),
  SQLITE_PROTOCOL: unlockable,
  SQLITE_NOLFS: unlockable,
  SQLITE_IOERR_LOCK: unlockable,
  SQLITE_IOERR_RDLOCK: unlockable,
  SQLITE_IOERR_UNLOCK: unlockable,
  SQLITE_IOERR_CHECKRESERVEDLOCK: unlockable,
  SQLITE_IOERR: (path) =>
    new UserError(
      'disk-error',
      `The disk refused to read or write ${path}: nothing of this step was kept. Check the drive and its connection, then try again.`,
    ),
  SQLITE_FULL: () => new UserError('disk-full', 'The disk is full: nothing of this step was kept. Free some space and try again.'),
}

/** System errors of files beside the project, such as checkpoints. */
const SYSTEM_CODES: Readonly<Record<string, keyof typeof REFUSALS>> = { ENOSPC: 'SQLITE_FULL', EDQUOT: 'SQLITE_FULL' }

/** An error of SQLite or of a full disk as a UserError that says what to do; any other error as it is. */
export function toUserError(path: string, error: unknown): unknown {
  if (error instanceof TypeError && error.message === 'The database connection is not open')
    return new UserError('project-closed', 'The project was closed before this was done: open it and try again.')
  const code = error instanceof Database.SqliteError ? error.code : ''
  const known = Object.keys(REFUSALS).find((k) => code === k || code.startsWith(`${k}_`)) ?? SYSTEM_CODES[codeOf(error)]
  return known ? required(REFUSALS[known], `the text of ${known}`)(path) : systemError(error)
}
/** Runs `work`, which uses the database at `path`. @throws UserError for what {@link toUserError} knows */
export function withDatabaseErrors<T>(path: string, work: () => T): T {
  try {
    return work()
  } catch (error) {
    throw toUserError(path, error)
  }
}

export interface OpenOptions {
  /** Called before a file of an older layout is migrated; nothing has been written yet. If it throws, the file stays unchanged. */
  readonly beforeMigration?: ((older: { readonly path: string; readonly layout: number; readonly db: Db }) => void) | undefined
  /** This program's lock on the project: the store then checks whether the file is replaced. */
  readonly lock?: ProjectLock | undefined
}

/** @throws UserError `no-project` */
export function assertThere(path: string): void {
  if (existsSync(path)) return
  throw new UserError('no-project', `There is no project at ${path}: check the path, or make one with \`reelabel import ${path} FILE\`.`)
}

/**
 * Opens a project file, and migrates an older one (not in mode `read`).
 * @throws UserError `no-project`, `not-a-project`, `project-newer`, `project-older`, `project-damaged`, …
 */
export function openDatabase(path: string, mode: 'create' | 'open' | 'read', options: OpenOptions = {}): Db {
  if (mode !== 'create' && path !== ':memory:') assertThere(path)
  return withDatabaseErrors(path, () => {
    if (mode !== 'create') assertOwnLog(path)
    if (mode === 'open') assertWritable(path)
    if (mode === 'read') return connect(path, true, (db) => refuseOtherLayouts(db, path))
    for (const journal of JOURNALS)
      try {
        return connect(path, false, (db) => prepare(db, path, { ...options, create: mode === 'create', journal }))
      } catch (error) {
        if (isFull(error)) throw noRoom(path)
        if (journal === JOURNALS.at(-1) || !needsNoLog(error)) throw error
      }
    throw new Error('no journal was tried')
  })
}

const isFull = (error: unknown): boolean => error instanceof Database.SqliteError && error.code === 'SQLITE_FULL'

/**
 * A project on a full disk could be read through an exclusive lock, without the index of its log; but search, exports and trainings open it
 * a second time.
 */
const noRoom = (path: string): UserError =>
  new UserError(
    'disk-full',
    `${path} cannot be opened: its disk is full, and opening a project needs some space there, if only to read it. Free about 200 kB, or copy it (with ${basename(path)}-wal, if that is there) to another disk and open the copy. \`reelabel salvage ${path} --out FOLDER\` reads it where it is.`,
  )

/** Opens a file of any origin; `prepare` refuses it, or the file is what it should be. */
export function connect(path: string, readonly: boolean, prepare: (db: Db) => void): Db {
  const db = new Database(path, { readonly, timeout: 5000 })
  try {
    distrust(db)
    // on macOS, a plain fsync leaves data in the drive's cache; elsewhere these have no effect
    db.pragma('fullfsync = on')
    db.pragma('checkpoint_fullfsync = on')
    prepare(db)
    db.pragma('foreign_keys = on')
    db.pragma('cache_size = -65536')
    return db
  } catch (error) {
    db.close()
    throw error
  }
}

export const numberIn = (db: Db, pragma: 'application_id' | 'user_version'): number => db.pragma(pragma, { simple: true }) as number

/**
 * @returns the layout of the file, which is one that this program knows
 * @throws UserError `not-a-project`, `project-newer`, `project-damaged` if it holds anything but what that layout has
 */
export function assertProject(db: Db, path: string): number {
  if (numberIn(db, 'application_id') !== APPLICATION_ID)
    throw new UserError('not-a-project', `${path} is not a Reelabel project: choose a .reel file.`)
  const found = numberIn(db, 'user_version')
  if (found > layout()) throw newer(path, found)
  if (found < 1) throw damaged(path, `there is no layout ${found}`)
  assertObjects(db, path, objectsMadeBy(MIGRATIONS.slice(0, found)))
  assertIdentityPage(db, path)
  return found
}

/** A reader cannot migrate a file: the engine has done so before it starts one. */
function refuseOtherLayouts(db: Db, path: string): void {
  if (assertProject(db, path) < layout())
    throw new UserError('project-older', `${path} was made by an older Reelabel: open it once, then try again.`)
}

function newer(path: string, found: number): UserError {
  return new UserError('project-newer', `${path} was made by a newer Reelabel (layout ${found}): update this one. Nothing was changed.`)
}

interface Preparation extends OpenOptions {
  readonly create: boolean
  readonly journal: Journal
}
function prepare(db: Db, path: string, { create, journal, beforeMigration }: Preparation): void {
  beginWith(db, journal)
  const found = create ? 0 : assertProject(db, path)
  if (found > 0 && found < layout()) beforeMigration?.({ path, layout: found, db })
  useJournal(db, journal)
  // an analyst's decision is on the disk before the window confirms it
  db.pragma('synchronous = full')
  if (found === layout()) return
  // otherwise references to a table that a step replaces would be lost
  db.pragma('foreign_keys = off')
  db.transaction(() => {
    for (const migrate of MIGRATIONS.slice(found)) migrate(db)
    if (create) db.prepare('insert into identity values (?)').run(crypto.randomUUID())
    db.pragma(`user_version = ${layout()}`)
    db.pragma(`application_id = ${APPLICATION_ID}`)
  }).immediate()
}

/** Version of the SQLite library. */
export function sqliteVersion(): string {
  const db = new Database(':memory:')
  try {
    return String(db.prepare('select sqlite_version()').pluck().get())
  } finally {
    db.close()
  }
}
