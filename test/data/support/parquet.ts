/**
 * Writes a small Parquet file of text columns, each as a dictionary page and a data page, as pandas, Polars, DuckDB and Spark do by default
 * (parquet-format: README.md, Encodings.md and parquet.thrift; thrift-compact-protocol.md).
 */

const [I32, I64, BINARY, LIST, STRUCT] = [5, 6, 8, 9, 12]
const [BYTE_ARRAY, UTF8, PLAIN, RLE, RLE_DICTIONARY] = [6, 0, 0, 3, 8]
const [DATA_PAGE, DICTIONARY_PAGE] = [0, 2]

/** A codec's number in parquet.thrift, and how it packs a page. */
export interface Codec {
  readonly code: number
  readonly pack: (page: Buffer) => Buffer
}
const PLAIN_PAGES: Codec = { code: 0, pack: (page) => page }

interface Layout {
  readonly codec?: Codec
  /** False: the footer leaves `dictionary_page_offset` out, and `data_page_offset` is that of the dictionary (Spark 2). */
  readonly dictionaryOffset?: boolean
  /** The page of data is one run of the first cell that is this long; the footer claims `rows` rows, if that is given. */
  readonly run?: number
  readonly claimed?: number
}

export function parquetFile(
  columns: Readonly<Record<string, readonly string[]>>,
  { codec = PLAIN_PAGES, dictionaryOffset = true, run, claimed }: Layout = {},
): Buffer {
  const values = run ?? Object.values(columns)[0]?.length ?? 0
  const rows = claimed ?? values
  let file = Buffer.from('PAR1')
  const chunks = Object.entries(columns).map(([name, cells]) => {
    const distinct = [...new Set(cells)]
    const dictionary = page(DICTIONARY_PAGE, 7, [i32(1, distinct.length), i32(2, PLAIN)], Buffer.concat(distinct.map(byteArray)), codec)
    // runs of one value each, of 8 bits
    const indexes =
      run === undefined
        ? Buffer.from([8, ...cells.flatMap((cell) => [1 << 1, distinct.indexOf(cell)])])
        : Buffer.concat([Buffer.from([8]), varint(run * 2), Buffer.from([0])])
    const data = page(DATA_PAGE, 5, [i32(1, values), i32(2, RLE_DICTIONARY), i32(3, RLE), i32(4, RLE)], indexes, codec)
    const start = file.length
    file = Buffer.concat([file, dictionary, data])
    return field(3, STRUCT, [
      ...[i32(1, BYTE_ARRAY), list(2, I32, [zigzag(PLAIN), zigzag(RLE_DICTIONARY)]), list(3, BINARY, [text(name)]), i32(4, codec.code)],
      ...[i64(5, rows), i64(6, dictionary.length + data.length), i64(7, dictionary.length + data.length)],
      ...(dictionaryOffset ? [i64(9, start + dictionary.length), i64(11, start)] : [i64(9, start)]),
    ])
  })
  const element = (name: string): Buffer => struct([i32(1, BYTE_ARRAY), i32(3, 0), field(4, BINARY, text(name)), i32(6, UTF8)])
  const root = struct([field(4, BINARY, text('schema')), i32(5, chunks.length)])
  const group = struct([
    list(
      1,
      STRUCT,
      chunks.map((chunk) => struct([i64(2, 4), chunk])),
    ),
    i64(2, file.length),
    i64(3, rows),
  ])
  const footer = struct([i32(1, 1), list(2, STRUCT, [root, ...Object.keys(columns).map(element)]), i64(3, rows), list(4, STRUCT, [group])])
  return Buffer.concat([file, footer, int32(footer.length), Buffer.from('PAR1')])
}

function page(type: number, header: number, fields: readonly Field[], content: Buffer, codec: Codec): Buffer {
  const packed = codec.pack(content)
  return Buffer.concat([struct([i32(1, type), i32(2, content.length), i32(3, packed.length), field(header, STRUCT, fields)]), packed])
}

interface Field {
  readonly id: number
  readonly type: number
  readonly value: Buffer
}
const field = (id: number, type: number, value: Buffer | readonly Field[]): Field => ({
  id,
  type,
  value: Buffer.isBuffer(value) ? value : struct(value),
})
const i32 = (id: number, value: number): Field => field(id, I32, zigzag(value))
const i64 = (id: number, value: number): Field => field(id, I64, zigzag(value))
const list = (id: number, type: number, items: readonly Buffer[]): Field => {
  const length =
    items.length < 15 ? Buffer.from([(items.length << 4) | type]) : Buffer.concat([Buffer.from([0xf0 | type]), varint(items.length)])
  return field(id, LIST, Buffer.concat([length, ...items]))
}

/** Fields with ascending ids, each less than 16 above the one before. */
function struct(fields: readonly Field[]): Buffer {
  const parts = fields.map(({ id, type, value }, i) => Buffer.concat([Buffer.from([((id - (fields[i - 1]?.id ?? 0)) << 4) | type]), value]))
  return Buffer.concat([...parts, Buffer.from([0])])
}
function varint(value: number): Buffer {
  const bytes: number[] = []
  // not with shifts: the value may have more than 32 bits
  for (; value > 127; value = Math.floor(value / 128)) bytes.push((value % 128) | 128)
  return Buffer.from([...bytes, value])
}
const zigzag = (value: number): Buffer => varint(value * 2)
const text = (value: string): Buffer => Buffer.concat([varint(Buffer.byteLength(value)), Buffer.from(value)])
const byteArray = (value: string): Buffer => Buffer.concat([int32(Buffer.byteLength(value)), Buffer.from(value)])
function int32(value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeInt32LE(value)
  return bytes
}
