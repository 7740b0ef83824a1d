import Database from 'better-sqlite3'
import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { BACKUP_REASONS, type BackupReason } from '../../src/contract/safety.ts'
import { Engine } from '../../src/main/engine.ts'
import { processOf, thisProcess } from '../../src/main/files/process-identity.ts'
import { temporaryName } from '../../src/main/files/temporary.ts'
import { backupFolder, entriesIn, contentsText, makeBackup, MAX_BYTES, outdated, type Entry } from '../../src/main/jobs/backup.ts'
import { isDue, reasonFor } from '../../src/main/jobs/backups.ts'
import { runInProcess } from '../../src/main/jobs/in-process.ts'
import { restoreTo } from '../../src/main/jobs/work/work.ts'
import { copyDecisions, readContents } from '../../src/main/store/backup.ts'
import { Store } from '../../src/main/store/store.ts'
import { withNewerLayout } from '../support/migration.ts'
import { Bench, codeOf, FakeCompute, finished, scratch, tinyProject } from '../support/project.ts'

const QUIET = { signal: new AbortController().signal, progress: (): void => undefined }
const entry = (number: number, reason: BackupReason, bytes = 1, kind: Entry['kind'] = 'whole'): Entry => ({
  number,
  reason,
  bytes,
  kind,
  name: `${number}`,
  path: `${number}`,
  at: '2026-01-01T00:00:00Z',
})
const numbers = (entries: readonly Entry[]): number[] => entries.map((e) => e.number).sort((a, b) => a - b)

describe('which backups are removed', () => {
  test('of each reason the newest ones stay', () => {
    const list = Array.from({ length: 60 }, (_, i) => entry(60 - i, i % 2 ? 'hourly' : 'daily'))
    expect(numbers(outdated(list))).toEqual(numbers(list.filter((e) => (e.reason === 'hourly' ? e.number <= 11 : e.number <= 32))))
  })
  test('if all are too large together the oldest are removed, but never the newest of a reason or the newest complete copy', () => {
    const list = [
      entry(9, 'hourly', 5, 'decisions'),
      entry(8, 'hourly', 40),
      entry(7, 'asked', 900),
      entry(6, 'hourly', 30),
      entry(5, 'before-merge', 700),
      entry(4, 'before-merge', 600),
      entry(3, 'daily', 2),
    ]
    expect(numbers(outdated(list, undefined, 1700))).toEqual([4])
    expect(numbers(outdated(list, undefined, 1))).toEqual([4, 6])
    expect(outdated(list, undefined, MAX_BYTES)).toEqual([])
  })
  test('a clock that was set back has no effect: the order follows the numbers', () => {
    const folder = scratch()
    for (const name of ['00007-20250101-000000-hourly.reel', '00006-20261231-235959-hourly.reel', 'mine.reel', '00008-x-hourly.reel'])
      writeFileSync(join(folder, name), '')
    expect(entriesIn(folder).map((e) => [e.number, e.at])).toEqual([
      [7, '2025-01-01T00:00:00Z'],
      [6, '2026-12-31T23:59:59Z'],
    ])
  })
})

test('a backup is due if the newest one is an hour away from now, in either direction, and there are decisions since', async () => {
  const b = await Bench.open(['a: Drama', 'b: War'])
  await b.decide('a', '+War')
  const store = new Store(b.path, 'open')
  onTestFinished(() => store.close())
  const made = await makeBackup({ project: b.path, folder: join(b.folder, 'x'), reason: 'hourly', whole: true }, QUIET, runInProcess)
  const at = Date.parse(made.at)
  for (const [hours, due] of [
    [0.9, false],
    [1.1, true],
    [-0.9, false],
    [-30, true],
  ] as const)
    expect([hours, isDue(made, at + hours * 3_600_000, 'something else')]).toEqual([hours, due])
  expect(isDue(made, at + 1e8, store.state())).toBe(false)
  await b.decide('b', '+Drama')
  expect(isDue(made, at + 1e8, store.state())).toBe(true)
  expect(reasonFor([], new Date())).toBe('daily')
  expect(reasonFor([{ ...made, reason: 'daily' }], new Date(made.at))).toBe('hourly')
})

describe('backups of the open project', () => {
  test('a requested one holds every decision in one sound file, and does not block the engine', async () => {
    const b = await Bench.open(['a: Drama', 'b: War'])
    await b.decide('a', '+War')
    const end = await b.job(() => b.call('backups.make', {}))
    expect(end).toMatchObject({ kind: 'backup', state: 'done' })
    expect(end.message).toMatch(/-asked\.reel: 1 decision, the last of \d+ \w+ \d{4}, \d\d:\d\d\.$/)
    const { backups, folder, automatic } = await b.call('backups.list', {})
    expect(backups).toMatchObject([{ reason: 'asked', kind: 'whole', contents: { movies: 2, batches: 1 } }])
    expect([folder, automatic]).toEqual([join(b.folder, 'tiny.backups'), true])
    expect(readdirSync(folder)).toEqual([backups[0]!.name])
    const copy = new Database(backups[0]!.path, { readonly: true })
    expect([copy.pragma('integrity_check', { simple: true }), copy.pragma('journal_mode', { simple: true })]).toEqual(['ok', 'delete'])
    copy.close()
  })
  test('restoring returns to its content; the former content becomes a backup too', async () => {
    const b = await Bench.open(['a: Drama', 'b: War'])
    await b.decide('a', '+War')
    await b.job(() => b.call('backups.make', {}))
    const [made] = (await b.call('backups.list', {})).backups
    await b.decide('b', '+Drama')
    const end = await b.job(() => b.call('backups.restore', { name: made!.name }))
    expect(end).toMatchObject({ state: 'done' })
    expect(end.message).toMatch(/it holds 1 decision, the last of/)
    expect([await b.labels('a'), await b.labels('b')]).toEqual(['Drama, War', 'War'])
    const { backups } = await b.call('backups.list', {})
    expect(backups.map((x) => [x.reason, x.contents?.batches])).toEqual([
      ['before-restore', 2],
      ['asked', 1],
    ])
    await b.decide('b', 'reviewed')
    await b.job(() => b.call('backups.restore', { name: backups[0]!.name }))
    expect(await b.labels('b')).toBe('Drama, War')
    expect(await codeOf(() => b.call('backups.restore', { name: '../tiny.reel' }))).toBe('no-backup')
    expect(readdirSync(b.folder).filter((f) => f.endsWith('.tmp'))).toEqual([])
  })
  test('a project that no longer opens is restored; its damaged file is kept', async () => {
    const b = await Bench.open(['a: Drama', 'b: War'])
    await b.decide('a', '+War')
    await b.job(() => b.call('backups.make', {}))
    await b.engine.close()
    const damaged = Buffer.alloc(40_000, 0x5a)
    writeFileSync(b.path, damaged)
    const engine = await Engine.start({ dataDir: b.folder, open: null, spawn: new FakeCompute().spawn })
    onTestFinished(() => engine.close())
    const { backups } = await engine.call('backups.list', { path: b.path })
    expect(backups[0]!.contents).toMatchObject({ batches: 1 })
    expect((await finished(engine, () => engine.call('backups.restore', { name: backups[0]!.name, path: b.path }))).state).toBe('done')
    expect((await engine.call('project.info', {})).path).toBe(b.path)
    expect((await engine.call('labels.history', {})).length).toBeGreaterThan(0)
    const kept = (await engine.call('backups.list', {})).backups[0]!
    expect([kept.reason, kept.contents, readFileSync(kept.path).equals(damaged)]).toEqual(['before-restore', null, true])
  })
  test('opening a project backs up decisions that no backup holds, unless that is switched off', async () => {
    const b = await Bench.open(['a: Drama', 'b: War'])
    await b.decide('a', '+War')
    await b.call('backups.set', { automatic: false })
    await b.restart()
    await b.engine.close()
    expect(existsSync(join(b.folder, 'tiny.backups'))).toBe(false)
    await b.restart()
    expect((await b.call('backups.set', { automatic: true })).automatic).toBe(true)
    await b.restart()
    await b.engine.close()
    expect(entriesIn(join(b.folder, 'tiny.backups')).map((e) => e.reason)).toEqual(['daily'])
    await b.restart()
    await b.engine.close()
    expect(entriesIn(join(b.folder, 'tiny.backups'))).toHaveLength(1)
  })
  test('an update is preceded by one', async () => {
    const b = await Bench.open(['a: Drama', 'b: War'])
    await b.decide('a', '+War')
    const newer = join(b.folder, 'newer.csv')
    writeFileSync(newer, readFileSync(join(b.folder, 'tiny.csv'), 'utf8') + 'c,Title c,The plot of c is told here at some length.,Drama\n')
    const mapping = { id: 'id', title: 'title', plot: 'plot', genres: 'genres' }
    await b.job(() => b.call('merge.stage', { paths: [newer], mapping }))
    const { token } = (await b.call('merge.plan', {}))!
    expect(await b.job(() => b.call('merge.run', { token, removed: 'keep' }))).toMatchObject({ state: 'done' })
    expect((await b.call('backups.list', {})).backups).toMatchObject([{ reason: 'before-merge', contents: { movies: 2, batches: 1 } }])
  })
})

describe('a copy of decisions alone', () => {
  test('is small, is not a project, and is applied to a complete copy by the catalogue’s own keys', async () => {
    const b = await Bench.open(['a: Drama', 'b: War', 'c: Drama'])
    await b.decide('a', '+War')
    await b.decide('b', '-War', 'note gone')
    await b.call('labels.undo', {})
    await b.engine.close()
    const copy = join(b.folder, 'x.decisions')
    copyDecisions(b.path, copy)
    expect(readContents(copy)).toMatchObject({ movies: 3, batches: 3, state: readContents(b.path)!.state })
    expect(await codeOf(() => new Store(copy, 'open'))).toBe('not-a-project')
    // another import of the catalogue, in another order and with other ids
    const base = await tinyProject(b.folder, ['x: War', 'b: War', 'a: Drama'], 'again')
    const to = join(b.folder, 'restored.reel')
    expect(restoreTo({ t: 'restore', backup: copy, base, to })).toBe(0)
    const engine = await Engine.start({ dataDir: scratch(), open: to, spawn: new FakeCompute().spawn })
    const history = await engine.call('labels.history', {})
    expect(history.map((h) => [h.key, h.genre, h.to]).filter(([key]) => key === 'a')).toContainEqual(['a', 'War', '1'])
    expect(await codeOf(() => engine.call('labels.redo', {}))).toBe('none')
    await engine.close()
    const db = new Database(to)
    expect(() => db.exec("update change set becomes = '0'")).toThrow(/append-only/)
    expect(db.pragma('foreign_key_check')).toEqual([])
    db.close()
  })
})

test('the codebook is worth a backup, and comes back with the decisions', async () => {
  const b = await Bench.open(['a: Drama', 'b: War', 'c: Drama'])
  await b.decide('a', '+War')
  await b.engine.close()
  const base = join(b.folder, 'base.reel')
  copyFileSync(b.path, base)
  await b.restart()
  await b.call('codebook.set', { entries: [{ genre: 'War', definition: 'Fighting between armies is the subject.' }] })
  await b.engine.close()
  expect(readContents(b.path)!.state).not.toBe(readContents(base)!.state)
  const copy = join(b.folder, 'x.decisions')
  copyDecisions(b.path, copy)
  const to = join(b.folder, 'restored.reel')
  restoreTo({ t: 'restore', backup: copy, base, to })
  const store = new Store(to, 'read')
  expect(store.meta.get('codebook')!.map(({ genre, definition }) => [genre, definition])).toEqual([
    ['War', 'Fighting between armies is the subject.'],
  ])
  store.close()
})

test('the answers of an audit are worth a backup, and come back with decisions of the same project', async () => {
  const b = await Bench.open(['a: Drama', 'b: War', 'c: Drama'])
  await b.decide('a', '+War')
  await b.call('audit.start', { size: 30 })
  await b.engine.close()
  const base = join(b.folder, 'base.reel')
  copyFileSync(b.path, base)
  await b.restart()
  const movie = await b.movie('c')
  await b.call('audit.answer', { movie, genres: [await b.genre('War')] })
  await b.engine.close()
  expect(readContents(b.path)!.state).not.toBe(readContents(base)!.state)
  const copy = join(b.folder, 'x.decisions')
  copyDecisions(b.path, copy)
  const to = join(b.folder, 'restored.reel')
  expect(restoreTo({ t: 'restore', backup: copy, base, to })).toBe(0)
  const store = new Store(to, 'read')
  expect(Object.keys(store.meta.get('auditAnswers')!)).toEqual([String(movie)])
  store.close()
})

test('an older project is kept as it was before it is brought up to date; a newer one is refused, byte for byte as it was', async () => {
  withNewerLayout()
  const folder = scratch()
  const path = join(folder, 'old.reel')
  const fixture = join(import.meta.dirname, 'fixtures/layout-1.reel')
  copyFileSync(fixture, path)
  const engine = await Engine.start({ dataDir: folder, open: path, spawn: new FakeCompute().spawn })
  const { notices } = await engine.call('project.info', {})
  await engine.close()
  const [kept] = entriesIn(join(folder, 'old.backups')).filter((e) => e.reason === 'before-migration')
  expect(notices.join()).toContain(`How it was is kept as ${kept!.path}`)
  expect(readFileSync(kept!.path).equals(readFileSync(fixture))).toBe(true)

  const newer = join(folder, 'newer.reel')
  copyFileSync(path, newer)
  const db = new Database(newer)
  db.pragma('journal_mode = delete')
  db.pragma('user_version = 99')
  db.close()
  const before = readFileSync(newer)
  expect(await codeOf(() => Engine.start({ dataDir: folder, open: newer, spawn: new FakeCompute().spawn }))).toBe('project-newer')
  expect(readFileSync(newer).equals(before)).toBe(true)
  expect(readdirSync(folder).filter((f) => f.startsWith('newer') || f.startsWith('.newer'))).toEqual(['newer.reel'])
})

test('where no backup can be kept, an older project is left alone', async () => {
  withNewerLayout()
  const folder = scratch()
  const path = join(folder, 'old.reel')
  copyFileSync(join(import.meta.dirname, 'fixtures/layout-1.reel'), path)
  // neither beside the project nor in the data folder
  for (const name of ['old.backups', 'backups']) writeFileSync(join(folder, name), 'a file of that name')
  const before = readFileSync(path)
  expect(await codeOf(() => Engine.start({ dataDir: folder, open: path, spawn: new FakeCompute().spawn }))).toBe('no-backup')
  expect(readFileSync(path).equals(before)).toBe(true)
})

test('files of a killed backup are removed, files that another program is writing are not', async () => {
  const b = await Bench.open(['a: Drama'])
  const folder = join(b.folder, 'tiny.backups')
  mkdirSync(folder)
  const dead = temporaryName(join(folder, 'backup'), { ...thisProcess(), pid: 2 ** 22 - 5 })
  const alive = temporaryName(join(folder, 'backup'), processOf(process.ppid))
  for (const f of [dead, `${dead}-journal`, alive]) writeFileSync(f, '')
  await b.job(() => b.call('backups.make', {}))
  expect(readdirSync(folder).filter((f) => f.endsWith('.tmp') || f.includes('journal'))).toEqual([basename(alive)])
  rmSync(alive)
})

test('files of a killed backup are removed when its project is opened', async () => {
  const b = await Bench.open(['a: Drama'])
  const folder = join(b.folder, 'tiny.backups')
  mkdirSync(folder, { recursive: true })
  const left = temporaryName(join(folder, 'backup'), { ...thisProcess(), pid: 999_999_999 })
  const head = Buffer.concat([Buffer.from('SQLite format 3\0'), Buffer.alloc(52), Buffer.from('REEL'), Buffer.alloc(5000)])
  const mine = temporaryName(join(folder, 'letter'), { ...thisProcess(), pid: 999_999_999 })
  const files = {
    [left]: head,
    [`${left}-wal`]: Buffer.from('377f0682', 'hex'),
    [mine]: Buffer.from('Dear Ann'),
    [`${mine}-wal`]: Buffer.from('Dear'),
  }
  for (const [path, bytes] of Object.entries(files)) writeFileSync(path, bytes)
  await b.restart()
  expect(Object.keys(files).map((path) => existsSync(path))).toEqual([false, false, true, true])
})

test('a clock that is set back by a year: the log stays in order, backups are made and kept', async () => {
  const b = await Bench.open(['a: Drama', 'b: War'])
  await b.decide('a', '+War')
  await b.job(() => b.call('backups.make', {}))
  vi.useFakeTimers({ now: Date.now() - 366 * 86_400_000, toFake: ['Date'] })
  onTestFinished(() => void vi.useRealTimers())
  await b.decide('b', '+Drama')
  expect((await b.job(() => b.call('backups.make', {}))).remainingMs).toBeNull()
  await b.restart()
  expect((await b.call('labels.history', { limit: 10 })).map((h) => h.key).slice(0, 1)).toEqual(['b'])
  expect((await b.call('backups.list', {})).backups.map((x) => x.contents?.batches).slice(0, 2)).toEqual([2, 1])
  await b.call('labels.undo', {})
  expect([await b.labels('a'), await b.labels('b')]).toEqual(['Drama, War', 'War'])
})

test('a clock that jumps by decades: decisions, undo, redo and backups work at each time, and keep their order', async () => {
  const b = await Bench.open(['a: Drama', 'b: War'])
  onTestFinished(() => void vi.useRealTimers())
  const now = Date.now()
  const year = 365.25 * 86_400_000
  for (const [i, at] of [now, now + 30 * year, now - 30 * year, 0, now].entries()) {
    vi.useFakeTimers({ now: at, toFake: ['Date'] })
    await b.decide('a', i % 2 === 0 ? '+War' : '-War')
    expect((await b.job(() => b.call('backups.make', {}))).state).toBe('done')
    await b.call('labels.undo', {})
    await b.call('labels.redo', {})
    expect(await b.labels('a')).toBe(i % 2 === 0 ? 'Drama, War' : 'Drama')
  }
  await b.restart()
  const batches = [...new Set((await b.call('labels.history', { limit: 100 })).map((h) => h.batch))]
  expect(batches).toEqual(Array.from({ length: 15 }, (_, i) => 15 - i))
  const asked = (await b.call('backups.list', {})).backups.filter(({ reason }) => reason === 'asked')
  expect(asked.map((x) => x.contents?.batches)).toEqual([13, 10, 7, 4, 1])
})

test('in words', () => {
  expect(contentsText(null)).toBe('cannot be read')
  expect(contentsText({ movies: 3, batches: 0, lastAt: null })).toBe('no decisions')
  expect(contentsText({ movies: 3, batches: 214, lastAt: '2026-11-20T12:02:00Z' })).toMatch(
    /^214 decisions, the last of 20 Nov 2026, \d\d:02$/,
  )
  expect(BACKUP_REASONS).toContain('asked')
  expect(backupFolder('/nowhere/x.reel', '/data')).toMatch(/^\/data\/backups\/x-[0-9a-f]{12}$/)
})
