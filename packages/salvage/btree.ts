/** Cells and records of SQLite's pages (https://sqlite.org/fileformat2.html, sections 1.6 and 2.1). Damage throws `Damaged`. */
import { PAGE_TYPES, type PageFile } from './pages.ts'

export type Value = null | number | bigint | string | Buffer
export interface Row {
  /** Null for tables without rowid. */
  readonly rowid: number | null
  readonly values: readonly Value[]
}
export class Damaged extends Error {}

/** One page of a table or index whose cells are not decoded yet. */
export interface BtreePage {
  readonly number: number
  readonly leaf: boolean
  /** True for a table with rowids, false for an index or a table without rowids. */
  readonly table: boolean
  readonly bytes: Buffer
  /** Offset of each cell. */
  readonly cells: readonly number[]
  /** Pages below, leftmost first; empty for a leaf. */
  readonly children: readonly number[]
  /** Number of cells whose offset is impossible. */
  readonly bad: number
}
const TYPES: ReadonlyMap<number, { leaf: boolean; table: boolean }> = new Map([
  [PAGE_TYPES.indexInterior, { leaf: false, table: false }],
  [PAGE_TYPES.tableInterior, { leaf: false, table: true }],
  [PAGE_TYPES.indexLeaf, { leaf: true, table: false }],
  [PAGE_TYPES.tableLeaf, { leaf: true, table: true }],
])

/** Decodes a varint: its value, and the offset of the next byte. */
function varint(bytes: Buffer, at: number): readonly [value: number, next: number] {
  let value = 0
  for (let i = 0; i < 8; i++) {
    const byte = bytes[at + i]
    if (byte === undefined) throw new Damaged('a varint reaches beyond its page')
    value = value * 128 + (byte & 0x7f)
    if (byte < 0x80) return [value, at + i + 1]
  }
  // nine bytes: negative, or larger than any id or length
  throw new Damaged('a varint is out of range')
}

/** Reads the page as part of a tree. @throws Damaged if it cannot be one */
export function asBtree(file: PageFile, number: number): BtreePage {
  const bytes = file.page(number)
  if (!bytes) throw new Damaged(`page ${number} is missing`)
  const start = number === 1 ? 100 : 0
  const type = TYPES.get(bytes[start] ?? 0)
  if (!type) throw new Damaged(`page ${number} belongs to no tree`)
  const count = bytes.readUInt16BE(start + 3)
  const head = start + (type.leaf ? 8 : 12)
  if (head + 2 * count > bytes.length) throw new Damaged(`page ${number} claims more cells than fit`)
  const cells = Array.from({ length: count }, (_, i) => bytes.readUInt16BE(head + 2 * i)).filter(
    (at) => at >= head + 2 * count && at < bytes.length - 3,
  )
  const children = type.leaf ? [] : [...cells.map((at) => bytes.readUInt32BE(at)), bytes.readUInt32BE(start + 8)]
  return { number, ...type, bytes, cells, children, bad: count - cells.length }
}

/** The rows on one page; unreadable cells are skipped and counted. */
export function rowsOf(file: PageFile, page: BtreePage): { rows: Row[]; bad: number } {
  const rows: Row[] = []
  let { bad } = page
  if (page.table && !page.leaf) return { rows, bad }
  for (const at of page.cells) {
    try {
      rows.push(readCell(file, page, at))
    } catch (error) {
      if (!(error instanceof Damaged)) throw error
      bad++
    }
  }
  return { rows, bad }
}

function readCell(file: PageFile, page: BtreePage, start: number): Row {
  const [length, afterLength] = varint(page.bytes, page.leaf ? start : start + 4)
  const [rowid, from] = page.table ? varint(page.bytes, afterLength) : [null, afterLength]
  const usable = file.pageSize
  const most = page.table ? usable - 35 : Math.floor(((usable - 12) * 64) / 255) - 23
  const least = Math.floor(((usable - 12) * 32) / 255) - 23
  const fitting = least + ((length - least) % (usable - 4))
  const local = length <= most ? length : fitting <= most ? fitting : least
  if (from + local + (local < length ? 4 : 0) > page.bytes.length) throw new Damaged('a row reaches beyond its page')
  const parts = [page.bytes.subarray(from, from + local)]
  if (local < length) parts.push(...chain(file, page.bytes.readUInt32BE(from + local), length - local))
  return { rowid, values: decode(Buffer.concat(parts)) }
}

function chain(file: PageFile, first: number, length: number): Buffer[] {
  if (length > file.pages * file.pageSize) throw new Damaged('a row is longer than the file')
  const parts: Buffer[] = []
  const seen = new Set<number>()
  for (let next = first, left = length; left > 0;) {
    const bytes = seen.has(next) ? null : file.page(next)
    if (!bytes) throw new Damaged('the end of a row is missing')
    seen.add(next)
    parts.push(bytes.subarray(4, 4 + Math.min(left, file.pageSize - 4)))
    left -= file.pageSize - 4
    next = bytes.readUInt32BE(0)
  }
  return parts
}

/** Number of bytes of a serial type; -1 for a reserved one. */
function widthOf(type: number): number {
  if (type >= 12) return (type - (type % 2 === 0 ? 12 : 13)) / 2
  return [0, 1, 2, 3, 4, 6, 8, 8, 0, 0, -1, -1][type] ?? 0
}
const READERS: Readonly<Record<number, (b: Buffer, at: number) => Value>> = {
  0: () => null,
  1: (b, at) => b.readInt8(at),
  2: (b, at) => b.readInt16BE(at),
  3: (b, at) => b.readIntBE(at, 3),
  4: (b, at) => b.readInt32BE(at),
  5: (b, at) => b.readIntBE(at, 6),
  6: (b, at) => b.readBigInt64BE(at),
  7: (b, at) => b.readDoubleBE(at),
  8: () => 0,
  9: () => 1,
}

function decode(record: Buffer): Value[] {
  const [headerLength, first] = varint(record, 0)
  if (headerLength > record.length) throw new Damaged('the header of a row is longer than the row')
  const types: number[] = []
  for (let at = first; at < headerLength;) {
    const [type, next] = varint(record, at)
    types.push(type)
    at = next
  }
  const values: Value[] = []
  let at = headerLength
  for (const type of types) {
    const width = widthOf(type)
    if (width < 0 || at + width > record.length) throw new Damaged('a row is shorter than its columns')
    values.push(
      type < 12
        ? (READERS[type]?.(record, at) ?? null)
        : type % 2 === 0
          ? record.subarray(at, at + width)
          : record.toString('utf8', at, at + width),
    )
    at += width
  }
  if (at !== record.length) throw new Damaged('a row is longer than its columns')
  return values
}
