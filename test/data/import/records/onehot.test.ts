import { describe, expect, it } from 'vitest'
import { FlagTexts, genresOfColumns, isFlag, isMarked } from '../../../../src/main/data/import/records/onehot.ts'
import { guessGenreColumns } from '../../../../src/main/data/import/detect/sniff.ts'

function styleOf(...cells: string[]): [string, string] {
  const texts = new FlagTexts()
  for (const cell of cells) texts.add(cell, 'Drama')
  const { yes, no } = texts.style()
  return [yes, no]
}

describe('flags', () => {
  it.each(['1', '1.0', 'true', 'TRUE', 'True', 'x', 'X', ' x ', 'yes', 'Y', '✓', 'Drama', 'drama'])('%j marks', (cell) => {
    expect([isMarked(cell, 'Drama'), isFlag(cell, 'Drama')]).toEqual([true, true])
  })
  it.each(['0', '0.0', '', ' ', 'false', 'No', 'n', '-', 'NaN'])('%j does not', (cell) => {
    expect([isMarked(cell, 'Drama'), isFlag(cell, 'Drama')]).toEqual([false, true])
  })
  it.each(['2', 'maybe', '0.7', 'War'])('%j is no flag', (cell) => {
    expect([isMarked(cell, 'Drama'), isFlag(cell, 'Drama')]).toEqual([false, false])
  })

  it.each<[string[], [string, string]]>([
    [
      ['1', '0', '0'],
      ['1', '0'],
    ],
    [
      ['0', '0'],
      ['1', '0'],
    ],
    [['True'], ['True', 'False']],
    [['FALSE'], ['TRUE', 'FALSE']],
    [
      ['X', ''],
      ['X', ''],
    ],
    [['yes'], ['yes', 'no']],
    [
      ['x', 'x', '1', '', '0', ''],
      ['x', ''],
    ],
    [
      ['1', ''],
      ['1', ''],
    ],
    [[], ['1', '0']],
  ])('%j are written %j', (cells, style) => {
    expect(styleOf(...cells)).toEqual(style)
  })

  it.each([
    [
      ['Drama', 'Science_Fiction', 'Film-Noir'],
      ['Drama', 'Science Fiction', 'Film-Noir'],
    ],
    [
      ['genre_Drama', 'Genre: Sci-Fi', 'is_war', 'genres.Music'],
      ['Drama', 'Sci-Fi', 'war', 'Music'],
    ],
    [
      ['Drama', 'genre_Drama', 'War'],
      ['Drama', 'genre_Drama', 'War'],
    ],
    [
      ['genre_', 'is'],
      ['genre', 'is'],
    ],
  ])('%j stand for %j', (columns, genres) => {
    expect(genresOfColumns(columns)).toEqual(genres)
  })
})

describe('columns of genres', () => {
  const rows = (...lines: string[]): string[][] => lines.map((line) => line.split(' '))
  it.each<[string, string[], string[][], string[]]>([
    ['usual names', ['id', 'Drama', 'War', 'n'], rows('7 1 0 3', '8 0 1 4'), ['Drama', 'War']],
    ['a name nobody knows between them', ['Drama', 'Slowburn', 'War'], rows('1 0 1', '0 1 0'), ['Drama', 'Slowburn', 'War']],
    ['not the flags elsewhere', ['adult', 'id', 'Drama', 'War', 'x', 'video'], rows('0 7 1 0 a 1', '1 8 0 1 b 0'), ['Drama', 'War']],
    ['a prefix', ['adult', 'genre_A', 'genre_B', 'video'], rows('1 1 0 1', '0 0 1 0'), ['genre_A', 'genre_B']],
    ['many unknown flags', ['q', 'a', 'b', 'c', 'd', 'e'], rows('9 1 0 0 0 1', '9 0 1 1 1 0'), ['a', 'b', 'c', 'd', 'e']],
    ['a few unknown flags', ['adult', 'video'], rows('1 0', '0 1'), []],
    ['numbers', ['Drama', 'War'], rows('3 0', '0 2'), []],
    ['one genre', ['Drama', 'id'], rows('1 9', '0 8'), []],
  ])('%s', (_, columns, cells, found) => {
    expect(guessGenreColumns(columns, cells)).toEqual(found)
  })
})
