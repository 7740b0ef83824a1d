/** Files inside a zip archive. The only importer of yauzl. Nothing is written to disk: names inside the archive are labels only. */
import { closeSync } from 'node:fs'
import yauzl from 'yauzl'
import { UserError } from '../../../../contract/errors.ts'
import { openRegular } from '../../../files/regular.ts'

const MAX_ENTRIES = 10_000
/** Tables compress to a tenth, the most repetitive ones to a hundredth; a decompression bomb reaches deflate's limit of a thousandth. */
const MAX_RATIO = 300
/** Below this many unpacked bytes any ratio is harmless. */
const HARMLESS_BYTES = 64 * 1024 * 1024
/** More than any catalogue has. */
const MAX_BYTES = 64 * 1024 ** 3
/** Bytes of the header before each file of an archive, without its name (APPNOTE.TXT 6.3, section 4.3.7). */
const LOCAL_HEADER_BYTES = 30
/** Metadata files that operating systems add to archives. */
const IGNORED = /(^|\/)(__MACOSX\/|\.|Thumbs\.db$|desktop\.ini$)/i

export interface ZipEntry {
  readonly name: string
  readonly compressedBytes: number
  readonly bytes: number
}

/** The files of an archive, without folders and system metadata. Throws a UserError if it is damaged or unsafe. */
export async function zipEntries(path: string, name: string): Promise<readonly ZipEntry[]> {
  const zip = await open(path, name)
  try {
    const entries = new Map<string, ZipEntry>()
    const places: Place[] = []
    for await (const entry of zip.eachEntry()) {
      if (places.length === MAX_ENTRIES)
        throw new UserError('too-many-entries', `${name} holds more than ${MAX_ENTRIES} files: unpack it and choose those you need.`)
      const { fileName, compressedSize, uncompressedSize, fileNameLength, relativeOffsetOfLocalHeader: start } = entry
      places.push({ start, end: start + LOCAL_HEADER_BYTES + fileNameLength + compressedSize, bytes: uncompressedSize })
      if (fileName.endsWith('/') || IGNORED.test(fileName) || entries.has(fileName)) continue
      entries.set(fileName, { name: fileName, compressedBytes: compressedSize, bytes: uncompressedSize })
    }
    refuseOverlaps(places, name)
    refuseBomb(
      name,
      zip.fileSize,
      places.reduce((sum, { bytes }) => sum + bytes, 0),
    )
    return [...entries.values()]
  } catch (error) {
    throw asUserError(name, error)
  } finally {
    zip.close()
  }
}

interface Place {
  readonly start: number
  readonly end: number
  readonly bytes: number
}

/** Files that share bytes let a small archive unpack to a huge one (D. Fifield, A better zip bomb, 2019). */
function refuseOverlaps(places: readonly Place[], name: string): void {
  let end = 0
  for (const place of places.toSorted((a, b) => a.start - b.start)) {
    if (place.start < end)
      throw new UserError(
        'unsafe-archive',
        `${name} holds files that share bytes, as archives do that are made to fill a disk. Do not trust it.`,
      )
    end = place.end
  }
}

/** @throws UserError `decompression-bomb` if this many packed bytes unpack to more than those of any table */
export function refuseBomb(name: string, packedBytes: number, bytes: number): void {
  if (bytes <= HARMLESS_BYTES || (bytes <= MAX_BYTES && bytes <= packedBytes * MAX_RATIO)) return
  throw new UserError(
    'decompression-bomb',
    `${name} unpacks to more than ${Math.floor(bytes / 1024 ** 2).toLocaleString('en')} MB from ${packedBytes.toLocaleString('en')} bytes, ` +
      'as archives do that are made to fill a disk. It was not read any further; if you trust it, unpack it yourself and choose the file.',
  )
}

/** The unpacked bytes of one file of an archive. Throws a UserError if it is damaged, encrypted or missing. */
export async function* zipBytes(path: string, name: string, entryName: string): AsyncGenerator<Buffer> {
  const zip = await open(path, name)
  try {
    const entry = await find(zip, name, entryName)
    if (entry.isEncrypted())
      throw new UserError('encrypted', `${entryName} in ${name} is encrypted: unpack it with its password and choose the file itself.`)
    const stream = await zip.openReadStreamPromise(entry)
    try {
      yield* stream as AsyncIterable<Buffer>
    } finally {
      stream.destroy()
    }
  } catch (error) {
    throw asUserError(name, error)
  } finally {
    zip.close()
  }
}

async function find(zip: yauzl.ZipFile, name: string, entryName: string): Promise<yauzl.Entry> {
  for await (const entry of zip.eachEntry()) if (entry.fileName === entryName) return entry
  throw new UserError('no-such-entry', `${name} holds no file ${entryName} any more: look at the file again.`)
}

async function open(path: string, name: string): Promise<yauzl.ZipFile> {
  const file = openRegular(path)
  try {
    return await yauzl.fromFdPromise(file, { autoClose: false, lazyEntries: true })
  } catch (error) {
    closeSync(file)
    throw asUserError(name, error)
  }
}

/** yauzl throws plain errors for damaged content and for disk errors alike. */
function asUserError(name: string, error: unknown): unknown {
  if (error instanceof UserError || !(error instanceof Error)) return error
  const { code, message } = error as NodeJS.ErrnoException
  if (code !== undefined && !/^Z_/.test(code)) return error
  if (/relative path|absolute path|invalid characters in fileName/.test(message))
    return new UserError('unsafe-archive', `${name} holds a file whose name leads out of the archive (${message}). Do not trust it.`)
  const todo = /\.xlsx\b/i.test(name) ? 'Save it again from Excel, or as CSV.' : 'Pack it again, or unpack it and choose the files.'
  return new UserError('damaged-archive', `${name} is damaged (${message.replace(/[.\s]+$/, '')}). ${todo}`)
}
