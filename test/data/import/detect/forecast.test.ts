/** What a plan says before the import: records, rejected ones, and movies that cleaning would remove. */
import { describe, expect, it } from 'vitest'
import { inspect } from '../../../../src/main/data/import/detect/inspect.ts'
import { NO_MEMORY } from '../../../../src/main/data/import/detect/choices.ts'
import { AUTO, scratchFolder } from '../../support/files.ts'

const { write } = scratchFolder()
const PLOT = 'A young woman leaves her village to find the man who once saved her life and finds herself instead.'
const GENRES = ['Drama', 'War', 'Comedy']
const record = (i: number, genre = GENRES[i % 3]!, plot = `${PLOT} ${i}`): string => `${i},Film ${i},${plot},${genre}`
const file = (records: readonly string[]): string => write('films.csv', ['id,title,plot,genre', ...records, ''].join('\n'))
const records = (n: number, of = record): string[] => Array.from({ length: n }, (_, i) => of(i))

describe('the forecast of an import', () => {
  it('counts what is fine, and asks nothing', async () => {
    const { forecast, warnings, asks } = await inspect([file(records(30))], AUTO)
    expect(forecast).toEqual({
      records: 30,
      whole: true,
      movies: 30,
      noPlot: 0,
      noGenre: 0,
      onlyGenres: [],
      rejected: [],
      rejectedRecords: [],
    })
    expect({ warnings, asks }).toEqual({ warnings: [], asks: false })
  })

  it('names quotes inside cells that are not doubled', async () => {
    const broken = (i: number): string => `${i},"Film ${i}","She said "yes, and no", they say, and left, ${i}",Drama`
    const { forecast, warnings, asks } = await inspect([file([record(0), ...records(51, broken)])], AUTO)
    const why = '8 fields, but the header has 4: quotes inside cells are not doubled'
    expect(forecast).toMatchObject({ records: 52, movies: 1, rejected: [{ why, count: 51 }] })
    expect(forecast.rejectedRecords[0]).toEqual({ file: 'films.csv', line: 3, why, raw: `${broken(0)}\n` })
    expect(warnings).toContainEqual({ code: 'rejected', count: 51, of: 52, whole: true, reasons: [{ why, count: 51 }] })
    expect(asks).toBe(true)
  })

  it.each([
    ['plain commas', (i: number) => `${record(i)},more`],
    ['a space before the quote', (i: number) => `${i}, "Film ${i}", "told, and told again", Drama`],
    ['quotes that are doubled', (i: number) => `${i},"Film ""${i}"" again","told",Drama,more`],
  ])('does not blame quotes for %s', async (_, broken) => {
    const { forecast } = await inspect([file([...records(30), broken(30)])], AUTO)
    expect(forecast.rejected.map(({ why }) => why)).toEqual([expect.stringMatching(/^\d fields, but the header has 4$/)])
  })

  it('groups reasons that differ in numbers only', async () => {
    const { forecast } = await inspect([file([...records(30), '30,a,b,c,5,6', '31,a,b,c,5,6,7', '32,a,b,c,5'])], AUTO)
    expect(forecast.rejected).toEqual([{ why: '6 fields, but the header has 4', count: 3 }])
    expect((await inspect([file([...records(30), '30,a,b,c,5'])], AUTO)).asks).toBe(false)
  })

  it('counts movies that cleaning will remove', async () => {
    const some = await inspect([file(records(60, (i) => record(i, i % 5 ? '' : GENRES[i % 3]!, i === 0 ? '' : undefined)))], AUTO)
    expect(some.warnings).toEqual([
      { code: 'incomplete', lacks: 'plot', count: 1, of: 60, whole: true },
      { code: 'incomplete', lacks: 'genre', count: 48, of: 60, whole: true },
    ])
    expect(some.asks).toBe(true)
  })

  it('asks before an import without one genre', async () => {
    const path = file(records(30, (i) => record(i, `"{""id"": ${i}, ""slug"": null}"`)))
    const { warnings, asks } = await inspect([path], { ...AUTO, genreSyntax: 'json' })
    expect(warnings).toEqual([{ code: 'incomplete', lacks: 'genre', count: 30, of: 30, whole: true }])
    expect(asks).toBe(true)
  })

  it('says that one genre teaches nothing', async () => {
    expect((await inspect([file(records(30, (i) => record(i, i % 2 ? '' : 'Drama')))], AUTO)).warnings).toContainEqual({
      code: 'same-genres',
      genres: ['Drama'],
    })
  })

  it.each<[string, readonly string[], readonly string[] | null]>([
    ['all genres are', ['"[28, 12]"', '[35]', '[28]'], ['28', '12', '35']],
    ['some are', ['"[28, 12]"', '"[""Drama""]"', '[28]'], null],
  ])('says where genres are numbers: %s', async (_, cells, examples) => {
    const { warnings } = await inspect([file(records(30, (i) => record(i, cells[i % 3])))], { ...AUTO, genreSyntax: 'json' })
    expect(warnings).toEqual(examples === null ? [] : [{ code: 'numbered-genres', examples }])
  })

  it.each<[string, readonly string[], string]>([
    ['separated where the parts stand alone', ['Drama#War', 'War', 'Comedy', 'Drama'], 'hash'],
    ['one name each where they do not', ['Science Fiction', 'Film-Noir', 'Action & Adventure', 'Rock and Roll', 'Drama'], 'single'],
    ['separated at signs of which some are in names', ['Sci-Fi', 'Drama War', 'War', 'War Comedy', 'Comedy', 'Drama'], 'space'],
    ['separated at words that are genres elsewhere', ['Action and Adventure', 'Action', 'Adventure'], 'and'],
    ['left whole, and said so', ['Drama-War', 'War-Horror', 'Sci-Fi', 'Neo-Noir', 'Hip-Hop', 'K-Pop', 'Bio-Pic'], 'single'],
  ])('names with signs are %s', async (_, cells, syntax) => {
    const { genreSyntax, warnings } = await inspect([file(records(28, (i) => record(i, cells[i % cells.length])))], AUTO)
    expect(genreSyntax).toBe(syntax)
    const joined = { code: 'joined-names', example: 'Drama-War', names: 2, separator: 'hyphen' }
    expect(warnings).toEqual(cells.includes('Drama-War') ? [joined] : [])
  })

  it('of joined records is one of movies', async () => {
    const path = write('long.csv', ['id,title,plot,genre', ...records(30, (i) => record(i >> 1, GENRES[i % 2], PLOT)), ''].join('\n'))
    const { forecast, preview } = await inspect([path], AUTO)
    expect(forecast).toMatchObject({ records: 30, movies: 15, noGenre: 0 })
    expect(preview[0]).toMatchObject({ key: '0', genres: ['Drama', 'War'] })
  })

  it('of a large file is one of its beginning', async () => {
    const { forecast, preview } = await inspect([file(records(3000))], AUTO, NO_MEMORY, 20_000)
    expect(forecast.whole).toBe(false)
    expect(forecast.records).toBeLessThan(200)
    expect(preview).toHaveLength(100)
  })

  it('does not miss genres in lists that follow what was read', async () => {
    const movies = write('movies.csv', ['id,name,description', ...records(300, (i) => `${i},Film ${i},${PLOT}`), ''].join('\n'))
    const genres = write('genres.csv', ['id,genre', ...records(300, (i) => `${i},Drama`), ''].join('\n'))
    const { forecast, warnings } = await inspect([movies, genres], AUTO, NO_MEMORY, 10_000)
    expect(forecast).toMatchObject({ whole: false, noGenre: 0 })
    expect(warnings).toEqual([])
    expect((await inspect([movies, genres], AUTO)).forecast).toMatchObject({ whole: true, records: 600, movies: 300, noGenre: 0 })
  })

  it('warns of nothing where the plan has problems', async () => {
    const { problems, warnings, asks } = await inspect([write('no.csv', 'id,plot\n1,a\n')], AUTO)
    expect(problems).not.toEqual([])
    expect({ warnings, asks }).toEqual({ warnings: [], asks: false })
  })
})
