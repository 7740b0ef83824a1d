import { describe, expect, it } from 'vitest'
import { inspect } from '../../../../src/main/data/import/detect/inspect.ts'
import { storedZip } from '../../../../src/main/data/import/files/stored-zip.ts'
import { AUTO, recordsOf, scratchFolder } from '../../support/files.ts'

const { write } = scratchFolder()
const PLOT = 'A young woman leaves her village to find the man who once saved her life and finds herself instead.'
const movies = (from: number): string =>
  'id,plot,genre\n' + Array.from({ length: 10 }, (_, i) => `${from + i},${PLOT} ${from + i},${i % 2 ? 'Drama' : 'War'}\n`).join('')

function zip(name: string, files: Readonly<Record<string, string>>): string {
  return write(name, storedZip(Object.entries(files).map(([entry, text]) => ({ name: entry, data: Buffer.from(text) }))))
}

/** A workbook of sheets with the same table; `states`: name -> the sheet's state (ECMA-376, 18.2.19), '' for none. */
function workbook(states: Readonly<Record<string, string>>): Buffer {
  const names = Object.entries(states)
  const cell = (text: string, at: string): string => `<c r="${at}" t="inlineStr"><is><t>${text}</t></is></c>`
  const rows = [['id', 'plot', 'genre'], ...Array.from({ length: 10 }, (_, i) => [String(i), `${PLOT} ${i}`, i % 2 ? 'Drama' : 'War'])]
    .map((cells, i) => `<row r="${i + 1}">${cells.map((text, j) => cell(text, `${'ABC'[j]}${i + 1}`)).join('')}</row>`)
    .join('')
  const sheets = names.map(([name, state], i) => {
    const said = state === '' ? '' : ` state="${state}"`
    return `<sheet name="${name.replace('&', '&amp;')}" sheetId="${i + 1}"${said} r:id="rId${i + 1}"/>`
  })
  const main = 'http://schemas.openxmlformats.org/spreadsheetml/2006/main'
  const office = 'http://schemas.openxmlformats.org/officeDocument/2006/relationships'
  const links = names.map((_, i) => `<Relationship Id="rId${i + 1}" Type="${office}/worksheet" Target="worksheets/sheet${i + 1}.xml"/>`)
  const parts = {
    'xl/workbook.xml': `<workbook xmlns="${main}" xmlns:r="${office}"><sheets>${sheets.join('')}</sheets></workbook>`,
    'xl/_rels/workbook.xml.rels': `<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">${links.join('')}</Relationships>`,
    ...Object.fromEntries(
      names.map((_, i) => [`xl/worksheets/sheet${i + 1}.xml`, `<worksheet xmlns="${main}"><sheetData>${rows}</sheetData></worksheet>`]),
    ),
  }
  return storedZip(Object.entries(parts).map(([name, text]) => ({ name, data: Buffer.from(text) })))
}

describe('tables of an archive', () => {
  it('that belong together are one catalogue, and others are left out with a notice', async () => {
    const path = zip('all.zip', { 'notes.csv': 'what,when\na b c,1999\nd e f,2000\n', 'one.csv': movies(0), 'two.csv': movies(10) })
    const plan = await inspect([path], AUTO)
    expect(plan.problems).toEqual([])
    expect(plan.files.map(({ entry }) => entry)).toEqual(['one.csv', 'two.csv'])
    expect(plan.reasons).toContainEqual({ code: 'left-out', file: 'all.zip: notes.csv', entry: 'notes.csv', unlike: 'all.zip: one.csv' })
    expect(await recordsOf(plan)).toHaveLength(20)
  })

  it('can be named', async () => {
    const path = zip('named.zip', { 'one.csv': movies(0), 'two.csv': movies(10) })
    expect((await recordsOf(await inspect([path], { ...AUTO, entries: ['two.csv'] })))[0]!.key).toBe('10')
    await expect(inspect([path], { ...AUTO, entries: ['three.csv'] })).rejects.toMatchObject({
      code: 'no-entry',
      message: 'There is no "three.csv" in the files. There are: one.csv, two.csv.',
    })
  })

  it('are not imported where the workbook hides them, unless they are named', async () => {
    const path = write('hidden.xlsx', workbook({ Movies: '', 'Old & odd': 'hidden', Lists: 'veryHidden' }))
    const plan = await inspect([path], AUTO)
    expect(plan.files.map(({ entry }) => entry)).toEqual(['Movies'])
    for (const entry of ['Old & odd', 'Lists'])
      expect(plan.reasons).toContainEqual({ code: 'hidden', file: `hidden.xlsx: ${entry}`, entry })
    expect((await inspect([path], { ...AUTO, entries: ['Old & odd'] })).files.map(({ entry }) => entry)).toEqual(['Old & odd'])
    const all = await inspect([write('all-hidden.xlsx', workbook({ Movies: 'hidden' }))], AUTO)
    expect(all.files.map(({ entry }) => entry)).toEqual(['Movies'])
  })

  it('may be lists joined by id, which belong together with other columns', async () => {
    const path = zip('letterboxd.zip', {
      'movies.csv': `id,name,description\n1,One,${PLOT}\n2,Two,${PLOT}\n`,
      'genres.csv': 'id,genre\n1,Drama\n1,War\n2,Drama\n',
    })
    const plan = await inspect([path], AUTO)
    expect([plan.format, plan.problems, plan.preview[0]!.genres]).toEqual(['letterboxd-three', [], ['Drama', 'War']])
  })

  it('different files outside an archive are refused, not left out', async () => {
    const paths = [write('one.csv', movies(0)), write('notes.csv', 'what,when\na b c,1999\n')]
    expect((await inspect(paths, AUTO)).problems[0]).toContain('notes.csv has other columns than one.csv')
  })
})
