import { readFileSync, statSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { inspect } from '../../../src/main/data/import/inspect.ts'
import { mergeRule, readHeader, readRecords } from '../../../src/main/data/import/read.ts'
import { haveShared, readShared } from '../../real/shared.ts'
import { ALL_REAL, AUTO, countGenres, moviesOf, REAL, recordsOf, scratchFolder } from '../support/files.ts'

interface Golden {
  readonly records: number
  readonly empty_plot: number
  readonly no_genre: number
  readonly genre_counts: Readonly<Record<string, number>>
  readonly records_per_file?: Readonly<Record<string, number>>
}
const golden = (haveShared ? readShared('golden/import.json') : {}) as Readonly<Record<string, Golden>>
const GOLDEN_IMDB = 'imdb-by-genre (all files, first record of each movie_id)'
const { write } = scratchFolder()

describe.skipIf(!haveShared)('counts of the real files (../shared is not there: skipped)', () => {
  it.each([
    ['mymoviedb/mymoviedb.csv', REAL.mymoviedb],
    ['movies-metadata/movies_metadata.csv', REAL.metadata],
    ['letterboxd/synthesis_data.csv', REAL.letterboxdOne],
  ])('%s', async (name, paths) => {
    // the reference counts the pieces of a torn record as records
    const records = await recordsOf(await inspect(paths, { ...AUTO, repairs: { torn: false } }))
    expect(records).toHaveLength(golden[name]!.records)
    expect(records.filter(({ setAside }) => setAside !== null)).toEqual([])
    expect(records.filter(({ plot }) => plot.trim() === '')).toHaveLength(golden[name]!.empty_plot)
    expect(records.filter(({ genres }) => genres.length === 0)).toHaveLength(golden[name]!.no_genre)
    expect(countGenres(records.map(({ genres }) => genres))).toEqual(golden[name]!.genre_counts)
  })

  it('IMDb by genre: records of each file, movies of all', async () => {
    const plan = await inspect(REAL.imdb, AUTO)
    const perFile: Record<string, number> = {}
    for await (const { file } of readRecords(plan)) perFile[plan.files[file]!.name] = (perFile[plan.files[file]!.name] ?? 0) + 1
    expect(perFile).toEqual(golden[GOLDEN_IMDB]!.records_per_file)
    const movies = await moviesOf(REAL.imdb)
    expect(movies).toHaveLength(golden[GOLDEN_IMDB]!.records)
    expect(countGenres(movies.map(({ own }) => own))).toEqual(golden[GOLDEN_IMDB]!.genre_counts)
    expect(movies.filter(({ genres, own }) => genres.length < own.length)).toEqual([])
  })

  it('Letterboxd: rows and ids of genres.csv', async () => {
    const records = await recordsOf(await inspect(REAL.letterboxdGenres, AUTO))
    expect(records).toHaveLength(golden['letterboxd/genres.csv']!.records)
    expect(countGenres(records.map(({ genres }) => genres))).toEqual(golden['letterboxd/genres.csv']!.genre_counts)
    expect(new Set(records.map(({ key }) => key)).size).toBe(97_554)
  })

  it.each(ALL_REAL)('%s comes back byte for byte', async (path) => {
    const plan = await inspect([path], AUTO)
    const { headerRaw } = await readHeader(plan.files[0]!)
    let text = headerRaw
    let bytes = 0
    for await (const { raw } of readRecords(plan, (read) => (bytes = read))) text += raw
    expect(text === readFileSync(path, 'utf8')).toBe(true)
    expect(bytes).toBe(plan.files[0]!.bytes)
  })
})

describe.skipIf(!haveShared)('Letterboxd, three files (../shared is not there: skipped)', () => {
  it('joins plots, genres and themes by id', async () => {
    const movies = write(
      'movies.csv',
      'id,name,date,description\n1000001,Barbie,2023,Two dolls leave home.\n1000002,Parasite,2019,"A family, poor."\n1,Lost,,\n',
    )
    const themes = write('themes.csv', 'id,theme\n1000001,Satire\n1000002,Class\n1000002,Family\n')
    const plan = await inspect([themes, ...REAL.letterboxdGenres, movies], AUTO)
    expect(plan).toMatchObject({ format: 'letterboxd-three', genreSyntax: 'long', problems: [] })
    expect(plan.mapping).toEqual({ id: 'id', title: 'name', plot: 'description', genres: 'genre', split: null })
    expect(plan.files.map(({ name, role }) => [name, role])).toEqual([
      ['movies.csv', 'movies'],
      ['genres.csv', 'genres'],
      ['themes.csv', 'themes'],
    ])
    expect(mergeRule(plan)).toBe('by-id')
    const barbie = { key: '1000001', title: 'Barbie', plot: 'Two dolls leave home.', genres: ['Comedy', 'Adventure'] }
    expect(plan.preview[0]).toEqual(barbie)
    const joined = await moviesOf([themes, ...REAL.letterboxdGenres, movies])
    expect(joined[0]).toMatchObject(barbie)
    expect(joined.find(({ key }) => key === '1000002')).toMatchObject({ plot: 'A family, poor.', genres: ['Comedy', 'Thriller', 'Drama'] })
    expect(joined.find(({ key }) => key === '1')).toMatchObject({ title: 'Lost', genres: [] })
  })

  it('asks for the genres when only the movies are there', async () => {
    const plan = await inspect([write('movies.csv', 'id,name,description\n1,Lost,A man is lost.\n')], AUTO)
    expect(plan.format).toBe('letterboxd-three')
    expect(plan.problems).toEqual([expect.stringContaining('add genres.csv')])
  })
})

describe('several files', () => {
  const header = 'movie_id,movie_name,description,genre\n'
  const paths = (): string[] => [
    write('one.csv', header + 'tt1,Heat,,"Crime, Drama"\ntt2,Alien,In space.,Horror\n'),
    write('two.csv', header + 'tt1,Heat again,A robber.,"Drama, Action"\n'),
  ]

  it('IMDb by genre: the first text that is not empty, all genres', async () => {
    const plan = await inspect(paths(), AUTO)
    expect(plan.format).toBe('imdb-by-genre')
    expect(mergeRule(plan)).toBe('by-id')
    const [heat, alien] = plan.preview
    expect(heat).toEqual({ key: 'tt1', title: 'Heat', plot: 'A robber.', genres: ['Crime', 'Drama', 'Action'] })
    expect(alien?.key).toBe('tt2')
    expect(await moviesOf(paths())).toMatchObject([heat, alien])
  })

  it('a plain table keeps a repeated id apart, unless its rows hold one genre each', async () => {
    const plan = await inspect(paths(), { ...AUTO, format: 'table' })
    expect(mergeRule(plan)).toBe('none')
    expect(plan.preview).toHaveLength(3)
    expect(mergeRule({ ...plan, genreSyntax: 'long' })).toBe('by-id')
  })

  it('tells how many bytes of all files are read', async () => {
    const plan = await inspect(paths(), AUTO)
    const heard: number[] = []
    for await (const record of readRecords(plan, (bytes) => heard.push(bytes))) expect(record.setAside).toBeNull()
    const [one, two] = plan.files.map(({ bytes }) => bytes)
    expect(heard).toEqual([one, one! + two!])
  })
})

describe('records that do not fit', () => {
  async function read(text: string): Promise<Awaited<ReturnType<typeof recordsOf>>> {
    return recordsOf(await inspect([write('misfit.csv', text)], { ...AUTO, format: 'table', mapping: { plot: 'plot', genres: 'genre' } }))
  }

  it('pads short ones, sets long ones and repeated headers aside, loses none', async () => {
    const records = await read('id,plot,genre\n 7 ,A plot,Drama\n8\n9,A,plot,Drama\n10,B,Drama,,\nid,plot,genre\n"11,open\n')
    expect(records.map(({ record, line, key, setAside }) => [record, line, key, setAside])).toEqual([
      [1, 2, '7', null],
      [2, 3, '8', null],
      [3, 4, '9', 'it has 4 fields where the header names 3'],
      [4, 5, '10', null],
      [5, 6, 'id', 'it repeats the header'],
      [6, 7, null, 'a quote opened in line 7 is never closed'],
    ])
    expect(records[1]).toMatchObject({ plot: '', genres: [], raw: '8\n' })
  })

  it('a list row without an id cannot be joined', async () => {
    const records = await recordsOf(await inspect([write('genres.csv', 'id,genre\n,Drama\n1,War\n')], AUTO))
    expect(records.map(({ setAside }) => setAside)).toEqual(['it has no id to join it by', null])
  })

  it('reads on only while records are taken', async () => {
    const row = `"${'word '.repeat(60)}","Drama, War"\n`
    const path = write('long.csv', 'plot,genre\n' + row.repeat(20_000))
    let read = 0
    const records = readRecords(await inspect([path], AUTO), (bytes) => (read = bytes))
    await records.next()
    // the first record comes while nearly the whole file is still unread
    expect(read).toBeLessThan(1_000_000)
    let count = 1
    for await (const record of records) count += record.setAside === null ? 1 : 0
    expect(count).toBe(20_000)
    expect(read).toBe(statSync(path).size)
  })
})

describe.skipIf(!haveShared)('the catalogue that a spreadsheet broke (../shared is not there: skipped)', () => {
  it('imports without losing a record', async () => {
    const records = await recordsOf(await inspect(REAL.broken, { ...AUTO, repairs: { torn: false } }))
    expect(records).toHaveLength(9847)
    expect(records.filter(({ plot, genres }) => plot.trim() !== '' && genres.length > 0).length).toBeGreaterThan(9600)
  })
})
