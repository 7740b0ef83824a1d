import { parse } from 'csv-parse/sync'
import { asyncBufferFromFile, parquetReadObjects } from 'hyparquet'
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { resultOf } from '../../src/contract/events.ts'
import { RULE_SET_FILE } from '../../src/contract/cleaning.ts'
import { Bench, FakeCompute, start, finished, scratch, tinyProject } from '../support/project.ts'
import { zipEntries } from '../../src/main/data/import/files/zip.ts'
import { generateProject } from '../support/generate.ts'
import { tamper } from '../support/tamper.ts'

type Row = Readonly<Record<string, string>>
const csv = (folder: string, name: string): Row[] => parse<Row>(readFileSync(join(folder, name)), { columns: true, bom: true })
const json = (folder: string, name: string): unknown => JSON.parse(readFileSync(join(folder, name), 'utf8'))
const list = (cell: string | undefined): string[] => JSON.parse(cell ?? '[]') as string[]

/** Effective labels by the README's three steps, from the CSV files alone. */
function rebuilt(folder: string): Map<string, string[]> {
  const genres = csv(folder, 'genres.csv')
  const nameOf = new Map(genres.map((g) => [g['genre'], g['name']!]))
  const becomes = new Map(genres.map((g) => [g['genre'], (JSON.parse(g['becomes']!) as number[]).map((id) => nameOf.get(String(id))!)]))
  const idOf = new Map(genres.map((g) => [g['name'], g['genre']!]))
  const movies = csv(folder, 'movies.csv').filter((m) => m['kept'] === 'true')
  const carried = new Set(movies.flatMap((m) => list(m['cleaned_genres'])))
  /** Movie -> genre -> the spellings that give it. */
  const said = new Map<string, Map<string, Set<string>>>()
  for (const m of movies) {
    const of = new Map(list(m['cleaned_genres']).map((name) => [name, new Set<string>()]))
    for (const spelt of list(m['source_genres'])) for (const name of becomes.get(idOf.get(spelt)) ?? []) of.get(name)?.add(idOf.get(spelt)!)
    for (const [name, ids] of of) if (ids.size === 0) ids.add(idOf.get(name)!)
    said.set(m['movie']!, of)
  }
  for (const c of csv(folder, 'changes.csv')) {
    const of = said.get(c['movie']!)
    const [name, ...more] = becomes.get(c['genre']) ?? []
    if (!of || c['field'] !== 'label' || name === undefined || more.length > 0 || !carried.has(name)) continue
    const ids = of.get(name) ?? new Set()
    if (c['to'] === '1') ids.add(c['genre']!)
    else ids.delete(c['genre']!)
    of.set(name, ids)
  }
  const labels = (of: Map<string, Set<string>>): string[] => [...of].filter(([, ids]) => ids.size > 0).map(([name]) => name)
  return new Map([...said].map(([movie, of]) => [movie, labels(of).sort()]))
}
const labelsOf = (folder: string): Map<string, string[]> =>
  new Map(csv(folder, 'labels.csv').map((r) => [r['movie']!, list(r['labels']).sort()]))

test('everything is exported as CSV and JSON, and the effective labels can be derived from the CSV files alone', async () => {
  const b = await Bench.open([
    'a: Drama, Sci-Fi',
    'b: Science Fiction',
    'c: War||',
    'd: Drama||"Quoted", with\nlines',
    'e: Drama',
    'f: War',
    'g: Drama, War',
    'h: Comedy',
  ])
  await b.decide('a', '-Science Fiction')
  await b.decide('b', '+Drama', 'note =1+1 "odd"')
  await b.decide('d', 'impossible Drama', 'reviewed')
  await b.decide('e', 'skipped', 'flagged')
  await b.decide('e', '+War', '-Drama')
  await b.call('labels.undo', {})
  await b.decide('f', '+Comedy')
  await b.train()
  const out = join(b.folder, 'all')
  const end = await b.job(() => b.call('export.everything', { path: out }))
  expect(end).toMatchObject({ kind: 'everything', state: 'done' })
  const { files } = resultOf('everything', end)
  expect(files.map((f) => f.name)).toEqual(readdirSync(out).sort())
  expect(rebuilt(out)).toEqual(labelsOf(out))
  expect(csv(out, 'labels.csv').find((r) => r['key'] === 'a')).toMatchObject({
    labels: '["Drama"]',
    source_labels: '["Drama","Science Fiction"]',
  })
  expect(csv(out, 'labels.csv').map((r) => `${r['key']} ${r['reviewed']} ${r['skipped']} ${r['flagged']}`)).toContain('e false true true')
  for (const r of csv(out, 'labels.csv')) expect(list(r['labels']).join(', ')).toBe(await b.labels(r['key']!))
  expect(csv(out, 'movies.csv')).toHaveLength(8)
  expect(csv(out, 'movies.csv').find((m) => m['key'] === 'd')!['plot']).toBe('"Quoted", with\nlines')
  expect(csv(out, 'movies.csv').find((m) => m['key'] === 'c')).toMatchObject({ kept: 'false', cleaned_genres: '["War"]' })
  const history = await b.call('labels.history', { limit: 1000 })
  expect(csv(out, 'changes.csv').map((c) => [c['key'], c['field'], c['to'], c['undoes']])).toEqual(
    history.map((h) => [h.key, h.field, h.to, h.undoes === null ? '' : String(h.undoes)]).reverse(),
  )
  const predicted = csv(out, 'predictions-run-1.csv')
  const row = await b.call('review.movie', { movie: Number(predicted[0]!['movie']) })
  for (const cell of row.allCells) expect(Number(predicted[0]![`p ${cell.name}`])).toBeCloseTo(cell.probability!, 6)
  expect(readFileSync(join(out, 'source-1-tiny.csv')).equals(readFileSync(join(b.folder, 'tiny.csv')))).toBe(true)
  expect(RULE_SET_FILE.safeParse(json(out, 'cleaning-rule-set.json')).success).toBe(true)
  expect(json(out, 'runs.json')).toMatchObject([{ id: 1, status: 'done', config: { family: 'linear', folds: 2 } }])
})

test('each column of each file is described, and the README names every file', async () => {
  const b = await Bench.open(['a: Drama', 'b: War'])
  const out = join(b.folder, 'all')
  await b.job(() => b.call('export.everything', { path: out }))
  const schema = json(out, 'schema.json') as { files: Record<string, { columns?: Record<string, { type: string; description: string }> }> }
  for (const name of readdirSync(out).filter((f) => f.endsWith('.csv') && !f.startsWith('source-'))) {
    const header = readFileSync(join(out, name), 'utf8').split('\r\n', 1)[0]!.split(',')
    expect([name, Object.keys(schema.files[name]!.columns!)]).toEqual([name, header])
  }
  const readme = readFileSync(join(out, 'README.txt'), 'utf8')
  for (const name of readdirSync(out).filter((f) => !['README.txt'].includes(f))) expect(readme).toContain(name)
})

test('a folder that is not empty is left alone; a browser page fetches one zip', async () => {
  const b = await Bench.open(['a: Drama', 'b: War'])
  const out = join(b.folder, 'full')
  await b.job(() => b.call('export.everything', { path: out }))
  writeFileSync(join(out, 'mine.txt'), 'mine')
  expect(await b.job(() => b.call('export.everything', { path: out }))).toMatchObject({ state: 'failed', code: 'folder-not-empty' })
  expect(existsSync(join(out, 'mine.txt'))).toBe(true)
  const end = await b.job(() => b.call('export.everything', { path: null }))
  // a caller that missed the events finds the result in the list
  expect((await b.call('jobs.list', {})).find((j) => j.job === end.job)).toEqual(end)
  const { files } = resultOf('everything', end)
  expect(files.map(({ name }) => name)).toEqual(['everything.zip'])
  const archive = join(b.folder, 'fetched.zip')
  writeFileSync(archive, (await b.call('files.get', { file: files[0]!.file!, offset: 0 })).bytes)
  const written = readdirSync(out).filter((name) => name !== 'mine.txt')
  expect((await zipEntries(archive, 'fetched.zip')).map(({ name }) => name)).toEqual(written.sort())
})

test('a file that a project names is copied only if it is the one that was imported', async () => {
  const folder = scratch()
  const path = await tinyProject(folder, ['a: Drama', 'b: War'])
  const [original, secret] = [join(folder, 'tiny.csv'), join(folder, 'secret')]
  const bytes = readFileSync(original)
  writeFileSync(secret, 'S'.repeat(bytes.length))
  /** The exported source of the project as it is now. */
  const source = async (): Promise<Buffer> => {
    const engine = await start(folder, path, new FakeCompute().spawn)
    const out = join(folder, crypto.randomUUID())
    expect(await finished(engine, () => engine.call('export.everything', { path: out }))).toMatchObject({ state: 'done' })
    await engine.close()
    return readFileSync(
      join(
        out,
        readdirSync(out).find((name) => name.startsWith('source-1'))!,
      ),
    )
  }
  // as if it had been packed, so that it cannot be written from its records byte for byte
  tamper(path, "update source_file set packing = 'gzip', bom = 1")
  expect((await source()).equals(bytes)).toBe(true)
  writeFileSync(original, Buffer.from(bytes).fill('x', 40, 41))
  expect((await source()).toString()).toBe(`\ufeff${bytes.toString()}`)
  tamper(path, `update source_file set path = '${secret}'`)
  expect((await source()).toString()).toBe(`\ufeff${bytes.toString()}`)
  tamper(path, 'update source_file set sha256 = null')
  expect((await source()).toString()).toBe(`\ufeff${bytes.toString()}`)
})

test('a generated catalogue with hundreds of decisions is exported as the engine has it', async () => {
  const folder = scratch()
  const path = join(folder, 'big.reel')
  await generateProject(path, 500)
  const engine = await start(folder, path, new FakeCompute().spawn)
  const { genres } = await engine.call('project.info', {})
  const { movies } = await engine.call('review.query', {})
  for (let i = 0; i < 150; i++)
    await engine.call('labels.apply', {
      changes: [{ field: 'label', movie: movies[(i * 7) % movies.length]!, genre: genres[(i * 5) % genres.length]!.id, to: i % 3 > 0 }],
    })
  const out = join(folder, 'all')
  expect(await finished(engine, () => engine.call('export.everything', { path: out }))).toMatchObject({ state: 'done' })
  await engine.close()
  expect(rebuilt(out)).toEqual(labelsOf(out))
  expect(csv(out, 'changes.csv').length).toBeGreaterThan(150)
})

test('in Parquet, every table has the rows and values of its CSV form, and the original columns are a table', async () => {
  const b = await Bench.open([
    'a: Drama, Sci-Fi',
    'b: Science Fiction || "Quoted", with\nlines',
    'c: War',
    'd: Drama',
    'e: War',
    'f: Drama',
    'g: War',
    'h: Drama',
  ])
  await b.decide('a', '-Science Fiction')
  await b.decide('b', '+Drama', 'note odd', 'reviewed')
  await b.train()
  type Cell = string | number | bigint | boolean | null | undefined
  const [plain, packed] = ['plain', 'packed'].map((name) => join(b.folder, name)) as [string, string]
  await b.job(() => b.call('export.everything', { path: plain }))
  const end = await b.job(() => b.call('export.everything', { path: packed, format: 'parquet' }))
  expect(end).toMatchObject({ state: 'done' })
  const { files } = resultOf('everything', end)
  const tables = readdirSync(plain).filter((name) => name.endsWith('.csv') && !name.startsWith('source-'))
  expect(tables).toContain('predictions-run-1.csv')
  const schema = json(packed, 'schema.json') as { files: Record<string, { columns: Record<string, { type: string }> }> }
  const read = async (name: string) =>
    (await parquetReadObjects({ file: await asyncBufferFromFile(join(packed, name)) })) as Readonly<Record<string, Cell>>[]
  const cell = (value: Cell): string => (value === null || value === undefined ? '' : String(value))
  for (const name of tables) {
    const parquet = name.replace('.csv', '.parquet')
    const rows = await read(parquet)
    expect([name, rows.map((row) => Object.values(row).map(cell))]).toEqual([name, csv(plain, name).map((row) => Object.values(row))])
    expect(files.find((f) => f.name === parquet)?.rows).toBe(rows.length)
    const { columns } = schema.files[parquet]!
    for (const [column, { type }] of Object.entries(columns)) {
      const value = rows[0]?.[column]
      const wanted = { string: 'string', json: 'string', integer: 'bigint', number: 'number', boolean: 'boolean' }[type]
      if (value !== null && value !== undefined) expect([name, column, typeof value]).toEqual([name, column, wanted])
    }
  }
  const [first] = await read('original-columns.parquet')
  const [source] = csv(b.folder, 'tiny.csv')
  expect(Object.entries(source!).map(([name, value]) => [name, first?.[`original ${name}`] === value])).toEqual(Object.keys(source!).map((name) => [name, true])) // prettier-ignore
})
