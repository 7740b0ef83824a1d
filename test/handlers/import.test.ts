import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import Database from 'better-sqlite3'
import { expect, test } from 'vitest'
import type { ArgsIn } from '../../src/contract/api.ts'
import { Engine } from '../../src/main/engine.ts'
import { processOf, thisProcess } from '../../src/main/files/process-identity.ts'
import { temporaryName } from '../../src/main/files/temporary.ts'
import { Bench, codeOf, csvOf, integrity, start } from '../support/project.ts'

const BY_NAME = { id: 'id', title: 'title', plot: 'plot', genres: 'genres' }
/** Imports lines into the projects folder of a bench that has another project open. */
async function importing(b: Bench, lines: readonly string[], args: Partial<ArgsIn<'import.run'>> = {}) {
  const csv = join(b.folder, 'new.csv')
  writeFileSync(csv, csvOf(lines))
  return b.job(() => b.call('import.run', { paths: [csv], name: 'new', mapping: BY_NAME, accept: true, ...args }))
}
const many = (n: number): string[] => Array.from({ length: n }, (_, i) => `m${i}: ${['Drama', 'War', 'Comedy'][i % 3]!}`)

test('a client that does not accept a noticeable loss imports nothing', async () => {
  const b = await Bench.open(['old: Drama'])
  const csv = join(b.folder, 'new.csv')
  const torn = (id: string): string => `${id},Title,The plot of ${id}, with a comma.,War\n`
  const run = (args: Partial<ArgsIn<'import.run'>> = {}) => b.call('import.run', { paths: [csv], name: 'new', mapping: BY_NAME, ...args })
  writeFileSync(csv, csvOf(many(10)) + torn('x'))
  expect((await b.job(() => run())).state).toBe('done')
  writeFileSync(csv, csvOf(many(10)) + torn('x') + torn('y'))
  await expect(run()).rejects.toMatchObject({
    code: 'loss-not-accepted',
    message: expect.stringMatching(/^2 of 12 records would be rejected \(5 fields, but the header has 4\)\. Nothing was changed/) as string,
  })
  expect((await b.job(() => run({ accept: true }))).state).toBe('done')
})

test('a second import of the same name has another name, in the list and in the project; it opens only if that is asked for', async () => {
  const b = await Bench.open(['old: Drama'])
  await importing(b, ['a: Drama'], { name: 'same' })
  const second = await importing(b, ['a: Drama', 'b: War'], { name: 'same', open: false })
  const path = join(b.folder, 'projects', 'same 2.reel')
  expect(second).toMatchObject({ state: 'done', result: { path, name: 'same 2', movies: 2 } })
  expect((await b.call('project.info', {})).name).toBe('same')
  expect((await b.call('project.open', { path })).name).toBe('same 2')
  expect((await b.call('project.list', {})).map((p) => p.name).sort()).toEqual(['same', 'same 2'])
})

test('an import opens its project, in the projects folder under its name', async () => {
  const b = await Bench.open(['old: Drama'])
  const heard: string[] = []
  b.engine.on('changed', ({ what }) => heard.push(what))
  const end = await importing(b, ['a: Drama, War', 'b: || No genre here at all.', 'c: War'], { name: 'My: movies/2024' })
  expect(end).toMatchObject({ kind: 'import', state: 'done', message: '3 movies from 3 records; 2 kept by cleaning.' })
  const info = await b.call('project.info', {})
  expect(info).toMatchObject({ name: 'My_ movies_2024', sample: false, movies: 3, kept: 2, currentRun: null, notices: [] })
  expect(info.path).toBe(join(b.folder, 'projects', 'My_ movies_2024.reel'))
  expect(heard).toContain('project')
  expect((await b.call('project.list', {})).map((p) => p.name)).toEqual(['My_ movies_2024'])
  expect(await b.call('import.report', {})).toMatchObject({
    records: 3,
    movies: 3,
    emptyPlot: 0,
    noGenre: 1,
    genreCounts: { Drama: 1, War: 2 },
    split: 'made',
    clean: { movies: 3, kept: 2 },
  })
  // the same name again: a number is added, nothing is overwritten
  await importing(b, ['x: Drama'], { name: 'My: movies/2024' })
  expect((await b.call('project.info', {})).path).toBe(join(b.folder, 'projects', 'My_ movies_2024 2.reel'))
})

test('an import into an existing file is refused and changes nothing', async () => {
  const b = await Bench.open(['old: Drama', 'older: War'])
  const before = readFileSync(b.path)
  await expect(importing(b, ['a: Drama'], { path: b.path })).rejects.toThrow(/exists already: choose another name.* Nothing was changed\.$/)
  expect(await codeOf(() => importing(b, ['a: Drama'], { path: b.path }))).toBe('project-exists')
  expect(await codeOf(() => importing(b, ['a: Drama'], { mapping: { ...BY_NAME, plot: null } }))).toBe('cannot-import')
  expect(readFileSync(b.path).equals(before)).toBe(true)
  expect(await b.labels('old')).toBe('Drama')
})

test.each([
  ['at once', /^starting/],
  ['on the way', /^reading: [1-9]/],
  ['while it is cleaned', /^cleaning/],
])('an import cancelled %s leaves nothing, and the open project open', async (_when, phase) => {
  const b = await Bench.open(['old: Drama'])
  const csv = join(b.folder, 'new.csv')
  writeFileSync(csv, csvOf(many(20_000)))
  const path = join(b.folder, 'deep/new.reel')
  const reached = new Promise<void>((resolve) => b.engine.on('job', (e) => (phase.test(e.phase) ? resolve() : undefined)))
  const { job } = await b.call('import.run', { paths: [csv], name: 'new', path, mapping: BY_NAME })
  await reached
  expect(await b.call('jobs.cancel', { job })).toMatchObject({ state: 'cancelled' })
  expect(readdirSync(join(b.folder, 'deep'))).toEqual([])
  expect(await b.labels('old')).toBe('Drama')
})

test('files that a deleted project left beside its name do not get into the new one', async () => {
  const b = await Bench.open(['old: Drama'])
  const path = join(b.folder, 'projects', 'new.reel')
  await importing(b, many(3000), { name: 'new' })
  for (let i = 0; i < 20; i++) await b.decide(`m${i}`, 'note killed')
  const wal = readFileSync(`${path}-wal`)
  await b.call('project.open', { path: b.path })
  rmSync(path)
  writeFileSync(`${path}-wal`, wal)
  await importing(b, ['a: Drama', 'b: War'], { name: 'new' })
  expect(await b.call('project.info', {})).toMatchObject({ path, movies: 2 })
  expect([await b.labels('a'), await b.call('labels.history', {})]).toEqual(['Drama', []])
  expect(integrity(path)).toBe('ok')
})

test('a name that was taken while the import ran is not overwritten', async () => {
  const b = await Bench.open(['old: Drama'])
  const path = join(b.folder, 'new.reel')
  const csv = join(b.folder, 'new.csv')
  writeFileSync(csv, csvOf(many(5000)))
  const end = await b.job(async () => {
    const started = await b.call('import.run', { paths: [csv], name: 'new', path, mapping: BY_NAME })
    writeFileSync(path, "another's")
    return started
  })
  expect([end.state, readFileSync(path, 'utf8')]).toEqual(['failed', "another's"])
})

test('an import that was requested just before the engine closes does not start', async () => {
  const b = await Bench.open(['old: Drama'])
  const csv = join(b.folder, 'new.csv')
  writeFileSync(csv, csvOf(many(100)))
  const asked = codeOf(() => b.call('import.run', { paths: [csv], name: 'new', mapping: BY_NAME }))
  await b.engine.close()
  expect([await asked, readdirSync(join(b.folder, 'projects'))]).toEqual(['closed', []])
})

test('an import that fails leaves nothing', async () => {
  const b = await Bench.open(['old: Drama'])
  const path = join(b.folder, 'new.reel')
  const end = await importing(b, ['a: Drama | train', 'b: War | sometimes'], { path, mapping: { ...BY_NAME, split: 'split' } })
  expect(end.state).toBe('failed')
  expect(end.message).toBe('new.csv, line 3: the split is "sometimes"; write train, valid or test, or leave the split column unmapped.')
  expect(readdirSync(b.folder).filter((f) => f.startsWith('new.reel'))).toEqual([])
})

test('the next start removes and reports what a killed program left', async () => {
  const b = await Bench.open(['old: Drama'])
  const dead = spawnSync(process.execPath, ['-e', '']).pid
  for (const pid of [dead, process.pid]) {
    // the id of a dead process may be reused by this one: the start time differs
    const staging = temporaryName(join(b.folder, 'projects', `half ${pid}.reel`), { ...thisProcess(), pid, began: '1' })
    for (const end of ['', '-wal', '-shm']) writeFileSync(staging + end, '')
  }
  mkdirSync(join(temporaryName(join(b.folder, 'temporary', 'session'), { ...thisProcess(), pid: dead }), 'upload'), { recursive: true })
  await b.restart()
  expect([...(await b.call('project.info', {})).notices].sort()).toEqual(
    [dead, process.pid].map((pid) => `An unfinished import into half ${pid}.reel was removed: import the files again.`).sort(),
  )
  expect(readdirSync(join(b.folder, 'projects'))).toEqual([])
  expect(readdirSync(join(b.folder, 'temporary'))).toEqual([expect.stringContaining(`-${process.pid}-`)])
})

test('a second engine leaves the import, the uploads and the exports of the first alone', async () => {
  const b = await Bench.open(['old: Drama'])
  const staging = temporaryName(join(b.folder, 'projects', 'half.reel'), processOf(process.ppid))
  const others = [basename(staging), `${basename(staging)}-wal`]
  for (const name of others) writeFileSync(join(b.folder, 'projects', name), 'x')
  const csv = join(b.folder, 'new.csv')
  writeFileSync(csv, csvOf(many(20_000)))
  const [exported] = (await b.export({ what: 'catalogue', path: null })).files
  const end = await b.job(async () => {
    const reading = new Promise<void>((resolve) => b.engine.on('job', (e) => (/^reading: [1-9]/.test(e.phase) ? resolve() : undefined)))
    const started = await b.call('import.run', { paths: [csv], name: 'new', mapping: BY_NAME })
    await reading
    await (await start(b.folder, null, b.compute.spawn)).close()
    return started
  })
  expect(end).toMatchObject({ state: 'done' })
  expect(existsSync(exported!.path)).toBe(true)
  expect(readdirSync(join(b.folder, 'projects'))).toEqual(expect.arrayContaining(others))
})

test('the split column is used as it is; without one the split is made from the seed', async () => {
  const b = await Bench.open(['old: Drama'])
  const parts = ['train', 'test', 'valid', 'TEST ', 'validation', '', 'dev', 'training']
  const expected = ['train', 'test', 'valid', 'test', 'valid', 'train', 'valid', 'train']
  await importing(
    b,
    parts.map((p, i) => `m${i}: Drama | ${p}`).map((l) => l.replace('|  ', '| ')),
    { mapping: { ...BY_NAME, split: 'split' } },
  )
  const splits = async () => {
    const { movies } = await b.call('review.query', { sort: 'file' })
    return (await b.call('review.rows', { movies: [...movies].slice(0, 500) })).map((r) => r.split)
  }
  expect(await splits()).toEqual(expected)
  expect((await b.call('import.report', {}))!.split).toBe('column')
  expect((await b.call('project.info', {})).splits).toEqual({ train: 3, valid: 3, test: 2 })
  const made: string[] = []
  for (const seed of [1, 1, 2]) {
    await importing(b, many(100), { seed })
    expect((await b.call('project.info', {})).splits).toEqual({ train: 80, valid: 0, test: 20 })
    made.push((await splits()).join(' '))
  }
  expect([made[0] === made[1], made[0] === made[2]]).toEqual([true, false])
})

test('records of one id are one movie if the format says so', async () => {
  const b = await Bench.open(['old: Drama'])
  const csv = join(b.folder, 'long.csv')
  const rows = ['1,Dune,Sand and spice for ever.,Drama', '2,Up,A house that flies away.,Comedy', '1,Dune,Sand and spice for ever.,War']
  writeFileSync(csv, ['id,title,plot,genre', ...rows, ''].join('\n'))
  const mapping = { ...BY_NAME, genres: 'genre' }
  const args: ArgsIn<'import.run'> = { paths: [csv], name: 'long', format: 'table', genreSyntax: 'long', mapping }
  expect((await b.job(() => b.call('import.run', args))).state).toBe('done')
  expect(await Promise.all(['1', '2'].map((k) => b.labels(k)))).toEqual(['Drama, War', 'Comedy'])
  await b.decide('1', '-War', '+Comedy')
  const path = join(b.folder, 'out.csv')
  await b.export({ what: 'catalogue', path })
  expect(readFileSync(path, 'utf8').split('\n').sort()).toEqual(
    ['', ...rows.slice(0, 2), '1,Dune,Sand and spice for ever.,Comedy', 'id,title,plot,genre'].sort(),
  )
})

test('plots and genres of two tables are joined by id; rows without a plot are kept, and both files are exported with the corrections', async () => {
  const b = await Bench.open(['old: Drama'])
  const files = { 'basics.tsv': join(b.folder, 'basics.tsv'), 'plots.csv': join(b.folder, 'plots.csv') }
  const plot = (i: number): string => `A man number ${i} comes to town one day, and nobody knows what he is looking for.`
  const basics = Array.from({ length: 30 }, (_, i) => `tt${i}\tTitle ${i}\t${['Drama', 'Comedy,War'][i % 2]!}`)
  writeFileSync(files['basics.tsv'], ['tconst\tprimaryTitle\tgenres', ...basics, ''].join('\r\n'))
  writeFileSync(
    files['plots.csv'],
    ['tconst,plot', ...Array.from({ length: 20 }, (_, i) => `tt${i + 20},"${plot(i + 20)}"`), ''].join('\n'),
  )
  const args: ArgsIn<'import.run'> = { paths: Object.values(files), name: 'joined', accept: true, clean: { missing: false } }
  expect((await b.job(() => b.call('import.run', args))).state).toBe('done')
  const report = (await b.call('import.report', {}))!
  expect(report.rejected[0]).toMatchObject({ line: 2, why: 'no table with plots has its id' })
  expect(report).toMatchObject({ records: 50, movies: 20, noGenre: 10, emptyPlot: 0 })
  expect([await b.labels('tt20'), await b.labels('tt21'), await b.labels('tt39')]).toEqual(['Drama', 'Comedy, War', ''])
  const exported = async (name: string): Promise<Record<string, string>> => {
    await b.export({ what: 'catalogue', path: join(b.folder, `${name}.csv`) })
    return Object.fromEntries(Object.keys(files).map((file) => [file, readFileSync(join(b.folder, name, file), 'utf8')]))
  }
  const before = Object.fromEntries(Object.entries(files).map(([name, path]) => [name, readFileSync(path, 'utf8')]))
  expect(await exported('one')).toEqual(before)
  await b.decide('tt21', '-War')
  expect(await exported('two')).toEqual({
    ...before,
    'basics.tsv': before['basics.tsv']!.replace('tt21\tTitle 21\tComedy,War', 'tt21\tTitle 21\tComedy'),
  })
})

test.each([
  ['without ids', 'title,plot,genre', (row: string) => row],
  ['numbered by their ids', 'n,title,plot,genre', (row: string, i: number) => `${i},${row}`],
])('rows of one genre each, %s, are one movie where title and plot agree', async (_, header, numbered) => {
  const b = await Bench.open(['old: Drama'])
  const csv = join(b.folder, 'long.csv')
  const films = ['Dune,Sand and spice for ever.', 'Up,A house that flies away.', 'Up,Another house that flies away.']
  const rows = [...films.map((film) => `${film},Drama`), `${films[0]!},War`, `${films[1]!},Comedy`, `${films[0]!},Comedy`].map(numbered)
  writeFileSync(csv, [header, ...rows, ''].join('\n'))
  expect((await b.job(() => b.call('import.run', { paths: [csv], name: 'long' }))).state).toBe('done')
  expect(await Promise.all(['row-1', 'row-2', 'row-3'].map((k) => b.labels(k)))).toEqual(['Comedy, Drama, War', 'Comedy, Drama', 'Drama'])
  await b.decide('row-2', '-Comedy', '+War')
  const path = join(b.folder, 'out.csv')
  await b.export({ what: 'catalogue', path })
  expect(readFileSync(path, 'utf8')).toBe([header, ...rows.map((row, i) => (i === 4 ? row.replace('Comedy', 'War') : row)), ''].join('\n'))
})

test('repeated ids are distinguished, and found', async () => {
  const b = await Bench.open(['x: Drama || One plot.', 'x: War || Another plot.', ': Comedy || A third plot.'])
  expect(await Promise.all(['x', 'x#2', 'row-3'].map((k) => b.labels(k)))).toEqual(['Drama', 'War', 'Comedy'])
  expect(await codeOf(() => b.movie('x#3'))).toBe('no-movie')
})

test('a number that is part of an id is not given twice', async () => {
  const b = await Bench.open(['x#2: Drama || One.', 'x: War || Two.', 'x: Comedy || Three.', 'x#2: Drama || Four.', 'x: War || Five.'])
  expect(await Promise.all(['x#2', 'x', 'x#3', 'x#2#2', 'x#4'].map((k) => b.movie(k)))).toEqual([1, 2, 3, 4, 5])
})

test('twenty thousand records of one id are distinguished', async () => {
  const b = await Bench.open(['old: Drama'])
  const end = await importing(
    b,
    Array.from({ length: 20_000 }, (_, i) => `same: Drama || Plot ${i}.`),
  )
  expect([end.state, await b.movie('same#20000')]).toEqual(['done', 20_000])
})

test('cleaning rules can be switched with the import and afterwards', async () => {
  const b = await Bench.open(['old: Drama'])
  const lines = [
    'a: Drama || The same plot.',
    'b: War || The  SAME plot.',
    'c: sci-fi || Another plot… See full summary »',
    'd: || Lonely plot.',
  ]
  await importing(b, lines, { clean: { 'exact-duplicate': false } })
  const report = async () =>
    Object.fromEntries((await b.call('clean.report', {})).steps.map((r) => [r.rule, `${r.on ? 'on' : 'off'} ${r.count}`]))
  const all = { 'exact-duplicate': 'off 1', missing: 'on 1', 'genre-alias': 'on 1', truncated: 'on 1', placeholder: 'on 0' }
  expect(await report()).toMatchObject(all)
  expect((await b.call('project.info', {})).kept).toBe(3)
  await b.job(() => b.call('clean.set', { switches: { 'exact-duplicate': true, truncated: false } }))
  expect(await report()).toMatchObject({ ...all, 'exact-duplicate': 'on 1', truncated: 'off 1' })
  const plot = async () => (await b.call('review.movie', { movie: await b.movie('c') })).plot
  expect([await plot(), (await b.call('project.info', {})).kept]).toEqual(['Another plot… See full summary »', 2])
  await b.job(() => b.call('clean.set', { switches: { truncated: true } }))
  expect(await plot()).toBe('Another plot')
  // the search covers the source's plots
  expect((await b.call('review.query', { where: 'summary' })).movies.length).toBe(1)
})

/** A project of many movies, half of them duplicates, while it is being cleaned. */
async function cleaningMany(): Promise<{ b: Bench; job: number; started: Promise<void>; end: Promise<string>; over: () => boolean }> {
  const lines = Array.from(
    { length: 20_000 },
    (_, i) => `m${i}: ${i % 2 ? 'Drama' : 'War'} || Plot ${i % 10_000} of many. See full summary »`,
  )
  const b = await Bench.open(lines)
  let ended = ''
  const end = new Promise<string>((resolve) => b.engine.on('job', (e) => e.state !== 'running' && resolve((ended = e.state))))
  const started = new Promise<void>((resolve) => b.engine.on('job', (e) => e.state === 'running' && e.progress > 0 && resolve()))
  const { job } = await b.call('clean.set', { switches: { 'exact-duplicate': false, truncated: false } })
  return { b, job, started, end, over: () => ended !== '' }
}

test('labels can be decided during a cleaning and are kept', async () => {
  const { b, end, over } = await cleaningMany()
  let decided = 0
  for (; !over(); decided++) {
    await b.decide(`m${decided}`, decided % 2 ? '-Drama' : '-War')
    await new Promise((resolve) => setImmediate(resolve))
  }
  expect([await end, decided > 3]).toEqual(['done', true])
  expect((await b.call('project.info', {})).kept).toBe(20_000)
  const { corrections } = await b.call('labels.state', {})
  expect(corrections).toBe(decided)
  await b.call('labels.undo', {})
  expect((await b.call('review.query', { where: 'summary' })).movies.length).toBe(20_000)
})

test('a cancelled cleaning changes nothing', async () => {
  const { b, job, started, end } = await cleaningMany()
  const before = await b.call('clean.report', {})
  await started
  await b.decide('m1', '+War')
  expect(await b.call('jobs.cancel', { job })).toMatchObject({ state: 'cancelled' })
  expect(await end).toBe('cancelled')
  expect(await b.call('clean.report', {})).toEqual(before)
  expect((await b.call('project.info', {})).kept).toBe(10_000)
  await b.restart()
  expect([(await b.call('project.info', {})).kept, await b.labels('m1')]).toEqual([10_000, 'Drama, War'])
})

test('a genre column that holds no genres is refused before it fills the memory', async () => {
  const b = await Bench.open(['old: Drama'])
  const lines = Array.from({ length: 3000 }, (_, i) => `m${i}: word${i}, other${i}`)
  const end = await importing(b, lines)
  expect(end.state).toBe('failed')
  expect(end.message).toMatch(/^The column "genres" holds more than 1,000 different genres/)
})

test('the sample project is made once and then opened', async () => {
  const b = await Bench.open(['old: Drama'])
  const made = await b.call('project.sample', {})
  expect(made).toMatchObject({ name: 'Sample project', sample: true, path: join(b.folder, 'projects/Sample project.reel') })
  expect(made.kept).toBeGreaterThan(350)
  await b.call('labels.bulk', { filter: {}, action: 'remove', genre: 'Drama', dryRun: false })
  expect((await b.call('project.sample', {})).kept).toBe(made.kept)
  expect((await b.call('labels.state', {})).corrections).toBeGreaterThan(50)
  await b.engine.close()
  b.engine = await start(b.folder, made.path, b.compute.spawn)
  expect((await b.call('project.list', {})).map((p) => p.name)).toEqual(['Sample project'])
  expect(integrity(made.path)).toBe('ok')
  expect(readdirSync(join(b.folder, 'projects')).filter((f) => f.includes('.tmp'))).toEqual([])
})

test('the command line, too, removes what a killed program left', async () => {
  const b = await Bench.open(['a: Drama'])
  const dead = spawnSync(process.execPath, ['-e', '']).pid
  const others = ['projects/half.reel', 'temporary/session'].map((name) =>
    temporaryName(join(b.folder, name), { ...thisProcess(), pid: dead }),
  )
  others.push(
    ...['last-project', 'settings.json', 'letter'].map((name) => temporaryName(join(b.folder, name), { ...thisProcess(), pid: dead })),
  )
  for (const path of others) writeFileSync(path, '')
  writeFileSync(others.at(-1)!, 'Dear Ann')
  const engine = await Engine.start({ dataDir: b.folder, open: b.path, spawn: b.compute.spawn, remembers: false })
  await engine.close()
  expect(others.map((path) => existsSync(path))).toEqual([false, false, false, false, true])
})

test('the sample, requested twice at once, is made once', async () => {
  const b = await Bench.open(['a: Drama'])
  const [one, other] = await Promise.all([b.engine.call('project.sample', {}), b.engine.call('project.sample', {})])
  expect(one.path).toBe(other.path)
  expect(one).toMatchObject({ sample: true, movies: 414 })
})

test.each<[string, (path: string) => void, RegExp]>([
  ['is damaged', (path) => writeFileSync(path, 'no project'), /^The sample project could not be opened: .* is not a Reelabel project/],
  ['is from a newer Reelabel', (path) => pragma(path, 'user_version = 99'), /was made by a newer Reelabel/],
  ['has lost a table', (path) => pragma(path, 'writable_schema = on', "delete from sqlite_schema where name = 'change'"), /is damaged/],
])('a sample project that %s does not keep the program from starting', async (_what, spoil, notice) => {
  const b = await Bench.open(['old: Drama'])
  const { path } = await b.call('project.sample', {})
  // an analyst's own project has the name that the next sample would take
  await importing(b, ['mine: Drama'], { name: 'Sample project 2' })
  await b.engine.close()
  spoil(path)
  const before = readFileSync(path)
  for (let i = 0; i < 2; i++) {
    rmSync(join(b.folder, 'last-project'))
    b.engine = await Engine.start({ dataDir: b.folder, spawn: b.compute.spawn })
    const info = await b.call('project.info', {})
    expect(info).toMatchObject({ path: join(b.folder, 'projects/Sample project 3.reel'), sample: true })
    expect(info.notices).toEqual([expect.stringMatching(notice), 'Sample project 3 was opened in its place.'])
    expect((await b.call('project.sample', {})).path).toBe(info.path)
    await b.engine.close()
  }
  expect(readFileSync(path).equals(before)).toBe(true)
})
test('a damaged last project does not keep the program from starting either', async () => {
  const b = await Bench.open(['old: Drama'])
  await b.engine.close()
  pragma(b.path, 'foreign_keys = off', 'drop table change')
  b.engine = await Engine.start({ dataDir: b.folder, spawn: b.compute.spawn })
  const info = await b.call('project.info', {})
  expect([info.sample, info.notices]).toEqual([
    true,
    [expect.stringMatching(/^The project that was open last could not be opened\. .* is damaged \(its/)],
  ])
})

test('a project that hung the program, or ended it, when it was opened is not opened by itself again', async () => {
  const b = await Bench.open(['old: Drama'])
  await b.engine.close()
  expect(readFileSync(join(b.folder, 'last-project'), 'utf8')).toBe(b.path)
  const dead = spawnSync(process.execPath, ['-e', '']).pid
  const opening = join(b.folder, 'opening-project')
  writeFileSync(opening, JSON.stringify({ path: b.path, ...thisProcess(), pid: dead }))
  b.engine = await Engine.start({ dataDir: b.folder, spawn: b.compute.spawn })
  const info = await b.call('project.info', {})
  expect([info.sample, info.notices]).toEqual([true, [expect.stringContaining(`while ${b.path} was being opened`)]])
  // the sample is being opened until it has answered for a while
  expect(JSON.parse(readFileSync(opening, 'utf8'))).toMatchObject({ path: info.path, pid: process.pid })
  await b.call('project.open', { path: b.path })
  await b.engine.close()
  expect(existsSync(opening)).toBe(false)
  b.engine = await Engine.start({ dataDir: b.folder, spawn: b.compute.spawn })
  expect((await b.call('project.info', {})).path).toBe(b.path)
})

function pragma(path: string, pragma: string, sql = ''): void {
  const db = new Database(path)
  db.unsafeMode()
  db.pragma(pragma)
  db.exec(sql)
  db.pragma('wal_checkpoint(truncate)')
  db.close()
}
