/** Small builders of hostile files. */
import { crc32, deflateRawSync } from 'node:zlib'

export interface Packed {
  readonly name: string
  readonly content: string | Buffer
  /** Entries of the directory that name the same bytes, under names of their own. */
  readonly copies?: number
}

/** A zip archive with compression (APPNOTE.TXT 6.3). */
export function packedZip(files: readonly Packed[]): Buffer {
  const parts: Buffer[] = []
  const directory: Buffer[] = []
  let offset = 0
  let count = 0
  for (const { name, content, copies = 1 } of files) {
    const data = Buffer.from(content as string)
    const packed = deflateRawSync(data, { level: 9 })
    const common = Buffer.alloc(22)
    common.writeUInt16LE(20, 0)
    common.writeUInt16LE(8, 4)
    common.writeUInt32LE(crc32(data), 10)
    common.writeUInt32LE(packed.length, 14)
    common.writeUInt32LE(data.length, 18)
    const named = (signature: number, middle: Buffer, text: string): Buffer => {
      const begin = Buffer.alloc(4)
      begin.writeUInt32LE(signature)
      const length = Buffer.alloc(4)
      length.writeUInt16LE(Buffer.byteLength(text))
      return Buffer.concat([
        begin,
        signature === 0x02014b50 ? Buffer.from([20, 0]) : Buffer.alloc(0),
        common,
        length,
        middle,
        Buffer.from(text),
      ])
    }
    parts.push(named(0x04034b50, Buffer.alloc(0), name), packed)
    for (let copy = 0; copy < copies; copy++) {
      const place = Buffer.alloc(14)
      place.writeUInt32LE(offset, 10)
      directory.push(named(0x02014b50, place, copy === 0 ? name : `${copy}-${name}`))
      count++
    }
    offset = parts.reduce((sum, part) => sum + part.length, 0)
  }
  const central = Buffer.concat(directory)
  const end = Buffer.alloc(22)
  end.writeUInt32LE(0x06054b50, 0)
  end.writeUInt16LE(count, 8)
  end.writeUInt16LE(count, 10)
  end.writeUInt32LE(central.length, 12)
  end.writeUInt32LE(offset, 16)
  return Buffer.concat([...parts, central, end])
}

const MAIN = 'http://schemas.openxmlformats.org/spreadsheetml/2006/main'
const RELATIONS = 'http://schemas.openxmlformats.org/officeDocument/2006/relationships'

/** A workbook of sheets, each the XML of its rows, and of shared strings. */
export function workbook(sheets: readonly string[], strings = ''): Buffer {
  const list = (each: (n: number) => string): string => sheets.map((_, i) => each(i + 1)).join('')
  const relation = (n: number): string => `<Relationship Id="r${n}" Type="${RELATIONS}/worksheet" Target="worksheets/sheet${n}.xml"/>`
  const xml = (content: string): string => `<?xml version="1.0" encoding="UTF-8"?>${content}`
  return packedZip([
    { name: '[Content_Types].xml', content: xml('<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>') },
    {
      name: 'xl/workbook.xml',
      content: xml(
        `<workbook xmlns="${MAIN}" xmlns:r="${RELATIONS}"><sheets>${list((n) => `<sheet name="S${n}" sheetId="${n}" r:id="r${n}"/>`)}</sheets></workbook>`,
      ),
    },
    {
      name: 'xl/_rels/workbook.xml.rels',
      content: xml(
        `<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">${list(relation)}<Relationship Id="s" Type="${RELATIONS}/sharedStrings" Target="sharedStrings.xml"/></Relationships>`,
      ),
    },
    { name: 'xl/sharedStrings.xml', content: xml(`<sst xmlns="${MAIN}">${strings}</sst>`) },
    ...sheets.map((rows, i) => ({
      name: `xl/worksheets/sheet${i + 1}.xml`,
      content: xml(`<worksheet xmlns="${MAIN}"><sheetData>${rows}</sheetData></worksheet>`),
    })),
  ])
}

/** A row of a sheet, from column A on, of cells with a text of their own. */
export const textRow = (row: number, cells: readonly string[]): string =>
  `<row r="${row}">${cells.map((cell, i) => `<c r="${String.fromCharCode(65 + i)}${row}" t="inlineStr"><is><t>${cell}</t></is></c>`).join('')}</row>`

/** The header of a table of movies, as a row of a sheet. */
export const HEADER = textRow(1, ['id', 'title', 'plot', 'genres'])
