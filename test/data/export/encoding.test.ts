import { describe, expect, it } from 'vitest'
import type { Encoding } from '../../../src/contract/importing.ts'
import { encodeChunks } from '../../../src/main/data/export/encoding.ts'
import { exportFile } from '../../../src/main/data/export/file.ts'
import { exportName } from '../../../src/main/data/export/names.ts'
import { encodeText } from '../../../src/main/data/import/files/encodings.ts'
import { takeSample } from '../../../src/main/data/import/detect/sample.ts'
import { tableHeader, tableRecords } from '../../../src/main/data/import/files/tables.ts'
import { collect, scratchFolder } from '../support/files.ts'

const { write } = scratchFolder()

/** The bytes of a file that was imported and exported again, with `given` added to the genres of its first record. */
async function back(bytes: Buffer, add: readonly string[] = []): Promise<Buffer> {
  const sample = (await takeSample(write('movies.csv', bytes)))[0]!
  const records = (await collect(tableRecords(sample))).flat()
  const file = {
    ...sample,
    role: 'movies',
    headerRaw: await tableHeader(sample),
    genresColumn: 'genre',
    idColumn: null,
    genreSyntax: 'comma',
  } as const
  const options = { columns: [], neutraliseFormulas: false, keyOf: (name: string) => name }
  const exported = records.map(({ raw }, i) => ({ raw, add: i === 0 ? add : [], remove: [], lastOfMovie: true, key: '', extras: null }))
  const chunks = encodeChunks(sample.name, exportFile(file, exported, options), sample.encoding)
  return Buffer.concat(Array.from(chunks, (chunk) => Buffer.from(chunk)))
}

describe('files are exported in their original encoding', () => {
  const text = 'title;plot;genre\r\nPokémon;"Don’t – ""go""";Drama\r\n\r\nCafé;€ 5;"War, Horror"'
  const latin = 'title;plot;genre\nPok\u00e9mon;\u0081;Drama\n'

  it.each<[string, Encoding, string]>([
    ['UTF-8', 'utf-8', text],
    ['UTF-8 with a byte order mark', 'utf-8', '\ufeff' + text],
    ['UTF-16 LE', 'utf-16le', '\ufeff' + text],
    ['UTF-16 BE', 'utf-16be', '\ufeff' + text],
    ['UTF-16 LE without a mark', 'utf-16le', text],
    ['Windows-1252', 'windows-1252', text],
    ['Latin-1', 'iso-8859-1', latin],
  ])('%s: byte for byte, and with a correction', async (_, encoding, given) => {
    const bytes = encodeText(given, encoding)
    expect((await back(bytes)).equals(bytes)).toBe(true)
    const corrected = encodeText(given.replace(';Drama', encoding === 'iso-8859-1' ? ';Drama, Comédie' : ';Drama, Comédie'), encoding)
    expect((await back(bytes, ['Comédie'])).equals(corrected)).toBe(true)
  })

  it('a genre that the encoding cannot express is named', async () => {
    await expect(back(encodeText(text, 'windows-1252'), ['恐怖'])).rejects.toMatchObject({
      code: 'not-encodable',
      message: /has no "恐"/ as never,
    })
  })

  it('quotes escaped by backslashes stay escaped by backslashes', async () => {
    const escaped = 'title,plot,genre\n"The \\"A\\"","x \\"y\\"",Drama\n"B","z",War\n'
    expect(String(await back(Buffer.from(escaped)))).toBe(escaped)
    expect(String(await back(Buffer.from(escaped), ['War']))).toBe(
      'title,plot,genre\n"The \\"A\\"","x \\"y\\"","Drama, War"\n"B","z",War\n',
    )
  })
})

describe('names of exported files', () => {
  it.each([
    ['movies.csv', 'csv', 'none', null, 'movies.csv'],
    ['movies.csv.gz', 'csv', 'gzip', null, 'movies.csv'],
    ['all.zip: data/movies.csv', 'csv', 'zip', 'data/movies.csv', 'movies.csv'],
    ['all.zip: a/..hidden.tsv', 'csv', 'zip', 'a/..hidden.tsv', '_hidden.tsv'],
    ['book.xlsx: Sheet 1', 'xlsx', 'none', 'Sheet 1', 'book Sheet 1.csv'],
    ['book.xlsx: a/b', 'xlsx', 'none', 'a/b', 'book a_b.csv'],
    ['movies.json', 'json', 'none', null, 'movies.csv'],
    ['movies.jsonl.gz', 'jsonl', 'gzip', null, 'movies.csv'],
    ['CON.csv', 'csv', 'none', null, '_CON.csv'],
    ['catalogue', 'csv', 'none', null, 'catalogue.csv'],
  ] as const)('%s', (name, kind, packing, entry, expected) => {
    expect(exportName({ name, kind, packing, entry })).toBe(expected)
  })
})
