import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { encodeChunks } from '../../../../src/main/data/export/encoding.ts'
import type { Encoding } from '../../../../src/contract/importing.ts'
import { canEncode, decodeText, encodeText, readUndecoded } from '../../../../src/main/data/import/files/encodings.ts'
import { takeSample } from '../../../../src/main/data/import/detect/sample.ts'
import { tableHeader, tableRecords } from '../../../../src/main/data/import/files/tables.ts'
import { collect, scratchFolder } from '../../support/files.ts'

const { write } = scratchFolder()
const BOM = Buffer.from([0xef, 0xbb, 0xbf])

async function* pieces(bytes: Buffer, size: number): AsyncGenerator<Buffer> {
  for (let at = 0; at < bytes.length; at += size) yield await Promise.resolve(bytes.subarray(at, at + size))
}
async function decode(bytes: Buffer, encoding: Encoding, size = 1 << 20): Promise<string> {
  return (await collect(decodeText(pieces(bytes, size), encoding))).join('')
}
function utf16be(text: string): Buffer {
  return Buffer.from(text, 'utf16le').swap16()
}

describe('bytes to text and back', () => {
  const TEXT = 'Pokémon, “don’t” – 4 € 😀 Ωλ 漢\r\n'

  it.each<[Encoding, Buffer, string]>([
    ['utf-8', Buffer.from(TEXT), TEXT],
    ['utf-16le', Buffer.from(TEXT, 'utf16le'), TEXT],
    ['utf-16be', utf16be(TEXT), TEXT],
    // bytes from the tables of the Unicode Consortium
    ['windows-1252', Buffer.from([0x93, 0x64, 0x6f, 0x6e, 0x92, 0x74, 0x94, 0x20, 0x80, 0xe9, 0x9f]), '“don’t” €éŸ'],
    ['iso-8859-1', Buffer.from([0x63, 0xe9, 0x92, 0xff]), 'cé\u0092ÿ'],
  ])('%s', async (encoding, bytes, text) => {
    for (const size of [1, 2, 3, 5, 100]) expect(await decode(bytes, encoding, size)).toBe(text)
    expect(encodeText(text, encoding)).toEqual(bytes)
    expect(canEncode(text, encoding)).toBe(true)
  })

  it.each<Encoding>(['windows-1252', 'iso-8859-1'])('%s: every byte comes back', async (encoding) => {
    const bytes = Buffer.from(Array.from({ length: 256 }, (_, i) => i))
    const text = await decode(bytes, encoding, 7)
    expect(text).toHaveLength(256)
    expect(encodeText(text, encoding)).toEqual(bytes)
  })

  it('random bytes that are text in an encoding are encoded to the same bytes', async () => {
    const encoding = fc.constantFrom<Encoding>('utf-8', 'utf-16le', 'utf-16be')
    const text = fc.string({ unit: 'binary', maxLength: 50 })
    await fc.assert(
      fc.asyncProperty(encoding, text, fc.integer({ min: 1, max: 9 }), async (name, given, size) => {
        expect(await decode(encodeText(given, name), name, size)).toBe(given)
      }),
      { seed: 11, numRuns: 500 },
    )
  })

  it('keeps invalid bytes, and reads them as Windows-1252', async () => {
    const bytes = Buffer.from([0x61, 0x92, 0x62, 0xc3, 0xa9, 0xe2, 0x82, 0xf0, 0x9f, 0x98, 0x80, 0xff])
    for (const size of [1, 2, 3, 20]) {
      const text = await decode(bytes, 'utf-8', size)
      expect(text.isWellFormed()).toBe(false)
      expect(readUndecoded(text)).toEqual({ text: 'a’béâ‚😀ÿ', bytes: [0x92, 0xe2, 0x82, 0xff] })
      expect(Buffer.concat(Array.from(encodeChunks('x', [text], 'utf-8'), (chunk) => Buffer.from(chunk)))).toEqual(bytes)
    }
  })

  it.each<[string, Encoding, number[]]>([
    ['half a unit at the end', 'utf-16le', [0x61, 0, 0x0a, 0, 0x62]],
    ['half a unit at the end', 'utf-16be', [0, 0x61, 0, 0x0a, 0xe9]],
    ['a unit and a half after a pair is begun', 'utf-16le', [0x61, 0, 0x3d, 0xd8, 0x00]],
    ['halves of pairs', 'utf-16le', [0x3d, 0xd8, 0x61, 0, 0x00, 0xde, 0x62, 0]],
  ])('every byte of a damaged file comes back: %s, %s', async (_, encoding, given) => {
    const bytes = Buffer.from(given)
    for (const size of [1, 2, 3, 20]) expect(encodeText(await decode(bytes, encoding, size), encoding)).toEqual(bytes)
  })

  it('reports characters that an encoding does not have', () => {
    expect(canEncode('恐怖', 'windows-1252')).toBe(false)
    expect(canEncode('€', 'iso-8859-1')).toBe(false)
    expect(() => [...encodeChunks('old.csv', ['a,Horror\n', 'b,恐怖\n'], 'windows-1252')]).toThrow(
      /old\.csv was imported as windows-1252, which has no "恐"/,
    )
  })
})

describe('which encoding it is', () => {
  const rows = 'id,plot\n1,Café “noir” don’t\n2,Ärger\n'
  const in1252 = (text: string): Buffer => encodeText(text, 'windows-1252')

  it.each<[string, Buffer, Encoding, boolean, object]>([
    ['ascii', Buffer.from('id,plot\n1,a\n'), 'utf-8', false, { code: 'ascii' }],
    ['utf8', Buffer.from(rows), 'utf-8', false, { code: 'valid-utf-8' }],
    ['utf8-bom', Buffer.concat([BOM, Buffer.from(rows)]), 'utf-8', true, { code: 'byte-order-mark', encoding: 'utf-8' }],
    ['le-bom', Buffer.from('\ufeff' + rows, 'utf16le'), 'utf-16le', true, { code: 'byte-order-mark', encoding: 'utf-16le' }],
    ['be-bom', utf16be('\ufeff' + rows), 'utf-16be', true, { code: 'byte-order-mark', encoding: 'utf-16be' }],
    [
      'le',
      Buffer.from(rows, 'utf16le'),
      'utf-16le',
      false,
      { code: 'zero-bytes', encoding: 'utf-16le', position: 'second', percent: expect.any(Number) as number },
    ],
    [
      'be',
      utf16be(rows),
      'utf-16be',
      false,
      { code: 'zero-bytes', encoding: 'utf-16be', position: 'first', percent: expect.any(Number) as number },
    ],
    [
      '1252',
      in1252(rows),
      'windows-1252',
      false,
      { code: 'windows-1252', at: { byte: 0x93, offset: 15 }, character: '“', inLatin1: false, similarTo: null },
    ],
    [
      'latin1',
      Buffer.from('id,plot\n1,caf\xe9 noir\n', 'latin1'),
      'windows-1252',
      false,
      { code: 'windows-1252', at: { byte: 0xe9, offset: 13 }, character: 'é', inLatin1: true, similarTo: null },
    ],
    [
      'open',
      Buffer.from('id,plot\n1,caf\xe9 \x81\n', 'latin1'),
      'iso-8859-1',
      false,
      { code: 'not-windows-1252', at: { byte: 0x81, offset: 15 }, firstInvalid: { byte: 0xe9, offset: 13 }, similarTo: null },
    ],
    [
      'late',
      Buffer.concat([Buffer.from('id,plot\n' + '1,e\n'.repeat(300_000)), Buffer.from([0x32, 0x2c, 0x92, 10])]),
      'windows-1252',
      false,
      { code: 'windows-1252', at: { byte: 0x92, offset: 1_200_010 }, character: '’', inLatin1: false, similarTo: null },
    ],
  ])('%s', async (name, bytes, encoding, bom, evidence) => {
    const path = write(`${name}.csv`, bytes)
    const [sample] = await takeSample(path)
    expect(sample).toMatchObject({ encoding, bom, columns: ['id', 'plot'] })
    expect(sample!.reasons).toContainEqual({ code: 'encoding', file: `${name}.csv`, chosen: null, evidence })
    let text = (bom ? '\ufeff' : '') + (await tableHeader(sample!))
    for await (const batch of tableRecords(sample!)) for (const { raw } of batch) text += raw
    expect(Buffer.concat(Array.from(encodeChunks('x', [text], encoding), (chunk) => Buffer.from(chunk))).equals(bytes)).toBe(true)
  })

  it('the user decides', async () => {
    const path = write('chosen.csv', in1252(rows))
    const [sample] = await takeSample(path, { encoding: 'iso-8859-1' })
    expect(sample).toMatchObject({ encoding: 'iso-8859-1' })
    expect(sample!.reasons).toContainEqual({
      code: 'encoding',
      file: 'chosen.csv',
      chosen: 'iso-8859-1',
      evidence: expect.objectContaining({ code: 'windows-1252' }) as object,
    })
    expect(sample!.records[0]!.fields[1]).toContain('don\u0092t')
  })

  it('a few invalid bytes in UTF-8 reject their records, or are repaired', async () => {
    const good = Array.from({ length: 50 }, (_, i) => `${i},Ärger über Café\n`).join('')
    const path = write('mixed.csv', Buffer.concat([Buffer.from('id,plot\n' + good), Buffer.from('50,don\x92t\n51,fine\n', 'latin1')]))
    const [aside] = await takeSample(path)
    expect(aside).toMatchObject({ encoding: 'utf-8' })
    expect(aside!.reasons).toContainEqual({
      code: 'encoding',
      file: 'mixed.csv',
      chosen: null,
      evidence: { code: 'mostly-utf-8', invalid: 1, first: { byte: 0x92, offset: 8 + Buffer.byteLength(good) + 6 } },
    })
    expect(aside!.records.filter(({ broken }) => broken !== null)).toMatchObject([
      { line: 52, raw: '50,don\udc92t\n', fields: ['50', 'don’t'], broken: expect.stringContaining('0x92') as string },
    ])
    const [repaired] = await takeSample(path, { repairs: { mojibake: true } })
    expect(repaired!.records[50]).toMatchObject({ fields: ['50', 'don’t'], broken: null, log: [{ what: 'repaired', line: 52 }] })
  })
})
