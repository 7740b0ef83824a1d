import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { basename } from 'node:path'
import { describe, expect, it } from 'vitest'
import { csvRecords, type CsvRecord } from '../../../src/main/data/import/csv.ts'
import { cellValue, quoteCell, scanRecord } from '../../../src/main/data/import/scan.ts'
import { haveShared } from '../../support/shared.ts'
import { ALL_REAL, collect, scratchFolder } from '../support/files.ts'

const { write } = scratchFolder()
let files = 0

async function records(text: string | Buffer, delimiter = ',', bom = false): Promise<CsvRecord[]> {
  const path = write(`${++files}.csv`, text)
  return (await collect(csvRecords({ path, delimiter, bom }))).flat()
}
function cells(raw: string, delimiter: string): string[] {
  const { spans } = scanRecord(raw, delimiter)
  return Array.from({ length: spans.length / 2 }, (_, i) => cellValue(raw, spans[2 * i]!, spans[2 * i + 1]!))
}

describe('records with their exact text', () => {
  it.each<[string, string[], string[][]]>([
    [
      'a,b\n1,2\n',
      ['a,b\n', '1,2\n'],
      [
        ['a', 'b'],
        ['1', '2'],
      ],
    ],
    [
      'a,b\r\n1,2',
      ['a,b\r\n', '1,2'],
      [
        ['a', 'b'],
        ['1', '2'],
      ],
    ],
    [
      'a,b\r1,2\n3,4\r\n',
      ['a,b\r', '1,2\n', '3,4\r\n'],
      [
        ['a', 'b'],
        ['1', '2'],
        ['3', '4'],
      ],
    ],
    [
      'a,b\n"x\ny","q""q"\n',
      ['a,b\n', '"x\ny","q""q"\n'],
      [
        ['a', 'b'],
        ['x\ny', 'q"q'],
      ],
    ],
    ['\n\na\n\n1\r\n\r\n2\n\n', ['\n\na\n\n', '1\r\n\r\n', '2\n\n'], [['a'], ['1'], ['2']]],
    [
      'a,b\nx"y,"z"w\n',
      ['a,b\n', 'x"y,"z"w\n'],
      [
        ['a', 'b'],
        ['x"y', '"z"w'],
      ],
    ],
    [
      'a,b\n1,',
      ['a,b\n', '1,'],
      [
        ['a', 'b'],
        ['1', ''],
      ],
    ],
  ])('%j', async (text, raws, fields) => {
    const found = await records(text)
    expect(found.map(({ raw }) => raw)).toEqual(raws)
    expect(found.map((record) => record.fields)).toEqual(fields)
  })

  it('counts lines as an editor does', async () => {
    const found = await records('a,b\r\n"1\r\n2",x\r\n\r\n3,4\r5,6\n')
    expect(found.map(({ line }) => line)).toEqual([1, 2, 5, 6])
  })

  it('leaves a byte order mark to the file', async () => {
    const [header] = await records('\ufeffa,b\n1,2\n', ',', true)
    expect(header).toMatchObject({ fields: ['a', 'b'], raw: 'a,b\n' })
  })

  it('sets aside one line where a quote is never closed, and reads on', async () => {
    const text = 'a,b\n1,2\n"x\ny",z\n3,"open\n' + Array.from({ length: 50 }, (_, i) => `${i},ok\n`).join('')
    const found = await records(text)
    expect(found.filter(({ broken }) => broken !== null)).toEqual([
      { fields: [], raw: '3,"open\n', line: 5, broken: 'a quote opened in line 5 is never closed' },
    ])
    expect(found).toHaveLength(4 + 50)
    expect(found.map(({ raw }) => raw).join('')).toBe(text)
  })

  it('sets aside the whole record where the open quote is not in its first line', async () => {
    const found = await records('a,b\n"x\ny","open\n1,2\n')
    expect(found.slice(1)).toEqual([
      { fields: [], raw: '"x\ny","open\n', line: 2, broken: 'a quote opened in line 3 is never closed' },
      { fields: ['1', '2'], raw: '1,2\n', line: 4, broken: null },
    ])
  })

  it('survives a line longer than any record, whatever characters it is cut between', async () => {
    const text = 'aa,b\n' + 'é'.repeat(2_500_000) + '\n1,2\n'
    const found = await records(text)
    expect(found[1]?.broken).toBe('longer than 4194304 bytes')
    expect(found.at(-1)?.fields).toEqual(['1', '2'])
    expect(found.map(({ raw }) => raw).join('') === text).toBe(true)
  })

  it('does not let a stray quote swallow a large file', async () => {
    const rows = Array.from({ length: 60_000 }, (_, i) => `${i},é ${'x'.repeat(90)}\n`)
    rows.splice(10, 0, 'stray,"é\n')
    const found = await records('a,b\n' + rows.join(''))
    expect(found).toHaveLength(rows.length + 1)
    expect(found.filter(({ broken }) => broken !== null).map(({ line }) => line)).toEqual([12])
    expect(found.map(({ raw }) => raw).join('')).toBe('a,b\n' + rows.join(''))
  })

  it('names file and place of a byte that is not UTF-8', async () => {
    const text = Buffer.concat([Buffer.from('a,b\né,'), Buffer.from([0xe9]), Buffer.from('\n')])
    await expect(records(text)).rejects.toMatchObject({ code: 'not-utf8', details: { offset: 7 } })
  })
})

describe.skipIf(!haveShared)('real files (../shared/data is not there: skipped)', () => {
  it.each(ALL_REAL.map((path) => [basename(path), path]))(
    '%s: all bytes come back, and the scanner agrees with the parser',
    async (_, path) => {
      const delimiter = path.includes('semicolon') ? ';' : ','
      const bytes = createHash('sha1')
      for await (const batch of csvRecords({ path, delimiter, bom: false }))
        for (const { raw, fields } of batch) {
          bytes.update(raw)
          const scanned = cells(raw, delimiter)
          if (scanned.length !== fields.length || scanned.some((cell, i) => cell !== fields[i])) expect(scanned).toEqual(fields)
        }
      expect(bytes.digest('hex')).toBe(createHash('sha1').update(readFileSync(path)).digest('hex'))
    },
  )
})

describe('scanner', () => {
  it('agrees with the parser on awkward records', async () => {
    // every text of up to five of these characters, in the middle of a record
    const alphabet = ['"', ',', 'a', '""']
    const texts = [''].concat(...[1, 2, 3, 4].map((length) => combinations(alphabet, length)))
    for (const text of texts) {
      const path = write('awkward.csv', `h\n${text},z\n`)
      const [, record] = (await collect(csvRecords({ path, delimiter: ',', bom: false }))).flat()
      if (record!.broken === null) expect(cells(record!.raw, ','), JSON.stringify(text)).toEqual(record!.fields)
      else expect(scanRecord(`${text},z\n`, ',').open, JSON.stringify(text)).toBe(true)
    }
  })

  it.each([
    ['plain', false, 'plain'],
    ['plain', true, '"plain"'],
    ['a,b', false, '"a,b"'],
    ['say "x"', false, '"say ""x"""'],
    ['two\nlines', false, '"two\nlines"'],
  ])('quotes %j (quoted before: %s)', (value, quoted, cell) => {
    expect(quoteCell(value, ',', quoted)).toBe(cell)
    expect(cellValue(cell, 0, cell.length)).toBe(value)
  })
})

function combinations(alphabet: readonly string[], length: number): string[] {
  return length === 0 ? [''] : combinations(alphabet, length - 1).flatMap((head) => alphabet.map((last) => head + last))
}
