import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { takeSample, type Sample, type TableChoices } from '../../../../src/main/data/import/detect/sample.ts'
import { storedZip } from '../../../../src/main/data/import/files/stored-zip.ts'
import { recordFromText, tableHeader, tableRecords } from '../../../../src/main/data/import/files/tables.ts'
import type { TableRecord } from '../../../../src/main/data/import/files/table.ts'
import { collect, scratchFolder } from '../../support/files.ts'
import { parquetFile } from '../../support/parquet.ts'

const { folder, write } = scratchFolder()
const FILES = join(import.meta.dirname, 'fixtures')
let count = 0

async function sampleOf(content: string | Buffer, choices: TableChoices = {}, extension = 'csv'): Promise<Sample> {
  return (await takeSample(write(`${++count}.${extension}`, content), choices))[0]!
}
async function recordsOf(sample: Sample): Promise<TableRecord[]> {
  return (await collect(tableRecords(sample))).flat()
}
const fieldsOf = (records: readonly TableRecord[]): (readonly string[])[] => records.map(({ fields }) => fields)

describe('headers', () => {
  it('replaces repeated and missing names by unique ones, and reports it', async () => {
    const sample = await sampleOf('title,,title,plot,title (2),\n1,2,3,4,5,6\n')
    expect(sample.columns).toEqual(['title', 'column 2', 'title (3)', 'plot', 'title (2)', 'column 6'])
    expect(sample.log.map(({ what, line, before, after }) => [what, line, before, after])).toEqual([
      ['renamed-column', 1, '', 'column 2'],
      ['renamed-column', 1, 'title', 'title (3)'],
      ['renamed-column', 1, '', 'column 6'],
    ])
  })

  it.each([
    ['1,Comedy\n2,Drama\n', { because: 'number', cell: '1' }],
    [`${'A long plot. '.repeat(20)},Drama\nShort,War\n`, { because: 'long-cell', cell: 'A long plot. A long plot. A long plot. A' }],
  ] as const)('a file that clearly has none keeps its first record: %j', async (text, why) => {
    const sample = await sampleOf(text)
    expect(sample).toMatchObject({ header: false, columns: ['column 1', 'column 2'], log: [] })
    expect(sample.reasons).toContainEqual({ code: 'no-header', file: sample.name, ...why })
    expect(await recordsOf(sample)).toHaveLength(2)
    expect(await tableHeader(sample)).toBe('')
  })

  it('the user decides', async () => {
    expect(await sampleOf('id,plot\n1,a\n', { header: false })).toMatchObject({ columns: ['column 1', 'column 2'], records: [{}, {}] })
    expect(await sampleOf('1,2\n3,4\n', { header: true })).toMatchObject({ columns: ['1', '2'], records: [{}] })
  })

  it('reads 10,000 columns of one name, and refuses more', async () => {
    const sample = await sampleOf('a,'.repeat(9999) + 'a\n' + '1,'.repeat(9999) + '1\n')
    expect(new Set(sample.columns).size).toBe(10_000)
    expect(sample.records[0]!.fields).toHaveLength(10_000)
    await expect(sampleOf('a,'.repeat(30_000) + '\n')).rejects.toMatchObject({ code: 'too-many-columns' })
  })
})

describe('how a file is written', () => {
  it.each<[string, string, string]>([
    ['id,title\n1,"a;b;c;d"\n', ',', '"'],
    ['id;title;plot\n1;a, b, c, d;e\n2;f, g;h\n', ';', '"'],
    ['id\ttitle\n1\ta,b\n', '\t', '"'],
    ['id|title|genres\n1|a|b, c\n', '|', '"'],
    ['id,plot\n1,"he said \\"no\\", twice"\n2,"a \\"b\\""\n', ',', '\\'],
    ['id,plot\n1,"he said ""no"", twice"\n2,"C:\\"\n', ',', '"'],
  ])('%j', async (text, delimiter, escape) => {
    const sample = await sampleOf(text)
    expect(sample).toMatchObject({ delimiter, escape })
    expect(sample.records.every(({ fields, broken }) => broken === null && fields.length === sample.columns.length)).toBe(true)
  })

  it('is explained, and the user can decide', async () => {
    const text = 'id;title\n1;a\n'
    const sample = await sampleOf(text)
    expect(sample.reasons).toContainEqual({
      ...{ code: 'csv', file: sample.name, delimiter: ';', escape: '"' },
      ...{ alike: 2, records: 2, columns: 2 },
    })
    expect(await sampleOf(text, { delimiter: ',' })).toMatchObject({ delimiter: ',', columns: ['id;title'] })
  })
})

describe('records that do not fit', () => {
  it('pads short ones, rejects long ones, lists both', async () => {
    const records = await recordsOf(await sampleOf('id,plot,genre\n1,A,Drama\n2\n3,A,B,C\n4,B,Drama,,\n'))
    expect(fieldsOf(records)).toEqual([
      ['1', 'A', 'Drama'],
      ['2', '', ''],
      ['3', 'A', 'B', 'C'],
      ['4', 'B', 'Drama'],
    ])
    expect(records.map(({ broken }) => broken)).toEqual([null, null, '4 fields, but the header has 3', null])
    expect(records[1]!.log).toMatchObject([{ what: 'padded', line: 3, before: '2\n' }])
  })

  it('removes NUL bytes and lists them', async () => {
    const [record] = await recordsOf(await sampleOf('id,plot\n1,a\0b and much more that is text\0\n'))
    expect(record).toMatchObject({
      fields: ['1', 'ab and much more that is text'],
      raw: '1,a\0b and much more that is text\0\n',
      log: [{ what: 'repaired', line: 2, why: '2 NUL bytes left out' }],
    })
  })

  it('repairs mojibake on request, and does not change good text', async () => {
    const text = 'id,plot\n1,PokÃ©mon donâ€™t\n2,CAFÉ “noir” – Ätna\n'
    const sample = await sampleOf(text)
    expect(sample.offers).toMatchObject([{ repair: 'mojibake', count: 1, examples: [{ line: 2 }] }])
    expect(fieldsOf(await recordsOf(sample))[0]).toEqual(['1', 'PokÃ©mon donâ€™t'])
    const repaired = await recordsOf(await sampleOf(text, { repairs: { mojibake: true } }))
    expect(fieldsOf(repaired)).toEqual([
      ['1', 'Pokémon don’t'],
      ['2', 'CAFÉ “noir” – Ätna'],
    ])
    expect(repaired.map(({ log }) => log.length)).toEqual([1, 0])
    expect(repaired[0]!.raw).toBe('1,PokÃ©mon donâ€™t\n')
  })

  it('reads an edited text again', async () => {
    const sample = await sampleOf('id,plot,genre\n1,A,Drama\n')
    expect(recordFromText('2,"a, b",War\n', sample)).toMatchObject({ fields: ['2', 'a, b', 'War'], broken: null })
    expect(recordFromText('2,"a, b,War\n', sample).broken).toContain('never closed')
    expect(recordFromText('2,a,b,c\n', sample).broken).toBe('4 fields, but the header has 3')
    expect(recordFromText('2,a,b\n3,c,d\n', sample).broken).toBe('it holds 2 records: write one')
    expect(recordFromText('', sample).broken).toBe('it is empty')
  })
})

describe('packed files', () => {
  const TEXT = 'id,plot\n1,Café\n2,b\n'

  it('gzip', async () => {
    const sample = await sampleOf(gzipSync(TEXT), {}, 'csv.gz')
    expect(sample).toMatchObject({ packing: 'gzip', kind: 'csv', columns: ['id', 'plot'] })
    const heard: number[] = []
    const records = (await collect(tableRecords(sample, (bytes) => heard.push(bytes)))).flat()
    expect(fieldsOf(records)).toEqual([
      ['1', 'Café'],
      ['2', 'b'],
    ])
    expect(heard.at(-1)).toBe(sample.bytes)
  })

  it('every table of a zip archive, whatever else is in it', async () => {
    const zip = storedZip([
      { name: 'data/movies.csv', data: Buffer.from(TEXT) },
      { name: 'data/more.jsonl', data: Buffer.from('{"id":3,"plot":"c"}\n') },
      { name: '__MACOSX/._movies.csv', data: Buffer.from([0, 5, 22, 7]) },
      { name: 'picture.png', data: Buffer.from([0x89, 0x50, 0x4e, 0x47, 0, 0, 0, 13, 1, 2, 3, 4]) },
    ])
    const samples = await takeSample(write('all.zip', zip))
    expect(samples.map(({ name, entry, packing, kind }) => [name, entry, packing, kind])).toEqual([
      ['all.zip: data/movies.csv', 'data/movies.csv', 'zip', 'csv'],
      ['all.zip: data/more.jsonl', 'data/more.jsonl', 'zip', 'jsonl'],
    ])
    expect(samples[0]!.reasons).toContainEqual({
      code: 'unreadable',
      file: 'all.zip: picture.png',
      entry: 'picture.png',
      message: expect.stringContaining('all.zip: picture.png is not text') as string,
    })
    expect(fieldsOf(await recordsOf(samples[1]!))).toEqual([['3', 'c']])
  })

  const one = storedZip([{ name: 'movies.csv', data: Buffer.from(TEXT) }])
  // an encrypted file: a flag in the directory, and a header of 12 bytes before its data
  const encrypted = Buffer.from(one)
  const directory = one.indexOf(Buffer.from([0x50, 0x4b, 1, 2]))
  encrypted.writeUInt16LE(0x0801, directory + 8)
  encrypted.writeUInt32LE(one.readUInt32LE(directory + 20) + 12, directory + 20)

  it.each<[string, Buffer, string]>([
    ['cut.csv.gz', gzipSync(TEXT.repeat(100)).subarray(0, 40), 'damaged-archive'],
    ['twice.csv.gz', gzipSync(gzipSync(TEXT)), 'nested-archive'],
    ['nested.zip', storedZip([{ name: 'inner.zip', data: one }]), 'nested-archive'],
    ['traversal.zip', storedZip([{ name: '../../etc/movies.csv', data: Buffer.from(TEXT) }]), 'unsafe-archive'],
    ['absolute.zip', storedZip([{ name: '/etc/movies.csv', data: Buffer.from(TEXT) }]), 'unsafe-archive'],
    ['windows.zip', storedZip([{ name: 'C:\\movies.csv', data: Buffer.from(TEXT) }]), 'unsafe-archive'],
    ['encrypted.zip', encrypted, 'encrypted'],
    ['cut.zip', one.subarray(0, one.length - 10), 'damaged-archive'],
    ['empty.zip', storedZip([]), 'empty-file'],
    ['old.xls', Buffer.from('d0cf11e0a1b11ae10000', 'hex'), 'unknown-format'],
    ['packed.xz', Buffer.from('fd377a585a000000', 'hex'), 'unknown-format'],
  ])('%s is refused', async (name, content, code) => {
    await expect(takeSample(write(name, content))).rejects.toMatchObject({ code })
  })

  it('a zip bomb is refused before it is read', async () => {
    const bomb = gzipSync(Buffer.alloc(80 * 1024 * 1024, 'a'))
    expect(bomb.length).toBeLessThan(100_000)
    await expect(takeSample(write('bomb.csv.gz', bomb))).rejects.toMatchObject({
      code: 'decompression-bomb',
      message: expect.stringMatching(/bomb\.csv\.gz unpacks to more than \d+ MB/) as string,
    })
  })
})

describe('JSON', () => {
  const ROWS = [
    { id: 1, title: 'A "b"', genres: ['Drama', 'War'], score: 7.5, seen: null },
    { id: 2, title: 'é\n😀', plot: 'later', extra: { a: [1] } },
  ]
  const COLUMNS = ['id', 'title', 'genres', 'score', 'seen', 'plot', 'extra']
  const CELLS = [
    ['1', 'A "b"', '["Drama","War"]', '7.5', '', '', ''],
    ['2', 'é\n😀', '', '', '', 'later', '{"a":[1]}'],
  ]

  it.each<[string, string, string]>([
    ['a list', JSON.stringify(ROWS), 'json'],
    ['a list with spaces', JSON.stringify(ROWS, null, 2), 'json'],
    ['a list in an object', `{ "movies" : ${JSON.stringify(ROWS)} }`, 'json'],
    ['a list behind other members', `{"page":1,"pages":[1,2],"results":${JSON.stringify(ROWS)},"total":2,"more":[{"a":1}]}`, 'json'],
    ['a list in an answer', JSON.stringify({ took: 1, hits: { total: { value: 2 }, hits: ROWS } }, null, 1), 'json'],
    ['lines that end in commas', ROWS.map((row) => JSON.stringify(row) + ',').join('\n'), 'jsonl'],
    ['objects over several lines', ROWS.map((row) => JSON.stringify(row, null, 2)).join('\n'), 'jsonl'],
    ['objects side by side', ROWS.map((row) => JSON.stringify(row)).join(''), 'jsonl'],
    ['lines', ROWS.map((row) => JSON.stringify(row)).join('\r\n') + '\n\n', 'jsonl'],
  ])('%s', async (_, text, kind) => {
    const sample = await sampleOf(text, {}, kind)
    expect(sample).toMatchObject({ kind, columns: COLUMNS, delimiter: ',' })
    const records = await recordsOf(sample)
    expect(fieldsOf(records)).toEqual(CELLS)
    for (const { raw, fields } of records) expect(recordFromText(raw, sample).fields).toEqual(fields)
  })

  it('keeps numbers as they are written', async () => {
    const sample = await sampleOf('[{"a": 7.0, "b": 12345678901234567890, "c": 1e3, "d": [1.50], "e": "1.0"}]', {}, 'json')
    expect(fieldsOf(await recordsOf(sample))).toEqual([['7.0', '12345678901234567890', '1e3', '[1.50]', '1.0']])
  })

  it.each(['[{"a":NaN,"b":"NaN, Infinity","c":[1,NaN]},{"a":-Infinity}]', '{"a":NaN,"b":"NaN, Infinity","c":[1,NaN]}\n{"a":Infinity}\n'])(
    'reads the numbers of Python that are none as missing: %s',
    async (text) => {
      expect(fieldsOf(await recordsOf(await sampleOf(text, {}, 'json')))).toEqual([
        ['', 'NaN, Infinity', '[1,null]'],
        ['', '', ''],
      ])
    },
  )

  it('reads a list whose beginning and end come in different parts of the file', async () => {
    const rows = Array.from({ length: 3000 }, (_, i) => ({ id: i, plot: `Plot {${i}] of "many" words. `.repeat(10) }))
    for (const text of [JSON.stringify({ page: 1, results: rows, pages: 2 }), rows.map((row) => JSON.stringify(row, null, 2)).join('\n')])
      expect(fieldsOf(await recordsOf(await sampleOf(text, {}, 'json')))).toEqual(rows.map(({ id, plot }) => [String(id), plot]))
  })

  it('takes the members of a record inside a record for its cells', async () => {
    const text = '{"id":1,"data":{"text":"A plot","year":"1999"}}\n{"id":2,"data":{"text":"Another"},"toString":0}\n'
    const sample = await sampleOf(text, {}, 'jsonl')
    expect(sample.columns).toEqual(['id', 'data.text', 'data.year', 'toString'])
    expect(fieldsOf(await recordsOf(sample))).toEqual([
      ['1', 'A plot', '1999', ''],
      ['2', 'Another', '', '0'],
    ])
  })

  it('rejects elements that are not objects, and continues', async () => {
    const lines = await recordsOf(await sampleOf('{"id":1}\n{"id":2\n[3]\n{"id":4}\n', {}, 'jsonl'))
    expect(lines.map(({ line, broken }) => [line, broken?.split(':')[0] ?? null])).toEqual([
      [1, null],
      [2, 'it is not JSON'],
      [3, 'it is not a JSON object'],
      [4, null],
    ])
    const list = await recordsOf(await sampleOf('[{"id":1},\n{"id":tru},\n7,\n{"id":4}', {}, 'json'))
    expect(list.map(({ line, broken }) => [line, broken !== null])).toEqual([
      [1, false],
      [2, true],
      [3, true],
      [4, true],
    ])
    expect(list[3]!.broken).toContain('the file ends before its list does')
  })

  it.each([
    ['[{"id":1}] and more', 'not-one-list'],
    ['{"a": 1,\n"b": [1, 2]}', 'not-a-list'],
    ['{"title": {"0": "A", "1": "B"}, "plot": {"0": "C", "1": "D"}}', 'not-a-list'],
    ['["a", "b"]', 'not-a-list'],
    ['{}', 'not-a-list'],
  ])('refuses %j', async (text, code) => {
    await expect(takeSample(write(`${++count}.json`, text))).rejects.toMatchObject({ code })
  })

  it('does not take names of columns from prototypes', async () => {
    const sample = await sampleOf('{"id":1,"toString":"x"}\n{"id":2,"__proto__":"y"}\n', {}, 'jsonl')
    expect(sample.columns).toEqual(['id', 'toString', '__proto__'])
    expect(fieldsOf(await recordsOf(sample))).toEqual([
      ['1', 'x', ''],
      ['2', '', 'y'],
    ])
  })
})

describe('Parquet (files written by pyarrow 25)', () => {
  it.each(['none', 'snappy', 'gzip', 'zstd', 'brotli'])('%s', async (codec) => {
    const [sample] = await takeSample(join(FILES, `m.${codec}.parquet`))
    expect(sample).toMatchObject({ kind: 'parquet', columns: ['id', 'title', 'plot', 'genres', 'released', 'seen', 'score', 'kept'] })
    expect(fieldsOf(await recordsOf(sample!))).toEqual([
      ['1', 'Pokémon', 'A boy.\nA mouse.', '["Drama","War"]', '1995-12-15', '2020-01-02T03:04:05Z', '7.1', 'true'],
      ['2', 'Heat, "1995"', 'A robber.', '[]', '', '', '8', 'false'],
      ['9007199254740993', '', '😀', '', '1888-01-01', '', '', ''],
    ])
  })

  const ids = Array.from({ length: 16 }, (_, i) => String(i + 1))
  const COLUMNS = { id: ids, plot: ids.map((id) => `The plot of movie ${id}. `.repeat(40)) }
  /** A block of LZ4 without any match: a token, the rest of the length in steps of 255, the bytes. */
  const lz4 = (page: Buffer): Buffer => {
    const rest = page.length - 15
    return Buffer.concat([Buffer.from([0xf0]), Buffer.alloc(Math.floor(rest / 255), 255), Buffer.from([rest % 255]), page])
  }
  it('reads a wide row group in pieces, and every row once', async () => {
    const cells = Array.from({ length: 1001 }, (_, i) => String(i % 200))
    const wide = Object.fromEntries(Array.from({ length: 2000 }, (_, i) => [`c${i}`, cells]))
    const [sample] = await takeSample(write('wide.parquet', parquetFile(wide)))
    const records = await recordsOf(sample!)
    expect(records.map(({ fields }) => fields[1999])).toEqual(cells)
    expect(records.at(-1)).toMatchObject({ line: 1001 })
  })

  it.each<[string, Parameters<typeof parquetFile>[1]]>([
    ['plain', {}],
    ['of a writer that does not say where the dictionary is', { dictionaryOffset: false }],
    ['lz4', { codec: { code: 7, pack: lz4 } }],
  ])('reads dictionaries that are longer than the footer: %s', async (_, options) => {
    const [sample] = await takeSample(write(`${++count}.parquet`, parquetFile(COLUMNS, options)))
    expect(fieldsOf(await recordsOf(sample!))).toEqual(ids.map((id, i) => [id, COLUMNS.plot[i]]))
  })

  it('refuses a codec that it cannot unpack, by name', async () => {
    const file = write('lzo.parquet', parquetFile(COLUMNS, { codec: { code: 3, pack: (page) => page } }))
    await expect(takeSample(file)).rejects.toMatchObject({
      code: 'damaged-parquet',
      message: expect.stringContaining('unsupported compression codec: LZO') as string,
    })
  })

  it('refuses a damaged one', async () => {
    const bytes = readFileSync(join(FILES, 'm.snappy.parquet'))
    await expect(takeSample(write('cut.parquet', bytes.subarray(0, 900)))).rejects.toMatchObject({ code: 'damaged-parquet' })
  })
})

describe('XLSX (a file written by openpyxl 3.1)', () => {
  it('reads every sheet that holds anything, dates as ISO text', async () => {
    const samples = await takeSample(join(FILES, 'book.xlsx'))
    expect(samples.map(({ name, entry, kind }) => [name, entry, kind])).toEqual([
      ['book.xlsx: Movies', 'Movies', 'xlsx'],
      ['book.xlsx: Más', 'Más', 'xlsx'],
    ])
    expect(samples[0]!.columns).toEqual(['id', 'title', 'plot', 'genres', 'released', 'seen', 'kept', 'score', 'title (2)'])
    const records = await recordsOf(samples[0]!)
    expect(fieldsOf(records)).toEqual([
      ['1', 'Pokémon', 'A boy.\nA mouse.', 'Drama, War', '1995-12-15', '2020-01-02T03:04:05Z', 'true', '7.1', 'again'],
      ['2', ' spaced ', '', '', '', '', 'false', '8', ''],
    ])
    expect(records.map(({ line }) => line)).toEqual([2, 3])
    expect(await tableHeader(samples[0]!)).toBe('id,title,plot,genres,released,seen,kept,score,title (2)\n')
  })

  it('refuses a sheet whose last cell is a million rows away', async () => {
    const sheet =
      '<worksheet><sheetData><row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c r="XFD1048576"><v>1</v></c></row></sheetData></worksheet>'
    const zip = storedZip([
      { name: 'xl/workbook.xml', data: Buffer.from('<workbook/>') },
      { name: 'xl/worksheets/sheet1.xml', data: Buffer.from(sheet) },
    ])
    await expect(takeSample(write('far.xlsx', zip))).rejects.toMatchObject({ code: 'workbook-too-large' })
  })
})

describe('files that are not tables', () => {
  it.each<[string, string | Buffer, string]>([
    ['empty.csv', '', 'empty-file'],
    ['blank.csv', '\n \n', 'empty-file'],
    ['program', Buffer.from('7f454c4602010100000000000000000003003e00', 'hex'), 'not-text'],
  ])('%s', async (name, content, code) => {
    await expect(takeSample(write(name, content))).rejects.toMatchObject({ code })
  })
  const LFS = 'version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 1234\n'
  it.each<[string, string | Buffer, RegExp]>([
    ['page.csv', '\ufeff\n<!DOCTYPE html><html><body>Sign in</body></html>', /is a web page.* Download the file itself/],
    ['page.csv.gz', gzipSync('<html lang="en"><head>'), /is a web page/],
    ['pointer.csv', LFS, /is a pointer of Git LFS.*git lfs pull/],
    ['pointer.parquet', LFS, /is a pointer of Git LFS/],
    ['list.csv', '<?xml version="1.0"?><movies/>', /is an XML document/],
    ['mysql.sql', '-- MySQL dump 10.13\n/*!40101 SET NAMES utf8 */;\nDROP TABLE IF EXISTS `movies`;\n', /is an SQL dump/],
    ['sqlite.csv', 'PRAGMA foreign_keys=OFF;\nBEGIN TRANSACTION;\n', /is an SQL dump/],
    ['postgres.csv', '--\n-- PostgreSQL database dump\n--\n\nSET statement_timeout = 0;\n', /is an SQL dump/],
    ['paper.csv', '%PDF-1.7\n', /is a PDF/],
    ['secret.parquet', 'PARE', /is an encrypted Parquet file/],
  ])('%s is called what it is', async (name, content, message) => {
    await expect(takeSample(write(name, content))).rejects.toMatchObject({
      code: 'unknown-format',
      message: expect.stringMatching(message) as string,
    })
  })

  it('folders and missing files', async () => {
    await expect(takeSample(folder)).rejects.toMatchObject({ code: 'is-a-folder' })
    await expect(takeSample(join(folder, 'gone.csv'))).rejects.toMatchObject({ code: 'file-not-found' })
  })
})
