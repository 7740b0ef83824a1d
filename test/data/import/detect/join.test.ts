/** Tables of different columns that hold the plots and the genres of the same movies. */
import { expect, test } from 'vitest'
import type { ImportPlan } from '../../../../src/contract/importing.ts'
import { inspect } from '../../../../src/main/data/import/detect/inspect.ts'
import { AUTO, scratchFolder } from '../../support/files.ts'

const { write } = scratchFolder()
const plotOf = (i: number): string => `A man number ${i} comes to town one day, and nobody there knows what he is looking for.`
const GENRES = ['Drama', 'Comedy,War', 'War', '\\N']
/** Plots of movies 20 to 49. */
const plots = (header = 'tconst,plot', more: (i: number) => string = () => ''): string =>
  [header, ...Array.from({ length: 30 }, (_, i) => `tt${i + 20},"${plotOf(i + 20)}"${more(i)}`), ''].join('\n')
/** Genres of movies 0 to 39. */
const basics = (id = 'tconst'): string =>
  [
    `${id}\ttitleType\tprimaryTitle\tgenres`,
    ...Array.from({ length: 40 }, (_, i) => `tt${i}\tmovie\tTitle ${i}\t${GENRES[i % 4]!}`),
    '',
  ].join('\n')
const planOf = (a: string, b: string, userChoices: Partial<typeof AUTO> = {}): Promise<ImportPlan> =>
  inspect([write('title.basics.tsv', a), write('plots.csv', b)], { ...AUTO, ...userChoices })

test('are joined by their ids, whatever the order; what does not match is counted on both sides', async () => {
  const plan = await planOf(basics(), plots())
  expect(plan).toMatchObject({
    format: 'joined-tables',
    mapping: { id: 'tconst', title: 'primaryTitle', plot: 'plot', genres: 'genres', split: null },
    genreSyntax: 'comma',
    problems: [],
    forecast: { records: 70, movies: 30, noPlot: 0, rejected: [{ why: 'no table with plots has its id', count: 20 }] },
    asks: true,
  })
  expect(plan.files.map(({ name, role }) => [name, role])).toEqual([
    ['plots.csv', 'movies'],
    ['title.basics.tsv', 'genres'],
  ])
  // ten without a row of genres, five with \N
  expect(plan.forecast.noGenre).toBe(15)
  expect(plan.preview.slice(0, 3)).toEqual([
    { key: 'tt20', title: 'Title 20', plot: plotOf(20), genres: ['Drama'] },
    { key: 'tt21', title: 'Title 21', plot: plotOf(21), genres: ['Comedy', 'War'] },
    { key: 'tt22', title: 'Title 22', plot: plotOf(22), genres: ['War'] },
  ])
  expect(plan.reasons).toContainEqual({
    code: 'joined',
    file: 'title.basics.tsv',
    role: 'genres',
    ids: { id: 'tconst', genresId: 'tconst', shared: 20, of: 30 },
  })
})

test('columns can be chosen, and the title beside the plots counts first', async () => {
  const plan = await planOf(
    basics(),
    plots('tconst,plot,name', (i) => `,Name ${i}`),
    { mapping: { plot: 'plot', genres: 'titleType', id: 'TCONST' } },
  )
  expect(plan.mapping).toMatchObject({ id: 'tconst', title: 'name', plot: 'plot', genres: 'titleType' })
  expect(plan.preview[0]).toMatchObject({ title: 'Name 0', genres: ['movie'] })
})

test.each([
  ['ids of other movies', basics(), plots('id,plot').replaceAll('tt', 'Q'), /has other columns than .* a column of the same ids/],
  [
    'numbers that are called no ids',
    basics('place').replaceAll('tt', ''),
    plots('row,plot').replaceAll('tt', ''),
    /has other columns than/,
  ],
  ['genres beside the plots', basics(), plots('tconst,plot,genre', (i) => `,${['Drama', 'War'][i % 2]!}`), /has other columns than/],
  ['plots in no table', basics(), 'tconst,year\ntt1,1999\ntt2,2000\n', /has other columns than/],
])('are refused as tables of other columns with %s', async (_, a, b, problem) => {
  const plan = await planOf(a, b)
  expect([plan.format, plan.problems.some((text) => problem.test(text))]).toEqual(['table', true])
})

test('of one kind say which table is missing if they are to be joined', async () => {
  const plan = await inspect([write('plots.csv', plots())], { ...AUTO, format: 'joined-tables' })
  expect(plan.problems[0]).toMatch(/plots\.csv: add the table with the genres of these ids/)
})

test('are joined by ids of different names, and every record is read by its own', async () => {
  const plan = await planOf(basics(), plots('imdb_id,plot'))
  expect(plan).toMatchObject({
    format: 'joined-tables',
    mapping: { id: 'imdb_id', genresId: 'tconst', title: 'primaryTitle' },
    problems: [],
    forecast: { movies: 30, noGenre: 15, rejected: [{ why: 'no table with plots has its id', count: 20 }] },
  })
  expect(plan.preview[0]).toEqual({ key: 'tt20', title: 'Title 20', plot: plotOf(20), genres: ['Drama'] })
  const ids = { id: 'imdb_id', genresId: 'tconst', shared: 20, of: 30 }
  expect(plan.reasons).toContainEqual({ code: 'joined', file: 'title.basics.tsv', role: 'genres', ids })
})

test('are joined by numbers that are called ids, and by ids that are written alike where the first rows share none', async () => {
  const numbers = await planOf(basics('movieId').replaceAll('tt', ''), plots('id,plot').replaceAll('tt', ''))
  expect(numbers.mapping).toMatchObject({ id: 'id', genresId: 'movieId' })
  const later = Array.from({ length: 600 }, (_, i) => `tt${i + 5000}\tmovie\tTitle\tDrama\n`)
  const long = await planOf(basics().replace(/(?<=genres\n)/, later.join('')), plots('imdb_id,plot'))
  expect(long).toMatchObject({ mapping: { id: 'imdb_id', genresId: 'tconst' }, forecast: { movies: 30, noGenre: 15 } })
})

test('are refused where several columns share as many ids, until both are chosen', async () => {
  const twice = plots('imdb_id,plot,tconst_old', (i) => `,tt${i + 21}`)
  const plan = await planOf(basics(), twice)
  expect(plan.mapping).toMatchObject({ id: null, genresId: null })
  expect(plan.problems).toEqual([
    expect.stringMatching(/several columns: "imdb_id" and "tconst" \(20 of 30 ids in common\), or "tconst_old" and "tconst" \(19 of 30/),
  ])
  const decided = await planOf(basics(), twice, { mapping: { id: 'tconst_old', genresId: 'tconst' } })
  expect(decided).toMatchObject({ mapping: { id: 'tconst_old', genresId: 'tconst' }, problems: [], forecast: { movies: 30 } })
  await expect(planOf(basics(), twice, { mapping: { genresId: 'movie' } })).rejects.toThrow('No file has a column "movie"')
})
