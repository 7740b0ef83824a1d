/** Copies of project files: whole ones through SQLite's backup, and small ones of what analysts decided. */
import Database from 'better-sqlite3'
import { constants, copyFileSync } from 'node:fs'
import { syncFile } from '../files/atomic.ts'
import { assertProject, connect, layout, numberIn, openDatabase, type Db } from './database.ts'
import { renewIdentity } from './file-identity.ts'
import { LOG_TRIGGERS } from './migrations/001-schema.ts'
import { DECISIONS_ID } from './project-file.ts'
import { assertObjects, damaged, distrust, objectsMadeBy } from './schema.ts'

/** Pages in one step (4 MB); other work runs between steps. */
const STEP_PAGES = 1000

/** Contents of a copy. `state` differs whenever something worth another copy has happened. */
export interface BackupContents {
  readonly movies: number
  readonly batches: number
  readonly lastAt: string | null
  readonly state: string
}

/**
 * Copies a project through an open connection, step by step; the copy contains decisions that are made meanwhile. @throws what `progress` throws
 */
export async function copyWhole(db: Db, to: string, progress: (fraction: number) => void): Promise<void> {
  await db.backup(to, {
    progress: ({ totalPages, remainingPages }) => {
      if (totalPages > 0) progress(1 - remainingPages / totalPages)
      return STEP_PAGES
    },
  })
  seal(to)
}

/** Copies a project through an open connection, at once. */
export function copyNow(db: Db, to: string): void {
  db.prepare('vacuum into ?').run(to)
  seal(to)
}

/** Copies a project from a process that only reads: the copy shows one moment of it, whatever is written meanwhile. */
export async function copyOfMoment(project: string, to: string, progress: (fraction: number) => void): Promise<void> {
  const db = openDatabase(project, 'read')
  try {
    // without a write-ahead log a reader in a transaction would keep the engine from writing
    if (db.pragma('journal_mode', { simple: true }) === 'wal') {
      db.exec('begin')
      db.prepare('select 1 from sqlite_master').get()
    }
    await copyWhole(db, to, progress)
  } finally {
    db.close()
  }
}

/** @throws UserError `project-damaged`, `not-a-project` for a file that is neither a project nor a copy of decisions, with nothing else in it */
function kindOf(db: Db, path: string): 'whole' | 'decisions' {
  if (numberIn(db, 'application_id') === DECISIONS_ID) {
    assertObjects(db, path, objectsMadeBy(DECISION_STEPS))
    return 'decisions'
  }
  assertProject(db, path)
  return 'whole'
}

/** Makes a finished copy a single file, checks it, and syncs it to the disk. Throws if it is damaged. */
function seal(path: string): void {
  const db = new Database(path)
  try {
    distrust(db)
    db.pragma('journal_mode = delete')
    if (kindOf(db, path) === 'whole') renewIdentity(db)
    const check = db.pragma('quick_check(1)', { simple: true })
    if (check !== 'ok') throw damaged(path, String(check))
  } finally {
    db.close()
  }
  syncFile(path)
}

/** Copies the file of a project byte by byte through its open connection, which locks out writers. Used before a migration. */
export function copyAsItIs(db: Db, path: string, to: string): void {
  db.pragma('wal_checkpoint(truncate)')
  db.exec('begin immediate')
  try {
    // costs nothing where the file system shares the blocks
    copyFileSync(path, to, constants.COPYFILE_EXCL | constants.COPYFILE_FICLONE)
  } finally {
    db.exec('rollback')
  }
  syncFile(to)
}

/** Tables of a copy of decisions: the log, and what it needs to be read or to find its movies in another import of the same catalogue. */
const DECISION_TABLES = `
create table meta (key text, value text);
create table genre (id integer, name text);
create table batch (id integer, at text, who text, why text, description text, run integer, undoes integer);
create table change (id integer, batch integer, movie integer, genre integer, field text, was text, becomes text);
create table cleaning (id integer, at text, rule_set text);
create table movie (id integer, key text, title text);
create table held (movies integer, state text);
`
const DECISION_STEPS = [(db: Db): void => void db.exec(DECISION_TABLES)]
const COPY_DECISIONS = `
insert into main.meta select key, value from project.meta;
insert into main.genre select id, name from project.genre;
insert into main.batch select id, at, who, why, description, run, undoes from project.batch order by id;
insert into main.change select id, batch, movie, genre, field, was, becomes from project.change order by id;
insert into main.cleaning select id, at, rule_set from project.cleaning where id = (select value from project.meta where key = 'cleaning');
insert into main.movie select id, key, title from project.movie where id in (select movie from project.change);
`

/** Copies only what analysts decided, so that the copy is small and quick even if the project is large. */
export function copyDecisions(project: string, to: string): void {
  openDatabase(project, 'read').close()
  const db = new Database(to)
  try {
    distrust(db)
    db.pragma(`application_id = ${DECISIONS_ID}`)
    db.pragma(`user_version = ${layout()}`)
    db.prepare('attach ? as project').run(project)
    db.exec('begin')
    db.exec(DECISION_TABLES)
    db.exec(COPY_DECISIONS)
    const { movies, state } = contentsOf(db, 'project')
    db.prepare('insert into held values (?, ?)').run(movies, state)
    db.exec('commit')
  } finally {
    db.close()
  }
  seal(to)
}

function contentsOf(db: Db, schema = 'main'): BackupContents {
  const one = (sql: string): unknown =>
    db
      .prepare(sql.replaceAll('@', `${schema}.`))
      .pluck()
      .get()
  const batches = one('select count(*) from @batch') as number
  const lastAt = one('select at from @batch order by id desc limit 1') as string | undefined
  const movies = one('select count(*) from @movie') as number
  return { movies, batches, lastAt: lastAt ?? null, state: stateOf(db, schema) }
}

/** Differs whenever something has happened that an analyst would not want to do again. */
export function stateOf(db: Db, schema = 'main'): string {
  const parts = [
    'select max(id) from @batch',
    'select max(id) from @import',
    "select max(id) from @run where status = 'done'",
    "select value from @meta where key = 'cleaning'",
    "select length(value) from @meta where key = 'auditAnswers'",
    "select length(value) from @meta where key = 'codebook'",
  ]
  const value = (sql: string): number | string | null => db.prepare<[], number | string | null>(sql).pluck().get() ?? null
  return parts.map((sql) => value(sql.replaceAll('@', `${schema}.`)) ?? 0).join('/')
}

/** Contents of a copy; null for a file that is not a copy or cannot be read. */
export function readContents(path: string): BackupContents | null {
  try {
    let kind: 'whole' | 'decisions' = 'whole'
    const db = connect(path, true, (file) => (kind = kindOf(file, path)))
    try {
      if (kind === 'whole') return numberIn(db, 'user_version') === layout() ? contentsOf(db) : olderContents(db)
      const held = db.prepare('select movies, state from held').get() as Pick<BackupContents, 'movies' | 'state'>
      const { batches, lastAt } = olderContents(db)
      return { ...held, batches, lastAt }
    } finally {
      db.close()
    }
  } catch {
    return null
  }
}

/** Contents of a copy of an older layout, or of one without a catalogue. */
function olderContents(db: Db): BackupContents {
  const { batches, lastAt } = db
    .prepare('select count(*) as batches, (select at from batch order by id desc limit 1) as lastAt from batch')
    .get() as BackupContents
  return { movies: db.prepare('select count(*) from movie').pluck().get() as number, batches, lastAt, state: '' }
}

/**
 * Replaces the log of `project`, a whole copy which no program has open, by that of a copy of decisions. Movies and genres are
 * found by the catalogue's own keys and names; numbered keys count only if the title is the same or both logs have the same origin.
 * @returns how many changes found no movie
 */
export function putDecisions(project: string, decisions: string): number {
  const db = openDatabase(project, 'open')
  try {
    db.prepare('attach ? as copy').run(decisions)
    assertObjects(db, decisions, objectsMadeBy(DECISION_STEPS), 'copy')
    let lost = 0
    db.transaction(() => {
      for (const name of Object.keys(LOG_TRIGGERS)) db.exec(`drop trigger ${name}`)
      db.exec(PUT)
      lost = db.prepare('select count(*) from copy.change where id not in (select id from change)').pluck().get() as number
      for (const sql of Object.values(LOG_TRIGGERS)) db.exec(sql)
    })()
    db.exec('detach copy')
    db.pragma('wal_checkpoint(truncate)')
    return lost
  } finally {
    db.close()
  }
}
/** `kin`: both logs begin with the same decision, so a row of one is the same row of the other. */
const PUT = `
create temp table kin as select exists (select 1 from main.batch a join copy.batch b on b.id = a.id and b.at = a.at and b.who = a.who) as same;
delete from change; delete from batch;
insert into genre (name) select name from copy.genre where name not in (select name from genre);
insert into batch (id, at, who, why, description, run, undoes)
  select id, at, who, why, description, (select id from run where id = b.run), undoes from copy.batch b order by id;
insert into change (id, batch, movie, genre, field, was, becomes)
  select c.id, c.batch, m.id, g.id, c.field, c.was, c.becomes
  from copy.change c join copy.movie old on old.id = c.movie
    join movie m on m.key = old.key and (old.key not glob 'row-[0-9]*' or m.title = old.title or (select same from kin))
    left join copy.genre named on named.id = c.genre left join genre g on g.name = named.name
  order by c.id;
insert or replace into meta (key, value)
  select key, value from copy.meta
  -- the codebook and saved filters name genres; the others have numbers of movies
  where key in ('codebook', 'slices') or (key in ('audit', 'auditAnswers', 'health', 'assignments') and (select same from kin));
drop table temp.kin;
`

/** Prepares a copy that will replace a project: newest layout, checked, in one file. @throws UserError, Error */
export function makeReady(path: string): void {
  openDatabase(path, 'open').close()
  seal(path)
}
