import { readFileSync } from 'node:fs'
import { basename } from 'node:path'
import { parse } from 'csv-parse/sync'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Escape } from '../../../src/contract/importing.ts'
import { RecordCutter, type CsvRecord } from '../../../src/main/data/import/csv.ts'
import { cellValue, csvLine, quoteCell, scanRecord } from '../../../src/main/data/import/scan.ts'
import { haveShared } from '../../real/shared.ts'
import { ALL_REAL } from '../support/files.ts'

/** Records of a text that comes in pieces of `size` characters. */
function records(text: string, delimiter = ',', escape: Escape = '"', size = text.length + 1): CsvRecord[] {
  const cutter = new RecordCutter({ delimiter, escape })
  const found: CsvRecord[] = []
  for (let at = 0; at < text.length; at += size) found.push(...cutter.push(text.slice(at, at + size)))
  return [...found, ...cutter.end()]
}
function cells(raw: string, delimiter: string, escape: Escape = '"'): string[] {
  const { spans } = scanRecord(raw, delimiter, 0, escape)
  return Array.from({ length: spans.length / 2 }, (_, i) => cellValue(raw, spans[2 * i]!, spans[2 * i + 1]!, escape))
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
  ])('%j', (text, raws, fields) => {
    for (const size of [1, 2, 100]) {
      const found = records(text, ',', '"', size)
      expect(found.map(({ raw }) => raw)).toEqual(raws)
      expect(found.map((record) => record.fields)).toEqual(fields)
    }
  })

  it('counts lines as an editor does', () => {
    const found = records('a,b\r\n"1\r\n2",x\r\n\r\n3,4\r5,6\n')
    expect(found.map(({ line }) => line)).toEqual([1, 2, 5, 6])
  })

  it('sets aside one line where a quote is never closed, and reads on', () => {
    const text = 'a,b\n1,2\n"x\ny",z\n3,"open\n' + Array.from({ length: 50 }, (_, i) => `${i},ok\n`).join('')
    const found = records(text)
    expect(found.filter(({ broken }) => broken !== null)).toEqual([
      { fields: [], raw: '3,"open\n', line: 5, broken: 'a quote opened in line 5 is never closed' },
    ])
    expect(found).toHaveLength(4 + 50)
    expect(found.map(({ raw }) => raw).join('')).toBe(text)
  })

  it('sets aside the whole record where the open quote is not in its first line', () => {
    const found = records('a,b\n"x\ny","open\n1,2\n')
    expect(found.slice(1)).toEqual([
      { fields: [], raw: '"x\ny","open\n', line: 2, broken: 'a quote opened in line 3 is never closed' },
      { fields: ['1', '2'], raw: '1,2\n', line: 4, broken: null },
    ])
  })

  it('sets aside a line longer than any record, to its end', () => {
    const text = 'aa,b\n' + 'é'.repeat(5_000_000) + '\n1,2\n'
    for (const size of [64 * 1024, text.length]) {
      const found = records(text, ',', '"', size)
      expect(found[1]?.broken).toBe('it is longer than 4,194,304 characters')
      expect(found.slice(1, -1).every(({ broken }) => broken !== null)).toBe(true)
      expect(found.at(-1)).toMatchObject({ fields: ['1', '2'], broken: null, line: 3 })
      expect(found.map(({ raw }) => raw).join('') === text).toBe(true)
    }
  })

  it('does not let a stray quote swallow a large file', () => {
    const rows = Array.from({ length: 60_000 }, (_, i) => `${i},é ${'x'.repeat(90)}\n`)
    rows.splice(10, 0, 'stray,"é\n')
    const found = records('a,b\n' + rows.join(''), ',', '"', 256 * 1024)
    expect(found).toHaveLength(rows.length + 1)
    expect(found.filter(({ broken }) => broken !== null).map(({ line }) => line)).toEqual([12])
    expect(found.map(({ raw }) => raw).join('')).toBe('a,b\n' + rows.join(''))
  })

  it('reads ten thousand columns', () => {
    const row = Array.from({ length: 10_000 }, (_, i) => `"c ${i}"`).join(',')
    const found = records(`${row}\n${row}\n`, ',', '"', 1000)
    expect(found.map(({ fields }) => fields.length)).toEqual([10_000, 10_000])
  })
})

describe.skipIf(!haveShared)('real files (../shared/data is not there: skipped)', () => {
  it.each(ALL_REAL.map((path) => [basename(path), path]))('%s: all text comes back, with the records that csv-parse finds', (_, path) => {
    const delimiter = path.includes('semicolon') ? ';' : ','
    const text = readFileSync(path, 'utf8')
    const found = records(text, delimiter, '"', 100_000)
    expect(found.map(({ raw }) => raw).join('') === text).toBe(true)
    const expected = reference(text, delimiter)!
    expect(found).toHaveLength(expected.length)
    for (const [i, { raw, fields }] of found.entries()) {
      if (!same(fields, expected[i]!)) expect(fields).toEqual(expected[i])
      const scanned = cells(raw, delimiter)
      if (!same(scanned, fields)) expect(scanned).toEqual(fields)
    }
  })
})

describe('scanner', () => {
  it('agrees with csv-parse on awkward records', () => {
    // every text of up to four of these characters, in the middle of a record
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
    for (const size of [1, 2, 3, 100]) expect(records(text + '\n', ',', '\\', size).map((record) => record.fields)).toEqual([fields])
    expect(cells(text, ',', '\\')).toEqual(fields)
    const again = csvLine(fields, ',', '\n', '\\')
    expect(records(again, ',', '\\').map((record) => record.fields)).toEqual([fields])
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

function same(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((cell, i) => cell === b[i])
}

/** The records by csv-parse, an independent parser; null where it finds a quote that is never closed. */
function reference(text: string, delimiter: string): string[][] | null {
  const options = { delimiter, record_delimiter: ['\r\n', '\n', '\r'], relax_quotes: true, relax_column_count: true, info: true }
  try {
    const found = parse(text, options) as unknown as { record: string[]; info: { bytes: number } }[]
    const bytes = Buffer.from(text)
    // a blank line is no record; a pair of quotes is
    const isBlank = (record: readonly string[], from: number, to: number): boolean =>
      record.length === 1 && record[0] === '' && bytes.toString('utf8', from, to).trim() === ''
    return found.filter(({ record, info }, i) => !isBlank(record, found[i - 1]?.info.bytes ?? 0, info.bytes)).map(({ record }) => record)
  } catch (error) {
    if ((error as { code?: string }).code === 'CSV_QUOTE_NOT_CLOSED') return null
    throw error
  }
}

function assertAgreement(text: string, delimiter: string, size: number): void {
  const found = records(text, delimiter, '"', size)
  const expected = reference(text, delimiter)
  expect(found.map(({ raw }) => raw).join(''), JSON.stringify(text)).toBe(expected?.length === 0 ? '' : text)
  if (expected) {
    const fields = found.map((record) => record.fields)
    expect(fields, JSON.stringify(text)).toEqual(expected)
  } else expect(found.filter(({ broken }) => broken !== null).length, JSON.stringify(text)).toBeGreaterThan(0)
}
