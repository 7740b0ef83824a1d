import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { inspect } from '../../../../src/main/data/import/detect/inspect.ts'
import { AUTO, recordsOf, scratchFolder } from '../../support/files.ts'

const { folder, write } = scratchFolder()
const PLOT = 'A young woman leaves her village to find the man who once saved her life and finds herself instead.'

function table(delimiter: string, rows: readonly (readonly string[])[]): string {
  return rows.map((row) => row.join(delimiter)).join('\n') + '\n'
}
/** Twenty rows of id, name, text and topics, with a split. */
function rowsOf(genres: (i: number) => string, header = ['id', 'name', 'text', 'topics', 'split']): string[][] {
  const parts = ['train', 'val', 'test']
  return [header, ...Array.from({ length: 20 }, (_, i) => [`m${i}`, `Movie ${i}`, PLOT + ` Part ${i}.`, genres(i), parts[i % 3]!])]
}

describe('plain tables', () => {
  it.each([
    [',', 'Drama|War', 'pipe'],
    [';', 'Drama, War', 'comma'],
    ['\t', 'Drama/War', 'slash'],
    ['|', 'Drama; War', 'semicolon'],
  ])('delimiter %j with genres %j', async (delimiter, cell, syntax) => {
    const path = write(
      'plain.csv',
      table(
        delimiter,
        rowsOf((i) => (i % 2 === 0 ? cell : 'Drama')),
      ),
    )
    const plan = await inspect([path], AUTO)
    expect(plan).toMatchObject({ format: 'table', genreSyntax: syntax, problems: [] })
    expect(plan.mapping).toEqual({ id: 'id', title: 'name', plot: 'text', genres: 'topics', split: 'split' })
    expect(plan.preview[0]).toEqual({ key: 'm0', title: 'Movie 0', plot: PLOT + ' Part 0.', genres: ['Drama', 'War'] })
    expect((await recordsOf(plan)).slice(0, 3).map(({ split }) => split)).toEqual(['train', 'val', 'test'])
  })

  it('with columns id, plot and genre are not a list to be joined by id', async () => {
    const rows = [
      ['id', 'plot', 'genre'],
      ['1', PLOT, 'Drama, War'],
      ['2', PLOT, 'Comedy'],
    ]
    const plan = await inspect([write('three-columns.csv', table(',', rows))], AUTO)
    expect(plan).toMatchObject({ format: 'table', problems: [], mapping: { id: 'id', plot: 'plot', genres: 'genre' } })
  })

  it.each([
    ['"[""Drama"", ""War""]"', 'json'],
    [`"['Drama', 'War']"`, 'python'],
  ])('lists such as %s', async (cell, syntax) => {
    const plan = await inspect(
      [
        write(
          'lists.csv',
          table(
            ',',
            rowsOf(() => cell),
          ),
        ),
      ],
      AUTO,
    )
    expect(plan).toMatchObject({
      genreSyntax: syntax,
      mapping: { genres: 'topics' },
      preview: [{ genres: ['Drama', 'War'] }, ...Array<object>(19).fill({})],
    })
  })

  it('chooses the longest prose as the plot', async () => {
    const rows = rowsOf(() => 'Drama|War').map((row, i) => [i === 0 ? 'note' : PLOT.slice(0, 60), ...row])
    expect((await inspect([write('notes.csv', table(',', rows))], AUTO)).mapping.plot).toBe('text')
  })

  it('does not choose a column with other words as the split', async () => {
    const rows = rowsOf(() => 'Drama|War').map((row, i) => (i === 7 ? [...row.slice(0, 4), 'later'] : row))
    expect((await inspect([write('split.csv', table(',', rows))], AUTO)).mapping.split).toBeNull()
  })

  it('trusts the name of a genre column with one word in each row', async () => {
    const path = write(
      'single.csv',
      table(
        '\t',
        rowsOf(() => 'Drama', ['id', 'name', 'text', 'Category', 'x']),
      ),
    )
    expect(await inspect([path], AUTO)).toMatchObject({ genreSyntax: 'single', mapping: { genres: 'Category' }, problems: [] })
  })

  it('reports missing columns', async () => {
    const path = write(
      'no-genre.csv',
      table(',', [
        ['id', 'text'],
        ['1', PLOT],
        ['2', PLOT],
      ]),
    )
    expect((await inspect([path], AUTO)).problems).toEqual(['No column was found to hold the genres: choose one of id, text'])
  })

  it('reads a byte order mark and Windows line endings', async () => {
    const path = write(
      'bom.csv',
      '\ufeff' +
        table(
          ',',
          rowsOf(() => 'Drama|War'),
        ).replaceAll('\n', '\r\n'),
    )
    const plan = await inspect([path], AUTO)
    expect(plan.files[0]).toMatchObject({ bom: true, columns: ['id', 'name', 'text', 'topics', 'split'] })
    expect(plan.problems).toEqual([])
  })
})

describe('columns chosen by hand', () => {
  const path = (): string =>
    write(
      'hand.csv',
      table(
        ',',
        rowsOf(() => 'Drama|War'),
      ),
    )

  it('override the detected ones, ignoring case', async () => {
    const plan = await inspect([path()], { ...AUTO, mapping: { title: 'ID', split: null }, genreSyntax: 'single' })
    expect(plan.mapping).toEqual({ id: 'id', title: 'id', plot: 'text', genres: 'topics', split: null })
    expect(plan.preview[0]?.genres).toEqual(['Drama', 'War'])
  })

  it('must exist', async () => {
    await expect(inspect([path()], { ...AUTO, mapping: { plot: 'Overview' } })).rejects.toMatchObject({
      code: 'unknown-column',
      message: 'No file has a column "Overview". The columns are: id, name, text, topics, split.',
    })
  })

  it('a format chosen by hand reports its missing columns', async () => {
    const plan = await inspect([path()], { ...AUTO, format: '9000-movies' })
    expect(plan.format).toBe('9000-movies')
    expect(plan.problems).toHaveLength(2)
  })
})

describe('files that are not tables', () => {
  it.each<[string, string | Buffer, string, RegExp]>([
    ['empty.csv', '', 'empty-file', /empty\.csv is empty/],
    ['blank.csv', '\n \n', 'empty-file', /blank\.csv is empty/],
    ['binary.csv', Buffer.from([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1, 0, 0, 0, 0, 0]), 'not-text', /binary\.csv is not text/],
    ['broken.xlsx', Buffer.from(`PK\x03\x04${'x'.repeat(40)}`), 'damaged-archive', /is damaged \(.*truncated\)\. Save it again from Excel/],
    ['open.csv', '"id,plot\n1,2\n', 'no-header', /a quote opened in line 1 is never closed/],
  ])('%s', async (name, content, code, message) => {
    await expect(inspect([write(name, content)], AUTO)).rejects.toMatchObject({ code, message: expect.stringMatching(message) as string })
  })

  it('missing files, folders, no file at all', async () => {
    mkdirSync(join(folder, 'sub'))
    await expect(inspect([join(folder, 'gone.csv')], AUTO)).rejects.toMatchObject({ code: 'file-not-found' })
    await expect(inspect([join(folder, 'sub')], AUTO)).rejects.toMatchObject({ code: 'is-a-folder' })
    await expect(inspect([], AUTO)).rejects.toMatchObject({ code: 'no-files' })
  })

  it('a header alone is a problem, not an error', async () => {
    const plan = await inspect([write('header.csv', 'id,title,plot,genre\n')], AUTO)
    expect(plan.problems).toEqual(['header.csv holds a header ("id", "title", "plot", "genre") and no records: choose another file'])
  })
})
