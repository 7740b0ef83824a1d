import Database from 'better-sqlite3'
import { copyFileSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { Engine } from '../../src/main/engine.ts'
import { PROJECT } from '../../src/main/store/migrations/001-project.ts'
import { LAYOUT, openDatabase } from '../../src/main/store/database.ts'
import { Store } from '../../src/main/store/store.ts'
import { FakeCompute, scratch } from '../support/project.ts'

const FIXTURES = join(import.meta.dirname, 'fixtures')

/** A copy of a project that the first layout's own code made: labels, verdicts, notes, undo, two runs, cleaning switched off and on. */
function firstLayout(): string {
  const path = join(scratch(), 'old.reel')
  copyFileSync(join(FIXTURES, 'layout-1.reel'), path)
  return path
}
async function engineOn(path: string): Promise<Engine> {
  const engine = await Engine.start({ dataDir: scratch(), open: path, spawn: new FakeCompute().spawn })
  onTestFinished(() => engine.close())
  return engine
}
const exported = async (engine: Engine, what: 'catalogue' | 'changes' | 'predictions', options = {}): Promise<string> => {
  const { files } = await engine.call('export.run', { what, path: null, options })
  return readFileSync(files[0]!.path, 'utf8')
}

/** What an analyst sees of a project, as the first layout's code wrote it down beside the fixture. */
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

test('a project of the first layout is as it was: labels, history, verdicts, runs, cleaning, exports byte for byte', async () => {
  const engine = await engineOn(firstLayout())
  const before: unknown = JSON.parse(readFileSync(join(FIXTURES, 'layout-1.json'), 'utf8'))
  // JSON knows no -0 and no undefined
  expect(JSON.parse(JSON.stringify(await seen(engine)))).toEqual(before)
})

test('the migrated file is sound, holds the whole source, and words are found', () => {
  const path = firstLayout()
  const store = new Store(path, 'open')
  expect([store.integrity(), store.movies.lastId(), [...store.movies.sources()].length]).toEqual(['ok', 36, 36])
  const { movie, plot } = [...store.movies.sources()].find((m) => m.plot.includes('See full summary'))!
  expect([plot.endsWith('... See full summary »'), store.movies.text(movie)!.plot]).toEqual([true, store.cleanings.plot(movie)])
  expect(store.movies.text(movie)!.plot).not.toContain('summary')
  const holding = [...store.movies.sources()].filter((m) => m.plot.includes('See full summary')).map((m) => m.movie)
  expect([...store.movies.search('see full summ')]).toEqual(holding)
  expect(store.columns.value(store.cleanings.generation(), 'duplicate', 6)).toBe(3)
  expect(store.sources.aside(0, 10).map((r) => [r.file, r.line, r.raw.slice(0, 15)])).toEqual([['catalogue.csv', 22, 'this,record,has']])
  store.close()
  const db = new Database(path)
  expect([db.pragma('foreign_key_check'), db.pragma('user_version', { simple: true })]).toEqual([[], LAYOUT])
  db.close()
})

test('who opens an older file hears of it before anything is written, and may say no', () => {
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
  const path = firstLayout()
  const before = readFileSync(path)
  expect(() => openDatabase(path, 'read')).toThrow('was made by an older Reelabel')
  expect(readFileSync(path).equals(before)).toBe(true)
})

test('a project of the first layout without a movie is brought up to date too', () => {
  const path = join(scratch(), 'empty.reel')
  const db = new Database(path)
  db.exec(PROJECT)
  db.pragma('user_version = 1')
  db.pragma('application_id = 1380271436')
  db.close()
  const store = new Store(path, 'open')
  expect([store.imports.all(), store.cleanings.current(), store.movies.lastId(), store.integrity()]).toEqual([[], null, 0, 'ok'])
  store.close()
})

test('a project of the second layout is as it was: runs, predictions, an explained model, exports byte for byte', async () => {
  const path = join(scratch(), 'old.reel')
  copyFileSync(join(FIXTURES, 'layout-2.reel'), path)
  const heard: number[] = []
  new Store(path, 'open', { beforeMigration: ({ layout }) => heard.push(layout) }).close()
  const engine = await engineOn(path)
  const movies = [...(await engine.call('review.query', { sort: 'file' })).movies]
  const genre = (await engine.call('project.info', {})).genres[0]!.id
  const now = {
    runs: (await engine.call('runs.list', {})).map(({ resumable, ...run }) => ({ ...run, ...(resumable ? { resumable } : {}) })),
    state: await engine.call('labels.state', {}),
    history: await engine.call('labels.history', { limit: 1000 }),
    movies: await engine.call('review.rows', { movies }),
    explain: await engine.call('review.explain', { movie: movies[0]!, genre }),
    predictions: await exported(engine, 'predictions'),
    catalogue: await exported(engine, 'catalogue', { columns: ['previous', 'verdict', 'probability', 'who', 'when'] }),
  }
  expect(heard).toEqual([2])
  expect(JSON.parse(JSON.stringify(now))).toEqual(JSON.parse(readFileSync(join(FIXTURES, 'layout-2.json'), 'utf8')))
})
