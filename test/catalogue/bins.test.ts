import { expect, test } from 'vitest'
import { bins } from '../../src/main/catalogue/bins.ts'

test.each([
  ['four bins by quantiles', [8, 7, 6, 5, 4, 3, 2, 1], ['y<3', 'y>=3 y<5', 'y>=5 y<7', 'y>=7']],
  ['equal values are in one bin', [1, 1, 1, 1, 1, 1, 2, 2], ['y<2', 'y>=2']],
  ['movies without a value are in none', [NaN, 1, NaN, 2], ['y<2', 'y>=2']],
  ['one value makes no bins', [3, 3, 3], []],
  ['no value makes no bins', [NaN], []],
])('%s', (_, values, wanted) => expect(bins('y', Float64Array.from(values), 4).map(({ where }) => where)).toEqual(wanted))

test('bins say where they begin and end', () =>
  expect(bins('y', Float64Array.of(1, 2, 3), 3)).toEqual([
    { where: 'y<2', value: null, from: null, to: 2 },
    { where: 'y>=2 y<3', value: null, from: 2, to: 3 },
    { where: 'y>=3', value: null, from: 3, to: null },
  ]))
