import { describe, expect, it } from 'vitest'
import { exportFile } from '../../../../src/main/data/export/file.ts'
import { takeSample, type Sample, type TableChoices } from '../../../../src/main/data/import/detect/sample.ts'
import { learnEvidence } from '../../../../src/main/data/import/files/evidence.ts'
import { recordFromText, tableHeader, tableRecords } from '../../../../src/main/data/import/files/tables.ts'
import type { TableRecord } from '../../../../src/main/data/import/files/table.ts'
import { collect, scratchFolder } from '../../support/files.ts'

const { write } = scratchFolder()
let count = 0

async function read(path: string, choices: TableChoices = {}): Promise<{ sample: Sample; records: TableRecord[] }> {
  const sample = (await takeSample(path, choices))[0]!
  return { sample, records: (await collect(tableRecords(sample))).flat() }
}
const header = 'date,title,plot,score,genre\n'
const row = (i: number): string => `${(i % 12) + 1}/5/20,Movie ${i},"A plot, number ${i}",${i / 10},${i % 2 ? 'Drama' : 'War'}\n`
const rows = (n: number, from = 0): string => Array.from({ length: n }, (_, i) => row(from + i)).join('')
function file(middle: string): string {
  return write(`${++count}.csv`, header + rows(20) + middle + rows(20, 20))
}

describe('records torn apart by a raw line break', () => {
  it.each([
    ['padded lines', '1/5/20,Torn,It begins,,\n - goes on,,,,\n - ends,7.5,Drama,,\n', 'It begins\n - goes on\n - ends'],
    ['bare lines', '1/5/20,Torn,It begins\n - goes on\n - ends,7.5,Drama\n', 'It begins\n - goes on\n - ends'],
    ['a blank line between', '1/5/20,Torn,It begins\n\n - ends,7.5,Drama\n', 'It begins\n\n - ends'],
    ['other line breaks', '1/5/20,Torn,It begins,,\r\n - ends,7.5,Drama,,\r\n', 'It begins\r\n - ends'],
  ])('are joined if nothing else is possible: %s', async (_, middle, plot) => {
    const { sample, records } = await read(file(middle))
    expect(records).toHaveLength(41)
    expect(records[20]).toMatchObject({ fields: ['1/5/20', 'Torn', plot, '7.5', 'Drama'], raw: middle, line: 22, broken: null })
    expect(records[20]!.log).toMatchObject([{ what: 'repaired', line: 22, lines: middle.trimEnd().split('\n').length }])
    expect(records.filter(({ log }) => log.length > 0)).toHaveLength(1)
    expect(recordFromText(middle, sample)).toMatchObject({ fields: records[20]!.fields, broken: null })
    expect(sample.offers).toMatchObject([{ repair: 'torn', count: 1 }])
  })

  it.each([
    ['the next record is whole', '1/5/20,Torn,It begins,,\n'],
    ['the tail has a cell too few', '1/5/20,Torn,It begins,,\n - ends,Drama,,,\n'],
    ['the tail has a cell too many', '1/5/20,Torn,It begins,,\n - ends, really,7.5,Drama,\n'],
    ['the tail does not look like its columns', '1/5/20,Torn,It begins,,\n - ends,Drama,7.5,,\n'],
    ['the tail begins as records do', '1/5/20,Torn,It begins,,\n2/5/20,8.5,War,,\n'],
  ])('are not joined if %s', async (_, middle) => {
    const { sample, records } = await read(file(middle))
    expect(sample.offers.filter(({ repair }) => repair === 'torn')).toEqual([])
    expect(records.filter(({ log }) => log.some(({ what }) => what === 'repaired'))).toEqual([])
    expect(records).toHaveLength(40 + middle.trimEnd().split('\n').length)
  })

  it('are told by their shape, but a list among short genres is no proof', () => {
    const rows = Array.from({ length: 20 }, (_, i) => [`t${i}`, i % 2 ? 'Drama' : `Genre${i}`])
    const [, genres] = learnEvidence(rows, 2)!.fits
    expect(['War', 'Romance|Mystery', '["Drama", "Science Fiction"]', 'a piece of a plot'].map((cell) => genres!(cell))).toEqual([
      true,
      null,
      null,
      false,
    ])
  })

  it('stay apart if the user wants it', async () => {
    const { records } = await read(file('1/5/20,Torn,It begins,,\n - ends,7.5,Drama,,\n'), { repairs: { torn: false } })
    expect(records).toHaveLength(42)
  })

  it('are exported as they were read; a correction changes only the genre cell', async () => {
    const middle = '1/5/20,Torn,It begins,,\n - ends,7.5,Drama,,\n'
    const { sample, records } = await read(file(middle))
    const torn = { raw: records[20]!.raw, lastOfMovie: true, key: '', extras: null }
    const write = async (add: string[]): Promise<string> => {
      const exported = {
        ...sample,
        role: 'movies',
        headerRaw: await tableHeader(sample),
        genresColumn: 'genre',
        idColumn: null,
        genreSyntax: 'comma',
      } as const
      const options = { columns: [], neutraliseFormulas: false, keyOf: (name: string) => name }
      return [...exportFile(exported, [{ ...torn, add, remove: [] }], options)].join('')
    }
    expect(await write([])).toBe(header + middle)
    expect(await write(['War'])).toBe(header + '1/5/20,Torn,It begins,,\n - ends,7.5,"Drama, War",,\n')
  })
})
