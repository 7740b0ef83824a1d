import Database from 'better-sqlite3'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { toUserError } from '../../src/main/store/database.ts'
import { processOf } from '../../src/main/files/process-identity.ts'
import { ProjectLock, thisProgram } from '../../src/main/store/project-lock.ts'
import { Store } from '../../src/main/store/store.ts'
import { Engine } from '../../src/main/engine.ts'
import { Bench, codeOf, FakeCompute, integrity, scratch, tinyProject } from '../support/project.ts'
import { needs } from '../support/needs.ts'

/** A process that idles until the test ends. */
async function stranger(): Promise<number> {
  const child = spawn(process.execPath, ['-e', 'setInterval(() => 1, 1000)'], { stdio: 'ignore' })
  await once(child, 'spawn')
  onTestFinished(() => void child.kill('SIGKILL'))
  return child.pid!
}
const other = (pid: number, host = hostname()) => ({ ...thisProgram('a Reelabel window'), ...processOf(pid), user: 'ann', host })

describe('who has a project open', () => {
  test('is reported with program, person, machine, process and start; the note is removed with the lock', async () => {
    const project = join(scratch(), 'x.reel')
    const theirs = new ProjectLock(project, other(await stranger()))
    const ours = new ProjectLock(project, thisProgram('the command line'))
    expect(ours.others().map((h) => [h.program, h.user, h.host])).toEqual([['a Reelabel window', 'ann', hostname()]])
    expect(() => ours.assertAlone()).toThrow(/x\.reel is open in another program, a Reelabel window of ann on .+ \(process \d+\) since \d/)
    theirs.release()
    expect(ours.others()).toEqual([])
    ours.release()
    expect(readdirSync(join(project, '..'))).toEqual([])
  })
  test('a killed program does not have it open, even if its process id is reused', async () => {
    const folder = scratch()
    const project = join(folder, 'x.reel')
    const pid = await stranger()
    const dead = new ProjectLock(project, other(2 ** 22 - 3))
    const reborn = new ProjectLock(project, other(pid))
    const note = readdirSync(folder).find((f) => f.includes(`-${pid}-`))!
    const text = JSON.parse(readFileSync(join(folder, note), 'utf8')) as object
    writeFileSync(join(folder, note), JSON.stringify({ ...text, began: '1' }))
    const ours = new ProjectLock(project, thisProgram('test'))
    expect(ours.others()).toEqual([])
    expect(readdirSync(folder)).toHaveLength(1)
    for (const p of [dead, reborn, ours]) p.release()
  })
  test(
    'only the process id counts on systems without process start times',
    needs(process.platform === 'linux', 'needs /proc'),
    async () => {
      const project = join(scratch(), 'x.reel')
      new ProjectLock(project, other(await stranger()))
      expect(new ProjectLock(project, thisProgram('test')).others()).toHaveLength(1)
    },
  )
  test('a program on another machine without a heartbeat for minutes is regarded as dead, whatever the clocks say', () => {
    const folder = scratch()
    const project = join(folder, 'x.reel')
    const theirs = new ProjectLock(project, other(1, 'elsewhere'))
    const ours = new ProjectLock(project, thisProgram('test'))
    expect(ours.others().map((h) => h.host)).toEqual(['elsewhere'])
    // the clock of this process may be a year ahead: only the disk's own clock counts
    vi.useFakeTimers({ now: Date.now() + 366 * 86_400_000, toFake: ['Date'] })
    onTestFinished(() => void vi.useRealTimers())
    const note = join(
      folder,
      readdirSync(folder).find((f) => f.includes('elsewhere'))!,
    )
    const now = statSync(note).mtimeMs
    utimesSync(note, new Date(), new Date(now - 60_000))
    expect(ours.others()).toHaveLength(1)
    utimesSync(note, new Date(), new Date(now - 600_000))
    expect(ours.others()).toEqual([])
    theirs.release()
    ours.release()
  })
})

test('another program’s text cannot forge a line of a message', async () => {
  const project = join(scratch(), 'x.reel')
  const theirs = new ProjectLock(project, { ...other(await stranger()), user: 'ann\r\nAll is well.\u2028\u202e' })
  const ours = new ProjectLock(project, thisProgram('test'))
  expect(ours.others().map((h) => h.user)).toEqual(['ann All is well. '])
  theirs.release()
  ours.release()
})

test('a project that is only looked for makes no folder', async () => {
  const folder = scratch()
  const path = join(folder, 'no', 'such', 'x.reel')
  const start = Engine.start({ dataDir: scratch(), open: path, spawn: new FakeCompute().spawn, remembers: false })
  expect(await codeOf(() => start)).toBe('no-project')
  expect(readdirSync(folder)).toEqual([])
})

test('the program that opened the project first is notified when another one opens and closes it', async () => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] })
  onTestFinished(() => void vi.useRealTimers())
  const b = await Bench.open(['a: Drama'])
  const notified: (readonly string[])[] = []
  b.engine.on('others', (others) => notified.push(others))
  vi.advanceTimersByTime(5000)
  const theirs = new ProjectLock(b.path, other(await stranger()))
  vi.advanceTimersByTime(5000)
  expect(notified).toEqual([[expect.stringMatching(/^a Reelabel window of ann/)]])
  expect((await b.call('project.info', {})).others).toEqual(notified[0])
  theirs.release()
  vi.advanceTimersByTime(5000)
  expect(notified.slice(1)).toEqual([[]])
})

test('two programs on one project: labels in turns, a notice, and no training, cleaning or restoring until it is alone', async () => {
  const b = await Bench.open(['a: Drama', 'b: War', 'c: Drama', 'd: War', 'e: Drama', 'f: War'])
  const theirs = new ProjectLock(b.path, other(await stranger()))
  await b.restart()
  expect((await b.call('project.info', {})).others.join()).toMatch(/^a Reelabel window of ann/)
  await b.decide('a', '+War')
  expect(await codeOf(() => b.call('train.start', { config: { folds: 2 } }))).toBe('project-in-use')
  expect(await b.call('runs.list', {})).toEqual([])
  expect(await codeOf(() => b.call('clean.set', { switches: {} }))).toBe('project-in-use')
  expect((await b.call('backups.list', {})).backups.length).toBeLessThan(2)
  theirs.release()
  expect((await b.train()).state).toBe('done')
})

describe('a file that disappears while it is open', () => {
  test.each<[string, (path: string) => void]>([
    ['deleted', (path) => rmSync(path)],
    ['renamed', (path) => renameSync(path, `${path}.away`)],
    [
      'replaced',
      (path) => {
        rmSync(path)
        writeFileSync(path, 'something else')
      },
    ],
  ])('%s: the decision is refused, and everything that was decided is saved elsewhere', async (_, take) => {
    const b = await Bench.open(['a: Drama', 'b: War'])
    await b.decide('a', '+War')
    take(b.path)
    expect(await codeOf(() => b.decide('b', '+Drama'))).toBe('project-gone')
    expect(await b.labels('b')).toBe('War')
    const copy = join(b.folder, 'saved.reel')
    expect((await b.job(() => b.call('project.copy', { path: copy }))).message).toContain(copy)
    // the copy is not opened: what is open stays what it was
    expect((await b.call('project.info', {})).path).toBe(b.path)
    expect((await b.call('project.open', { path: copy })).name).toBe('saved')
    expect(await b.labels('a')).toBe('Drama, War')
    await b.decide('b', '+Drama')
    expect(await b.labels('b')).toBe('Drama, War')
    expect(await codeOf(() => b.call('project.copy', { path: copy }))).toBe('project-exists')
  })
})

describe('drives that cannot do everything', () => {
  /** The shared-memory file cannot be created. */
  const withoutSharedMemory = async (): Promise<string> => {
    const path = await tinyProject(scratch(), ['a: Drama', 'b: War'])
    for (const suffix of ['-wal', '-shm']) rmSync(path + suffix, { force: true })
    mkdirSync(`${path}-shm`)
    return path
  }
  test('without memory that programs share, a project is opened with a plain journal, and another program can read it', async () => {
    const path = await withoutSharedMemory()
    const store = new Store(path, 'open')
    store.transaction(() => store.meta.set('format', 'On a network drive'))
    const reader = new Database(path, { readonly: true })
    expect(reader.pragma('journal_mode', { simple: true })).not.toBe('wal')
    expect(reader.prepare("select value from meta where key = 'format'").pluck().get()).toBe('"On a network drive"')
    reader.close()
    store.close()
    // back on a local disk
    rmSync(`${path}-shm`, { recursive: true })
    const again = new Store(path, 'open')
    expect([again.meta.get('format'), integrity(path), existsSync(`${path}-wal`)]).toEqual(['On a network drive', 'ok', true])
    again.close()
  })
  test('a project that another connection keeps locked is reported as in use, and is not changed', async () => {
    const path = await tinyProject(scratch(), ['a: Drama'])
    const holder = new Database(path)
    holder.pragma('locking_mode = exclusive')
    holder.exec('begin exclusive')
    const before = statSync(path).mtimeMs
    expect(await codeOf(() => new Store(path, 'open'))).toBe('project-busy')
    expect(statSync(path).mtimeMs).toBe(before)
    holder.exec('rollback')
    holder.close()
    new Store(path, 'open').close()
  })
  test.each([
    ['SQLITE_PROTOCOL', 'locks-fail'],
    ['SQLITE_IOERR_LOCK', 'locks-fail'],
    ['SQLITE_BUSY_RECOVERY', 'project-busy'],
    ['SQLITE_IOERR_WRITE', 'disk-error'],
    ['SQLITE_FULL', 'disk-full'],
    ['SQLITE_READONLY_DBMOVED', 'project-gone'],
    ['SQLITE_READONLY_DIRECTORY', 'project-read-only'],
    ['SQLITE_CORRUPT_INDEX', 'project-damaged'],
  ])('%s is explained as %s', (code, ours) =>
    expect(toUserError('x.reel', new Database.SqliteError('words of SQLite', code))).toMatchObject({ code: ours }),
  )
})
