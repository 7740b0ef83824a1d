import { existsSync, readFileSync, renameSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { openDatabase } from '../../src/main/store/database.ts'
import { APPLICATION_ID } from '../../src/main/store/project-file.ts'
import { copyDecisions, makeReady, putDecisions, readContents } from '../../src/main/store/backup.ts'
import { Workspace } from '../../src/main/workspace.ts'
import { codeOf, scratch, tinyProject } from '../support/project.ts'
import { tamper } from '../support/tamper.ts'
const ENDLESS = 'with recursive r (i) as (select 1 union all select i + 1 from r) select i as id from r'

const GENRE_WITH = (column: string): string =>
  `update sqlite_master set sql = replace(sql, 'unique)', 'unique, ${column.replaceAll("'", "''")})') where name = 'genre'`

test.each<[what: string, why: string, sql: string]>([
  [
    'a trigger that eats decisions',
    'its trigger "eater" is not one of',
    'create trigger eater after insert on change begin delete from batch; end',
  ],
  ['a view in the place of a table', '"movie', `alter table movie rename to m; create view movie as ${ENDLESS}`],
  ['a view beside the tables', 'its view "v" is not one of', `create view v as ${ENDLESS}`],
  ['another table', 'its table "extra" is not one of', 'create table extra (x)'],
  ['a virtual table', 'its table "more" is not one of', 'create virtual table more using fts5 (x)'],
  ['a generated column', 'is damaged', GENRE_WITH('g as (upper(name))')],
  ['a default that calls a function', 'its table "genre" is not as', GENRE_WITH("g text default (upper('x'))")],
  ['an index on an expression', 'its index "i" is not one of', 'create index i on movie (upper(title))'],
  ['a missing trigger', 'its trigger "change_kept" is missing', 'drop trigger change_kept'],
  ['a missing index', 'its index "movie_key" is missing', 'drop index movie_key'],
  [
    'a trigger that allows what ours forbids',
    'is not as',
    "update sqlite_master set sql = replace(sql, 'abort', 'fail') where name = 'batch_kept'",
  ],
  ['a layout below the first', 'there is no layout -5', 'pragma user_version = -5'],
  ['layout 0 with all tables', 'there is no layout 0', 'pragma user_version = 0'],
])('a file with %s is refused by every way in, and stays as it was', async (_what, why, sql) => {
  const path = await tinyProject(scratch(), ['a: Drama', 'b: Comedy'])
  tamper(path, sql)
  const before = readFileSync(path)
  for (const open of [() => new Workspace(path), () => openDatabase(path, 'read'), () => makeReady(path)]) {
    expect(await codeOf(open)).toBe('project-damaged')
    expect(open).toThrow(why)
  }
  expect(readContents(path)).toBe(null)
  expect(await codeOf(() => copyDecisions(path, join(scratch(), 'copy')))).toBe('project-damaged')
  expect(readFileSync(path).equals(before)).toBe(true)
})

test('a file with the marks of a project and no tables is refused', async () => {
  const path = join(scratch(), 'half.reel')
  tamper(path, `create table t (x); pragma application_id = ${APPLICATION_ID}; pragma user_version = 1`)
  expect(await codeOf(() => new Workspace(path))).toBe('project-damaged')
})

test('names of triggers are not statements: a restore changes and makes nothing outside', async () => {
  const folder = scratch()
  const [path, other] = [await tinyProject(folder, ['a: Drama'], 'mine'), await tinyProject(folder, ['a: Drama'], 'other')]
  const copy = join(folder, '00001-20261130-120000-asked.decisions')
  copyDecisions(path, copy)
  const name = `x""; commit; attach '${other}' as z; delete from z.movie_text_config; attach '${join(folder, 'made')}' as y; create table y.t(a); begin; drop trigger ""y`
  tamper(path, `create trigger "${name}" before update on change begin select 1; end`)
  const before = readFileSync(other)
  expect(await codeOf(() => putDecisions(path, copy))).toBe('project-damaged')
  expect([existsSync(join(folder, 'made')), readFileSync(other).equals(before)]).toEqual([false, true])
})

test('a copy of decisions with anything else in it is not applied', async () => {
  const folder = scratch()
  const path = await tinyProject(folder, ['a: Drama'])
  const copy = join(folder, 'copy')
  copyDecisions(path, copy)
  expect(readContents(copy)).toMatchObject({ movies: 1, batches: 0 })
  tamper(copy, `alter table movie rename to m; create view movie as ${ENDLESS}`)
  expect(readContents(copy)).toBe(null)
  expect(await codeOf(() => putDecisions(path, copy))).toBe('project-damaged')
})

test('a schema that calls functions is distrusted, and pages are checked', async () => {
  const path = await tinyProject(scratch(), ['a: Drama'])
  const db = openDatabase(path, 'open')
  expect(['trusted_schema', 'cell_size_check'].map((name) => db.pragma(name, { simple: true }))).toEqual([0, 1])
  expect(() => db.exec("pragma writable_schema = on; update sqlite_master set sql = 'x'")).toThrow('may not be modified')
  db.close()
})

test('a finished copy is another file than what it was copied from', async () => {
  const path = await tinyProject(scratch(), ['a: Drama'])
  const copy = join(scratch(), 'copy.reel')
  renameSync(await tinyProject(scratch(), ['a: Drama']), copy)
  const idOf = (file: string): unknown => {
    const db = openDatabase(file, 'read')
    const ids = db.prepare('select id from identity').pluck().all()
    db.close()
    return ids
  }
  const before = idOf(copy)
  makeReady(copy)
  const ids = [idOf(path), before, idOf(copy)].flat()
  expect([ids.length, new Set(ids).size]).toEqual([3, 3])
})
