/** Whether a file is there and is UTF-8 text: asked before its first record is believed. */
import { isUtf8 } from 'node:buffer'
import { createReadStream } from 'node:fs'
import { open, stat } from 'node:fs/promises'
import { basename } from 'node:path'
import { UserError } from '../../../contract/errors.ts'

const HEAD_BYTES = 256 * 1024
const CHUNK_BYTES = 1024 * 1024
const BOMS: readonly { readonly bytes: readonly number[]; readonly name: string }[] = [
  { bytes: [0xff, 0xfe], name: 'UTF-16 (little endian)' },
  { bytes: [0xfe, 0xff], name: 'UTF-16 (big endian)' },
]
const SAVE_AS_UTF8 = 'Save it as UTF-8 (in a spreadsheet: "CSV UTF-8") and import it again.'

export interface TextHead {
  readonly bytes: number
  readonly bom: boolean
  /** The beginning of the file without its byte order mark. */
  readonly text: string
}

/** Size, byte order mark and first 256 KB of a text file. Throws a UserError for what is missing, empty, a folder or not UTF-8. */
export async function readHead(path: string): Promise<TextHead> {
  const bytes = await fileSize(path)
  const buffer = Buffer.alloc(Math.min(bytes, HEAD_BYTES))
  const handle = await open(path).catch((error: unknown) => fail(path, error))
  try {
    await handle.read(buffer, 0, buffer.length, 0)
  } finally {
    await handle.close()
  }
  for (const { bytes: mark, name } of BOMS)
    if (mark.every((byte, i) => buffer[i] === byte))
      throw new UserError('not-utf8', `${basename(path)} is ${name} text (byte 0). ${SAVE_AS_UTF8}`, { path, offset: 0 })
  const bom = buffer[0] === 0xef && buffer[1] === 0xbb && buffer[2] === 0xbf
  const whole = buffer.subarray(bom ? 3 : 0, completeUpTo(buffer, buffer.length))
  assertText(path, whole, bom ? 3 : 0)
  const text = whole.toString('utf8')
  if (text.trim() === '')
    throw new UserError('empty-file', `${basename(path)} is empty. Choose a file with a header line and movies.`, { path })
  return { bytes, bom, text }
}

/** Reads the whole file once and throws a UserError at the first byte that is not UTF-8 text. */
export async function checkText(path: string): Promise<void> {
  let rest: Buffer = Buffer.alloc(0)
  let offset = 0
  for await (const chunk of createReadStream(path, { highWaterMark: CHUNK_BYTES }) as AsyncIterable<Buffer>) {
    const buffer = rest.length > 0 ? Buffer.concat([rest, chunk]) : chunk
    const end = completeUpTo(buffer, buffer.length)
    assertText(path, buffer.subarray(0, end), offset)
    rest = buffer.subarray(end)
    offset += end
  }
  assertText(path, rest, offset)
}

/** Throws a UserError where `buffer`, which begins at byte `offset` of the file, is not UTF-8 text. */
export function assertText(path: string, buffer: Buffer, offset: number): void {
  const nul = buffer.indexOf(0)
  if (nul >= 0)
    throw new UserError(
      'not-text',
      `${basename(path)} is not text: byte ${offset + nul} is zero. Choose a CSV or TSV file; UTF-16 text: ${SAVE_AS_UTF8}`,
      {
        path,
        offset: offset + nul,
      },
    )
  if (isUtf8(buffer)) return
  const at = firstInvalid(buffer)
  const byte = (buffer[at] ?? 0).toString(16).padStart(2, '0')
  throw new UserError(
    'not-utf8',
    `${basename(path)} is not UTF-8: byte 0x${byte} at offset ${offset + at} (perhaps Windows-1252 or Latin-1). ${SAVE_AS_UTF8}`,
    { path, offset: offset + at },
  )
}

async function fileSize(path: string): Promise<number> {
  const info = await stat(path).catch((error: unknown) => fail(path, error))
  if (info.isDirectory()) throw new UserError('is-a-folder', `${path} is a folder. Choose the CSV files in it.`, { path })
  if (!info.isFile()) throw new UserError('not-a-file', `${path} is not a plain file. Choose a CSV or TSV file.`, { path })
  if (info.size === 0)
    throw new UserError('empty-file', `${basename(path)} is empty. Choose a file with a header line and movies.`, { path })
  return info.size
}

function fail(path: string, error: unknown): never {
  const code = (error as NodeJS.ErrnoException).code
  if (code === 'ENOENT' || code === 'ENOTDIR') throw new UserError('file-not-found', `There is no file ${path}. Check the path.`, { path })
  if (code === 'EACCES' || code === 'EPERM')
    throw new UserError('file-not-readable', `${path} cannot be read: permission denied. Change its permissions or copy it elsewhere.`, {
      path,
    })
  throw error
}

/** The end of the last complete character before `end`, so that a chunk can be judged without its successor. */
export function completeUpTo(buffer: Buffer, end: number): number {
  for (let back = 1; back <= Math.min(3, end); back++) {
    const byte = buffer[end - back]!
    if (byte < 0x80) return end
    if (byte >= 0xc0) return sequenceLength(byte) > back ? end - back : end
  }
  return end
}

function sequenceLength(lead: number): number {
  return lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2
}

/** Half of the remaining bytes are valid or they are not: the offset of the first invalid byte in 20 steps. */
function firstInvalid(buffer: Buffer): number {
  let low = 0
  let high = buffer.length
  while (high - low > 4) {
    const middle = completeUpTo(buffer, (low + high) >> 1)
    if (middle > low && isUtf8(buffer.subarray(low, middle))) low = middle
    else high = Math.max(middle, low + 4)
  }
  while (low < high && isUtf8(buffer.subarray(low, low + 1))) low++
  return low
}
