/** No reader and no cleaning rule costs the square of its input: each reads a megabyte of what would be its worst case. */
import { describe, expect, it } from 'vitest'
import { UserError } from '../../src/contract/errors.ts'
import { GENRE_SYNTAXES, type GenreSyntax } from '../../src/contract/importing.ts'
import { shortened } from '../../src/main/data/clean/measures.ts'
import { sentencesOf } from '../../src/main/data/clean/sentences.ts'
import { RULES } from '../../src/main/data/clean/rule-set.ts'
import { inspect } from '../../src/main/data/import/detect/inspect.ts'
import { learnEvidence } from '../../src/main/data/import/files/evidence.ts'
import { lineEnding } from '../../src/main/data/import/files/table.ts'
import { formatGenres, parseGenres } from '../../src/main/data/import/records/genres.ts'
import { hasGenrePrefix } from '../../src/main/data/import/records/onehot.ts'
import { readRecords } from '../../src/main/data/import/records/read.ts'
import { catalogue, cleanAll, on } from './clean/support.ts'
import { collect, scratchFolder } from './support/files.ts'

/** The square of a megabyte would take minutes at least. */
const LIMIT_MS = 40_000
const { write } = scratchFolder()

/** A megabyte of a piece of text between two letters. */
const run = (piece: string): string => `x${piece.repeat(2 ** 20 / piece.length)}x`

describe('a plot that is a megabyte of', () => {
  const steps = RULES.map(({ spec: { rule } }) => on(rule, rule === 'column-filter' ? { column: 'note', values: ['1990', '1999'] } : {}))
  it.each([
    [' ', '\t', '\n', ' \n'],
    ['\u00a0', '\u200d', '\u0301', '\r\n'],
    ['.', '…', '!"', '. '],
    ['<!--', '<a ', '<', '>'],
    ['&', '&amp;', '&#', ';'],
    ['-', '_', '*', '='],
    ['"', "'", '“', '\\'],
    ['[', '(', '{', ')'],
    ['word, ', '1,', '1990 ', '1.1.'],
    ['Ã', 'Ã©', '👍🏽', '/'],
  ])(
    '%j, %j, %j or %j',
    async (...pieces) => {
      const plotOf = (i: number): string => (pieces[i - 5] === undefined ? 'A plot.' : run(pieces[i - 5]!).replaceAll('"', '""'))
      const rows = Array.from({ length: 15 }, (_, i) => `${i},T,"${plotOf(i)}","Drama, War"\n`)
      const path = write('movies.csv', `id,title,plot,genres\n${rows.join('')}`)
      const plan = await inspect([path], { format: 'auto', mapping: { plot: 'plot', genres: 'genres' }, genreSyntax: 'comma' })
      const records = await collect(readRecords(plan))
      expect(records.filter(({ rejected }) => rejected !== null)).toEqual([])
      const movies = catalogue(...records.map(({ plot }) => [plot, 'Drama'] as const))
      await cleanAll(
        movies.map((movie) => ({ ...movie, cells: { note: movie.plot } })),
        steps,
      )
    },
    LIMIT_MS,
  )
})

describe('a file that begins with a megabyte of', () => {
  const layouts: Readonly<Record<string, (text: string) => string>> = {
    'in the line above the table': (text) => `${text}\nid,title,plot,genres\n1,T,A plot.,Drama\n`,
    'in the name of a column': (text) => `id,title,plot,"genres${text.replaceAll('"', '""')}"\n1,T,A plot.,Drama\n`,
    'in a text of JSON': (text) => JSON.stringify([{ id: 1, plot: text, genres: 'Drama' }]),
    'in a line of JSON': (text) => `${JSON.stringify({ id: 1, plot: text, genres: 'Drama' })}\n{"id": ${text}\n`,
    'between the values of JSON': (text) => `[{"id": 1, "plot": "A plot.", "genres": "Drama"}${text}]`,
  }
  it.each([' ', '\n', '"', '\\', '[', '{', ',', '.', '<', '1', '-', 'NaN '])(
    '%j',
    async (piece) => {
      for (const [layout, build] of Object.entries(layouts)) {
        const path = write('movies.txt', build(run(piece)))
        const end = await inspect([path], { format: 'auto', mapping: {}, genreSyntax: 'auto' }).catch((error: unknown) => error)
        expect([layout, end]).toEqual([layout, end instanceof Error ? expect.any(UserError) : expect.objectContaining({ format: 'table' })])
      }
    },
    LIMIT_MS,
  )
})

describe('a genre cell that is a megabyte of', () => {
  const worst: readonly [GenreSyntax, string][] = GENRE_SYNTAXES.flatMap((syntax) =>
    [' ', '"', "'a,", '\\', '[', '\u00a0 '].map((piece): [GenreSyntax, string] => [syntax, piece]),
  )
  it(
    'spaces, quotes, brackets and backslashes, in every syntax',
    () => {
      for (const [syntax, piece] of worst) {
        parseGenres(run(piece), syntax)
        try {
          formatGenres(run(piece), syntax, ['Drama', 'War'], new Map())
        } catch (error) {
          expect(error).toMatchObject({ code: 'genre-contains-separator' })
        }
      }
    },
    LIMIT_MS,
  )
})

it.each<[string, () => unknown, unknown]>([
  ['white space before the separator of genres', () => formatGenres(`a${' '.repeat(2 ** 20)}\u00a0,b`, 'comma', ['a', 'b', 'c'], new Map()).length, 5],
  ['a column called genre and white space', () => hasGenrePrefix(`genre${' '.repeat(2 ** 20)}`), false],
  ['line breaks inside a text', () => lineEnding(run('\n') + '\r\n'), '\r\n'],
  ['white space at the end of a shortened text', () => shortened(`a${' '.repeat(2 ** 20)}`, 5, 'words'), 'a …'],
  ['punctuation without an end', () => sentencesOf(run('.')).length, 1],
  ['white space in a cell of a table with torn records', () => learnEvidence(Array.from({ length: 12 }, () => ['1', run(' ')]), 2)?.filled, [true, true]],
])('%s', (_, work, expected) => expect(work()).toEqual(expected), LIMIT_MS) // prettier-ignore
