import { expect, onTestFinished, test } from 'vitest'
import { parseFilter, type Term } from '../../src/contract/filter.ts'
import { comparison, typeOf } from '../../src/main/catalogue/original-columns.ts'
import { FILTER } from '../../src/contract/review.ts'
import { Workspace } from '../../src/main/workspace.ts'
import { Bench } from '../support/project.ts'

const many = (...cells: string[]): string[] => Array.from({ length: 20 }, () => cells).flat()

test.each<[why: string, cells: string[], type: string, values?: string[]]>([
  ['whole numbers', ['1', '20', '-3'], 'number'],
  ['decimals, exponents and thousands', ['1.5', '.5', '5.', '2e3', '1,234,567', '0'], 'number'],
  ['blanks around and between', [' 1 ', '', '2'], 'number'],
  ['nearly all numbers', [...many('7'), 'unknown'], 'number'],
  ['too few numbers', [...many('7'), ...Array.from({ length: 4 }, () => 'unknown')], 'category', ['7', 'unknown']],
  ['dates', ['2010-05-21', '1999-12-31T10:00:00Z', '2001-02'], 'date'],
  ['dates with the month in words', ['May 21, 2010', '21 May 2010', 'Sept 3, 1999'], 'date'],
  ['dates with the month first', ['12/15/21', '3/1/1999'], 'date'],
  ['dates with the day first', ['15.12.2021', '1.3.1999'], 'date'],
  ['no dates', ['2010-13-40', 'soon'], 'text'],
  ['few values', many('en', 'fr', 'en'), 'category', ['en', 'fr']],
  ['texts', ['A wolf', 'A ship', 'A king'], 'text'],
  ['nothing', ['', ' '], 'category', []],
])('%s', (_why, cells, type, values = []) => expect(typeOf(cells)).toMatchObject({ type, values }))

test('dates are read as days, with the century that is not in the future', () => {
  const days = (cells: string[]): string[] => cells.map((cell) => new Date(typeOf(cells).read(cell)).toISOString().slice(0, 10))
  expect(days(['12/15/21', '3/1/62', '1/13/1999'])).toEqual(['2021-12-15', '1962-03-01', '1999-01-13'])
  expect(days(['15/12/21', '3/1/62'])).toEqual(['2021-12-15', '1962-01-03'])
  expect(days(['May 2, 2010', '3 June 1999'])).toEqual(['2010-05-02', '1999-06-03'])
})

test.each<[condition: string, matching: string]>([
  ['<2010-05', '2009-12-31 2010-04-30'],
  ['<=2010-05', '2009-12-31 2010-04-30 2010-05-01 2010-05-31'],
  ['>2010-05', '2010-06-01 2011-01-01'],
  ['>=2010-05', '2010-05-01 2010-05-31 2010-06-01 2011-01-01'],
  [':2010-05', '2010-05-01 2010-05-31'],
  ['=2010-05-31', '2010-05-31'],
  [':2010-05-31..2010', '2010-05-31 2010-06-01'],
  [':2009..2010-04', '2009-12-31 2010-04-30'],
  [':*', '2009-12-31 2010-04-30 2010-05-01 2010-05-31 2010-06-01 2011-01-01'],
])('a date%s', (condition, matching) => {
  const { operator, value, upTo } = parseFilter(`when${condition}`) as Term
  const [least, most] = comparison(operator, value, upTo, true)
  const matches = (x: number): boolean => x >= least && x <= most
  const days = '2009-12-31 2010-04-30 2010-05-01 2010-05-31 2010-06-01 2011-01-01'.split(' ')
  expect(days.filter((day) => matches(Date.parse(`${day}T12:00:00Z`))).join(' ')).toBe(matching)
  expect(matches(NaN)).toBe(false)
})

test('more columns than are kept are read one after the other; the first record of a movie counts', async () => {
  const names = Array.from({ length: 12 }, (_, i) => `n${i}`)
  const row = (id: string, from: number): string =>
    `${id},Title ${id},The plot of ${id} is here.,Drama,${names.map((_, i) => from + i).join(',')}`
  const b = await Bench.open([`id,title,plot,genres,${names.join(',')}`, row('a', 0), row('b', 10), row('c', 20), ''].join('\n'))
  const count = async (where: string): Promise<number> => (await b.call('review.query', { where })).movies.length
  const all = names.map((name, i) => `${name}>=${10 + i}`).join(' ')
  expect([await count(all), await count(`-n0:* OR ${all}`), await count('n0<10 OR n11>30')]).toEqual([2, 2, 2])
  // from memory
  expect(await count(all)).toBe(2)
  expect((await b.call('review.names', {})).columns.filter(({ type }) => type === 'number').map(({ name }) => name)).toEqual(names)
})

test('columns that were read stay in memory when a run ends, and not when the catalogue changes', async () => {
  const rows = Array.from({ length: 8 }, (_, i) => `m${i},Title ${i},The plot number ${i} is here.,${i % 2 ? 'War' : 'Drama'},${1990 + i}`)
  const b = await Bench.open(['id,title,plot,genres,year', ...rows, ''].join('\n'))
  await b.engine.close()
  const w = new Workspace(b.path)
  onTestFinished(() => w.close())
  const { columns } = w.index
  expect((await w.index.query(FILTER.parse({ where: 'year>1992' }))).movies).toHaveLength(5)
  await w.reloadRunInTurns()
  expect(w.index.columns).toBe(columns)
  w.reload()
  expect(w.index.columns).not.toBe(columns)
  expect((await w.index.query(FILTER.parse({ where: 'year>1992 -"number 7"' }))).movies).toHaveLength(4)
})
