import Database from 'better-sqlite3'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { copyFileSync, existsSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { Engine } from '../../src/main/engine.ts'
import { writeCleaning } from '../../src/main/store/cleaning-writer.ts'
import { openDatabase } from '../../src/main/store/database.ts'
import { ProjectLock, thisProgram } from '../../src/main/store/project-lock.ts'
import { searchInThread } from '../../src/main/store/search/search.ts'
import { Store } from '../../src/main/store/store.ts'
import { anywhere, Bench, codeOf, FakeCompute, finished, hangs, integrity, scratch, tinyProject } from '../support/project.ts'

const LINES = ['a: Drama', 'b: War', 'c: Drama', 'd: War']
/** An engine without automatic backups: while one reads the project, the log is not written back. */
const start = async (open: string, dataDir = scratch()): Promise<Engine> => {
  writeFileSync(join(dataDir, 'settings.json'), '{"automaticBackups":false}')
  const engine = await Engine.start({ dataDir, open, spawn: new FakeCompute().spawn, remembers: false })
  onTestFinished(() => engine.close())
  return engine
}
const notices = async (engine: Engine): Promise<string> => (await engine.call('project.info', {})).notices.join('\n')

/** The notes in the change log of a file, and what its log beside it adds. */
function notesIn(path: string): string[] {
  const db = new Database(path)
  const notes = db.prepare("select becomes from change where field = 'note' order by id").pluck().all() as string[]
  db.close()
  return notes
}
async function note(engine: Engine, text: string): Promise<void> {
  await engine.call('labels.apply', { changes: [{ field: 'note', movie: 1, to: text }] })
}
/** A project with decisions of its own in the file, and no log. */
async function another(folder: string): Promise<string> {
  const path = await tinyProject(folder, LINES, 'another')
  const engine = await start(path)
  for (const text of ['own 1', 'own 2', 'own 3']) await note(engine, text)
  await engine.close()
  return path
}

test('a file that is renamed over an open project keeps its own decisions, and those of the open one go to a copy', async () => {
  const folder = scratch()
  const [path, other] = [await tinyProject(folder, LINES), await another(folder)]
  const engine = await start(path)
  await note(engine, 'mine 1')
  await note(engine, 'mine 2')
  renameSync(other, path)
  const copy = join(folder, 'tiny rescued.reel')
  await expect(note(engine, 'too late')).rejects.toThrow(`everything that was decided is kept as ${copy}`)
  await expect(note(engine, 'again')).rejects.toThrow(`kept as ${copy}`)
  await engine.close()
  expect([notesIn(path), integrity(path)]).toEqual([['own 1', 'own 2', 'own 3'], 'ok'])
  expect([notesIn(copy), integrity(copy)]).toEqual([['mine 1', 'mine 2'], 'ok'])
  expect(await notices(await start(copy))).toBe('')
  expect(readdirSync(folder).filter((name) => /rescued.*\.reel$/.test(name))).toEqual(['tiny rescued.reel'])
})

test('a window whose file was replaced opens the new one, and says what was kept', async () => {
  const folder = scratch()
  const [path, other] = [await tinyProject(folder, LINES), await another(folder)]
  const engine = await start(path)
  await note(engine, 'mine')
  renameSync(other, path)
  await engine.call('project.open', { path })
  expect(await notices(engine)).toMatch(
    /decided is kept as .*tiny rescued\.reel\.\nAnother file was put .* kept as .*tiny\.log-of-another-file-1-wal/,
  )
  await note(engine, 'own 4')
  await engine.close()
  expect([notesIn(path), notesIn(join(folder, 'tiny rescued.reel'))]).toEqual([['own 1', 'own 2', 'own 3', 'own 4'], ['mine']])
})

test('a file that is written into an open project is not mixed with the log; what was in the log can be salvaged', async () => {
  const folder = scratch()
  const [path, other] = [await tinyProject(folder, LINES), await another(folder)]
  const engine = await start(path)
  await note(engine, 'mine 1')
  await note(engine, 'mine 2')
  copyFileSync(other, path)
  await expect(note(engine, 'too late')).rejects.toThrow('was overwritten by another program')
  await engine.close()
  expect([notesIn(path), integrity(path)]).toEqual([['own 1', 'own 2', 'own 3'], 'ok'])
  const log = join(folder, 'tiny.log-of-another-file-1')
  const second = await start(path)
  const out = join(folder, 'salvaged')
  expect(await finished(second, () => second.call('project.salvage', { path: log, folder: out }))).toMatchObject({ state: 'done' })
  expect(readFileSync(join(out, 'changes.csv'), 'utf8')).toMatch(/mine 1[^]*mine 2/)
})

test('no run is changed or predicted in a file that was written into an open project', async () => {
  const folder = scratch()
  const other = await another(folder)
  const b = await Bench.open(Array.from({ length: 12 }, (_, i) => `m${i}: ${i % 2 === 0 ? 'Drama' : 'War'}`))
  await b.train()
  await b.train()
  b.compute.script = (job, say, die) => {
    copyFileSync(other, b.path)
    hangs(job, say, die)
  }
  expect(await finished(b.engine, () => b.call('train.start', { config: { folds: 2 } }))).toMatchObject({ code: 'project-gone' })
  expect(await codeOf(() => b.call('runs.rename', { run: 1, name: 'x' }))).toBe('project-gone')
  expect(await codeOf(() => b.call('runs.restore', { run: 1 }))).toBe('project-gone')
  expect(await codeOf(() => b.call('runs.delete', { run: 1 }))).toBe('project-gone')
  expect(readFileSync(b.path).equals(readFileSync(other))).toBe(true)
})

test('no cleaning is written into a file that was written into an open project', async () => {
  const folder = scratch()
  const [path, other] = [await tinyProject(folder, LINES), await another(folder)]
  const lock = new ProjectLock(path, thisProgram('a test'))
  const store = new Store(path, 'open', { lock })
  onTestFinished(() => {
    store.close()
    lock.release()
  })
  const cleaning = writeCleaning(store, [], (sink) => {
    copyFileSync(other, path)
    expect(() => sink.plots([{ movie: 1, plot: 'A plot.' }])).toThrow('was overwritten by another program')
    throw new Error('the sink refuses')
  })
  await expect(cleaning).rejects.toMatchObject({ code: 'project-gone' })
})

test('an older copy of the same project is another file, too', async () => {
  const folder = scratch()
  const path = await tinyProject(folder, LINES)
  const first = await start(path)
  await note(first, 'monday')
  await first.close()
  copyFileSync(path, join(folder, 'monday.reel'))
  const engine = await start(path)
  await note(engine, 'tuesday')
  copyFileSync(join(folder, 'monday.reel'), path)
  expect(await codeOf(() => note(engine, 'wednesday'))).toBe('project-gone')
  await engine.close()
  expect([notesIn(path), integrity(path)]).toEqual([['monday'], 'ok'])
})

/** A program that makes decisions on a project and is then killed. */
async function killed(path: string, decisions: readonly string[]): Promise<void> {
  const script = `
    const { Engine } = await import(${JSON.stringify(join(import.meta.dirname, '../../src/main/engine.ts'))})
    const engine = await Engine.start({ dataDir: ${JSON.stringify(scratch())}, open: ${JSON.stringify(path)}, spawn: () => { throw new Error('none') }, remembers: false })
    engine.call('backups.set', { automatic: false })
    for (const to of ${JSON.stringify(decisions)}) await engine.call('labels.apply', { changes: [{ field: 'note', movie: 1, to }] })
    process.stdout.write('done')
    setInterval(() => undefined, 1000)`
  const child = spawn(process.execPath, ['--input-type=module', '-e', script], { stdio: ['ignore', 'pipe', 'inherit'] })
  onTestFinished(() => void child.kill('SIGKILL'))
  await once(child.stdout, 'data')
  child.kill('SIGKILL')
  await once(child, 'exit')
  expect(statSync(`${path}-wal`).size).toBeGreaterThan(0)
}

test.each<[how: string, put: (other: string, path: string) => void]>([
  ['renamed over it', renameSync],
  ['copied into it', copyFileSync],
])('a file that is %s after its program was killed keeps its own decisions', async (_how, put) => {
  const folder = scratch()
  const [path, other] = [await tinyProject(folder, LINES), await another(folder)]
  await killed(path, ['mine 1', 'mine 2'])
  put(other, path)
  expect(await codeOf(() => openDatabase(path, 'read'))).toBe('project-gone')
  const engine = await start(path)
  expect(await notices(engine)).toContain(`Another file was put in the place of ${path}`)
  await note(engine, 'own 4')
  await engine.close()
  expect([notesIn(path), integrity(path)]).toEqual([['own 1', 'own 2', 'own 3', 'own 4'], 'ok'])
  expect(statSync(join(folder, 'tiny.log-of-another-file-1-wal')).size).toBeGreaterThan(0)
})

test('the log of a killed program is used if the file is its own', async () => {
  const folder = scratch()
  const path = await tinyProject(folder, LINES)
  await killed(path, ['mine 1'])
  await killed(path, ['mine 2'])
  const engine = await start(path)
  expect(await notices(engine)).toBe('')
  await engine.close()
  expect([notesIn(path), readdirSync(folder).filter((name) => name.includes('log-of'))]).toEqual([['mine 1', 'mine 2'], []])
})

test('while a program has a replaced project open, no other one opens the file', async () => {
  const folder = scratch()
  const [path, other] = [await tinyProject(folder, LINES), await another(folder)]
  const engine = await start(path)
  await note(engine, 'mine')
  renameSync(other, path)
  expect(await codeOf(() => openDatabase(path, 'open'))).toBe('project-gone')
  await engine.close()
  openDatabase(path, 'open').close()
  expect(notesIn(path)).toEqual(['own 1', 'own 2', 'own 3'])
})

test('decisions in turns, from two programs and over many checkpoints, never look like a replaced file', async () => {
  const folder = scratch()
  const path = await tinyProject(folder, LINES)
  const [one, two] = [await start(path), await start(path)]
  for (let i = 0; i < 4; i++)
    for (const [who, engine] of [one, two].entries()) {
      const text = `turn ${i} of ${who}`
      await note(engine, text).catch(() => note(engine, text))
      if (i % 2 === 0) continue
      const db = new Database(path)
      db.pragma('wal_checkpoint(truncate)')
      db.close()
    }
  await two.close()
  await note(one, 'last').catch(() => note(one, 'last'))
  await one.close()
  expect(notesIn(path).length).toBe(9)
  expect(existsSync(`${path}-wal`)).toBe(false)
})

test('a search in a thread leaves the locks of the open project', { skip: !existsSync('/proc/locks') }, async () => {
  const path = await tinyProject(scratch(), LINES)
  const engine = await start(path)
  await note(engine, 'mine')
  const locks = (): string[] => readFileSync('/proc/locks', 'utf8').split('\n').filter((line) => line.includes(`:${statSync(path).ino} `)) // prettier-ignore
  const held = locks().length
  expect(held).toBeGreaterThan(0)
  expect(await searchInThread(path, anywhere('plot'))).toHaveLength(LINES.length)
  expect(locks()).toHaveLength(held)
})

test('a project that is put back is written again', async () => {
  const b = await Bench.open(LINES)
  await b.decide('a', '+War')
  renameSync(b.path, `${b.path}.away`)
  expect(await codeOf(() => b.decide('b', '+Drama'))).toBe('project-gone')
  renameSync(`${b.path}.away`, b.path)
  await b.decide('b', '+Drama')
  expect(await b.labels('b')).toBe('Drama, War')
  rmSync(join(b.folder, 'tiny rescued.reel'))
})
