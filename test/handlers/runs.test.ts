import { join } from 'node:path'
import Database from 'better-sqlite3'
import { expect, test } from 'vitest'
import { Store } from '../../src/main/store/store.ts'
import { Bench, codeOf, hangs, integrity } from '../support/project.ts'

const LINES = Array.from({ length: 12 }, (_, i) => `m${i}: ${['Drama', 'War', 'Comedy'][i % 3]!}`)
const namesOf = async (b: Bench) => (await b.call('runs.list', {})).map((r) => [r.id, r.name, r.parent])
/** Rows of a run in every table that has runs. */
function rows(path: string, run: number): number {
  const db = new Database(path, { readonly: true })
  const tables = [['run', 'id'], ['model', 'run'], ['prediction', 'run']] // prettier-ignore
  const found = tables.map(([table, key]) => db.prepare(`select count(*) from ${table} where ${key} = ?`).pluck().get(run) as number)
  db.close()
  return found.reduce((sum, n) => sum + n, 0)
}

test('a run is renamed, in the store as well', async () => {
  const b = await Bench.open(LINES)
  await b.train()
  const changed: string[] = []
  b.engine.on('changed', ({ what }) => changed.push(what))
  expect(await b.call('runs.rename', { run: 1, name: '  Without stop words ' })).toMatchObject({ id: 1, name: 'Without stop words' })
  expect([changed, await codeOf(() => b.call('runs.rename', { run: 1, name: ' ' }))]).toEqual([['runs'], 'bad-arguments'])
  expect(await codeOf(() => b.call('runs.rename', { run: 2, name: 'x' }))).toBe('no-run')
  await b.restart()
  expect(await namesOf(b)).toEqual([[1, 'Without stop words', null]])
})

test('a run has a note, which its deletion removes', async () => {
  const b = await Bench.open(LINES)
  await b.train()
  await b.train({ retrain: true })
  expect(await b.call('runs.note', { run: 1, note: ' The labels of March ' })).toMatchObject({ id: 1, note: 'The labels of March' })
  expect(await codeOf(() => b.call('runs.note', { run: 9, note: 'x' }))).toBe('no-run')
  const notes = async () => (await b.call('runs.list', {})).map(({ id, note }) => [id, note])
  await b.restart()
  expect(await notes()).toEqual([
    [1, 'The labels of March'],
    [2, ''],
  ])
  await b.call('runs.note', { run: 2, note: 'Two' })
  await b.call('runs.delete', { run: 1 })
  expect(await notes()).toEqual([[2, 'Two']])
  await b.call('runs.note', { run: 2, note: '' })
  expect(await notes()).toEqual([[2, '']])
})

test('a run is deleted with everything it stored; its number is not used again, and its retraining stays', async () => {
  const b = await Bench.open(LINES)
  await b.train()
  await b.train({ retrain: true })
  expect(rows(b.path, 1)).toBeGreaterThan(2)
  expect(await b.call('runs.delete', { run: 1 })).toEqual({ folder: null })
  expect(rows(b.path, 1)).toBe(0)
  expect(await namesOf(b)).toEqual([[2, 'Retraining of run 1', null]])
  await b.train()
  await b.call('runs.restore', { run: 2 })
  await b.call('runs.delete', { run: 3 })
  await b.restart()
  await b.train()
  expect((await namesOf(b)).map(([id]) => id)).toEqual([2, 4])
  expect((await b.call('metrics.get', { run: 2 })).run).toBe(2)
  await b.engine.close()
  expect(integrity(b.path)).toBe('ok')
})

test('the current run stays until another one is current, and a running one until it ends', async () => {
  const b = await Bench.open(LINES)
  await b.train()
  await expect(b.call('runs.delete', { run: 1 })).rejects.toMatchObject({
    code: 'current-run',
    message: 'Run 1 is the current run: make another run current first, then delete it.',
  })
  b.compute.script = hangs
  const { job, run } = await b.call('train.start', { config: { folds: 2 } })
  expect(await codeOf(() => b.call('runs.delete', { run }))).toBe('busy')
  await b.call('jobs.cancel', { job })
  await b.call('runs.delete', { run })
  expect(await namesOf(b)).toEqual([[1, 'Training', null]])
})

test('a run that another program trains stays', async () => {
  const b = await Bench.open(LINES)
  await b.train()
  await b.train()
  const db = new Database(b.path)
  db.exec("update run set status = 'running' where id = 1")
  db.close()
  expect(await codeOf(() => b.call('runs.delete', { run: 1 }))).toBe('project-in-use')
  expect((await namesOf(b)).map(([id]) => id)).toEqual([1, 2])
})

test('a model beside the project stays, and its place is said', async () => {
  const b = await Bench.open(LINES)
  await b.train()
  await b.train()
  const store = new Store(b.path, 'open')
  store.runs.addModel(1, new Uint8Array(), 3, 'f'.repeat(64))
  store.close()
  expect((await b.call('runs.delete', { run: 1 })).folder).toBe(join(b.folder, 'models/trained', 'f'.repeat(64)))
})
