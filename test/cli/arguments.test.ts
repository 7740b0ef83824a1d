import { join, resolve } from 'node:path'
import { expect, test } from 'vitest'
import {
  charNgrams,
  decimal,
  folderWithin,
  mapPair,
  signedGenre,
  signedGenres,
  threshold,
  wholeNumber,
} from '../../src/main/cli/arguments.ts'
import { sourceOf } from '../../src/main/cli/import-verb.ts'
import { table, wrap } from '../../src/main/cli/print.ts'

/** The words of a line as commander sees them, with the escaped minus shown as ~. */
const seen = (line: string): string =>
  signedGenres(line.split(' '))
    .map((w) => w.replace('\u2212', '~'))
    .join(' ')

test.each([
  ['label P m1 +Horror -Drama', 'label P m1 +Horror ~Drama'],
  ['label P m1 -drama --json', 'label P m1 ~drama --json'],
  ['label P m1 --json -Drama', 'label P m1 --json ~Drama'],
  ['label P m1 --reviewed -3D', 'label P m1 --reviewed ~3D'],
  ['bulk P -Drama --apply', 'bulk P ~Drama --apply'],
  ['bulk P --apply -Drama', 'bulk P --apply ~Drama'],
  ['label P m1 --note -Great', 'label P m1 --note -Great'],
  ['label P m1 --why -Great -Drama', 'label P m1 --why -Great ~Drama'],
  ['label -h', 'label -h'],
  ['train P -Drama', 'train P -Drama'],
])('"%s" is read as "%s"', (line, expected) => expect(seen(line)).toBe(expected))

test.each([
  ['+Horror', 'Horror', true],
  ['-Science Fiction', 'Science Fiction', false],
  ['\u2212Drama', 'Drama', false],
])('%s', (word, name, add) => expect(signedGenre(word)).toEqual({ name, add }))

test.each<[what: string, parse: () => unknown, expected: unknown]>([
  ['plot=Overview', () => mapPair('plot=Overview', { id: 'x' }), { id: 'x', plot: 'Overview' }],
  ['title=a=b', () => mapPair('title=a=b', {}), { title: 'a=b' }],
  ['split= means no such column', () => mapPair('split=', {}), { split: null }],
  ['12', () => wholeNumber('12'), 12],
  ['0.5', () => decimal('0.5'), 0.5],
  ['-1e-3', () => decimal('-1e-3'), -0.001],
  ['per-genre', () => threshold('per-genre'), 'per-genre'],
  ['0.3', () => threshold('0.3'), 0.3],
  ['3-5', () => charNgrams('3-5'), [3, 5]],
  ['none', () => charNgrams('none'), 'none'],
])('%s is understood', (_what, parse, expected) => expect(parse()).toEqual(expected))

test.each<[what: string, parse: () => unknown]>([
  ['a genre without a sign', () => signedGenre('Drama')],
  ['a sign without a genre', () => signedGenre('+')],
  ['an unknown role', () => mapPair('plots=Overview', {})],
  ['a role without a column', () => mapPair('plot', {})],
  ['a negative whole number', () => wholeNumber('-1')],
  ['a fraction', () => wholeNumber('1.5')],
  ['a word for a number', () => decimal('many')],
  ['nothing for a number', () => decimal(' ')],
  ['one length', () => charNgrams('3')],
])('%s is refused', (_what, parse) => expect(parse).toThrow())

test('tables are aligned in columns, numbers to the right', () =>
  expect(
    table(
      ['name', 'n'],
      [
        ['a', '1,234'],
        ['bcdef', '5'],
      ],
    ),
  ).toBe('name       n\na      1,234\nbcdef      5'))
test('plots break at spaces', () => expect(wrap('one two  three\nfour', 8, '> ')).toBe('> one two\n> three\n> four'))
test.each([
  ['~/models/x', join('/home/ann', 'models/x')],
  ['~', '/home/ann'],
  ['~x/y', '~x/y'],
  ['models/~', 'models/~'],
])('the folder %s of a longer word', (path, folder) => expect(folderWithin(path, '/home/ann')).toBe(resolve(folder)))

test('several columns of genres are those of --map or of --genre-columns', () => {
  const auto = { format: 'auto', genreSyntax: 'auto', encoding: 'auto', delimiter: 'auto', escape: 'auto', header: 'auto' } as const
  const none = { ...auto, map: {}, genreColumns: [], protect: [], repair: [], leave: [], entry: [] }
  const of = (options: object) => {
    const { mapping, genreColumns } = sourceOf([], { ...none, ...options })
    return { mapping, genreColumns }
  }
  expect(of({ map: { plot: 'text', genres: 'a, b,c' } })).toEqual({ mapping: { plot: 'text' }, genreColumns: ['a', 'b', 'c'] })
  expect(of({ map: { genres: 'a' } })).toEqual({ mapping: { genres: 'a' }, genreColumns: [] })
  expect(of({ map: { genres: null }, genreColumns: ['a,b', 'c'] })).toEqual({ mapping: { genres: null }, genreColumns: ['a', 'b', 'c'] })
})
