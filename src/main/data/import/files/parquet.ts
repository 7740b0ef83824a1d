/** Rows of a Parquet file. The only importer of hyparquet. */
import { closeSync, fstatSync, readSync } from 'node:fs'
import {
  parquetMetadataAsync,
  parquetReadObjects,
  parquetSchema,
  type AsyncBuffer,
  type Compressors,
  type FileMetaData,
  type SchemaTree,
} from 'hyparquet'
import { parquetHeader } from 'hyparquet/src/column.js'
import { compressors } from 'hyparquet-compressors'
import { messageOf, UserError } from '../../../../contract/errors.ts'
import { count } from '../../../../contract/words.ts'
import { openRegular } from '../../../files/regular.ts'
import { valueText } from './values.ts'

/** The bytes of a row group are read at once. */
const MAX_GROUP_BYTES = 1024 ** 3
const MAX_RATIO = 1000
const HARMLESS_BYTES = 1024 ** 2
/** More columns than this make every row slow to read. */
const MAX_COLUMNS = 2000
/** Cells that are decoded at a time. */
const SLICE_CELLS = 2_000_000
/** Values of one page: writers begin a new one after 1 MB or 20,000 rows, or after a million rows that are all the same. */
const MAX_PAGE_VALUES = 2 ** 20
/** Rows beyond one for each byte: a run of equal rows takes a few bytes, but no two movies are equal. */
const HARMLESS_ROWS = 2 ** 20

/** Decompressors that allocate no more memory than their input can produce. */
const guardedCompressors: Compressors = Object.fromEntries(
  Object.entries(compressors).map(([codec, decompress]) => [
    codec,
    (input: Uint8Array, length: number): Uint8Array => {
      if (length > input.length * MAX_RATIO + HARMLESS_BYTES) throw new Error('a page unpacks to more than it can hold')
      return decompress(input, length)
    },
  ]),
)

interface OpenParquet {
  readonly buffer: AsyncBuffer
  readonly metadata: FileMetaData
  readonly close: () => void
}

/** Names of the columns. Throws a UserError if the file is damaged. */
export async function parquetColumns(path: string, name: string): Promise<readonly string[]> {
  const { metadata, close } = await open(path, name)
  close()
  return parquetSchema(metadata).children.map(({ element }) => element.name)
}

/**
 * All rows as text, in batches. `onRows` receives the share of the rows that is read. Throws a UserError if the file is
 * damaged.
 */
export async function* parquetRows(
  path: string,
  name: string,
  columns: readonly string[],
  onShare?: (share: number) => void,
): AsyncGenerator<readonly (readonly string[])[]> {
  const { buffer, metadata, close } = await open(path, name)
  try {
    const total = Number(metadata.num_rows)
    const sliceRows = Math.max(1, Math.floor(SLICE_CELLS / Math.max(1, columns.length)))
    let from = 0
    for (const group of metadata.row_groups) {
      const groupEnd = from + Number(group.num_rows)
      await orDamaged(name, () => group.columns.forEach((chunk) => assertPages(chunk, buffer)))
      while (from < groupEnd) {
        const rowEnd = Math.min(groupEnd, from + sliceRows)
        const slice = { file: buffer, metadata, compressors: guardedCompressors, rowStart: from, rowEnd }
        const rows = await orDamaged(name, () => parquetReadObjects(slice))
        yield rows.map((row) => columns.map((column) => valueText((row as Readonly<Record<string, unknown>>)[column])))
        from = rowEnd
        onShare?.(from / Math.max(1, total))
      }
    }
  } finally {
    close()
  }
}

async function open(path: string, name: string): Promise<OpenParquet> {
  const { buffer, close } = bufferOf(path)
  try {
    const metadata = await parquetMetadataAsync(buffer, { geoparquet: false })
    const leaves = leavesOf(parquetSchema(metadata))
    if (leaves.size > MAX_COLUMNS)
      throw new UserError(
        'too-many-columns',
        `${name} has ${count(leaves.size)} columns, and at most ${count(MAX_COLUMNS)} can be read from Parquet: write it again with the columns you need, or as CSV.`,
      )
    for (const group of metadata.row_groups) {
      assertPaths(group, leaves)
      assertGroup(group, buffer.byteLength, name)
    }
    return { buffer, metadata, close }
  } catch (error) {
    close()
    throw damaged(name, error)
  }
}

/**
 * The bytes of a file. There are none outside of it and after it was closed: a rejected promise would stay unhandled, since hyparquet
 * abandons its promises when another column throws.
 */
function bufferOf(path: string): Pick<OpenParquet, 'buffer' | 'close'> {
  const file = openRegular(path)
  const byteLength = fstatSync(file).size
  let isOpen = true
  const clamp = (place: number): number => (place >= 0 ? Math.min(place, byteLength) : 0)
  const slice = (start: number, end = byteLength): ArrayBuffer => {
    const bytes = new Uint8Array(isOpen ? Math.max(0, clamp(end) - clamp(start)) : 0)
    for (let done = 0; done < bytes.length;) {
      const got = readSync(file, bytes, done, bytes.length - done, clamp(start) + done)
      if (got === 0) break
      done += got
    }
    return bytes.buffer
  }
  const close = (): void => {
    if (isOpen) closeSync(file)
    isOpen = false
  }
  return { buffer: { byteLength, slice }, close }
}

/** Each column of a row group must be one of the schema's, and only once: hyparquet reads them all and waits for those it knows. */
function assertPaths(group: FileMetaData['row_groups'][number], leaves: ReadonlySet<string>): void {
  const paths = group.columns.map(({ meta_data: meta }) => meta?.path_in_schema.join('\0') ?? '')
  if (new Set(paths).size !== paths.length || !paths.every((path) => leaves.has(path)))
    throw new Error('its columns are not those of its schema')
}

function leavesOf(tree: SchemaTree, path: readonly string[] = [], leaves = new Set<string>()): Set<string> {
  const names = tree.children.map(({ element }) => element.name)
  if (new Set(names).size !== names.length) throw new Error('two columns have the same name')
  if (tree.children.length === 0) leaves.add(path.join('\0'))
  for (const child of tree.children) leavesOf(child, [...path, child.element.name], leaves)
  return leaves
}

/** The sizes in the footer must fit the file before memory is allocated for them. */
function assertGroup(group: FileMetaData['row_groups'][number], fileBytes: number, name: string): void {
  const sizes = group.columns.map(({ meta_data: meta }) => ({
    packed: Number(meta?.total_compressed_size ?? 0),
    unpacked: Number(meta?.total_uncompressed_size ?? 0),
    // the dictionary comes before the data; some writers leave its offset out, or write 0
    start: Number(meta?.dictionary_page_offset || meta?.data_page_offset || 0),
  }))
  const sane = sizes.every(
    ({ packed, unpacked, start }) =>
      packed >= 0 && start >= 0 && start + packed <= fileBytes && unpacked >= 0 && unpacked <= Math.max(packed * MAX_RATIO, 1024 ** 2),
  )
  const bytes = sizes.reduce((sum, { unpacked }) => sum + unpacked, 0)
  if (!sane || !(Number(group.num_rows) >= 0 && Number(group.num_rows) <= bytes + HARMLESS_ROWS))
    throw new Error('its footer does not fit its size')
  if (bytes > MAX_GROUP_BYTES)
    throw new UserError(
      'row-group-too-large',
      `${name} has a row group of ${Math.round(bytes / 1024 ** 2).toLocaleString('en')} MB, which has to be read at once. Write it again with smaller row groups, or as CSV.`,
    )
}

/** hyparquet allocates memory for as many values as the header of a page claims, which a run of equal values can be in a few bytes. */
function assertPages({ meta_data: meta }: FileMetaData['row_groups'][number]['columns'][number], buffer: AsyncBuffer): void {
  const start = Number(meta?.dictionary_page_offset || meta?.data_page_offset || 0)
  const view = new DataView(buffer.slice(start, start + Number(meta?.total_compressed_size ?? 0)) as ArrayBuffer)
  const reader = { view, offset: 0 }
  while (reader.offset < view.byteLength - 1) {
    const { compressed_page_size: bytes, ...header } = parquetHeader(reader)
    const values = [header.data_page_header, header.data_page_header_v2, header.dictionary_page_header].map((h) => h?.num_values ?? 0)
    if (!(bytes >= 0) || !values.every((n) => n >= 0 && n <= MAX_PAGE_VALUES)) throw new Error('a page of it claims too many values')
    reader.offset += bytes
  }
}

/** Does `work` on a file. @throws what {@link damaged} makes of its error */
async function orDamaged<T>(name: string, work: () => T | Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    throw damaged(name, error)
  }
}
function damaged(name: string, error: unknown): unknown {
  if (error instanceof UserError || (error as NodeJS.ErrnoException | null)?.syscall !== undefined) return error
  return new UserError(
    'damaged-parquet',
    `${name} cannot be read as Parquet: ${messageOf(error).slice(0, 200)}. Write it again, or as CSV.`,
  )
}
