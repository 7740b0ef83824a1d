import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { cellValue, quoteCell } from '../../../../src/main/data/import/files/scan.ts'
import { cutRecords, parsedRecords, scanCells } from '../../support/csv.ts'

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
  ])('%j', (text, raws, fields) => {
    for (const size of [1, 2, 100]) {
      const found = cutRecords(text, ',', '"', size)
      expect(found.map(({ raw }) => raw)).toEqual(raws)
      expect(found.map((record) => record.fields)).toEqual(fields)
    }
  })

  it('counts lines as an editor does', () => {
    const found = cutRecords('a,b\r\n"1\r\n2",x\r\n\r\n3,4\r5,6\n')
    expect(found.map(({ line }) => line)).toEqual([1, 2, 5, 6])
  })

  it('rejects one line if a quote is never closed, and continues', () => {
    const text = 'a,b\n1,2\n"x\ny",z\n3,"open\n' + Array.from({ length: 50 }, (_, i) => `${i},ok\n`).join('')
    const found = cutRecords(text)
    expect(found.filter(({ broken }) => broken !== null)).toEqual([
      { fields: [], raw: '3,"open\n', line: 5, broken: 'a quote opened in line 5 is never closed' },
    ])
    expect(found).toHaveLength(4 + 50)
    expect(found.map(({ raw }) => raw).join('')).toBe(text)
  })

  it('rejects the whole record if the open quote is not in its first line', () => {
    const found = cutRecords('a,b\n"x\ny","open\n1,2\n')
    expect(found.slice(1)).toEqual([
      { fields: [], raw: '"x\ny","open\n', line: 2, broken: 'a quote opened in line 3 is never closed' },
      { fields: ['1', '2'], raw: '1,2\n', line: 4, broken: null },
    ])
  })

  it('rejects a line longer than any record completely', () => {
    const text = 'aa,b\n' + 'é'.repeat(5_000_000) + '\n1,2\n'
    for (const size of [64 * 1024, text.length]) {
      const found = cutRecords(text, ',', '"', size)
      expect(found[1]?.broken).toBe('it is longer than 4,194,304 characters')
      expect(found.slice(1, -1).every(({ broken }) => broken !== null)).toBe(true)
      expect(found.at(-1)).toMatchObject({ fields: ['1', '2'], broken: null, line: 3 })
      expect(found.map(({ raw }) => raw).join('') === text).toBe(true)
    }
  })

  it.each([256 * 1024, 5_000_000])('rejects a quoted cell longer than any record as one record, in pieces of %i', (size) => {
    const text = 'a,b\n1,"' + 'word, '.repeat(760_000) + 'end."\n2,3\n'
    const found = cutRecords(text, ',', '"', size)
    expect(found.map(({ line, broken }) => [line, broken])).toEqual([
      [1, null],
      [2, expect.stringMatching(/longer than 4,194,304 characters/)],
      [3, null],
    ])
    expect(found.map(({ raw }) => raw).join('') === text).toBe(true)
  })

  it('does not let a stray quote swallow a large file', () => {
    const rows = Array.from({ length: 60_000 }, (_, i) => `${i},é ${'x'.repeat(90)}\n`)
    rows.splice(10, 0, 'stray,"é\n')
    const found = cutRecords('a,b\n' + rows.join(''), ',', '"', 256 * 1024)
    expect(found).toHaveLength(rows.length + 1)
    expect(found.filter(({ broken }) => broken !== null).map(({ line }) => line)).toEqual([12])
    expect(found.map(({ raw }) => raw).join('')).toBe('a,b\n' + rows.join(''))
  })

  it('reads ten thousand columns', () => {
    const row = Array.from({ length: 10_000 }, (_, i) => `"c ${i}"`).join(',')
    const found = cutRecords(`${row}\n${row}\n`, ',', '"', 1000)
    expect(found.map(({ fields }) => fields.length)).toEqual([10_000, 10_000])
  })
})

describe('scanner', () => {
  it('agrees with csv-parse on awkward records', () => {
    // every text of up to four of these pieces, in the middle of a record
    const alphabet = ['"', ',', 'a', '""', '\n']
    const texts = [''].concat(...[1, 2, 3, 4].map((length) => combinations(alphabet, length)))
    for (const text of texts) assertAgreement(`h\n${text},z\n`, ',', 100)
  })

  it('agrees with csv-parse on random texts in random pieces', () => {
    const char = fc.constantFrom('"', '"', ',', ',', '\n', '\r', '\r\n', ' ', 'a', 'é', '😀', ';')
    const text = fc.array(char, { maxLength: 40 }).map((chars) => chars.join(''))
    const size = fc.integer({ min: 1, max: 12 })
    fc.assert(
      fc.property(text, size, (found, pieces) => assertAgreement(found, ',', pieces)),
      { seed: 3, numRuns: 2000 },
    )
  })

  it.each([
    [String.raw`"say \"x\"",b`, ['say "x"', 'b']],
    ['"a ""b""",c', ['a "b"', 'c']],
    [String.raw`"ends in \\",c`, ['ends in \\', 'c']],
    [String.raw`"C:\new",c`, [String.raw`C:\new`, 'c']],
    ['"two\nlines \\" and",c', ['two\nlines " and', 'c']],
    [String.raw`plain \" text,c`, [String.raw`plain \" text`, 'c']],
  ])('reads quotes that are escaped by a backslash: %j', (text, fields) => {
    for (const size of [1, 2, 3, 100]) expect(cutRecords(text + '\n', ',', '\\', size).map((record) => record.fields)).toEqual([fields])
    expect(scanCells(text, ',', '\\')).toEqual(fields)
    const again = fields.map((field) => quoteCell(field, { delimiter: ',', escape: '\\' })).join(',') + '\n'
    expect(cutRecords(again, ',', '\\').map((record) => record.fields)).toEqual([fields])
  })

  it.each([
    ['plain', false, 'plain'],
    ['plain', true, '"plain"'],
    ['a,b', false, '"a,b"'],
    ['say "x"', false, '"say ""x"""'],
    ['two\nlines', false, '"two\nlines"'],
  ])('quotes %j (quoted before: %s)', (value, quoted, cell) => {
    expect(quoteCell(value, { delimiter: ',', escape: '"' }, quoted)).toBe(cell)
    expect(cellValue(cell, 0, cell.length)).toBe(value)
  })
})

function combinations(alphabet: readonly string[], length: number): string[] {
  return length === 0 ? [''] : combinations(alphabet, length - 1).flatMap((head) => alphabet.map((last) => head + last))
}

function assertAgreement(text: string, delimiter: string, size: number): void {
  const found = cutRecords(text, delimiter, '"', size)
  const expected = parsedRecords(text, delimiter)
  expect(found.map(({ raw }) => raw).join(''), JSON.stringify(text)).toBe(expected?.length === 0 ? '' : text)
  if (expected) {
    const fields = found.map((record) => record.fields)
    expect(fields, JSON.stringify(text)).toEqual(expected)
  } else expect(found.filter(({ broken }) => broken !== null).length, JSON.stringify(text)).toBeGreaterThan(0)
}
