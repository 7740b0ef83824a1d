import { describe, expect, it } from 'vitest'
import type { GenreSyntax } from '../../../../src/contract/importing.ts'
import { formatGenres, parseGenres } from '../../../../src/main/data/import/records/genres.ts'
import { findProtected } from '../../../../src/main/data/import/records/protect.ts'
import { sniffSyntax } from '../../../../src/main/data/import/detect/sniff.ts'

const times = (count: number, cell: string): string[] => Array.from({ length: count }, () => cell)
const names = (cells: readonly string[], syntax: GenreSyntax): string[] => findProtected(cells, syntax).map(({ name }) => name)

describe('names that contain the separator', () => {
  it.each<[string, GenreSyntax, string[], string[]]>([
    [
      'one seen once, by its "and"',
      'comma',
      ['Drama, Arts, Entertainment, and Culture', 'Drama, War', 'Comedy'],
      ['Arts, Entertainment, and Culture'],
    ],
    ['one that begins behind a usual genre', 'comma', ['Music, Arts, Entertainment, and Culture'], ['Arts, Entertainment, and Culture']],
    [
      'a part that also stands alone is a genre',
      'comma',
      ['Arts, Culture, and Sport', 'Arts', 'Culture, and Sport'],
      ['Culture, and Sport'],
    ],
    ['an ampersand', 'comma', ['Home, & Garden', 'Cooking, Home, & Garden'], ['Home, & Garden']],
    ['no genres with a last "and"', 'comma', ['Action, Drama, and Comedy', 'Comedy', 'Crime, and War'], []],
    ['parts in lower case', 'comma', [...times(2, 'Stage, screen'), 'Drama', 'War, Comedy', ...times(30, 'Western')], ['Stage, screen']],
    ['parts always together', 'comma', [...times(6, 'Drama, Boys, Girls'), 'Cooking'], ['Boys, Girls']],
    ['usual genres that are always together', 'comma', times(50, 'Animation, Family'), []],
    ['parts that change their order', 'comma', [...times(6, 'Boys, Girls'), 'Girls, Boys', 'Cooking'], []],
    ['parts that are together too seldom', 'comma', [...times(4, 'Boys, Girls'), 'Cooking'], []],
    ['Film/TV', 'slash', [...times(6, 'Film/TV'), 'Drama', 'Drama/Film/TV'], ['Film/TV']],
    ['without the space of the others', 'slash', [...times(2, 'Drama / Film/TV'), 'Comedy / Drama', 'Comedy / War'], ['Film/TV']],
    ['genres with slashes', 'slash', ['Drama/War', 'War/Comedy', 'Comedy/Drama'], []],
    ['names between bars are what they are', 'pipe', times(20, 'Boys|Girls'), []],
    ['a syntax without a separator', 'python', times(20, "['Boys', 'Girls']"), []],
  ])('%s', (_, syntax, cells, found) => {
    expect(names(cells, syntax)).toEqual(found)
  })

  it('are reported with their frequency and the reason', () => {
    const cells = [...times(3, 'Arts, Entertainment, and Culture'), 'Drama, arts, entertainment, and culture']
    expect(findProtected(times(3, cells[0]!), 'comma')).toEqual([
      { name: 'Arts, Entertainment, and Culture', count: 3, why: '"and Culture" goes on where "Entertainment" ends (3 times)' },
    ])
    // names are read without regard to case
    expect(parseGenres(cells[3]!, 'comma', [cells[0]!])).toEqual(['Drama', 'arts, entertainment, and culture'])
  })

  it('are read and written unchanged', () => {
    const kept = ['Arts, Entertainment, and Culture']
    expect(parseGenres('Drama, Arts,Entertainment,  and Culture', 'comma', kept)).toEqual(['Drama', 'Arts,Entertainment,  and Culture'])
    expect(parseGenres('Arts, Entertainment', 'comma', kept)).toEqual(['Arts', 'Entertainment'])
    const cell = 'Drama; War'
    expect(formatGenres(cell, 'semicolon', ['War', 'A;B'], new Map(), { protectedNames: ['A;B'] })).toBe('War; A;B')
    expect(formatGenres('Drama', 'comma', ['Drama', ...kept], new Map(), { protectedNames: kept })).toBe(`Drama, ${kept[0]}`)
    expect(formatGenres(`${kept[0]},Drama`, 'comma', [kept[0]!, 'War'], new Map(), { protectedNames: kept })).toBe(`${kept[0]},War`)
  })

  it('two genres that would be read as one name are reordered', () => {
    expect(formatGenres('Film', 'slash', ['Film', 'TV'], new Map(), { protectedNames: ['Film/TV'] })).toBe('TV/Film')
  })

  it.each<[string, string[]]>([
    ['"Arts, Crafts", Drama', ['Arts, Crafts', 'Drama']],
    ["Drama,'Arts, Crafts'", ['Drama', 'Arts, Crafts']],
    ['"Say ""Hi"", Mom",War', ['Say "Hi", Mom', 'War']],
    ['Arts\\, Crafts, Drama', ['Arts, Crafts', 'Drama']],
    ['"Weird" Al, Drama', ['"Weird" Al', 'Drama']],
    ["Children's, '80s", ["Children's", "'80s"]],
  ])('quotes and escapes: %s', (cell, genres) => {
    expect(parseGenres(cell, 'comma')).toEqual(genres)
    expect(parseGenres(formatGenres(cell, 'comma', [...genres, 'News'], new Map()), 'comma')).toEqual([...genres, 'News'])
    expect(formatGenres(cell, 'comma', [...genres, 'News'], new Map())).toContain(cell)
  })
})

describe('how genre cells are written', () => {
  it.each<[string, string[], GenreSyntax | null]>([
    ['nothing', ['', ' '], null],
    ['a separator that is part of every name', [...times(6, 'Film/TV'), 'Drama'], 'single'],
    ['the stronger separator', ['Arts, Crafts; Drama', 'Arts, Crafts', 'War; Drama', 'Arts, Crafts'], 'semicolon'],
    ['a semicolon of HTML', times(5, 'Action &amp; Adventure, Drama'), 'comma'],
    ['paths', [...times(5, 'Fiction > Crime/Noir'), 'Fiction > Drama'], 'single'],
    ['lists of paths', [...times(5, 'Fiction > Crime, Fiction > Noir')], 'comma'],
    ['slashes beside commas', [...times(5, 'Crime/Noir, Drama'), 'War'], 'comma'],
  ])('%s', (_, cells, syntax) => {
    expect(sniffSyntax(cells)).toBe(syntax)
  })

  it('keeps a path whole', () => {
    expect(parseGenres('Fiction > Crime, Fiction > Noir', 'comma')).toEqual(['Fiction > Crime', 'Fiction > Noir'])
  })
})
