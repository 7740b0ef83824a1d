/** Sequences across features in which a decision could get lost or end up on another movie or genre. */
import { copyFileSync, existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import type { Engine } from '../../src/main/engine.ts'
import { entriesIn } from '../../src/main/jobs/backup.ts'
import type { SpawnProcess } from '../../src/main/processes/work-process.ts'
import { restoreTo } from '../../src/main/jobs/work/work.ts'
import { runInProcess } from '../../src/main/jobs/in-process.ts'
import { copyDecisions } from '../../src/main/store/backup.ts'
import { Bench, codeOf, csvOf, FakeCompute, finished, scratch, start, tinyProject } from '../support/project.ts'

const MAPPING = { id: 'id', title: 'title', plot: 'plot', genres: 'genres' }
const WITHOUT_IDS = { ...MAPPING, id: null }
const plot = (x: string): string => `The plot of ${x} is told here at some length.`

async function engineOn(open: string | null, spawn: SpawnProcess = new FakeCompute().spawn): Promise<Engine> {
  const engine = await start(scratch(), open, spawn)
  onTestFinished(() => engine.close())
  return engine
}
const newest = async (b: Bench): Promise<string> => (await b.call('backups.list', {})).backups[0]!.name

test('the backup that is being restored is not removed to make room', async () => {
  const b = await Bench.open(['a: Drama', 'b: War'])
  await b.decide('a', '+War')
  await b.job(() => b.call('backups.make', {}))
  const asked = await newest(b)
  for (let i = 0; i < 10; i++) await b.job(() => b.call('backups.restore', { name: asked }))
  const oldest = (await b.call('backups.list', {})).backups.findLast((x) => x.reason === 'before-restore')!
  const end = await b.job(() => b.call('backups.restore', { name: oldest.name }))
  expect([end.state, existsSync(oldest.path)]).toEqual(['done', true])
  expect(await b.labels('a')).toBe('Drama, War')
})

test('a decision during a restore cancels the restore', async () => {
  const path = await tinyProject(scratch(), ['a: Drama', 'b: War'])
  let act = (): void => undefined
  const spawn: SpawnProcess = (kind) => {
    const process = kind === 'job' ? runInProcess() : new FakeCompute().spawn(kind)
    const post = (m: never): void => {
      if ((m as { t: string }).t === 'restore') act()
      process.post(m)
    }
    return {
      onMessage: (l: never) => process.onMessage(l),
      onExit: (l: never) => process.onExit(l),
      kill: () => process.kill(),
      post,
    }
  }
  const engine = await engineOn(path, spawn)
  await finished(engine, () => engine.call('backups.make', {}))
  const [backup] = (await engine.call('backups.list', {})).backups
  let decided: Promise<unknown> = Promise.resolve()
  act = () => void (decided = engine.call('labels.apply', { changes: [{ field: 'reviewed', movie: 2, to: true }] }))
  const end = await finished(engine, () => engine.call('backups.restore', { name: backup!.name }))
  await decided
  expect([end.state, end.code]).toEqual(['failed', 'project-changed'])
  expect((await engine.call('labels.state', {})).reviewed).toBe(1)
})

test('a project that was kept with its log is restored with it', async () => {
  const b = await Bench.open(['a: Drama', 'b: War'])
  await b.decide('a', '+War')
  await b.job(() => b.call('backups.make', {}))
  await b.decide('b', '+Drama')
  // the files that a killed program leaves: database and write-ahead log
  const folder = scratch()
  const path = join(folder, 'k.reel')
  for (const suffix of ['', '-wal']) copyFileSync(b.path + suffix, path + suffix)
  const [made] = entriesIn(join(b.folder, 'tiny.backups'))
  mkdirSync(join(folder, 'k.backups'))
  copyFileSync(made!.path, join(folder, 'k.backups', made!.name))
  const engine = await engineOn(null)
  await finished(engine, () => engine.call('backups.restore', { name: made!.name, path }))
  const kept = (await engine.call('backups.list', { path })).backups.find((x) => x.reason === 'before-restore')!
  expect(kept.contents).toMatchObject({ batches: 2 })
  await finished(engine, () => engine.call('backups.restore', { name: kept.name, path }))
  expect(new Set((await engine.call('labels.history', {})).map((h) => h.batch))).toEqual(new Set([1, 2]))
})

test('a genre that was rolled back is created again', async () => {
  const b = await Bench.open(['x: Drama'])
  const csv = join(b.folder, 'broken.csv')
  writeFileSync(csv, `id,title,plot,genres\na,Alpha,${plot('a')},Action\nb,Beta,"${plot('b')}",Comedy,more\n`)
  await b.job(() => b.call('import.run', { paths: [csv], name: 'broken', mapping: MAPPING, format: 'table', accept: true }))
  const { record } = (await b.call('rejected.list', {})).records[0]!
  const edited = { record, raw: `b,Beta,${plot('b')},Western` }
  expect((await b.job(() => b.call('rejected.retry', { records: [edited, edited] }))).state).toBe('failed')
  expect((await b.job(() => b.call('rejected.retry', { records: [edited] }))).state).toBe('done')
  expect(await b.labels('b')).toBe('Western')
})

test('a project that received the decisions of another catalogue accepts more of them', async () => {
  const b = await Bench.open(['a: Drama', 'b: War', 'c: Drama'])
  await b.decide('a', '+War')
  await b.decide('c', '+War')
  await b.engine.close()
  const copy = join(b.folder, 'x.decisions')
  copyDecisions(b.path, copy)
  const base = await tinyProject(b.folder, ['x: War', 'b: War', 'a: Drama'], 'again')
  const to = join(b.folder, 'restored.reel')
  restoreTo({ t: 'restore', backup: copy, base, to })
  b.engine = await engineOn(to)
  expect(await b.labels('a')).toBe('Drama, War')
  await b.decide('b', 'reviewed')
})

test('a catalogue that was imported without ids and updated with ids is matched by them the second time', async () => {
  const folder = scratch()
  const without = join(folder, 'without.csv')
  writeFileSync(
    without,
    `title,plot,genres\n${['a', 'b', 'c'].map((x) => `Title ${x},${plot(x)},Drama`).join('\n')}\nTitle d,${plot('d')},War\n`,
  )
  const engine = await start(folder, null, new FakeCompute().spawn)
  onTestFinished(() => engine.close())
  await finished(engine, () => engine.call('import.run', { paths: [without], name: 'n', format: 'table', mapping: WITHOUT_IDS }))
  const war = (await engine.call('project.info', {})).genres.find((g) => g.name === 'War')!.id
  await engine.call('labels.apply', { changes: [{ field: 'label', movie: 1, genre: war, to: true }] })
  const withIds = join(folder, 'ids.csv')
  writeFileSync(withIds, csvOf(['a: Drama', 'b: Drama', 'c: Drama', 'd: War']))
  for (let times = 0; times < 2; times++) {
    await finished(engine, () => engine.call('merge.stage', { paths: [withIds], mapping: MAPPING, format: 'table' }))
    const plan = (await engine.call('merge.plan', {}))!
    expect(plan).toMatchObject({ added: 0, removed: 0, corrections: { kept: 1 } })
    await finished(engine, () => engine.call('merge.run', { token: plan.token, removed: 'remove' }))
    expect((await engine.call('review.rows', { movies: [1] }))[0]).toMatchObject({ title: 'Title a', labels: ['Drama', 'War'] })
  }
})

test('a corrected record restores the movie of its id with its decisions', async () => {
  const b = await Bench.open(['a: Drama', 'b: War', 'c: Comedy'])
  await b.decide('b', '+Comedy')
  const csv = join(b.folder, 'new.csv')
  writeFileSync(csv, `id,title,plot,genres\na,Title a,${plot('a')},Drama\nc,Title c,${plot('c')},Comedy\nb,Title b,${plot('b')},War,more\n`)
  await b.job(() => b.call('merge.stage', { paths: [csv], mapping: MAPPING, format: 'table' }))
  await b.job(async () => b.call('merge.run', { token: (await b.call('merge.plan', {}))!.token, removed: 'remove', accept: true }))
  expect(await codeOf(() => b.decide('b', '+Drama'))).toBe('no-movie')
  const { record } = (await b.call('rejected.list', {})).records[0]!
  await b.job(() => b.call('rejected.retry', { records: [{ record, raw: `b,Title b,${plot('b')},War` }] }))
  expect(await b.labels('b')).toBe('Comedy, War')
})

test('undoing a decision under another cleaning leaves the state that the next start shows', async () => {
  const b = await Bench.open(['a: Drama, Horror', 'b: War', 'c: Horror'])
  const table = async (map: Record<string, string[]>): Promise<unknown> => {
    const ruleSet = (await b.call('clean.ruleSet', {})).map((s) =>
      s.rule === 'genre-table' ? { ...s, on: Object.keys(map).length > 0, params: { table: map } } : s,
    )
    return b.job(() => b.call('clean.set', { ruleSet }))
  }
  await table({ Horror: ['Thriller', 'War'] })
  await b.decide('a', '-War')
  await table({})
  await b.call('labels.undo', {})
  const shown = await b.labels('a')
  await b.restart()
  expect(shown).toBe(await b.labels('a'))
})
