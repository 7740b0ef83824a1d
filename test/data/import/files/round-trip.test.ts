/** For any names: a written genre cell is read back, and an unchanged cell keeps its bytes. */
import fc from 'fast-check'
import { runInNewContext } from 'node:vm'
import { describe, expect, it } from 'vitest'
import { isMissing } from '../../../../src/main/data/clean/missing.ts'
import { plainName } from '../../../../src/main/data/import/records/separated.ts'
import type { GenreSyntax } from '../../../../src/contract/importing.ts'
import { UserError } from '../../../../src/contract/errors.ts'
import { formatGenres, genreReader, learnElements, parseGenres, textBetween } from '../../../../src/main/data/import/records/genres.ts'

const NAME = fc
  .oneof(
    fc.constantFrom('Drama', 'Sci-Fi', 'Film/TV', 'Arts, Crafts', "Children's", 'Rock & Roll', 'a"b', '剧情', 'and Culture', '0', 'x\\'),
    fc.string({ minLength: 1, maxLength: 12 }),
    fc.string({ unit: 'binary', minLength: 1, maxLength: 6 }),
  )
  .map((name) => name.trim())
  .filter((name) => !isMissing(name) && plainName(name) === name)
const NAMES = fc.uniqueArray(NAME, { maxLength: 6 })
const SEPARATED = ['comma', 'semicolon', 'pipe', 'slash'] as const satisfies GenreSyntax[]
const LISTS = ['json', 'python'] as const satisfies GenreSyntax[]
const RUNS = { numRuns: 300 }

/** The text, or null if it is refused with a user error. */
function written(...args: Parameters<typeof formatGenres>): string | null {
  try {
    return formatGenres(...args)
  } catch (error) {
    if (error instanceof UserError) return null
    throw error
  }
}
const sorted = (names: readonly string[]): string[] => [...names].sort()

describe('round trips', () => {
  it.each(SEPARATED)('%s: a cell with other genres reads back as these, or is refused', (syntax) => {
    fc.assert(
      fc.property(
        fc.string({ maxLength: 30 }),
        NAMES,
        NAMES,
        fc.array(fc.string({ maxLength: 30 }), { maxLength: 3 }),
        (cell, genres, kept, others) => {
          const known = new Map<string, string>()
          for (const other of others) learnElements(other, syntax, known)
          const between = others.map((other) => textBetween(other, syntax, kept)).find((text) => text !== undefined)
          const text = written(cell, syntax, genres, known, { protectedNames: kept, between })
          if (text !== null) expect(sorted(parseGenres(text, syntax, kept))).toEqual(sorted(genres))
        },
      ),
      RUNS,
    )
  })

  it.each(SEPARATED)('%s: names without its separator and without quotes are never refused', (syntax) => {
    const plain = fc.uniqueArray(
      NAME.filter((name) => !/["'\\,;|/]/.test(name)),
      { maxLength: 6 },
    )
    fc.assert(
      fc.property(plain, plain, (before, after) => {
        const cell = formatGenres('', syntax, before, new Map())
        expect(parseGenres(cell, syntax)).toEqual(before)
        expect(parseGenres(formatGenres(cell, syntax, after, new Map()), syntax)).toEqual(after)
      }),
      RUNS,
    )
  })

  it.each(SEPARATED)('%s: a file that quotes names takes any name', (syntax) => {
    const char = { comma: ',', semicolon: ';', pipe: '|', slash: '/' }[syntax]
    const known = new Map<string, string>()
    learnElements(`"Arts${char} Crafts"${char}Drama`, syntax, known)
    expect([...known.keys()]).toEqual([`Arts${char} Crafts`])
    fc.assert(
      fc.property(NAMES, (genres) => {
        expect(sorted(parseGenres(formatGenres('Drama', syntax, genres, known), syntax))).toEqual(sorted(genres))
      }),
      RUNS,
    )
  })

  it.each(LISTS)('%s: any names, into any cell', (syntax) => {
    const cells = fc.oneof(
      fc.string({ maxLength: 20 }),
      fc.constantFrom('[]', "['Drama']", '[{"id": 1, "name": "Drama"}]', "{'name': 'War'}", 'Drama, War'),
    )
    fc.assert(
      fc.property(cells, NAMES, (cell, genres) => {
        const known = new Map<string, string>()
        learnElements(cell, syntax, known)
        expect(parseGenres(formatGenres(cell, syntax, genres, known), syntax)).toEqual(genres)
      }),
      RUNS,
    )
  })

  it('json: the written cell is JSON', () => {
    fc.assert(
      fc.property(NAMES, fc.constantFrom('[]', '["Drama"]', '[{"id": 18, "name": "Drama"}]'), (genres, cell) => {
        const known = new Map<string, string>([['Drama', cell === '["Drama"]' ? '"Drama"' : '{"id": 18, "name": "Drama"}']])
        const text = formatGenres(cell, 'json', genres, known)
        const items = JSON.parse(text) as (string | { name: string })[]
        expect(items.map((item) => (typeof item === 'string' ? item : item.name))).toEqual(genres)
      }),
      RUNS,
    )
  })

  // the written escapes have the same meaning in JavaScript and Python
  it('python: another reader of such strings reads the written names', () => {
    fc.assert(
      fc.property(NAMES, (genres) => {
        const text = formatGenres('[]', 'python', genres, new Map([['Drama', "'Drama'"]]))
        expect([...(runInNewContext(text) as string[])]).toEqual(genres)
      }),
      RUNS,
    )
  })

  it('a cell that already holds these genres keeps its bytes', () => {
    fc.assert(
      fc.property(fc.constantFrom(...SEPARATED, ...LISTS, 'single' as const), fc.string({ maxLength: 30 }), NAMES, (syntax, cell, kept) => {
        expect(formatGenres(cell, syntax, parseGenres(cell, syntax, kept), new Map(), { protectedNames: kept })).toBe(cell)
      }),
      RUNS,
    )
  })

  it('the reader with a cache returns the same as the plain one', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...SEPARATED, ...LISTS),
        fc.array(fc.string({ maxLength: 12 }), { maxLength: 20 }),
        NAMES,
        (genreSyntax, cells, protectedNames) => {
          const read = genreReader({ genreSyntax, protectedNames })
          for (const cell of [...cells, ...cells]) expect(read(cell)).toEqual(parseGenres(cell, genreSyntax, protectedNames))
        },
      ),
      RUNS,
    )
  })
})
