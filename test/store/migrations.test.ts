import Database from 'better-sqlite3'
import { spawnSync } from 'node:child_process'
import { copyFileSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { Engine } from '../../src/main/engine.ts'
import { layout, openDatabase } from '../../src/main/store/database.ts'
import { Store } from '../../src/main/store/store.ts'
import { withNewerLayout } from '../support/migration.ts'
import { anywhere, exportOf, FakeCompute, scratch } from '../support/project.ts'

const FIXTURES = join(import.meta.dirname, 'fixtures')

/** A copy of a project of the first layout: labels, verdicts, notes, undo, two runs, cleaning switched off and on. */
function firstLayout(fixture = 'layout-1.reel'): string {
  const path = join(scratch(), 'old.reel')
  copyFileSync(join(FIXTURES, fixture), path)
  return path
}
async function engineOn(path: string): Promise<Engine> {
  const engine = await Engine.start({ dataDir: scratch(), open: path, spawn: new FakeCompute().spawn })
  onTestFinished(() => engine.close())
  return engine
}
const exported = async (engine: Engine, what: 'catalogue' | 'changes' | 'predictions', options = {}): Promise<string> => {
  const { files } = await exportOf(engine, { what, path: null, options })
  return readFileSync(files[0]!.path, 'utf8')
}

/** What an analyst sees of a project, as it is written down beside the fixture. */
async function seen(engine: Engine): Promise<unknown> {
  const list = [...(await engine.call('review.query', { sort: 'file' })).movies]
  const details = await Promise.all(list.map((movie) => engine.call('review.movie', { movie })))
  const info = await engine.call('project.info', {})
  const clean = await engine.call('clean.report', {})
  return {
    info: {
      name: info.name,
      sample: info.sample,
      movies: info.movies,
      kept: info.kept,
      genres: info.genres,
      splits: info.splits,
      currentRun: info.currentRun,
    },
    state: await engine.call('labels.state', {}),
    titles: [...(await engine.call('review.query', { sort: 'title' })).movies],
    movies: details.map((d) => ({
      movie: d.movie,
      key: d.key,
      title: d.title,
      plot: d.plot.length,
      split: d.split,
      buckets: d.buckets,
      score: d.score,
      reviewed: d.reviewed,
      labels: d.labels,
      predicted: d.predicted,
      note: d.note,
      verdicts: d.allCells.filter((x) => x.verdict).map((x) => `${x.verdict} ${x.name}`),
      history: d.history.length,
    })),
    history: await engine.call('labels.history', { limit: 1000 }),
    runs: (await engine.call('runs.list', {})).map(({ id, status, current, summary, thresholds }) => ({
      id,
      status,
      current,
      summary,
      thresholds,
    })),
    clean: {
      movies: clean.movies,
      kept: clean.kept,
      rules: clean.steps.map((r) => ({ rule: r.rule, on: r.on, count: r.count })),
    },
    import: await engine.call('import.report', {}),
    exports: {
      catalogue: await exported(engine, 'catalogue', { columns: ['previous', 'verdict', 'probability', 'who', 'when'] }),
      plain: await exported(engine, 'catalogue'),
      changes: await exported(engine, 'changes'),
      predictions: await exported(engine, 'predictions'),
    },
  }
}

test('a project of an older layout is as it was: labels, history, verdicts, runs, cleaning, exports byte for byte', async () => {
  withNewerLayout()
  const engine = await engineOn(firstLayout())
  const before: unknown = JSON.parse(readFileSync(join(FIXTURES, 'layout-1.json'), 'utf8'))
  // JSON knows no -0 and no undefined
  expect(JSON.parse(JSON.stringify(await seen(engine)))).toEqual(before)
})

test('the migrated file is sound, holds the whole source, and words are found', () => {
  withNewerLayout()
  const path = firstLayout()
  const store = new Store(path, 'open')
  expect([store.movies.lastId(), [...store.movies.sources()].length]).toEqual([36, 36])
  const { movie, plot } = [...store.movies.sources()].find((m) => m.plot.includes('See full summary'))!
  expect([plot.endsWith('... See full summary »'), store.movies.text(movie)!.plot]).toEqual([true, store.cleanings.plot(movie)])
  expect(store.movies.text(movie)!.plot).not.toContain('summary')
  const holding = [...store.movies.sources()].filter((m) => m.plot.includes('See full summary')).map((m) => m.movie)
  expect([...store.movies.search(anywhere('see full summ'))]).toEqual(holding)
  expect(store.columns.value(store.cleanings.generation(), 'duplicate', 6)).toBe(3)
  expect(store.sources.rejected(0, 10).map((r) => [r.file, r.line, r.raw.slice(0, 15)])).toEqual([['catalogue.csv', 22, 'this,record,has']])
  store.close()
  const db = new Database(path)
  expect(['integrity_check', 'user_version'].map((name) => db.pragma(name, { simple: true }))).toEqual(['ok', layout()])
  expect(db.pragma('foreign_key_check')).toEqual([])
  expect(db.prepare('select distinct test_only from run').pluck().all()).toEqual(['migrated'])
  db.close()
})

test('who opens an older file hears of it before anything is written, and may say no', () => {
  withNewerLayout()
  const path = firstLayout()
  const before = readFileSync(path)
  const open = (): Store =>
    new Store(path, 'open', {
      beforeMigration: (older) => {
        expect([older.path, older.layout, readFileSync(path).equals(before)]).toEqual([path, 1, true])
        throw new Error('no copy, no migration')
      },
    })
  expect(open).toThrow('no copy, no migration')
  expect(readFileSync(path).equals(before)).toBe(true)
  const heard: number[] = []
  new Store(path, 'open', { beforeMigration: ({ layout }) => heard.push(layout) }).close()
  new Store(path, 'open', { beforeMigration: ({ layout }) => heard.push(layout) }).close()
  new Store(join(scratch(), 'new.reel'), 'create', { beforeMigration: ({ layout }) => heard.push(layout) }).close()
  expect(heard).toEqual([1])
})

test('a reader does not touch an older file', () => {
  withNewerLayout()
  const path = firstLayout()
  const before = readFileSync(path)
  expect(() => openDatabase(path, 'read')).toThrow('was made by an older Reelabel')
  expect(readFileSync(path).equals(before)).toBe(true)
})

test('a project without a movie is brought up to date too', () => {
  const path = join(scratch(), 'empty.reel')
  new Store(path, 'create').close()
  withNewerLayout()
  const heard: number[] = []
  const store = new Store(path, 'open', { beforeMigration: ({ layout }) => heard.push(layout) })
  expect([heard, store.imports.all(), store.cleanings.current(), store.movies.lastId()]).toEqual([[1], [], null, 0])
  store.close()
})

test('a step that fails leaves the file as it was', () => {
  const path = firstLayout()
  const before = readFileSync(path)
  withNewerLayout((db) => {
    db.exec('delete from run')
    throw new Error('the step failed')
  })
  expect(() => new Store(path, 'open')).toThrow('the step failed')
  expect(dump(path)).toEqual(dump(join(FIXTURES, 'layout-1.reel')))
  expect(readFileSync(path).length).toBe(before.length)
})

test('a program that is killed within a step leaves the file of the older layout', () => {
  const path = firstLayout()
  const database = join(import.meta.dirname, '../../src/main/store/database.ts')
  const script = `
    const { MIGRATIONS, openDatabase } = await import(${JSON.stringify(database)})
    MIGRATIONS.push((db) => {
      db.exec("update movie set plot = plot || ' half done'")
      db.exec('drop table prediction')
      process.kill(process.pid, 'SIGKILL')
    })
    openDatabase(${JSON.stringify(path)}, 'open')`
  expect(spawnSync(process.execPath, ['--input-type=module', '-e', script]).signal).toBe('SIGKILL')
  new Store(path, 'open').close()
  expect(dump(path)).toEqual(dump(join(FIXTURES, 'layout-1.reel')))
})

/** Every row of a project file. */
function dump(path: string): unknown {
  const db = new Database(path, { readonly: true })
  const names = db.prepare("select name from sqlite_master where type = 'table' order by name").pluck().all() as string[]
  const rows = names.map((name) => [name, db.prepare(`select * from "${name}"`).all()])
  const version: unknown = db.pragma('user_version', { simple: true })
  db.close()
  return [version, rows]
}

test('runs, predictions and an explained model of an older layout are as they were, exports byte for byte', async () => {
  withNewerLayout()
  const path = firstLayout('layout-1-runs.reel')
  const heard: number[] = []
  new Store(path, 'open', { beforeMigration: ({ layout }) => heard.push(layout) }).close()
  const engine = await engineOn(path)
  const movies = [...(await engine.call('review.query', { sort: 'file' })).movies]
  const genre = (await engine.call('project.info', {})).genres[0]!.id
  const now = {
    // runs of that layout had no notes
    runs: (await engine.call('runs.list', {})).map(({ resumable, note, ...run }) => ({ ...run, ...(resumable && { resumable }), ...(note && { note }) })), // prettier-ignore
    state: await engine.call('labels.state', {}),
    history: await engine.call('labels.history', { limit: 1000 }),
    movies: await engine.call('review.rows', { movies }),
    explain: await engine.call('review.explain', { movie: movies[0]!, genre }),
    predictions: await exported(engine, 'predictions'),
    catalogue: await exported(engine, 'catalogue', { columns: ['previous', 'verdict', 'probability', 'who', 'when'] }),
  }
  expect(heard).toEqual([1])
  expect(JSON.parse(JSON.stringify(now))).toEqual(JSON.parse(readFileSync(join(FIXTURES, 'layout-1-runs.json'), 'utf8')))
})
