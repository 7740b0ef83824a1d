import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { processOf } from '../../src/main/files/process-identity.ts'
import { ProjectLock, thisProgram } from '../../src/main/store/project-lock.ts'
import { Bench, codeOf, tinyProject, tunesHalfway } from '../support/project.ts'

const LINES = Array.from({ length: 12 }, (_, i) => `m${i}: ${['Drama', 'War'][i % 2]!}`)
const nameOf = async (b: Bench) => (await b.call('project.info', {})).name

test('a renamed project stays open, with its decisions, backups and checkpoints', async () => {
  const b = await Bench.open(LINES)
  await b.decide('m0', '+War')
  await b.job(() => b.call('backups.make', {}))
  b.compute.tuneScript = (job, say, die) => {
    tunesHalfway(job, say, die)
    die(null)
  }
  await b.train({ config: { family: 'transformer', folds: 2 } })
  const { path } = await b.call('project.move', { path: b.path, name: 'Films of 2026' })
  expect([path, existsSync(b.path), await nameOf(b)]).toEqual([join(b.folder, 'Films of 2026.reel'), false, 'Films of 2026'])
  expect(await b.labels('m0')).toBe('Drama, War')
  await b.decide('m2', '+War')
  const { folder, backups } = await b.call('backups.list', {})
  expect([folder, backups.length]).toEqual([join(b.folder, 'Films of 2026.backups'), 1])
  expect(await b.call('runs.list', {})).toMatchObject([{ id: 1, status: 'interrupted', resumable: true }])
  await b.engine.close()
  expect(readFileSync(join(b.folder, 'last-project'), 'utf8')).toBe(path)
})

test('a name that is taken gets a number, and the own name changes nothing', async () => {
  const b = await Bench.open(LINES)
  await tinyProject(b.folder, LINES, 'other')
  mkdirSync(join(b.folder, 'gone.backups'))
  expect((await b.call('project.move', { path: b.path, name: 'tiny' })).path).toBe(b.path)
  expect((await b.call('project.move', { path: b.path, name: 'other' })).path).toBe(join(b.folder, 'other 2.reel'))
  const now = join(b.folder, 'other 2.reel')
  expect((await b.call('project.move', { path: now, name: 'gone' })).path).toBe(join(b.folder, 'gone 2.reel'))
})

test('a deleted project waits in the folder of deleted ones, and comes back with its decisions', async () => {
  const b = await Bench.open(LINES)
  const projects = join(b.folder, 'projects')
  const mine = await tinyProject(projects, LINES, 'mine')
  await b.call('project.open', { path: mine })
  await b.decide('m0', '+War')
  const { path } = await b.call('project.move', { path: mine, name: 'mine', deleted: true })
  expect([path, existsSync(mine), await nameOf(b)]).toEqual([join(projects, 'deleted/mine.reel'), false, 'Sample project'])
  expect((await b.call('project.list', {})).map((p) => p.name)).not.toContain('mine')
  expect(await b.call('project.list', { deleted: true })).toMatchObject([{ path, name: 'mine' }])
  const back = await b.call('project.move', { path, name: 'mine' })
  expect(back).toEqual({ path: mine })
  await b.call('project.open', back)
  expect(await b.labels('m0')).toBe('Drama, War')
})

test('a project that is open under another path is moved as the open one', async () => {
  const b = await Bench.open(LINES)
  const alias = join(b.folder, 'alias')
  symlinkSync(b.folder, alias)
  const { path } = await b.call('project.move', { path: join(alias, 'tiny.reel'), name: 'moved' })
  await b.decide('m0', '+War')
  expect([await nameOf(b), existsSync(path), existsSync(b.path)]).toEqual(['moved', true, false])
})

test('a file or folder that is no project is not moved', async () => {
  const b = await Bench.open(LINES)
  const thesis = join(b.folder, 'thesis.csv')
  writeFileSync(thesis, 'id,title')
  const folder = join(b.folder, 'folder.reel')
  mkdirSync(folder)
  for (const path of [thesis, folder])
    for (const deleted of [true, false])
      expect(await codeOf(() => b.call('project.move', { path, name: 'x', deleted }))).toBe('not-a-project')
  expect([existsSync(thesis), existsSync(folder)]).toEqual([true, true])
})

test('the log that a killed program left goes along with its project', async () => {
  const b = await Bench.open(LINES)
  const other = await tinyProject(b.folder, LINES, 'other')
  writeFileSync(`${other}-wal`, 'the last decisions')
  const { path } = await b.call('project.move', { path: other, name: 'moved' })
  expect([existsSync(`${other}-wal`), readFileSync(`${path}-wal`, 'utf8')]).toEqual([false, 'the last decisions'])
})

test('nothing is moved while another program has the project open, a job runs, or the file is not there', async () => {
  const b = await Bench.open(LINES)
  const lock = new ProjectLock(b.path, { ...thisProgram('another window'), ...processOf(process.ppid) })
  expect(await codeOf(() => b.call('project.move', { path: b.path, name: 'x' }))).toBe('project-in-use')
  lock.release()
  b.compute.tuneScript = tunesHalfway
  const { job } = await b.call('train.start', { config: { family: 'transformer', folds: 2 } })
  expect(await codeOf(() => b.call('project.move', { path: b.path, name: 'x' }))).toBe('busy')
  await b.call('jobs.cancel', { job })
  expect(await codeOf(() => b.call('project.move', { path: join(b.folder, 'none.reel'), name: 'x' }))).toBe('no-project')
  expect([existsSync(b.path), await nameOf(b)]).toEqual([true, 'tiny'])
})

test('nothing is moved when a job starts while a backup is waited for', async () => {
  const b = await Bench.open(LINES)
  b.compute.tuneScript = tunesHalfway
  const moved = codeOf(() => b.call('project.move', { path: b.path, name: 'x' }))
  const { job } = await b.call('train.start', { config: { family: 'transformer', folds: 2 } })
  expect(await moved).toBe('busy')
  await b.call('jobs.cancel', { job })
})

/** A folder on another disk than the one of temporary files. */
const OTHER_DISK = '/dev/shm'
const hasOtherDisk = existsSync(OTHER_DISK) && statSync(OTHER_DISK).dev !== statSync(tmpdir()).dev

test('a project on another disk than the deleted ones stays open where it is', { skip: !hasOtherDisk }, async () => {
  const folder = mkdtempSync(join(OTHER_DISK, 'reelabel-test-'))
  const b = await Bench.open(LINES)
  onTestFinished(async () => {
    await b.engine.close()
    rmSync(folder, { recursive: true })
  })
  const path = await tinyProject(folder, LINES, 'far')
  await b.call('project.open', { path })
  expect(await codeOf(() => b.call('project.move', { path, name: 'far', deleted: true }))).toBe('other-disk')
  expect([existsSync(path), await nameOf(b)]).toEqual([true, 'far'])
})

test('digit keys of genres are kept in the project', async () => {
  const b = await Bench.open(LINES)
  expect((await b.call('project.info', {})).keys).toEqual({})
  const keys = { 7: await b.genre('War') }
  await b.call('review.setKeys', { keys })
  await b.restart()
  expect((await b.call('project.info', {})).keys).toEqual(keys)
  expect(await codeOf(() => b.call('review.setKeys', { keys: { x: 1 } }))).toBe('bad-arguments')
})
