import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { exportFile } from '../../../../src/main/data/export/file.ts'
import { rowsAbove } from '../../../../src/main/data/import/detect/delimiters.ts'
import { takeSample } from '../../../../src/main/data/import/detect/sample.ts'
import { storedZip } from '../../../../src/main/data/import/files/stored-zip.ts'
import { tableHeader, tableRecords } from '../../../../src/main/data/import/files/tables.ts'
import { collect, scratchFolder } from '../../support/files.ts'

const { write } = scratchFolder()
const ROWS = Array.from({ length: 16 }, (_, i) => [`${i}`, `Movie, the ${i}th`, `A baker, finds "it"; again.`, 'Drama'])

/** Rows between delimiters, with the texts in quotes. */
function rows(delimiter: string): string {
  return ROWS.map(([id, title, plot, genre]) => `${[id, `"${title}"`, `"${plot!.replaceAll('"', '""')}"`, genre].join(delimiter)}\n`).join(
    '',
  )
}
const header = (delimiter: string): string => `${['id', 'title', 'plot', 'genres'].join(delimiter)}\n`

describe('where a table begins, and what separates its cells', () => {
  it.each<[string, string, string, number]>([
    ['a header in the first line', header(',') + rows(','), ',', 1],
    ['titles of a spreadsheet', `My catalogue,,,\n,,,\n${header(',')}${rows(',')}`, ',', 3],
    ['a title', `My catalogue\n\n${header(';')}${rows(';')}`, ';', 3],
    ['a title with commas, padded by a spreadsheet', `"Movies, 2024",,,\n${header(',')}${rows(',')}`, ',', 2],
    ['comments', `# made, by hand\n# on Monday\n${header('\t')}${rows('\t')}`, '\t', 3],
    ['a column that is called #', header(',').replace('id', '#') + rows(','), ',', 1],
    ['the delimiter, for Excel', `sep=;\n${header(';')}${rows(';')}`, ';', 2],
    ['the delimiter in quotes, with Windows line breaks', `"sep=|"\n${header('|')}${rows('|')}`.replaceAll('\n', '\r\n'), '|', 2],
    ['a space after each delimiter', header(', ') + rows(', '), ', ', 1],
    ['a space after each delimiter, without quotes', 'id, title, plot\n1, a, b\n2, c, d\n', ', ', 1],
    ['a space after each delimiter, and no comma in a cell', 'id, title, plot\n1, "a", "b"\n2, "c", "d"\n', ', ', 1],
    ['three colons with spaces', header(' ::: ') + rows(' ::: '), ' ::: ', 1],
    ['three colons', header(':::') + rows(':::'), ':::', 1],
    ['two colons', header('::') + rows('::'), '::', 1],
    ['ragged records of tabs, with lists in Python', 'id\ttitle\tplot\n' + '1\ta\t[1, 2]\n1\ta\t[1, 2]\tx\n1\t[1, 2]\n'.repeat(9), '\t', 1],
    ['plots with more commas than the table', 'id,plot\n' + '1,one, two, three, four and five\n'.repeat(20), ',', 1],
  ])('%s', async (_, text, delimiter, headerLine) => {
    const path = write('movies.csv', text)
    const [sample] = await takeSample(path)
    expect(sample).toMatchObject({ delimiter, headerLine, header: true })
    const records = (await collect(tableRecords(sample!))).flat()
    if (text.includes('baker')) {
      expect(sample!.columns.slice(1)).toEqual(['title', 'plot', 'genres'])
      expect(records.map(({ fields, broken }) => [fields, broken])).toEqual(ROWS.map((cells) => [cells, null]))
      const before = text.split(/\r\n|\n/).findIndex((line) => line.includes('Movie, the 0th'))
      expect(records[0]!.line).toBe(before + 1)
    }
    const headerRaw = await tableHeader(sample!)
    expect(headerRaw + records.map(({ raw }) => raw).join('')).toBe(readFileSync(path, 'utf8'))
    const file = { ...sample!, role: 'movies', headerRaw, genresColumn: 'genres', idColumn: 'id', genreSyntax: 'comma' } as const
    const options = { columns: ['who'], neutraliseFormulas: false, keyOf: String }
    const exported = [...exportFile(file, [], options)].join('').trimEnd()
    expect(exported).toBe(headerRaw.trimEnd() + delimiter + 'who')
  })

  it('the user says it', async () => {
    const text = `Movies, 2024\nall, of, them\nid,title,plot,genres\n${rows(',')}`
    const [sample] = await takeSample(write('chosen.csv', text), { headerLine: 3 })
    expect(sample).toMatchObject({ headerLine: 3, columns: ['id', 'title', 'plot', 'genres'] })
    expect(sample!.records).toHaveLength(ROWS.length)
    await expect(takeSample(write('short.csv', 'id,title\n1,a\n'), { headerLine: 5 })).rejects.toMatchObject({
      code: 'no-header',
      message: /it has no line 5/ as never,
    })
  })

  it('lines above a table without a header are kept apart from its first record', async () => {
    const text = `sep=;\n${rows(';')}`
    const [sample] = await takeSample(write('bare.csv', text), { header: false })
    expect(sample).toMatchObject({ headerLine: 2, header: false })
    const records = (await collect(tableRecords(sample!))).flat()
    expect([await tableHeader(sample!), records[0]!.raw, records.length]).toEqual(['sep=;\n', `${text.split('\n')[1]}\n`, ROWS.length])
  })

  it('rows of other numbers of cells below are no evidence for a title', () => {
    expect(rowsAbove([['plot'], ['a', 'b'], ['c', 'd', 'e'], ['f'], ['g', 'h', 'i', 'j']])).toBe(0)
    expect(rowsAbove([['Title'], ['id', 'plot'], ['1', 'a'], ['2', 'b']])).toBe(1)
  })
})

describe('rows of a sheet', () => {
  const COLUMNS = 'ABCD'
  /** A workbook with one sheet of these rows, with texts in the cells. */
  function workbook(table: readonly (readonly string[])[]): Buffer {
    const cell = (text: string, column: number, row: number): string =>
      text === '' ? '' : `<c r="${COLUMNS[column]}${row + 1}" t="inlineStr"><is><t>${text}</t></is></c>`
    const sheet = table.map((cells, row) => `<row r="${row + 1}">${cells.map((text, i) => cell(text, i, row)).join('')}</row>`).join('')
    const main = 'http://schemas.openxmlformats.org/spreadsheetml/2006/main'
    const relations = 'http://schemas.openxmlformats.org/officeDocument/2006/relationships'
    const target = 'http://schemas.openxmlformats.org/package/2006/relationships'
    return storedZip(
      Object.entries({
        'xl/workbook.xml': `<workbook xmlns="${main}" xmlns:r="${relations}"><sheets><sheet name="S" sheetId="1" r:id="rId1"/></sheets></workbook>`,
        'xl/_rels/workbook.xml.rels': `<Relationships xmlns="${target}"><Relationship Id="rId1" Type="${relations}/worksheet" Target="worksheets/sheet1.xml"/></Relationships>`,
        'xl/worksheets/sheet1.xml': `<worksheet xmlns="${main}"><sheetData>${sheet}</sheetData></worksheet>`,
      }).map(([name, data]) => ({ name, data: Buffer.from(data) })),
    )
  }
  const names = ['id', 'title', 'plot', 'genres']
  const table = ROWS.map((cells) => cells.map((cell) => cell.replaceAll('"', '')))
  const none = ['', '', '', '']

  it.each<[string, (readonly string[])[], number]>([
    ['an empty first row', [none, names, ...table], 2],
    ['a title and an empty row', [['Movies', '', '', ''], none, names, ...table], 3],
    ['empty rows between the movies', [names, ...table.flatMap((row) => [row, none])], 1],
  ])('%s', async (_, given, headerLine) => {
    const [sample] = await takeSample(write('book.xlsx', workbook(given)))
    expect(sample).toMatchObject({ columns: names, headerLine })
    expect((await collect(tableRecords(sample!))).flat().map(({ fields }) => fields)).toEqual(table)
  })
})
