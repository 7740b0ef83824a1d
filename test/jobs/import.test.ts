import Database from 'better-sqlite3'
import { copyFileSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, expect, onTestFinished, test, vi } from 'vitest'
import type { JobEvent } from '../../src/contract/events.ts'
import type { ImportReport } from '../../src/contract/importing.ts'
import { DEFAULT_RULE_SET } from '../../src/main/data/clean/rule-set.ts'
import { inspect } from '../../src/main/data/import/detect/inspect.ts'
import { thisProcess } from '../../src/main/files/process-identity.ts'
import { temporaryName } from '../../src/main/files/temporary.ts'
import type { JobControl } from '../../src/main/processes/job-control.ts'
import { forkProcess, type SpawnProcess } from '../../src/main/processes/work-process.ts'
import { importFiles } from '../../src/main/jobs/work/import.ts'
import { BulkImport } from '../../src/main/store/bulk-import.ts'
import { SourceTable } from '../../src/main/store/sources.ts'
import { Store } from '../../src/main/store/store.ts'
import { generateCatalogue } from '../support/generate.ts'
import { anywhere, Bench, csvOf, integrity, scratch, start } from '../support/project.ts'

afterEach(() => void vi.restoreAllMocks())
const free = { signal: new AbortController().signal, progress: () => undefined }
/** Fails if progress decreases. */
function monotonous(): JobControl {
  let last = 0
  const progress = (fraction: number): void => {
    expect(fraction).toBeGreaterThanOrEqual(last)
    last = fraction
  }
  return { signal: free.signal, progress }
}

/** A catalogue of generated movies, with a rejected record, a repeated id and a placeholder. */
function catalogue(folder: string, n: number): string {
  const path = join(folder, 'catalogue.csv')
  const odd =
    'g1,Again,2000,Another plot of the same id.,"Drama, sci-fi"\ntoo,many,1,cells,Drama,here,and,there\nx,None,1990,Add a Plot,Comedy\n'
  writeFileSync(path, [...generateCatalogue(n)].join('') + odd)
  return path
}

/** Everything that an import wrote, as text. */
function contents(path: string): Record<string, unknown[]> {
  const db = new Database(path, { readonly: true })
  const tables = [
    'movie',
    'genre',
    'record',
    'import_log',
    'cleaned_plot',
    'column_chunk',
    'cleaning',
    'import',
    'meta',
    'movie_text_docsize',
  ]
  const times = (text: unknown): unknown => (typeof text === 'string' ? text.replace(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, 'TIME') : text)
  const rows = (table: string): unknown[] => db.prepare(`select * from ${table}`).raw().all().map((row) => (row as unknown[]).map(times)) // prettier-ignore
  const all = Object.fromEntries(tables.map((table) => [table, rows(table)]))
  db.close()
  return all
}

async function filled(csv: string, file: string, threaded: boolean): Promise<ImportReport> {
  const plan = await inspect([csv], {
    format: 'table',
    mapping: { id: 'id', title: 'title', plot: 'plot', genres: 'genres' },
    genreSyntax: 'comma',
  })
  const report = await importFiles({ t: 'import', file, plan, sample: false, ruleSet: DEFAULT_RULE_SET, seed: 1 }, monotonous(), threaded)
  return report
}

test('a thread that reads beside the one that writes gives the same project as one thread alone', async () => {
  const folder = scratch()
  const csv = catalogue(folder, 3000)
  const [alone, beside] = [join(folder, 'alone.reel'), join(folder, 'beside.reel')]
  const reports = [await filled(csv, alone, false), await filled(csv, beside, true)]
  expect(reports[0]).toMatchObject({ records: 3003, movies: 3002, files: [{ rejected: 1 }] })
  expect(reports[1]).toEqual(reports[0])
  expect(contents(beside)).toEqual(contents(alone))
  const [a, b] = [new Store(alone, 'open'), new Store(beside, 'open')]
  for (const words of ['young man', 'the', 'cel', 'again', 'nowhere'])
    expect(b.movies.search(anywhere(words))).toEqual(a.movies.search(anywhere(words)))
  expect(b.movies.search(anywhere('again')).length).toBeGreaterThan(0)
  a.close()
  b.close()
  expect(readdirSync(folder).filter((f) => f.includes('wal'))).toEqual([])
  expect(integrity(beside)).toBe('ok')
})

test.each([false, true])('records that join movies by id, threads: %s', async (threaded) => {
  const folder = scratch()
  const csv = join(folder, 'long.csv')
  writeFileSync(
    csv,
    'id,title,plot,genre\na,,,Drama\nb,Bee,Bees dance.,War\na,Ay,An ape climbs.,Drama\na,Other,,Comedy\n,Nobody,Lost.,War\n',
  )
  const plan = await inspect([csv], {
    format: 'table',
    mapping: { id: 'id', title: 'title', plot: 'plot', genres: 'genre' },
    genreSyntax: 'long',
  })
  const file = join(folder, 'long.reel')
  const report = await importFiles({ t: 'import', file, plan, sample: false, ruleSet: DEFAULT_RULE_SET, seed: 1 }, free, threaded)
  expect(report).toMatchObject({ records: 5, movies: 2, emptyPlot: 0, noGenre: 0, genreCounts: { Drama: 1, Comedy: 1, War: 1 } })
  const store = new Store(file, 'open')
  expect([...store.movies.sources()].map(({ key, title, plot, genres }) => [key, title, plot, genres.join()])).toEqual([
    ['a', 'Ay', 'An ape climbs.', 'Drama,Comedy'],
    ['b', 'Bee', 'Bees dance.', 'War'],
  ])
  expect([...store.movies.search(anywhere('ape'))]).toEqual([1])
  store.close()
})

/** An engine on a tiny project whose imports run in real job processes; `when` hears of them and of what they say. */
async function imports(
  when: (phase: string, kill: () => void) => void,
): Promise<{ b: Bench; run: () => Promise<JobEvent>; projects: () => string[] }> {
  const b = await Bench.open(['old: Drama'])
  await b.engine.close()
  const spawn: SpawnProcess = (kind) => {
    const child = forkProcess(kind)
    child.onMessage((m) => m.t === 'progress' && when(m.phase, () => child.kill()))
    return child
  }
  b.engine = await start(b.folder, b.path, spawn)
  onTestFinished(() => b.engine.close())
  const csv = catalogue(b.folder, 18_000)
  const run = () => b.job(() => b.call('import.run', { paths: [csv], name: 'New' }))
  return { b, run, projects: () => readdirSync(join(b.folder, 'projects')) }
}
const PHASES = [/^reading: [5-9],/, /^indexes/, /^ordering titles/, /^cleaning: /, /^splitting/]

test('an import whose process is killed in any phase leaves and changes nothing', async () => {
  let phase = PHASES[0]!
  const { b, run, projects } = await imports((words, kill) => phase.test(words) && kill())
  const before = readFileSync(b.path)
  for (phase of PHASES) {
    expect(await run()).toMatchObject({
      state: 'failed',
      code: 'import-died',
      message: expect.stringMatching(/import fewer or smaller files/) as unknown,
    })
    expect(projects()).toEqual([])
  }
  expect((await b.call('project.info', {})).name).toBe('tiny')
  expect(readFileSync(b.path).equals(before)).toBe(true)
}, 240_000)

test('an import cancelled in any phase leaves and changes nothing; afterwards the import succeeds', async () => {
  let phase: RegExp | null = PHASES[0]!
  let cancelled: Promise<unknown> = Promise.resolve()
  const { b, run, projects } = await imports((words) => {
    if (phase?.test(words)) cancelled = b.call('jobs.list', {}).then((jobs) => b.call('jobs.cancel', { job: jobs.at(-1)!.job }))
  })
  for (phase of PHASES) {
    expect((await run()).state).toBe('cancelled')
    await cancelled
    expect(projects()).toEqual([])
    expect((await b.call('project.info', {})).name).toBe('tiny')
  }
  phase = null
  expect(await run()).toMatchObject({ state: 'done', message: expect.stringMatching(/^18,002 movies from 18,003 records; /) as string })
  expect(projects().filter((f) => /reel$|tmp/.test(f))).toEqual(['New.reel'])
}, 240_000)

test.each([
  ['as it is once it is synced', 'd9d505f920a163d7'],
  ['as it begins', `${'00'.repeat(12)}9f31c07a000000120000020000001000${'00'.repeat(44)}`],
])('the next start removes and reports what a killed program left of an import, with a journal %s', async (_when, journal) => {
  const b = await Bench.open(['old: Drama'])
  await b.engine.close()
  // no process has this id
  const staging = temporaryName(join(b.folder, 'projects', 'Big.reel'), { ...thisProcess(), pid: 4_999_999 })
  copyFileSync(b.path, staging)
  writeFileSync(`${staging}-journal`, Buffer.from(journal, 'hex'))
  b.engine = await start(b.folder, b.path, b.compute.spawn)
  expect(readdirSync(join(b.folder, 'projects'))).toEqual([])
  expect((await b.call('project.info', {})).notices.join()).toContain('Big.reel')
})

test.each<[string, () => { mockImplementation: (fail: () => never) => unknown }]>([
  ['while records are written', () => vi.spyOn(SourceTable.prototype, 'add')],
  ['while indexes are made', () => vi.spyOn(BulkImport.prototype, 'makeIndexes')],
  ['at the end', () => vi.spyOn(BulkImport.prototype, 'commit')],
])('a disk that is full %s is reported, and nothing is left', async (_when, spy) => {
  const b = await Bench.open(['old: Drama'])
  spy().mockImplementation(() => {
    throw new Database.SqliteError('database or disk is full', 'SQLITE_FULL')
  })
  const csv = join(b.folder, 'new.csv')
  writeFileSync(csv, csvOf(['new: War']))
  const end = await b.job(() => b.call('import.run', { paths: [csv], name: 'New' }))
  expect(end).toMatchObject({ state: 'failed', code: 'disk-full', message: expect.stringContaining('The disk is full') as string })
  expect(readdirSync(join(b.folder, 'projects'))).toEqual([])
  expect((await b.call('project.info', {})).name).toBe('tiny')
})

test('a movie with more genres than can be stored is refused, and nothing is left', async () => {
  const b = await Bench.open(['old: Drama'])
  const csv = join(b.folder, 'new.csv')
  writeFileSync(csv, csvOf(['a: War', `b: ${Array.from({ length: 300 }, (_, i) => `Genre ${i}`).join(', ')}`]))
  const end = await b.job(() =>
    b.call('import.run', {
      paths: [csv],
      name: 'New',
      mapping: { id: 'id', title: 'title', plot: 'plot', genres: 'genres' },
      genreSyntax: 'comma',
    }),
  )
  expect(end).toMatchObject({ state: 'failed', code: 'too-many-genres', message: expect.stringContaining('has 300 genres') as string })
  expect(readdirSync(join(b.folder, 'projects'))).toEqual([])
})
