/** Corrections are exported in each genre syntax; records without corrections keep their bytes. */
import { readFileSync, writeFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { GENRE_SEPARATORS, type GenreSyntax } from '../../../src/contract/importing.ts'
import { genreKey } from '../../../src/main/data/clean/aliases.ts'
import { exportFile, styleOf } from '../../../src/main/data/export/file.ts'
import type { ExportFile, ExportOptions, ExportRecord } from '../../../src/main/data/export/types.ts'
import { genresWithoutColumn } from '../../../src/main/data/export/flags.ts'
import { inspect, type ImportChoices } from '../../../src/main/data/import/detect/inspect.ts'
import { tableHeader } from '../../../src/main/data/import/files/tables.ts'
import { AUTO, recordsOf, scratchFolder } from '../support/files.ts'

const { write } = scratchFolder()
const PLOT = 'A young woman leaves her village to find the man who once saved her life and finds herself instead.'
const PLAIN: ExportOptions = { columns: [], neutraliseFormulas: false, keyOf: genreKey }

function record(raw: string, change: Partial<ExportRecord> = {}): ExportRecord {
  return { raw, add: [], remove: [], lastOfMovie: true, key: '1', extras: null, ...change }
}
function written(file: ExportFile, records: readonly ExportRecord[], options: ExportOptions = PLAIN): string {
  return [...exportFile(file, records, options)].join('')
}
function oneHot(header: string, genreColumns: readonly string[]): ExportFile {
  return {
    name: 'movies.csv',
    kind: 'csv',
    encoding: 'utf-8',
    escape: '"',
    repairs: {},
    role: 'movies',
    delimiter: ',',
    bom: false,
    headerRaw: `${header}\n`,
    columns: header.split(','),
    genresColumn: null,
    idColumn: 'id',
    genreSyntax: 'one-hot',
    genreColumns,
  }
}

describe('one-hot files', () => {
  const file = oneHot('id,Drama,genre_Sci-Fi,War,plot', ['Drama', 'genre_Sci-Fi', 'War'])

  it.each<[string, Partial<ExportRecord>, string]>([
    ['1,1,0,0,x\r\n', {}, '1,1,0,0,x\r\n'],
    ['1,1,0,0,x\r\n', { add: ['War'], remove: ['Drama'] }, '1,0,0,1,x\r\n'],
    ['1,"1","0",0,x\n', { add: ['Science Fiction'], remove: ['Drama'] }, '1,"0","1",0,x\n'],
    ['1,True,False,False,x\n', { add: ['War'] }, '1,True,False,True,x\n'],
    ['1,X,,,x\n', { add: ['War'], remove: ['Drama'] }, '1,,,X,x\n'],
    ['1,yes,no,no,x\n', { remove: ['Drama'] }, '1,no,no,no,x\n'],
    ['1,1,0,0,x\n', { add: ['Drama'], remove: ['War'] }, '1,1,0,0,x\n'],
    ['1,1\n', { add: ['War'] }, '1,1,,1\n'],
    ['1,"1, or 2",0,0,"a\nb"\n', { add: ['War'] }, '1,"1, or 2",0,1,"a\nb"\n'],
  ])('%j with %j', (raw, change, text) => {
    expect(written(file, [record(raw, change)])).toBe(file.headerRaw + text)
  })

  it('use the flags of the whole file, which are learned before it is written', () => {
    const raws = ['1,,,,x\n', '2,x,,x,y\n', '3,1,,,z\n', '4,x,,,z\n']
    const options = { ...PLAIN, ...styleOf(file, raws, PLAIN) }
    expect(written(file, [record(raws[0]!, { add: ['War'] }), record(raws[2]!, { remove: ['Drama'] })], options)).toBe(
      `${file.headerRaw}1,,,x,x\n3,,,,z\n`,
    )
  })

  it('get a column for a genre that has none, before the optional ones', () => {
    expect(genresWithoutColumn(file, ['War', 'sci-fi', 'News'], genreKey)).toEqual(['News'])
    const options = { ...PLAIN, newGenres: ['News'], columns: ['who'] }
    const records = [record('1,1,0,0,x\r\n', { add: ['News', 'War'], extras: ['Ann'] }), record('2,0,0,1\n', { extras: [''] })]
    const tally = { changed: 0, neutralised: 0 }
    expect(written(file, records, { ...options, tally })).toBe('id,Drama,genre_Sci-Fi,War,plot,News,who\n1,1,0,1,x,1,Ann\r\n2,0,0,1,,0,\n')
    expect(tally.changed).toBe(1)
    expect(() => written(file, records, PLAIN)).toThrow(expect.objectContaining({ code: 'genre-has-no-column' }))
  })

  it('any flags, any corrections: written flags are read back, and the rest keeps its bytes', async () => {
    const genres = ['Drama', 'Sci-Fi', 'War', 'Music']
    const pair = fc.constantFrom(['1', '0'], ['true', 'false'], ['x', ''], ['Yes', 'No'])
    const flags = fc.array(fc.tuple(...genres.map(() => fc.boolean())), { minLength: 2, maxLength: 8 })
    const changes = fc.array(fc.tuple(fc.subarray(genres), fc.subarray(genres)), { minLength: 8, maxLength: 8 })
    await fc.assert(
      fc.asyncProperty(pair, flags, changes, async ([yes, no], rows, edits) => {
        const lines = rows.map((row, i) => `${i},${PLOT} ${i},${row.map((flag) => (flag ? yes : no)).join(',')},end\n`)
        const path = write('flags.csv', ['id,plot,Drama,Sci-Fi,War,Music,last\n', ...lines].join(''))
        const userChoices: ImportChoices = { ...AUTO, genreColumns: genres }
        const plan = await inspect([path], userChoices)
        const headerRaw = await tableHeader(plan.files[0]!)
        const source: ExportFile = {
          ...plan.files[0]!,
          headerRaw,
          genresColumn: null,
          idColumn: 'id',
          genreSyntax: 'one-hot',
          genreColumns: genres,
        }
        const came = await recordsOf(plan)
        const records = came.map(({ raw }, i) =>
          record(raw, { add: edits[i]![0], remove: edits[i]![1].filter((g) => !edits[i]![0].includes(g)) }),
        )
        const out = written(source, records)
        writeFileSync(path, out)
        const again = await recordsOf(await inspect([path], userChoices))
        for (const [i, { genres: read, raw }] of again.entries()) {
          const { add, remove } = records[i]!
          const wanted = genres.filter((g) => add.includes(g) || (came[i]!.genres.includes(g) && !remove.includes(g)))
          expect(read).toEqual(wanted)
          if (wanted.join() === came[i]!.genres.join()) expect(raw).toBe(came[i]!.raw)
        }
      }),
      { numRuns: 30 },
    )
  })
})

describe('several columns of genres', () => {
  const file: ExportFile = { ...oneHot('id,g1,g2,g3', ['g1', 'g2', 'g3']), genresColumn: 'g1', genreSyntax: 'comma' }
  it.each<[string, Partial<ExportRecord>, string]>([
    ['1,Drama,War,\n', {}, '1,Drama,War,\n'],
    ['1,Drama,War,\n', { add: ['Comedy'] }, '1,Drama,War,Comedy\n'],
    ['1,"Drama",War,Horror\n', { remove: ['Drama'] }, '1,"War",Horror,\n'],
    ['1,Drama,War,Horror\r\n', { add: ['Comedy', 'Crime'], remove: ['War'] }, '1,Drama,Horror,"Comedy, Crime"\r\n'],
    ['1,,,\n', { add: ['War'] }, '1,War,,\n'],
    ['1,Drama\n', { add: ['War', 'Crime'] }, '1,Drama,War,Crime\n'],
    ['1,"Drama, War",Horror,\n', { add: ['Crime'], remove: ['War'] }, '1,"Drama",Horror,Crime\n'],
  ])('%j with %j', (raw, change, text) => {
    expect(written(file, [record(raw, change)])).toBe(file.headerRaw + text)
  })
})

describe('a row for each genre, with the plot', () => {
  const file: ExportFile = { ...oneHot('id,plot,genre', []), genresColumn: 'genre', genreSyntax: 'long' }
  it('keeps the row of a movie that loses its last genre, because it has the plot', () => {
    const records = [
      record('1,x,Drama\n', { remove: ['Drama', 'War'], lastOfMovie: false }),
      record('1,x,War\n', { remove: ['Drama', 'War'] }),
      record('2,y,War\n', { remove: ['War'], add: ['Drama'], key: '2' }),
    ]
    expect(written(file, records)).toBe('id,plot,genre\n1,x,\n2,y,Drama\n')
  })
})

describe('names that cleaning splits into several genres', () => {
  const targets: Readonly<Record<string, readonly string[]>> = { 'Crime/Noir': ['Crime', 'Film-Noir'], Junk: [] }
  const options: ExportOptions = { ...PLAIN, targetsOf: (name) => targets[name] ?? [name] }
  const wide: ExportFile = { ...oneHot('id,genre', []), genresColumn: 'genre', genreSyntax: 'comma' }

  it.each<[string, Partial<ExportRecord>, string]>([
    ['1,"Crime/Noir, Junk"\n', { remove: ['Crime'] }, '1,"Film-Noir, Junk"\n'],
    ['1,"Crime/Noir, Junk"\n', { remove: ['Crime', 'Film-Noir'] }, '1,"Junk"\n'],
    ['1,Crime/Noir\n', { add: ['Crime', 'War'] }, '1,"Crime/Noir, War"\n'],
    ['1,"Film-Noir, Crime/Noir"\n', { remove: ['Crime'] }, '1,"Film-Noir"\n'],
  ])('%j with %j', (raw, change, text) => {
    expect(written(wide, [record(raw, change)], options)).toBe(`id,genre\n${text}`)
  })

  it('in separate rows, and in separate columns', () => {
    const long: ExportFile = { ...wide, role: 'genres', genreSyntax: 'long' }
    expect(written(long, [record('1,Crime/Noir\n', { remove: ['Crime'] })], options)).toBe('id,genre\n1,Film-Noir\n')
    const flags = oneHot('id,Crime/Noir,Film-Noir', ['Crime/Noir', 'Film-Noir'])
    expect(written(flags, [record('1,1,0\n', { remove: ['Crime'] })], options)).toBe('id,Crime/Noir,Film-Noir\n1,0,1\n')
  })
})

describe('syntaxes of published catalogues, from file to file', () => {
  const lists = [['Drama', 'War'], ['War'], ['Comedy', 'Drama'], ['Drama'], ['Comedy']]
  const cells: Readonly<Partial<Record<GenreSyntax, readonly string[]>>> = {
    ...Object.fromEntries(Object.entries(GENRE_SEPARATORS).map(([name, text]) => [name, lists.map((genres) => genres.join(text))])),
    comma: ['Drama, "Arts, Crafts"', 'War', 'Drama,War'],
    semicolon: ['Drama; War', ' War ', 'Comedy;Drama'],
    pipe: ['Drama|War', 'War', ''],
    slash: ['Drama / Film/TV', 'War', 'Film/TV', 'War / Drama', 'Comedy / War'],
    json: ['["Drama", "War"]', '[]', '["War"]'],
    python: ["['Drama', 'War']", '[]', "['Children\\'s']"],
  }
  it.each(Object.entries(cells) as [GenreSyntax, readonly string[]][])('%s', async (syntax, texts) => {
    const rows = Array.from({ length: 20 }, (_, i) => `${i},${PLOT} ${i},"${texts[i % texts.length]!.replaceAll('"', '""')}"\r\n`)
    const path = write(`${syntax}.csv`, `id,plot,genre\r\n${rows.join('')}`)
    const plan = await inspect([path], AUTO)
    expect(plan.genreSyntax).toBe(syntax)
    const protectedNames = plan.protectedNames.map(({ name }) => name)
    const headerRaw = await tableHeader(plan.files[0]!)
    const file: ExportFile = { ...plan.files[0]!, headerRaw, genresColumn: 'genre', idColumn: 'id', genreSyntax: syntax, protectedNames }
    const came = await recordsOf(plan)
    const untouched = written(
      file,
      came.map(({ raw }) => record(raw)),
    )
    expect(untouched).toBe(readFileSync(path, 'utf8'))
    const records = came.map(({ raw }, i) => record(raw, i % 2 === 0 ? { add: ['News'], remove: ['Drama'] } : {}))
    writeFileSync(
      path,
      written(file, records, {
        ...PLAIN,
        ...styleOf(
          file,
          came.map(({ raw }) => raw),
          PLAIN,
        ),
      }),
    )
    const again = await recordsOf(await inspect([path], { ...AUTO, genreSyntax: syntax, protectedNames }))
    for (const [i, { genres, raw }] of again.entries())
      if (i % 2 === 0) expect(genres).toEqual([...came[i]!.genres.filter((name) => name !== 'Drama'), 'News'])
      else expect(raw).toBe(came[i]!.raw)
  })
})
