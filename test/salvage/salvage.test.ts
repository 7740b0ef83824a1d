import Database from 'better-sqlite3'
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { SALVAGED_PROJECT } from '../../src/contract/safety.ts'
import { salvageInto } from '../../src/main/jobs/work/salvage.ts'
import { PageFile } from '../../packages/salvage/pages.ts'
import { rowsOf } from '../../packages/salvage/btree.ts'
import { asNamed, findTables, readable, type FoundTable } from '../../packages/salvage/tables.ts'
import { projectLayouts } from '../../src/main/jobs/work/rebuild.ts'
import { Store } from '../../src/main/store/store.ts'
import { Workspace } from '../../src/main/workspace.ts'
import { DAMAGE, damageAndSalvage, type Sound } from '../soak/damage.ts'
import { makeSound } from '../soak/damaged-project.ts'
import { codeOf, scratch } from '../support/project.ts'

let folder: string
let sound: Sound
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'reelabel-salvage-'))
  sound = await makeSound(folder, 300, 120)
  return () => rmSync(folder, { recursive: true, force: true })
}, 120_000)
const QUIET = { signal: new AbortController().signal, progress: (): void => undefined }

function tablesOf(path: string): Map<string, FoundTable> {
  return new Map(findTables(new PageFile(path), projectLayouts()).tables.map((t) => [t.layout.name, t]))
}

test('reading a sound project without SQLite gives the same rows as SQLite, including its write-ahead log', () => {
  const tables = tablesOf(sound.path)
  const db = new Database(sound.path, { readonly: true })
  const names = db
    .prepare("select name from sqlite_master where type = 'table' and name not like 'movie_text%' and name <> 'identity'")
    .pluck()
    .all() as string[]
  expect([...tables.keys()].sort()).toEqual(names.sort())
  for (const name of names) {
    const table = tables.get(name)!
    const { layout } = table
    const keys = layout.columns.filter((c) => c.primary > 0).map((c) => c.name)
    expect([...table.rows()], name).toEqual(db.prepare(`select * from "${name}" order by ${keys.join(', ')}`).all())
  }
  expect([...tables.get('change')!.rows()].length).toBeGreaterThan(120)
  db.close()
})

test('a row longer than a page is read completely', () => {
  const path = join(scratch(), 'long.reel')
  const plot = 'é'.repeat(20_000)
  const store = new Store(path, 'create')
  store.movies.add({ key: 'a', title: 'A', plot, genres: [], import: store.imports.begin('first', null) })
  store.checkpoint()
  store.close()
  expect([...tablesOf(path).get('movie')!.rows()][0]!['plot']).toBe(plot)
})

describe('after any damage the rest is salvaged and the file is not changed', () => {
  const kinds = Object.keys(DAMAGE)
  const losesPages = ['cut off', 'a log cut off']
  test.each(kinds.map((kind, i) => [kind, i] as const))('%s', async (kind, i) => {
    const whole: number[] = []
    for (const seed of [i, i + kinds.length]) {
      const result = await damageAndSalvage(sound, folder, seed)
      expect(result).toMatchObject({ kind, project: 'opened' })
      expect(result.inProject).toBeGreaterThanOrEqual(result.movies)
      if (kind.startsWith('a header') || kind.startsWith('a first')) expect(result.movies).toBe(300)
      whole.push(result.logWhole / sound.log.size)
    }
    // where the only page with the names of genres is lost, the log is read without them
    if (!losesPages.includes(kind)) expect(Math.max(...whole)).toBeGreaterThan(0.8)
  })
})

test('lost ids are reported, and placeholders keep the log consistent', async () => {
  const path = join(scratch(), 'holes.reel')
  const bytes = readFileSync(sound.path)
  // the leaf page with movie 40
  const tables = tablesOf(sound.path)
  const file = new PageFile(sound.path)
  const page = Array.from({ length: file.pages }, (_, i) => i + 1).find((n) => {
    const leaf = readable(file, n)
    return leaf?.leaf && leaf.table && rowsOf(file, leaf).rows.some((r) => r.rowid === 40 && asNamed(tables.get('movie')!.layout, r))
  })!
  file.close()
  bytes.fill(0, (page - 1) * 4096, page * 4096)
  writeFileSync(path, bytes)
  writeFileSync(`${path}-wal`, readFileSync(`${sound.path}-wal`))
  const out = join(scratch(), 'out')
  mkdirSync(out)
  const { tables: report, noProject } = await salvageInto({ t: 'salvage', file: path, folder: out }, QUIET)
  expect(noProject).toBeNull()
  const movies = report.find((t) => t.table === 'movie')!
  expect(movies.lost).toMatch(/^\d+ rows are missing \(id \d+.*; 1 pages could not be read$/)
  expect(report.find((t) => t.table === 'change')!.lost).toBeNull()
  const workspace = new Workspace(join(out, SALVAGED_PROJECT))
  const speakOf = new Set([...tables.get('change')!.rows()].map((c) => c['movie']))
  const db = new Database(join(out, SALVAGED_PROJECT), { readonly: true })
  const held = new Set(db.prepare('select id from movie').pluck().all())
  expect([...speakOf].filter((movie) => !held.has(movie))).toEqual([])
  expect(db.pragma('foreign_key_check')).toEqual([])
  expect(readFileSync(join(out, 'README.txt'), 'utf8')).toContain(movies.lost)
  db.close()
  workspace.close()
})

test('runs, models and predictions are salvaged', async () => {
  const path = join(scratch(), 'runs.reel')
  copyFileSync(join(import.meta.dirname, '../store/fixtures/layout-1-runs.reel'), path)
  const bytes = readFileSync(path)
  bytes.fill(0, 0, 100)
  writeFileSync(path, bytes)
  const out = join(scratch(), 'out')
  mkdirSync(out)
  expect((await salvageInto({ t: 'salvage', file: path, folder: out }, QUIET)).noProject).toBeNull()
  const workspace = new Workspace(join(out, SALVAGED_PROJECT))
  const { runs } = workspace.store
  expect(runs.all().map(({ id, status }) => [id, status])).toEqual([1, 2, 3].map((id) => [id, 'done']))
  expect([runs.model(3)!.bytes!.length, [...runs.predictions(3)].length > 0, runs.log(3)]).toEqual([4528, true, null])
  workspace.close()
})

test('answers of services are salvaged, and those that no project could read are left out', async () => {
  const path = join(scratch(), 'runs.reel')
  copyFileSync(join(import.meta.dirname, '../store/fixtures/layout-1-runs.reel'), path)
  const source = { service: 'local', model: 'tiny', content: 'c', at: '2026-12-01T00:00:00.000Z' }
  const plot = { task: 'plot', found: { id: '603', title: 'Other', year: 1999, plot: 'A hacker wakes up.', by: 'imdb-id' }, doubt: null } as const // prettier-ignore
  const store = new Store(path, 'open')
  store.transaction(() => {
    store.answers.add({ movie: 1, task: 'condense', request: 'a', ...source, answer: { task: 'condense', text: 'Short.' } })
    store.answers.add({ movie: 2, task: 'plot', request: 'b', ...source, answer: plot })
    store.answers.add({ movie: 3, task: 'condense', request: 'c', ...source, answer: { task: 'condense', text: 'BROKEN' } })
    store.answers.accept(new Map([[2, 2]]))
  })
  store.checkpoint()
  store.close()
  const bytes = readFileSync(path)
  bytes.fill(0, 0, 100)
  bytes.write('"test"', bytes.indexOf('"text":"BROKEN"'))
  writeFileSync(path, bytes)
  const out = join(scratch(), 'out')
  mkdirSync(out)
  const { noProject, tables } = await salvageInto({ t: 'salvage', file: path, folder: out }, QUIET)
  expect([noProject, tables.find(({ table }) => table === 'answer')]).toEqual([null, { table: 'answer', rows: 3, lost: null }])
  const workspace = new Workspace(join(out, SALVAGED_PROJECT))
  const { answers } = workspace.store
  expect(answers.of(1)).toMatchObject([{ service: 'local', accepted: false, answer: { text: 'Short.' } }])
  expect([answers.of(2), answers.of(3), answers.accepted()]).toMatchObject([[{ accepted: true, answer: plot }], [], [2]])
  workspace.close()
})

test('rows that a project could not read are left out or replaced, and the others can be used', async () => {
  const path = join(scratch(), 'runs.reel')
  copyFileSync(join(import.meta.dirname, '../store/fixtures/layout-1-runs.reel'), path)
  const db = new Database(path)
  db.exec(`update run set config = replace(config, '"family":"linear"', '"family":"lineaq"') where id = 2;
    update cleaning set report = replace(report, '"kept"', '"jept"');
    update import set report = replace(report, '"movies"', '"lovies"')`)
  db.close()
  const out = join(scratch(), 'out')
  mkdirSync(out)
  expect((await salvageInto({ t: 'salvage', file: path, folder: out }, QUIET)).noProject).toBeNull()
  const workspace = new Workspace(join(out, SALVAGED_PROJECT))
  expect(workspace.store.runs.all().map(({ id }) => id)).toEqual([1, 3])
  expect([...workspace.store.runs.predictions(2)]).toEqual([])
  expect([workspace.info().movies, workspace.store.imports.all().map(({ report }) => report)]).toEqual([36, [null]])
  workspace.close()
})

test.each([
  ['nothing', Buffer.alloc(0)],
  ['zeros', Buffer.alloc(50_000)],
  ['a text', Buffer.from('id,title\n1,Dune\n'.repeat(5000))],
])('%s is not a project: an error, and no files', async (_, bytes) => {
  const path = join(scratch(), 'none.reel')
  writeFileSync(path, bytes)
  const out = scratch()
  expect(await codeOf(() => salvageInto({ t: 'salvage', file: path, folder: out }, QUIET))).toBe('nothing-to-salvage')
})
