import { parse } from 'csv-parse/sync'
import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { expect, test, vi } from 'vitest'
import type { ArgsIn } from '../../src/contract/api.ts'
import { UserError } from '../../src/contract/errors.ts'
import { writeNew } from '../../src/main/files/atomic.ts'
import { forkProcess } from '../../src/main/processes/work-process.ts'
import { Bench, codeOf, finished, hangs, start } from '../support/project.ts'

vi.mock('../../src/main/files/atomic.ts', { spy: true })

type Options = ArgsIn<'export.run'>['options']
const LINES = [
  'a: Drama | train',
  'b: Sci-Fi, War | train',
  'c: "Drama", Comedy | train',
  'd: | train',
  'e: War, War | train',
  'f: Comedy | test | =1+1 is "two", no?',
]

async function exported(b: Bench, what: 'catalogue' | 'changes' | 'predictions', options: Options = {}): Promise<string> {
  const path = join(b.folder, 'out.csv')
  await b.export({ what, path, options })
  return readFileSync(path, 'utf8')
}
const table = (csv: string): Record<string, string>[] => parse<Record<string, string>>(csv, { columns: true })
const sourcePath = (b: Bench): string => join(b.folder, 'tiny.csv')
const source = (b: Bench): string => readFileSync(sourcePath(b), 'utf8')

test('without corrections every byte is exported unchanged, whatever was decided and undone', async () => {
  const b = await Bench.open(LINES)
  expect(await exported(b, 'catalogue')).toBe(source(b))
  await b.decide('a', '+War', '-Drama', 'note x')
  await b.decide('b', 'impossible War')
  await b.call('labels.undo', {})
  await b.call('labels.undo', {})
  await b.decide('b', 'keep War', 'reviewed')
  expect(await exported(b, 'catalogue')).toBe(source(b))
})

test('corrections change the genre cells of their movies and nothing else', async () => {
  const b = await Bench.open(LINES)
  await b.decide('a', '+War')
  await b.decide('b', '-Science Fiction', '+Drama')
  await b.decide('f', '-Comedy', '+Drama')
  const report = await b.export({ what: 'catalogue', path: join(b.folder, 'x.csv') })
  expect(report).toMatchObject({ records: 6, changedRecords: 3, neutralised: 0 })
  const [before, after] = [source(b), await exported(b, 'catalogue')].map((t) => t.split('\n'))
  const changed = before!.flatMap((line, i) => (line === after![i] ? [] : [i]))
  expect(changed).toEqual([1, 2, 6])
  const rows = table(after!.join('\n'))
  const genres: unknown = Object.fromEntries(rows.map((r) => [r['id'], r['genres']]))
  expect(genres).toEqual({ a: 'Drama, War', b: 'War, Drama', c: '"Drama", Comedy', d: '', e: 'War, War', f: 'Drama' })
  expect(rows.map((r) => ({ ...r, genres: '' }))).toEqual(table(source(b)).map((r) => ({ ...r, genres: '' })))
})

test('an exported catalogue is imported again with its corrections', async () => {
  const b = await Bench.open(LINES)
  await b.decide('a', '+War', '-Drama')
  await b.decide('e', '+Comedy')
  writeFileSync(join(b.folder, 'again.csv'), await exported(b, 'catalogue'))
  const before = await Promise.all(['a', 'b', 'e', 'f'].map((k) => b.labels(k)))
  expect((await b.job(() => b.call('import.run', { paths: [join(b.folder, 'again.csv')], name: 'again', accept: true }))).state).toBe(
    'done',
  )
  expect(await Promise.all(['a', 'b', 'e', 'f'].map((k) => b.labels(k)))).toEqual(before)
})

test('genres with names in the project are exported as the ids of the file', async () => {
  const b = await Bench.open(['old: Drama'])
  const csv = join(b.folder, 'tmdb.csv')
  const plot = 'A young woman leaves her village to find the man who once saved her life.'
  const lines = [
    'id,title,overview,genre_ids',
    ...[[28, 12], [35], [28], [99]].map((ids, i) => `${i},T${i},${plot} ${i},"[${ids.join(', ')}]"`),
    '',
  ]
  writeFileSync(csv, lines.join('\n'))
  const genreNames = join(b.folder, 'names.json')
  writeFileSync(genreNames, '{"genres":[{"id":28,"name":"Action"},{"id":12,"name":"Adventure"},{"id":35,"name":"Comedy"}]}')
  expect(await b.job(() => b.call('import.run', { paths: [csv], name: 'tmdb', genreNames }))).toMatchObject({ state: 'done' })
  expect((await b.call('project.info', {})).genres.map(({ name }) => name).sort()).toEqual(['99', 'Action', 'Adventure', 'Comedy'])
  await b.decide('0', '-Adventure', '+Comedy')
  expect(await exported(b, 'catalogue')).toBe(lines.join('\n').replace('[28, 12]', '[28, 35]'))
})

test('extra columns come after the original ones', async () => {
  const b = await Bench.open(LINES)
  await b.train()
  await b.decide('a', '+War', 'impossible Drama')
  const csv = await exported(b, 'catalogue', { columns: ['previous', 'verdict', 'probability', 'who', 'when'] })
  const [header] = csv.split('\n')
  expect(header).toBe(`${source(b).split('\n')[0]!},previous,verdict,probability,who,when`)
  const rows = Object.fromEntries(table(csv).map((r) => [r['id']!, r]))
  expect(rows['a']).toMatchObject({ genres: 'Drama, War', previous: 'Drama', verdict: 'impossible; impossible: Drama; keep: War' })
  expect(rows['a']!['probability']).toMatch(/^Drama 0\.\d{3}; War 0\.\d{3}$/)
  expect([rows['a']!['who'] !== '', Date.parse(rows['a']!['when']!) > 0]).toEqual([true, true])
  expect(rows['f']).toMatchObject({ previous: 'Comedy', verdict: 'good', who: '', when: '' })
  // removed by cleaning: there is no prediction
  expect(rows['d']).toMatchObject({ previous: '', probability: '' })
})

test('the columns who and when describe decisions in force, not undone ones', async () => {
  const b = await Bench.open(LINES)
  await b.decide('a', '+War')
  await b.call('labels.undo', {})
  const rows = table(await exported(b, 'catalogue', { columns: ['who', 'when'] }))
  expect(rows.map((r) => `${r['who']!}${r['when']!}`).join('')).toBe('')
})

test('an export never replaces the file that was imported', async () => {
  const b = await Bench.open(LINES)
  const before = source(b)
  expect(await codeOf(() => b.export({ what: 'catalogue', path: sourcePath(b), options: {} }))).toBe('is-a-source')
  expect(source(b)).toBe(before)
})

test('with aliases switched off, two names of one genre are two genres', async () => {
  const b = await Bench.open(['a: Sci-Fi, Science Fiction', 'b: Sci-Fi', 'c: Science Fiction'])
  await b.job(() => b.call('clean.set', { switches: { 'genre-alias': false } }))
  await b.decide('a', '-Sci-Fi')
  await b.decide('b', '+Science Fiction')
  const genres = table(await exported(b, 'catalogue')).map((r) => r['genres'])
  expect(genres).toEqual(['Science Fiction', 'Sci-Fi, Science Fiction', 'Science Fiction'])
})

test('formulas are neutralised on request, and counted', async () => {
  const b = await Bench.open(LINES)
  const path = join(b.folder, 'x.csv')
  const report = await b.export({ what: 'catalogue', path, options: { neutraliseFormulas: true } })
  expect(report.neutralised).toBe(1)
  expect(table(readFileSync(path, 'utf8')).at(-1)!['plot']).toBe('\'=1+1 is "two", no?')
})

test('the change log parses back as the history', async () => {
  const b = await Bench.open(LINES)
  await b.decide('a', '+War', 'note a "quoted", long\nnote')
  await b.call('labels.undo', {})
  await b.call('labels.redo', {})
  const rows = table(await exported(b, 'changes'))
  const history = [...(await b.call('labels.history', { limit: 1000 }))].reverse()
  expect(rows.map((r) => [r['batch'], r['id'], r['genre'], r['field'], r['from'], r['to'], r['undoes']])).toEqual(
    history.map((h) => [String(h.batch), h.key, h.genre ?? '', h.field, h.from, h.to, h.undoes === null ? '' : String(h.undoes)]),
  )
  expect([rows.length, rows[0]!['from'], rows[2]!['to']]).toEqual([9, '0', 'a "quoted", long\nnote'])
})

test('predictions parse back as the review shows them', async () => {
  const b = await Bench.open(LINES)
  expect(await codeOf(() => exported(b, 'predictions'))).toBe('no-run')
  await b.train()
  await b.decide('a', '+War')
  const rows = table(await exported(b, 'predictions'))
  expect(rows.map((r) => r['id'])).toEqual(['a', 'b', 'c', 'e', 'f'])
  for (const row of rows) {
    const d = await b.call('review.movie', { movie: await b.movie(row['id']!) })
    expect(row).toMatchObject({ title: d.title, split: d.split, labels: d.labels.join(', '), predicted: d.predicted.join(', ') })
    for (const c of d.allCells) expect(Number(row[`p ${c.name}`])).toBeCloseTo(c.probability!, 5)
    expect(Number(row['quality'])).toBeCloseTo(d.score!, 5)
  }
  expect(rows[0]).toMatchObject({ source_labels: 'Drama', labels: 'Drama, War' })
})

/** Holds the next export when it has read the project and is about to write its first file. */
async function held(): Promise<{ readonly reading: Promise<unknown>; readonly go: () => void }> {
  const { writeNew: original } = await vi.importActual<{ writeNew: typeof writeNew }>('../../src/main/files/atomic.ts')
  const begun = Promise.withResolvers<undefined>()
  const released = Promise.withResolvers<undefined>()
  vi.mocked(writeNew).mockImplementationOnce(async (...args) => {
    begun.resolve(undefined)
    await released.promise
    return original(...args)
  })
  return { reading: begun.promise, go: () => released.resolve(undefined) }
}

test.each(['catalogue', 'predictions', 'changes'] as const)(
  'what is decided while the %s is written does not get into it',
  async (what) => {
    const b = await Bench.open(LINES)
    await b.train()
    await b.decide('c', '-Comedy')
    const options: Options = what === 'catalogue' ? { columns: ['verdict', 'probability', 'who'] } : {}
    const before = await exported(b, what, options)
    const { reading, go } = await held()
    const asked = exported(b, what, options)
    await reading
    for (const key of ['a', 'b', 'e', 'f']) await b.decide(key, '+War', 'keep Drama', 'reviewed')
    go()
    expect(await asked).toBe(before)
    expect(await exported(b, what, options)).not.toBe(before)
  },
)

test('an export runs beside a training, and leaves labels alone', async () => {
  const b = await Bench.open(LINES)
  b.compute.script = hangs
  const { job } = await b.call('train.start', { config: { folds: 2 } })
  await b.decide('a', '+War')
  expect(table(await exported(b, 'catalogue'))[0]).toMatchObject({ genres: 'Drama, War' })
  expect(await codeOf(() => b.call('clean.set', {}))).toBe('busy')
  expect(await b.call('jobs.cancel', { job })).toMatchObject({ state: 'cancelled' })
})

test.each(['cancelled', 'closed'] as const)('an export that is %s leaves nothing behind', async (how) => {
  const b = await Bench.open(LINES)
  await b.decide('a', '+War')
  const { reading, go } = await held()
  const path = join(b.folder, 'big.csv')
  writeFileSync(path, 'mine')
  const writing = codeOf(() => b.export({ what: 'catalogue', path }))
  await reading
  const job = (await b.call('jobs.list', {})).find((j) => j.kind === 'export')!.job
  const stopping = how === 'cancelled' ? b.call('jobs.cancel', { job }) : b.restart()
  go()
  expect(await writing).toBe('cancelled')
  await stopping
  expect(readdirSync(b.folder).filter((f) => f.includes('big.csv'))).toEqual(['big.csv'])
  expect(readFileSync(path, 'utf8')).toBe('mine')
  expect(await b.labels('a')).toBe('Drama, War')
})

test('a process of its own writes the export, with progress', { timeout: 30_000 }, async () => {
  const b = await Bench.open(LINES)
  await b.engine.close()
  b.engine = await start(b.folder, b.path, (kind) => (kind === 'job' ? forkProcess(kind) : b.compute.spawn(kind)))
  const phases: string[] = []
  b.engine.on('job', ({ kind, phase }) => kind === 'export' && phases.push(phase))
  const path = join(b.folder, 'x.csv')
  const end = await finished(b.engine, () => b.call('export.run', { what: 'catalogue', path }))
  expect(end).toMatchObject({ state: 'done', message: '6 records in 1 file.', result: { records: 6, files: [{ path, file: null }] } })
  expect(phases).toContain('writing')
  expect(readFileSync(path, 'utf8')).toBe(source(b))
})

test('an export never overwrites the project', async () => {
  const b = await Bench.open(LINES)
  await b.decide('a', '+War')
  for (const path of [b.path, `${b.path}-wal`, join(b.folder, 'sub', '..', 'tiny.reel')])
    expect(await codeOf(() => b.export({ what: 'changes', path }))).toBe('is-a-project')
  expect(await codeOf(() => b.export({ what: 'changes', path: join(b.folder, 'another.REEL') }))).toBe('is-a-project')
  await b.restart()
  expect(await b.labels('a')).toBe('Drama, War')
})

test.each([
  ['folder-not-found', 'none/out.csv'],
  ['is-a-folder', '.'],
  ['name-too-long', `${'x'.repeat(300)}.csv`],
])('a place that cannot be written to is refused as %s', async (code, name) => {
  const b = await Bench.open(LINES)
  expect(await codeOf(() => b.export({ what: 'catalogue', path: join(b.folder, name) }))).toBe(code)
})

/** Imports files into a bench and returns their paths. */
async function importFiles(b: Bench, files: Readonly<Record<string, string>>): Promise<string[]> {
  const paths = Object.entries(files).map(([name, text]) => {
    const path = join(b.folder, 'in', name)
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(path, text)
    return path
  })
  const mapping = { id: 'id', title: 'title', plot: 'plot', genres: 'genres' }
  expect((await b.job(() => b.call('import.run', { paths, name: 'several', mapping }))).state).toBe('done')
  return paths
}
const oneMovie = (id: string): string => `id,title,plot,genres\n${id},Movie ${id},The plot of ${id} is long enough.,Drama\n`

test('several files are written into a new folder, equal names with numbers', async () => {
  const b = await Bench.open(LINES)
  const names = ['one/movies.csv', 'two/movies.csv', 'three/2-movies.csv', 'four/MOVIES.csv']
  const files = await importFiles(b, Object.fromEntries(names.map((name) => [name, oneMovie(name.split('/')[0]!)])))
  const report = await b.export({ what: 'catalogue', path: join(b.folder, 'cleaned.csv') })
  const expected = ['movies.csv', '3-movies.csv', '2-movies.csv', '4-MOVIES.csv']
  expect(report.files.map((f) => f.path)).toEqual(expected.map((name) => join(b.folder, 'cleaned', name)))
  expect(report.files.map((f) => readFileSync(f.path, 'utf8'))).toEqual(files.map((f) => readFileSync(f, 'utf8')))
  expect(existsSync(join(b.folder, 'cleaned.csv'))).toBe(false)
  const fetched = await b.export({ what: 'catalogue', path: null })
  expect(fetched.files.map((f) => f.name)).toEqual(expected.map((name) => `cleaned-${name}`))
})

test('several files overwrite nothing', async () => {
  const b = await Bench.open(LINES)
  await importFiles(b, { 'a.csv': oneMovie('a'), 'b.csv': oneMovie('b') })
  const folder = join(b.folder, 'cleaned')
  mkdirSync(folder)
  writeFileSync(join(folder, 'b.csv'), 'mine')
  const run = () => b.export({ what: 'catalogue', path: `${folder}.csv` })
  expect(await codeOf(run)).toBe('folder-not-empty')
  expect([readdirSync(folder), readFileSync(join(folder, 'b.csv'), 'utf8')]).toEqual([['b.csv'], 'mine'])
  rmSync(folder, { recursive: true })
  expect((await run()).files.map((f) => f.path)).toEqual(['a.csv', 'b.csv'].map((name) => join(folder, name)))
})

test('a genre of a movie without any genre row gets a row, and is imported again', async () => {
  const b = await Bench.open(LINES)
  const put = (folder: string, name: string, text: string): string => {
    mkdirSync(join(b.folder, folder), { recursive: true })
    writeFileSync(join(b.folder, folder, name), text)
    return join(b.folder, folder, name)
  }
  const movies = 'id,name,description\n1,Dune,Sand and spice for ever.\n"2,x",Up,A house that flies away.\n3,Alien,Nobody hears you.\n'
  const paths = [
    put('in', 'movies.csv', movies),
    put('in', 'genres.csv', 'Id,genre\r\n1,Drama\r\n1,War'),
    put('in', 'themes.csv', 'id,theme\n3,space\n'),
  ]
  const come = (files: readonly string[]) =>
    b.job(() =>
      b.call('import.run', { paths: [...files], name: 'three', format: 'letterboxd-three', accept: true, clean: { missing: false } }),
    )
  expect((await come(paths)).state).toBe('done')
  await b.decide('2,x', '+War', '+Drama')
  await b.decide('1', '-War')
  const report = await b.export({ what: 'catalogue', path: null })
  const [, genres] = report.files.map((f) => readFileSync(f.path, 'utf8'))
  expect(genres).toBe('Id,genre\r\n1,Drama\r\n"2,x",Drama\r\n"2,x",War\r\n')
  expect(report).toMatchObject({ records: 6, changedRecords: 2 })
  const again = report.files.map((f) => put('again', f.name.replace('cleaned-', ''), readFileSync(f.path, 'utf8')))
  expect((await come(again)).state).toBe('done')
  expect(await Promise.all(['1', '2,x', '3'].map((k) => b.labels(k)))).toEqual(['Drama', 'Drama, War', ''])
})

test('an export takes the place of no pipe, device or side file of a database', async () => {
  const b = await Bench.open(LINES)
  const pipe = join(b.folder, 'pipe')
  const places: Record<string, string> = {
    [join(b.folder, 'tiny.reel-journal')]: 'is-a-project',
    [join(b.folder, 'other.db-wal')]: 'is-a-project',
  }
  writeFileSync(join(b.folder, 'other.db'), 'a database')
  if (process.platform !== 'win32') {
    execFileSync('mkfifo', [pipe])
    symlinkSync('/dev/null', join(b.folder, 'null'))
    Object.assign(places, { [pipe]: 'not-a-file', '/dev/null': 'not-a-file', [join(b.folder, 'null')]: 'not-a-file' })
  }
  const before = readdirSync(b.folder)
  for (const [path, code] of Object.entries(places)) {
    const refused = await codeOf(async () => {
      const end = await b.job(() => b.call('export.run', { what: 'changes', path }))
      throw new UserError(end.code ?? 'none', end.message)
    })
    expect([path, refused]).toEqual([path, code])
  }
  expect(readdirSync(b.folder)).toEqual(before)
})
