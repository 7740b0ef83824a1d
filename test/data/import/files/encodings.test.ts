import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { encodeChunks } from '../../../../src/main/data/export/encoding.ts'
import { uniformInt } from 'pure-rand/distribution/uniformInt'
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus'
import { ENCODINGS, type Encoding } from '../../../../src/contract/importing.ts'
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

  it.each<[Encoding, string, string]>([
    // bytes from Python's codecs
    ['windows-1250', '8f72f364b36f209620b3f3649f', 'Źródło – łódź'],
    ['iso-8859-2', 'ae6c75bb6f75e86bfd206bf9f2', 'Žluťoučký kůň'],
    ['windows-1251', 'caeeece5e4e8ff20abf3e6e0f1eee2bb20b931', 'Комедия «ужасов» №1'],
    ['koi8-r', 'ebcfcdc5c4c9d120d5d6c1d3cfd7', 'Комедия ужасов'],
    ['koi8-u', 'b7a720add2d5ced4', 'Її ґрунт'],
    ['iso-8859-5', 'badedcd5d4d8ef', 'Комедия'],
    ['windows-1253', 'a2e3e3e5ebeff220f4eff520f6dcf1eff5', 'Άγγελος του φάρου'],
    ['iso-8859-7', 'b6e3e3e5ebeff220f4eff520f6dcf1eff5', 'Άγγελος του φάρου'],
    ['windows-1254', '49fefdf0fd6e2067f66c67657369', 'Işığın gölgesi'],
    ['iso-8859-9', '49fefdf0fd6e2067f66c67657369', 'Işığın gölgesi'],
    ['windows-1255', 'f9e5eef820e4eee2e3ece5f8', 'שומר המגדלור'],
    ['windows-1256', 'cdc7d1d320c7e1e3e4c7d1c9', 'حارس المنارة'],
    ['iso-8859-6', 'cdc7d1d3', 'حارس'],
    ['windows-1257', 'de7576697320e0fe756f6c6173', 'Žuvis ąžuolas'],
    ['windows-1258', 'f020f520fd', 'đ ơ ư'],
    ['iso-8859-15', 'a420bc75767265', '€ Œuvre'],
    ['shift_jis', '939491e48ee782cc8ee88e8620c3bdc420955c', '灯台守の手紙 ﾃｽﾄ 表'],
    ['euc-jp', 'c5f4c2e6bce9a4cebceabbe6', '灯台守の手紙'],
    ['euc-kr', 'b5eeb4ebc1f6b1e2c0c720c6edc1f6', '등대지기의 편지'],
    ['gb18030', 'b5c6cbfebfb4cad8c8cba2e395328236', '灯塔看守人€𠀀'],
    ['big5', 'bf4fb6f0acdda675a448', '燈塔看守人'],
  ])('%s', async (encoding, hex, text) => {
    const bytes = Buffer.from(hex, 'hex')
    for (const size of [1, 2, 3, 100]) expect(await decode(bytes, encoding, size)).toBe(text)
    expect(encodeText(text, encoding)).toEqual(bytes)
    expect(canEncode(text, encoding)).toBe(true)
  })

  it.each(ENCODINGS.filter((encoding) => !encoding.startsWith('utf-')))('%s: all bytes and random ones come back', async (encoding) => {
    const random = xoroshiro128plus(5)
    const some = Array.from({ length: 3000 }, () => uniformInt(random, 0, 255))
    const all = Array.from({ length: 256 }, (_, i) => i)
    for (const [bytes, size] of [
      [all, 7],
      [some, 4000],
      [some, 100],
    ] as const)
      expect(encodeText(await decode(Buffer.from(bytes), encoding, size), encoding)).toEqual(Buffer.from(bytes))
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

  it.each<[string, Encoding, string]>([
    [
      'Russian',
      'windows-1251',
      'Старый смотритель маяка находит письмо, которое никогда не должно было быть открыто. Молодая женщина возвращается домой, чтобы узнать правду о своём отце.',
    ],
    [
      'Russian',
      'koi8-r',
      'Старый смотритель маяка находит письмо, которое никогда не должно было быть открыто. Молодая женщина возвращается домой, чтобы узнать правду о своём отце.',
    ],
    [
      'Russian',
      'iso-8859-5',
      'Старый смотритель маяка находит письмо, которое никогда не должно было быть открыто. Молодая женщина возвращается домой, чтобы узнать правду о своём отце.',
    ],
    [
      'Ukrainian',
      'windows-1251',
      'Старий доглядач маяка знаходить лист, який ніколи не мав бути відкритий. Її брат повертається додому, щоб дізнатися правду.',
    ],
    [
      'Ukrainian',
      'koi8-u',
      'Старий доглядач маяка знаходить лист, який ніколи не мав бути відкритий. Її брат повертається додому, щоб дізнатися правду.',
    ],
    [
      'Japanese',
      'shift_jis',
      '古い灯台守は、決して開けられるはずのなかった手紙を見つけ、村は永遠に変わってしまう。若い女性が父の真実を知るために故郷に帰る。',
    ],
    [
      'Japanese',
      'euc-jp',
      '古い灯台守は、決して開けられるはずのなかった手紙を見つけ、村は永遠に変わってしまう。若い女性が父の真実を知るために故郷に帰る。',
    ],
    ['Korean', 'euc-kr', '늙은 등대지기는 결코 열려서는 안 될 편지를 발견하고, 마을은 영원히 변한다. 젊은 여자가 고향으로 돌아온다.'],
    ['simplified Chinese', 'gb18030', '老灯塔看守人发现了一封本不该被打开的信，整个村庄从此改变。一位年轻女子回到家乡，想知道父亲的真相。'],
    ['traditional Chinese', 'big5', '老燈塔看守人發現了一封本不該被打開的信，整個村莊從此改變。一位年輕女子回到家鄉，想知道父親的真相。'],
    [
      'Greek',
      'windows-1253',
      'Ο Άγγελος, γέρος φαροφύλακας, βρίσκει ένα γράμμα που δεν έπρεπε ποτέ να ανοιχτεί. Μια νέα γυναίκα επιστρέφει στο σπίτι.',
    ],
    [
      'Greek',
      'iso-8859-7',
      'Ο Άγγελος, γέρος φαροφύλακας, βρίσκει ένα γράμμα που δεν έπρεπε ποτέ να ανοιχτεί. Μια νέα γυναίκα επιστρέφει στο σπίτι.',
    ],
    [
      'Turkish',
      'windows-1254',
      'Yaşlı deniz feneri bekçisi, asla açılmaması gereken bir mektup bulur. Genç bir kadın, babasının gerçeğini öğrenmek için eve döner.',
    ],
    ['Hebrew', 'windows-1255', 'שומר המגדלור הזקן מוצא מכתב שמעולם לא היה אמור להיפתח, וכל הכפר משתנה לנצח. אישה צעירה חוזרת הביתה.'],
    [
      'Arabic',
      'windows-1256',
      'حارس المنارة العجوز يجد رسالة لم يكن من المفترض أن تفتح أبدا. امرأة شابة تعود إلى المنزل لتعرف الحقيقة عن والدها.',
    ],
    [
      'Polish',
      'windows-1250',
      'Stary latarnik znajduje list, który nigdy nie miał zostać otwarty. Młoda kobieta wraca do domu, żeby poznać źródło prawdy o swoim ojcu, o śmierci.',
    ],
    [
      'Polish',
      'iso-8859-2',
      'Stary latarnik znajduje list, który nigdy nie miał zostać otwarty. Młoda kobieta wraca do domu, żeby poznać źródło prawdy o swoim ojcu, o śmierci.',
    ],
    [
      'Czech',
      'windows-1250',
      'Starý strážce majáku najde dopis, který nikdy neměl být otevřen. Mladá žena se vrací domů, aby zjistila pravdu o svém otci, těžší než žal.',
    ],
    [
      'Czech',
      'iso-8859-2',
      'Starý strážce majáku najde dopis, který nikdy neměl být otevřen. Mladá žena se vrací domů, aby zjistila pravdu o svém otci, těžší než žal.',
    ],
    [
      'French',
      'windows-1252',
      'Le vieux gardien du phare trouve une lettre qui n’aurait jamais dû être ouverte. Une jeune femme rentre chez elle, déjà âgée.',
    ],
    [
      'German',
      'windows-1252',
      'Der alte Leuchtturmwärter findet einen Brief, der nie hätte geöffnet werden dürfen. Eine junge Frau kehrt zurück, größer als zuvor.',
    ],
    [
      'Spanish',
      'windows-1252',
      'El viejo farero encuentra una carta que nunca debió abrirse. Una joven vuelve a casa después de años, ¿qué más?',
    ],
    [
      'English',
      'windows-1252',
      'The baker finds a letter – don’t open it – and Pokémon in a Zürich café. He couldn’t believe “it”, said Björn from São Paulo.',
    ],
  ])('by its letters: %s in %s', async (_, encoding, plots) => {
    const sentences = plots.split(/(?<=[.。]) ?/)
    const row = (i: number): string => `${i},The Movie ${i},"${sentences[i % sentences.length]}","Drama, War"\r\n`
    const text = 'id,title,plot,genres\r\n' + Array.from({ length: 16 }, (_, i) => row(i)).join('')
    const [sample] = await takeSample(write('letters.csv', encodeText(text, encoding)))
    expect([sample!.encoding, sample!.records[0]!.fields[2]]).toEqual([encoding, sentences[0]])
  })

  it('letters that may be those of two encodings are a warning', async () => {
    const lithuanian = [
      'Senas švyturio prižiūrėtojas randa laišką, kuris niekada neturėjo būti atidarytas, ir visas kaimas pasikeičia amžiams',
      'Jauna moteris grįžta namo, kad sužinotų tiesą apie savo tėvą',
      'Žuvis, ąžuolas, ęįų.',
    ]
    const rows = Array.from({ length: 200 }, (_, i) => `${i},The Movie ${i},"${lithuanian[i % 3]}","Drama, War"\r\n`)
    const text = 'id,title,plot,genres\r\n' + rows.join('')
    const [sample] = await takeSample(write('warn.csv', encodeText(text, 'windows-1257')))
    expect(sample!.reasons).toContainEqual(
      expect.objectContaining({ code: 'encoding', evidence: expect.objectContaining({ similarTo: 'windows-1257' }) as object }) as object,
    )
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
