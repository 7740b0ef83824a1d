import Database from 'better-sqlite3'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { layout, openDatabase, toUserError } from '../../src/main/store/database.ts'
import { Store } from '../../src/main/store/store.ts'
import { Workspace } from '../../src/main/workspace.ts'
import { codeOf, integrity, scratch, tinyProject } from '../support/project.ts'

const TABLES =
  'answer batch change cleaned_plot cleaning column_chunk genre identity import import_log meta model movie movie_text prediction record run source_file'.split(
    ' ',
  )

test.each([
  ['EMFILE', 'too-many-files'],
  ['ENFILE', 'too-many-files'],
  ['ENOSPC', 'disk-full'],
])('an error %s of the system is told as %s', (code, expected) =>
  expect(toUserError('p.reel', Object.assign(new Error(`${code}: open 'x'`), { code }))).toMatchObject({ code: expected }),
)

test('creating a project makes its tables and its marks', () => {
  const path = join(scratch(), 'new.reel')
  new Store(path, 'create').close()
  const db = new Database(path)
  const tables = db.prepare("select name from sqlite_master where type = 'table'").pluck().all() as string[]
  expect(tables.filter((t) => !t.startsWith('movie_text_')).sort()).toEqual(TABLES)
  expect([db.pragma('user_version', { simple: true }), db.pragma('application_id', { simple: true })]).toEqual([layout(), 0x5245454c])
  expect(db.pragma('journal_mode', { simple: true })).toBe('wal')
  db.close()
})

test('a decision is on the disk before it is confirmed, and foreign keys are enforced', () => {
  const db = openDatabase(join(scratch(), 'new.reel'), 'create')
  expect([db.pragma('synchronous', { simple: true }), db.pragma('foreign_keys', { simple: true })]).toEqual([2, 1])
  expect(() => db.prepare("insert into change (batch, movie, field, was, becomes) values (9, 9, 'label', '0', '1')").run()).toThrow(
    /FOREIGN/,
  )
  db.close()
})

test('a project opened again keeps everything and is not migrated twice', () => {
  const path = join(scratch(), 'new.reel')
  const first = new Store(path, 'create')
  first.meta.set('format', 'Mine')
  first.close()
  const again = new Store(path, 'open')
  expect([again.meta.get('format'), integrity(path)]).toEqual(['Mine', 'ok'])
  again.close()
})

test('opening and closing a project does not change its bytes', async () => {
  const path = await tinyProject(scratch(), ['a: Drama'])
  const before = readFileSync(path)
  new Workspace(path).close()
  expect(readFileSync(path).equals(before)).toBe(true)
})

const bytesOf = async (): Promise<Buffer> => readFileSync(await tinyProject(scratch(), ['a: Drama', 'b: Comedy', 'c: Drama']))
const sqliteFile = (setUp: string): Buffer => {
  const db = new Database(':memory:')
  db.exec(setUp)
  const bytes = db.serialize()
  db.close()
  return bytes
}

test.each<[what: string, code: string, make: () => Buffer | Promise<Buffer>]>([
  ['a CSV', 'not-a-project', () => Buffer.from('id,title\n1,Dune\n'.repeat(100))],
  ['an empty file', 'not-a-project', () => Buffer.alloc(0)],
  ["another program's database", 'not-a-project', () => sqliteFile('create table t (x); insert into t values (1)')],
  [
    'a newer layout',
    'project-newer',
    () => sqliteFile(`create table meta (x); pragma application_id = 1380271436; pragma user_version = ${layout() + 1}`),
  ],
  ['a file cut off', 'project-damaged', async () => (await bytesOf()).subarray(0, 3 * 4096)],
  [
    'a file with a hole',
    'project-damaged',
    async () => {
      const bytes = await bytesOf()
      return Buffer.concat([bytes.subarray(0, 4096), Buffer.alloc(bytes.length - 4096, 0x5a)])
    },
  ],
  [
    'a file whose columns are gone',
    'project-damaged',
    async () => {
      const bytes = await bytesOf()
      const path = join(scratch(), 'sound.reel')
      writeFileSync(path, bytes)
      const db = new Database(path)
      const page = db.prepare("select rootpage from sqlite_master where name = 'column_chunk'").pluck().get() as number
      db.close()
      return Buffer.from(bytes).fill(0x5a, (page - 1) * 4096, page * 4096)
    },
  ],
])('%s is refused as %s, and stays as it was', async (_what, code, make) => {
  const path = join(scratch(), 'some.reel')
  const bytes = await make()
  writeFileSync(path, bytes)
  expect(await codeOf(() => new Workspace(path))).toBe(code)
  expect(readFileSync(path).equals(bytes)).toBe(true)
})

test('a missing file and a folder', async () => {
  const folder = scratch()
  mkdirSync(join(folder, 'x.reel'))
  expect(await codeOf(() => new Store(join(folder, 'none.reel'), 'open'))).toBe('no-project')
  expect(await codeOf(() => new Store(join(folder, 'x.reel'), 'open'))).toBe('project-unreadable')
})

test('a failed transaction changes nothing', () => {
  const store = new Store(join(scratch(), 'new.reel'), 'create')
  expect(() =>
    store.transaction(() => {
      store.meta.set('format', 'half')
      throw new Error('no')
    }),
  ).toThrow('no')
  expect(store.meta.get('format')).toBe(null)
  store.close()
})

test('a full disk is reported as such, whichever file was written', () => {
  const full = Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' })
  expect(toUserError('p.reel', full)).toMatchObject({ code: 'disk-full' })
  const other = Object.assign(new Error('ENOENT'), { code: 'ENOENT' })
  expect(toUserError('p.reel', other)).toBe(other)
})
