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
  expect(plan.reasons).toContainEqual({ code: 'joined', file: 'title.basics.tsv', role: 'genres' })
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
  ['ids of other names', basics('id'), plots(), /has other columns than .* a column of ids with the same name/],
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
