/**
 * A project file may come from a stranger, and a trigger or view in it is a program that SQLite runs. So the tables, indexes and
 * triggers of a file are compared with those that Reelabel makes before any of them is used.
 */
import Database from 'better-sqlite3'
import { UserError } from '../../contract/errors.ts'
import { required } from '../../contract/required.ts'

type Db = Database.Database

/** Part of every refusal of a project that is not as Reelabel writes it. */
const ADVICE = 'restore a backup, or export what can be read with `reelabel salvage FILE --out FOLDER`.'

/** @param what what is wrong, a clause; empty: not known in words */
export const damaged = (path: string, what = ''): UserError =>
  new UserError('project-damaged', `${path} is damaged${what && ` (${what})`}: ${ADVICE}`)

/** Sets SQLite's options for untrusted files. better-sqlite3 has already switched on its defensive mode. */
export function distrust(db: Db): void {
  db.pragma('trusted_schema = off')
  db.pragma('cell_size_check = on')
}

interface SchemaObject {
  readonly type: string
  readonly name: string
  readonly owner: string
  readonly sql: string | null
}
const objectsIn = (db: Db, schema: string): SchemaObject[] =>
  db.prepare(`select type, name, tbl_name as owner, sql from ${schema}.sqlite_master order by type, name`).all() as SchemaObject[]

/** The page of the one row of `identity`, the first table that is made: `file-identity.ts` reads it without SQLite. */
export const IDENTITY_PAGE = 2

const made = new WeakMap<object, readonly SchemaObject[]>()
/** The schema of a file after these steps, cached by the last step, which always follows the same ones. */
export function objectsMadeBy(steps: readonly ((db: Db) => void)[]): readonly SchemaObject[] {
  const last = required(steps.at(-1), 'the last step')
  const known = made.get(last)
  if (known) return known
  const db = new Database(':memory:')
  try {
    for (const step of steps) step(db)
    const objects = objectsIn(db, 'main')
    made.set(last, objects)
    return objects
  } finally {
    db.close()
  }
}

/**
 * @param schema `main`, or the name of an attached file
 * @throws UserError `project-damaged` unless the file holds exactly the expected objects
 */
export function assertObjects(db: Db, path: string, expected: readonly SchemaObject[], schema = 'main'): void {
  const [found, wanted] = [objectsIn(db, schema), expected].map((all) => new Map(all.map((o) => [JSON.stringify(o), o])))
  const stranger = [...(found ?? [])].find(([text]) => !wanted?.has(text))?.[1]
  const missing = [...(wanted ?? [])].find(([text]) => !found?.has(text))?.[1]
  const nameOf = ({ type, name }: SchemaObject): string => `${type} ${JSON.stringify(name.slice(0, 60))}`
  if (stranger && stranger.name !== missing?.name) throw damaged(path, `its ${nameOf(stranger)} is not one of Reelabel's`)
  if (missing) throw damaged(path, `its ${nameOf(missing)} is ${stranger ? 'not as Reelabel makes it' : 'missing'}`)
}

/** @throws UserError `project-damaged` if the identity is not where it can be read without SQLite */
export function assertIdentityPage(db: Db, path: string): void {
  const page = db.prepare("select rootpage from sqlite_master where name = 'identity'").pluck().get()
  if (page !== IDENTITY_PAGE) throw damaged(path, 'its tables are not in their places')
}
