import { expect, test } from 'vitest'
import {
  chipsOf,
  choicesOf,
  completionsFor,
  genreOfFilter,
  joined,
  withChoices,
  withoutChip,
  type Names,
} from '../../src/renderer/stores/filter-logic.ts'

const NAMES: Names = {
  genres: [
    { id: 1, name: 'Horror' },
    { id: 2, name: 'Science Fiction' },
    { id: 3, name: 'History' },
  ],
  columns: [
    { name: 'year', type: 'number', values: [] },
    { name: 'Release Date', type: 'date', values: [] },
    { name: 'Language', type: 'category', values: ['en', 'pt BR'] },
  ],
  people: ['anna'],
  slices: [{ name: 'Old ones', where: 'year<1960' }],
}

test('chips are the parts that all hold', () => {
  expect(chipsOf('genre:Horror (a OR b) -"x y" AND p(War)>.4')).toEqual(['genre:Horror', '(a OR b)', '-"x y"', 'p(War)>.4'])
  expect([chipsOf('a OR b'), chipsOf(''), chipsOf('(')]).toEqual([['(a OR b)'], [], []])
  expect([withoutChip('a (b OR c) d', 1), withoutChip('a', 0)]).toEqual(['a d', ''])
  expect([joined('a OR b', 'c OR d'), joined('a b', 'b c'), joined('a', ' '), joined('', 'a')]).toEqual([
    '(a OR b) (c OR d)',
    'a b c',
    'a',
    'a',
  ])
  expect(() => joined('a', 'split:x')).toThrow('character 7 (x)')
  expect([genreOfFilter('p(horror)>0.5', NAMES.genres)?.id, genreOfFilter('-genre:Horror', NAMES.genres)]).toEqual([1, undefined])
})

test.each<[where: string, change: Parameters<typeof withChoices>[1], becomes: string]>([
  ['reviewed:no wolf', { genre: 'Science Fiction' }, 'about:"Science Fiction" reviewed:no wolf'],
  ['about:Horror wolf', { kind: 'missing' }, 'missing:Horror wolf'],
  ['missing:Horror', { genre: null }, 'kind:missing'],
  ['kind:missing split:test', { kind: 'any', split: 'any' }, ''],
  ['a OR b', { reviewed: 'yes' }, 'reviewed:yes (a OR b)'],
  ['flagged:yes -skipped:yes', { mark: 'any' }, '-skipped:yes'],
  ['wolf', { mark: 'skipped' }, 'skipped:yes wolf'],
])('a choice beside %s becomes a term', (where, change, becomes) => {
  expect(withChoices(where, change)).toBe(becomes)
  expect(choicesOf(becomes)).toMatchObject(change)
})

test.each<[before: string, texts: string[], from?: number]>([
  ['gen', ['genre:', 'genres>']],
  ['-gen', ['genre:', 'genres>'], 1],
  ['wolf (spl', ['split:'], 6],
  ['hor', ['genre:Horror']],
  ['genre:', ['History', 'Horror', '"Science Fiction"'], 6],
  ['genre:sci', ['"Science Fiction"'], 6],
  ['genre:"sci', ['"Science Fiction"'], 6],
  ['p(h', ['History)', 'Horror)'], 2],
  ['split:t', ['train', 'test'], 6],
  ['verdict(Horror):', ['keep', 'impossible', '*'], 16],
  ['who:', ['anna', '*'], 4],
  ['slice:', ['"Old ones"'], 6],
  ['Language:p', ['"pt BR"'], 9],
  ['rel', ['"Release Date">']],
  ['year>19', [], 5],
  ['lan', ['Language:']],
])('completions after %s', (before, texts, from = 0) => {
  const { list, from: at } = completionsFor(before, NAMES)
  expect([list.map(({ text }) => text), at]).toEqual([texts, from])
})
