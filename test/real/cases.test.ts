/** Small inputs that were once read or written wrongly, beside the repository, with the right answers of Python's own readers. */
import { cpSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import type { ArgsIn } from '../../src/contract/api.ts'
import type { Engine } from '../../src/main/engine.ts'
import { checkModel } from '../../src/main/compute/models/lora/begin.ts'
import { goldenModels } from '../support/paths.ts'
import { exportOf, FakeCompute, finished, scratch, start } from '../support/project.ts'
import { shared, withReal } from './shared.ts'

const folder = join(shared, 'cases')
const fileOf = (id: string): string => {
  const name = readdirSync(folder).find((file) => file.startsWith(`${id}-`) && !file.endsWith('.md'))
  if (name === undefined) throw new Error(`no case ${id} in ${folder}`)
  return join(folder, name)
}

/** A case after its import. */
interface Imported {
  readonly engine: Engine
  readonly source: string
  readonly movies: number
  readonly noGenre: number
  readonly genres: Readonly<Record<string, number>>
  /** Exports the catalogue and returns its bytes. */
  readonly exported: () => Promise<Buffer>
  /** Adds a genre to the movie with this id, as `reelabel label` does. */
  readonly add: (key: string, genre: string) => Promise<void>
}
type Options = Omit<ArgsIn<'import.run'>, 'paths' | 'name'>

async function imported(source: string, options: Options = {}): Promise<Imported> {
  const target = scratch()
  const engine = await start(target, null, new FakeCompute().spawn)
  onTestFinished(() => engine.close())
  const end = await finished(engine, () => engine.call('import.run', { accept: true, ...options, paths: [source], name: 'case' }))
  expect(end).toMatchObject({ state: 'done' })
  const { movies, noGenre, genreCounts } = (await engine.call('import.report', {}))!
  return {
    engine,
    source,
    movies,
    noGenre,
    genres: genreCounts,
    exported: async () => {
      const { files } = await exportOf(engine, { what: 'catalogue', path: join(target, 'out.csv') })
      return readFileSync(files[0]!.path)
    },
    add: async (key, genre) => {
      const { movie } = await engine.call('review.find', { key })
      const { id } = await engine.call('review.genre', { name: genre })
      await engine.call('labels.apply', { changes: [{ field: 'label', movie, genre: id, to: true }] })
    },
  }
}
const planOf = async (id: string, options: Options = {}) => {
  const engine = await start(scratch(), null, new FakeCompute().spawn)
  onTestFinished(() => engine.close())
  return engine.call('import.inspect', { ...options, paths: [fileOf(id)] })
}
const changedLines = (before: string, after: string): string[] => after.split('\n').filter((line, i) => line !== before.split('\n')[i])

describe('cases', withReal, () => {
  test.each([
    ['02', '1030', 'Comedy'],
    ['03', '1030', 'Comedy'],
    ['04', null, null],
  ])('%s: an untouched export has the same bytes, and a label changes one line', async (id, key, genre) => {
    const found = await imported(fileOf(id))
    const source = readFileSync(found.source)
    expect((await found.exported()).equals(source)).toBe(true)
    if (key === null) return
    await found.add(key, genre)
    expect(changedLines(source.toString(), (await found.exported()).toString())).toHaveLength(1)
  })

  // movies, movies without a genre, and genres that must be there
  test.each<[string, number, number, readonly string[], Options?]>([
    ['01', 16, 0, []],
    ['05', 16, 0, ['Comedy', 'Drama']],
    ['07', 16, 0, ['Comedy', 'Drama']],
    ['09', 16, 0, []],
    ['13', 16, 0, ['10', '11'], { mapping: { genres: 'genre_ids' } }],
    ['14', 16, 0, [], { mapping: { genres: 'cats' } }],
    ['15', 16, 0, [], { mapping: { genres: 'genres' } }],
    ['17', 16, 0, ['Action & Adventure']],
    ['19', 40, 9, []],
    ['22', 80, 0, []],
    ['27', 16, 0, []],
    ['29', 16, 0, []],
    ['34', 16, 0, ['Drama', 'Comedy']],
    ['36', 16, 0, []],
    ['37', 16, 0, []],
    ['38', 16, 0, []],
    ['41', 16, 0, []],
    ['42', 16, 0, []],
    ['48', 16, 0, []],
  ])('%s: %i movies, %i of them without a genre', async (id, movies, noGenre, genres, options) => {
    const found = await imported(fileOf(id), options)
    expect([found.movies, found.noGenre]).toEqual([movies, noGenre])
    expect(Object.keys(found.genres)).toEqual(expect.arrayContaining([...genres]))
    const names = Object.keys(found.genres).join('\n')
    expect(names).not.toMatch(/^(?:N\/A|nan|None|\[\]|\\N|-|Unknown|genres)$|&amp|[#{[]/m)
    // no genre is in every record: it would say nothing
    expect(Math.max(...Object.values(found.genres))).toBeLessThan(movies)
  })

  test.each([
    ['09', 'plot', 'plot'],
    ['10', 'plot', 'overview'],
    ['20', 'genres', 'genres'],
    ['21', 'genres', 'genres'],
    ['36', 'title', 'title'],
    ['48', 'title', 'title'],
  ] as const)('%s: %s from the column "%s"', async (id, role, column) => {
    expect((await planOf(id)).mapping[role]).toBe(column)
  })

  test('12: a table without plots is refused, and its columns are named', async () => {
    const { mapping, problems } = await planOf('12')
    expect(mapping.plot).toBeNull()
    expect(problems.join()).toContain('上映日期')
  })
  test('24: adult and video are no genres', async () => {
    expect((await planOf('24')).genreColumns).toEqual(['Drama', 'Comedy', 'Horror', 'Romance', 'Thriller', 'Western'])
  })

  test('25: a second genre in a file of one genre a cell is refused, or read back as two', async () => {
    const found = await imported(fileOf('25'))
    await found.add('1012', 'Crime')
    await expect(found.exported()).rejects.toMatchObject({ code: 'several-genres' })
  })
  test('26: a correction writes the spelling of the file', async () => {
    const found = await imported(fileOf('26'))
    await found.add('1000', 'Sci-Fi')
    const [line, ...others] = changedLines(readFileSync(found.source, 'utf8'), (await found.exported()).toString())
    expect([line, others]).toEqual([expect.stringContaining('Sci-Fi'), []])
    expect(line).not.toContain('Science')
  })
  test.each([
    ['31', /web page/],
    ['32', /Git LFS/],
  ])('%s: a file that is no table is called what it is', async (id, message) => {
    await expect(planOf(id)).rejects.toThrow(message)
  })
  test('33: Windows-1251 is recognised, and written as it was read', async () => {
    const found = await imported(fileOf('33'))
    expect(Object.keys(found.genres)).toContain('комедия')
    expect((await found.exported()).equals(readFileSync(found.source))).toBe(true)
  })
  test('43: a label of a movie that cleaning removed says so, by its own id', async () => {
    const found = await imported(fileOf('43'))
    await expect(found.add('6006', 'Drama')).rejects.toThrow('6006')
  })
  test('44: a cell above 4 MB comes back byte for byte', async () => {
    const path = join(scratch(), 'big.csv')
    const rows = Array.from({ length: 20 }, (_, i) => `${i},T${i},"${'word, '.repeat(i === 7 ? 760_000 : 9)}end.","Drama, War"\n`)
    writeFileSync(path, `id,title,plot,genres\n${rows.join('')}`)
    expect((await (await imported(path)).exported()).equals(readFileSync(path))).toBe(true)
  })
  /** A small BERT of 120 words with a vocabulary of its own. */
  const bertWith = (words: number, change: object): string => {
    const to = join(scratch(), 'model')
    cpSync(join(goldenModels, 'bert-tiny'), to, { recursive: true })
    const special = ['[PAD]', '[UNK]', '[CLS]', '[SEP]', '[MASK]']
    writeFileSync(join(to, 'vocab.txt'), [...special, ...Array.from({ length: words - 5 }, (_, i) => `w${i}`), ''].join('\n'))
    const config = { ...(JSON.parse(readFileSync(join(to, 'config.json'), 'utf8')) as object), ...change }
    writeFileSync(join(to, 'config.json'), JSON.stringify(config))
    return to
  }
  const added = (modelFolder: string) => () => checkModel({ modelFolder, adapterFolder: null })
  test('45: a tokenizer with entries beyond the vocabulary is refused when the model is added', () => {
    const { 'config.json': config, 'tokenizer.json, added_tokens': tokens } = JSON.parse(readFileSync(fileOf('45'), 'utf8')) as {
      readonly 'config.json': { readonly vocab_size: number }
      readonly 'tokenizer.json, added_tokens': readonly { readonly id: number }[]
    }
    const beyond = Math.max(...tokens.map(({ id }) => 1 + id - config.vocab_size))
    expect(added(bertWith(120, {}))).not.toThrow()
    expect(added(bertWith(120 + beyond, {}))).toThrow('it has 1 entry beyond the 120 words of the model, such as "w115"')
  })
  test('46: a configuration without model_type is known by its architectures, else says which line it lacks', () => {
    const { architectures } = JSON.parse(readFileSync(fileOf('46'), 'utf8')) as { readonly architectures: readonly string[] }
    expect(added(bertWith(120, { model_type: undefined, architectures }))).not.toThrow()
    const unknown = { model_type: undefined, architectures: undefined }
    expect(added(bertWith(120, unknown))).toThrow(/its config.json has no model_type. Add .*"model_type": "bert"/)
  })
})
