import { parquetReadObjects } from 'hyparquet'
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import type { ArgsIn } from '../../src/contract/api.ts'
import { EXPORT_FORMATS, type ExportFormat } from '../../src/contract/exporting.ts'
import { readSheets } from '../../src/main/data/import/files/xlsx.ts'
import { zipBytes, zipEntries } from '../../src/main/data/import/files/zip.ts'
import { Bench } from '../support/project.ts'

type Options = NonNullable<ArgsIn<'export.run'>['options']>
const LINES = [
  'a: Drama | train',
  'b: Sci-Fi, War | train',
  'c: Comedy, Drama | train',
  'd: Comedy | train | =1+1 is "two", no?',
  'e: War | train',
  'f: Comedy | test | Zwölf Boxkämpfer, 東京',
]

/** A corrected catalogue: a is a War film too, b no Drama, f nothing. */
async function bench(lines: readonly string[] = LINES): Promise<Bench> {
  const b = await Bench.open(lines)
  await b.decide('a', '+War', 'note look again', 'reviewed')
  await b.decide('b', '-War')
  return b
}
async function written(b: Bench, format: ExportFormat, options: Options = {}): Promise<string> {
  const path = join(b.folder, `out.${EXPORT_FORMATS[format]}`)
  await b.export({ what: 'catalogue', path, options: { ...options, format } })
  return path
}
const rows = async (path: string): Promise<Record<string, unknown>[]> => {
  const bytes = readFileSync(path)
  const file = { byteLength: bytes.length, slice: (from: number, to?: number) => new Uint8Array(bytes.subarray(from, to)).buffer }
  return parquetReadObjects({ file })
}

describe('a format that is exported and imported again has the same genres', () => {
  test.each(['as-imported', 'csv', 'jsonl', 'parquet', 'xlsx', 'label-studio'] as const)('%s', async (format) => {
    const b = await bench()
    const path = await written(b, format)
    const keys = ['a', 'b', 'c', 'd', 'e', 'f']
    const state = async () => Promise.all(keys.map(async (key) => [key, await b.labels(key), (await b.call('review.movie', { movie: await b.movie(key) })).plot])) // prettier-ignore
    const before = await state()
    expect(before[0]).toEqual(['a', 'Drama, War', 'The plot of a is told here at some length.'])
    expect(await b.job(() => b.call('import.run', { paths: [path], name: 'again', accept: true }))).toMatchObject({ state: 'done' })
    expect((await b.call('project.info', {})).name).toBe('again')
    expect(await state()).toEqual(before)
  })
})

test('Parquet has types: lists of genres, yes or no, numbers, and nothing where there is nothing', async () => {
  const b = await bench()
  const path = await written(b, 'parquet', { fields: ['id', 'genres'], columns: ['reviewed', 'note', 'previous', 'split'] })
  expect((await rows(path)).slice(0, 2)).toEqual([
    { id: 'a', genres: ['Drama', 'War'], reviewed: true, note: 'look again', previous: ['Drama'], split: expect.any(String) as string },
    { id: 'b', genres: ['Science Fiction'], reviewed: false, note: '', previous: ['Sci-Fi', 'War'], split: expect.any(String) as string },
  ])
})

test('a filter selects movies in every format, and a CSV as imported keeps the bytes of their records', async () => {
  const b = await bench()
  const source = readFileSync(join(b.folder, 'tiny.csv'), 'utf8').split('\n')
  const where = 'changed:no'
  expect(readFileSync(await written(b, 'as-imported', { where }), 'utf8').split('\n')).toEqual([source[0], ...source.slice(3)])
  expect((await rows(await written(b, 'parquet', { where: 'reviewed:yes', fields: ['id'] }))).map((row) => row['id'])).toEqual(['a'])
  await expect(written(b, 'csv', { where: 'genre:(' })).rejects.toMatchObject({ code: 'bad-filter' })
})

test('the plan counts movies, and names the columns that the project has', async () => {
  const b = await bench()
  const plan = await b.call('export.plan', { options: { where: 'changed:yes' } })
  expect(plan).toMatchObject({ movies: 2, removed: 0, counts: { reviewed: 1, changed: 2 }, original: ['split'], problem: null })
  expect(plan.columns).toContain('note')
  expect(plan.columns).not.toContain('predicted')
  await b.train()
  expect((await b.call('export.plan', {})).columns).toEqual(expect.arrayContaining(['predicted', 'probabilities']))
})

test('a cell that Excel would cut is refused, and nothing is written', async () => {
  const b = await bench(['a: Drama', `b: War | | ${'long '.repeat(8000)}`])
  await expect(written(b, 'xlsx')).rejects.toMatchObject({ code: 'too-large-for-excel', message: expect.stringMatching(/plot of movie b has .* 32,767/) as string }) // prettier-ignore
  expect(existsSync(join(b.folder, 'out.xlsx'))).toBe(false)
})

test('formulas are escaped on request; a workbook has the same texts', async () => {
  const b = await bench()
  const cell = async (options: Options) => (await readSheets(await written(b, 'xlsx', options), 'x'))[0]!.rows[4]![2]
  expect(await cell({})).toBe('=1+1 is "two", no?')
  writeFileSync(join(b.folder, 'out.xlsx'), '')
  expect(await cell({ neutraliseFormulas: true })).toBe('\'=1+1 is "two", no?')
})

test('Label Studio has predictions beside annotations, CoNLL-U the words of each plot', async () => {
  const b = await bench()
  await b.train()
  const [task] = JSON.parse(readFileSync(await written(b, 'label-studio'), 'utf8')) as Record<string, never>[]
  const choice = { from_name: 'genres', to_name: 'plot', type: 'choices', value: { choices: ['Drama', 'War'] } }
  expect(task).toMatchObject({
    data: { id: 'a', title: 'Title a', plot: 'The plot of a is told here at some length.' },
    annotations: [{ result: [choice] }],
    predictions: [{ model_version: 'run 1', score: expect.any(Number) as number }],
  })
  const text = readFileSync(await written(b, 'conllu', { columns: ['note'] }), 'utf8')
  const tail = '\t_'.repeat(8)
  expect(text.split('\n').slice(0, 7)).toEqual([
    '# newdoc id = a',
    '# title = Title a',
    '# genres = Drama|War',
    '# note = look again',
    '# sent_id = a-1',
    `1\tThe${tail}`,
    `2\tplot${tail}`,
  ])
  expect(text.split('\n\n').filter((part) => part !== '')).toHaveLength(6)
})

test('a data card says where movies come from and what was done; it is the same on the same day', async () => {
  const b = await bench()
  const path = join(b.folder, 'out.csv')
  const { files } = await b.export({ what: 'catalogue', path, options: { card: true } })
  expect(files.map(({ name }) => name)).toEqual(['out.csv', 'out data card.md', 'out data card.json'])
  const card = JSON.parse(readFileSync(join(b.folder, 'out data card.json'), 'utf8')) as Record<string, never>
  expect(card).toMatchObject({
    name: 'tiny',
    exported: { what: 'catalogue', format: 'as-imported', where: '', records: 6 },
    sources: [{ name: 'tiny.csv', sha256: expect.stringMatching(/^[0-9a-f]{64}$/) as string, records: 6, rejected: 0 }],
    model: null,
    audit: null,
  })
  expect(card['genres']).toContainEqual({ name: 'War', before: 2, after: 2 })
  expect(card['decisions']).toContainEqual({ who: expect.any(String) as string, field: 'label', changes: 2 })
  const markdown = readFileSync(join(b.folder, 'out data card.md'), 'utf8')
  expect(markdown).toContain('6 imported, ')
  await b.export({ what: 'catalogue', path, options: { card: true } })
  expect(readFileSync(join(b.folder, 'out data card.md'), 'utf8')).toBe(markdown)
})

test('everything is one zip with the files of the folder', async () => {
  const b = await bench()
  const [folder, zip] = [join(b.folder, 'all'), join(b.folder, 'all.zip')]
  for (const path of [folder, zip]) expect(await b.job(() => b.call('export.everything', { path }))).toMatchObject({ state: 'done' })
  const entries = await zipEntries(zip, 'all.zip')
  expect(entries.map(({ name }) => name)).toEqual(readdirSync(folder).sort())
  expect(entries.map(({ name }) => name)).toEqual(expect.arrayContaining(['data card.md', 'labels.csv', 'source-1-tiny.csv']))
  for (const { name, bytes } of entries) expect([name, bytes]).toEqual([name, statSync(join(folder, name)).size])
  const chunks: Buffer[] = []
  for await (const chunk of zipBytes(zip, 'all.zip', 'changes.csv')) chunks.push(chunk)
  expect(Buffer.concat(chunks)).toEqual(readFileSync(join(folder, 'changes.csv')))
  expect(readdirSync(b.folder).filter((name) => name.includes('tmp'))).toEqual([])
})
