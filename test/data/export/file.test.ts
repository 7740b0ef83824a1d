import { parse } from 'csv-parse/sync'
import { describe, expect, it } from 'vitest'
import { exportFile, styleOf } from '../../../src/main/data/export/file.ts'
import type { ExportFile, ExportOptions, ExportRecord } from '../../../src/main/data/export/types.ts'
import { exactGenreKey, genreKey } from '../../../src/main/data/clean/aliases.ts'

const PLAIN: ExportOptions = { columns: [], neutraliseFormulas: false, keyOf: genreKey }
const WIDE: ExportFile = {
  name: 'movies.csv',
  kind: 'csv',
  encoding: 'utf-8',
  escape: '"',
  repairs: {},
  role: 'movies',
  delimiter: ',',
  bom: false,
  headerRaw: 'id,genre,plot\n',
  columns: ['id', 'genre', 'plot'],
  genresColumn: 'genre',
  idColumn: 'id',
  genreSyntax: 'comma',
}
const LONG: ExportFile = { ...WIDE, role: 'genres', headerRaw: 'id,genre\r\n', columns: ['id', 'genre'], genreSyntax: 'long' }

function record(raw: string, change: Partial<ExportRecord> = {}): ExportRecord {
  return { raw, add: [], remove: [], lastOfMovie: true, key: '1', extras: null, ...change }
}
/** The exported text after the header. */
function written(file: ExportFile, records: readonly ExportRecord[], options: ExportOptions = PLAIN): string {
  const text = [...exportFile(file, records, options)].join('')
  expect(text.startsWith(file.headerRaw.trimEnd())).toBe(true)
  return text.slice(text.indexOf('\n') + 1)
}

describe('one cell for all genres', () => {
  it.each<[string, Partial<ExportRecord>, string]>([
    ['1,"Drama, War",x\r\n', {}, '1,"Drama, War",x\r\n'],
    ['1,"Drama, War",x\r\n', { remove: ['War'] }, '1,"Drama",x\r\n'],
    ['1,Drama,"x ""y"" "\n\n', { add: ['War'] }, '1,"Drama, War","x ""y"" "\n\n'],
    ['1,"Sci-Fi,drama",x\n', { remove: ['Science Fiction'], add: ['War'] }, '1,"drama,War",x\n'],
    ['1,"Sci-Fi,drama",x\n', { add: ['Drama', 'Science Fiction'] }, '1,"Sci-Fi,drama",x\n'],
    ['1,Drama,x\n', { remove: ['Drama'] }, '1,,x\n'],
    ['1,,x\n', { add: ['Drama'] }, '1,Drama,x\n'],
    ['1,Drama,x', { add: ['War'] }, '1,"Drama, War",x'],
    ['1\n', { add: ['War'] }, '1,War\n'],
    ['1\n', { remove: ['War'] }, '1\n'],
  ])('%j with %j', (raw, change, text) => {
    expect(written(WIDE, [record(raw, change)])).toBe(text)
  })

  it.each<[string, Partial<ExportRecord>, string]>([
    ['1,"Sci-Fi, Science Fiction",x\n', { remove: ['Sci-Fi'] }, '1,"Science Fiction",x\n'],
    ['1,Sci-Fi,x\n', { add: ['Science Fiction'] }, '1,"Sci-Fi, Science Fiction",x\n'],
    ['1,"Drama , DRAMA",x\n', { remove: ['Drama'] }, '1,"DRAMA",x\n'],
  ])('%j with %j, names taken to the letter', (raw, change, text) => {
    expect(written(WIDE, [record(raw, change)], { ...PLAIN, keyOf: exactGenreKey })).toBe(text)
  })

  it('writes list elements as the rest of the file does', () => {
    const file: ExportFile = { ...WIDE, genreSyntax: 'python' }
    const war = `"[{'id': 10752, 'name': 'War'}]"`
    const records = [record(`1,${war},x\n`), record(`2,"[{'id': 18, 'name': 'Drama'}]",y\n`, { add: ['War'] })]
    expect(written(file, records)).toBe(`1,${war},x\n2,"[{'id': 18, 'name': 'Drama'}, {'id': 10752, 'name': 'War'}]",y\n`)
    const known = new Map([['News', "{'id': 7, 'name': 'News'}"]])
    expect(written(file, [record('1,[],x\n', { add: ['News'] })], { ...PLAIN, known })).toBe(`1,"[{'id': 7, 'name': 'News'}]",x\n`)
  })

  it('keeps byte order mark, blank lines and a last line without its ending', () => {
    const file = { ...WIDE, bom: true, headerRaw: '\nid,genre,plot\n\n' }
    expect([...exportFile(file, [record('1,Drama,x\n\n'), record('2,War,y')], PLAIN)].join('')).toBe(
      '\ufeff\nid,genre,plot\n\n1,Drama,x\n\n2,War,y',
    )
  })
})

describe('one genre in each cell', () => {
  const file: ExportFile = { ...WIDE, genreSyntax: 'single' }

  it.each<[string, Partial<ExportRecord>, string]>([
    ['1,Drama,x\n', { add: ['War'] }, '1,Drama|War,x\n'],
    ['1,Drama,x\n', { remove: ['Drama'], add: ['War'] }, '1,War,x\n'],
    ['1,"Arts, Crafts",x\n', { add: ['War'] }, '1,"Arts, Crafts|War",x\n'],
    ['1,Drama|War,x\n', { remove: ['War'] }, '1,Drama,x\n'],
    ['1,,x\n', { add: ['Drama', 'War'] }, '1,Drama|War,x\n'],
  ])('%j with %j: several have a vertical bar between them', (raw, change, text) => {
    expect(written(file, [record(raw, change)], { ...PLAIN, severalGenres: true })).toBe(text)
  })

  it('movies with several genres are refused unless they are asked for; a cell that has several already is not', () => {
    const records = [
      record('1,Drama,x\n', { add: ['War'] }),
      record('2,,x\n', { add: ['Drama', 'War'] }),
      record('3,A|B,x\n', { add: ['C'] }),
    ]
    expect(() => written(file, records)).toThrow(/^2 movies of movies\.csv have several genres now/)
    expect(written(file, records.slice(2))).toBe('3,A|B|C,x\n')
    expect(written(file, [record('1,Drama,x\n', { remove: ['Drama'], add: ['War'] })])).toBe('1,War,x\n')
  })
})

describe('the spelling of an added genre', () => {
  const targets: Readonly<Record<string, readonly string[]>> = { 'Krimi/Drama': ['Crime', 'Drama'], Krimi: ['Crime'] }
  const naming = { keyOf: genreKey, targetsOf: (name: string) => targets[name] ?? [name] }
  const inFile = (file: ExportFile, raws: readonly string[], change: Partial<ExportRecord>): string =>
    written(file, [record(raws[0]!, change)], { ...PLAIN, ...naming, ...styleOf(file, raws, naming) })

  it.each<[string, ExportFile, string[], string, string]>([
    [
      'is the most frequent one',
      WIDE,
      ['1,War,x\n', '2,SF,x\n', '3,"Sci-Fi,War",x\n', '4,Sci-Fi,x\n'],
      'Science Fiction',
      '1,"War,Sci-Fi",x\n',
    ],
    [
      'follows what most lists of the file have between two names',
      WIDE,
      ['1,War,x\n', '2,"A, B",x\n', '3,"A,B",x\n', '4,"C,B",x\n'],
      'Drama',
      '1,"War,Drama",x\n',
    ],
    ['is the name that cleaning maps', WIDE, ['1,War,x\n', '2,Krimi/Drama,x\n', '3,Krimi,x\n'], 'Crime', '1,"War, Krimi",x\n'],
    ['is the catalogue’s if the file has none', WIDE, ['1,War,x\n', '2,Krimi/Drama,x\n'], 'Drama', '1,"War, Drama",x\n'],
    [
      'keeps the dictionary of its element',
      { ...WIDE, genreSyntax: 'python' },
      [`1,"[{'id': 1, 'name': 'War'}]",x\n`, `2,"[{'id': 8, 'name': 'SF'}]",x\n`],
      'Science Fiction',
      `1,"[{'id': 1, 'name': 'War'}, {'id': 8, 'name': 'SF'}]",x\n`,
    ],
    ['of a row', LONG, ['1,War\n', '2,SF\n'], 'Science Fiction', '1,War\n1,SF\n'],
  ])('%s', (_, file, raws, genre, text) => {
    expect(inFile(file, raws, { add: [genre] })).toBe(text.replace('\n1', file === LONG ? '\r\n1' : '\n1'))
  })
})

describe('a row for each genre', () => {
  it('lengthens a row that is too short for its genre', () => {
    expect(written(LONG, [record('1\r\n', { add: ['War'] })])).toBe('1\r\n1,War\r\n')
  })

  it('drops rows and adds new ones after the last one of the movie', () => {
    const records = [
      record('1,Drama\r\n', { remove: ['Drama'], add: ['War', 'News'], lastOfMovie: false }),
      record('1,Sci-Fi\r\n', { remove: ['Drama'], add: ['War', 'News'] }),
      record('2,Comedy\r\n', { remove: ['Comedy'], add: ['Horror'], key: '2' }),
      record('3,Comedy', { add: ['War'], key: '3' }),
      record('', { add: ['War'], key: '4' }),
    ]
    expect(written(LONG, records)).toBe('1,Sci-Fi\r\n1,War\r\n1,News\r\n2,Horror\r\n3,Comedy\r\n3,War\r\n4,War\r\n')
  })

  it('drops and adds rows by names taken to the letter where aliases are off', () => {
    const records = [
      record('1,Sci-Fi\r\n', { remove: ['Sci-Fi'], lastOfMovie: false }),
      record('1,Science Fiction\r\n', { remove: ['Sci-Fi'] }),
    ]
    const options = { ...PLAIN, keyOf: exactGenreKey }
    expect(written(LONG, records, options)).toBe('1,Science Fiction\r\n')
    expect(written(LONG, [record('1,Sci-Fi\r\n', { add: ['Science Fiction'] })], options)).toBe('1,Sci-Fi\r\n1,Science Fiction\r\n')
  })

  it('drops the last row of a file', () => {
    expect(written(LONG, [record('1,Drama\r\n', { lastOfMovie: false }), record('1,War', { remove: ['War'] })])).toBe('1,Drama\r\n')
  })
})

describe('optional columns', () => {
  it('follow the original columns in every record', () => {
    const options = { ...PLAIN, columns: ['who', 'why, when'] }
    const records = [
      record('1,Drama,x\r\n', { extras: ['Ann', 'a "b"'] }),
      record('2,Drama\n', { extras: ['', ''], add: ['War'] }),
      record('3,Drama,z', { extras: ['Bob', '1'] }),
    ]
    const text = [...exportFile(WIDE, records, options)].join('')
    expect(text).toBe('id,genre,plot,who,"why, when"\n1,Drama,x,Ann,"a ""b"""\r\n2,"Drama, War",,,\n3,Drama,z,Bob,1')
    expect(parse(text, { record_delimiter: ['\r\n', '\n'] }).map((cells) => cells.length)).toEqual([5, 5, 5, 5])
  })
})

describe('formulas', () => {
  it('are neutralised on request, numbers are not, and both are counted', () => {
    const tally = { changed: 0, neutralised: 0 }
    const records = [
      record('-3.5,+1.000,"=cmd|\' /C calc\'!A0"\n', { extras: ['@who'] }),
      record('"-x","\tDrama",plain - text\n', { extras: ['-1e-7'] }),
      record('1,Drama,x\n', { add: ['=War'], extras: ['-'] }),
    ]
    const options = { ...PLAIN, columns: ['=1+1'], neutraliseFormulas: true, tally }
    const text = [...exportFile(WIDE, records, options)].join('')
    expect(text).toBe(
      'id,genre,plot,\'=1+1\n-3.5,+1.000,"\'=cmd|\' /C calc\'!A0",\'@who\n"\'-x","\'\tDrama",plain - text,-1e-7\n1,"Drama, =War",x,\'-\n',
    )
    expect(tally).toEqual({ changed: 1, neutralised: 6 })
  })

  it('are left alone otherwise', () => {
    expect(written(WIDE, [record('=1+1,@x,-y\n')])).toBe('=1+1,@x,-y\n')
  })
})
