/** Files inside a zip archive. The only importer of yauzl. Nothing is written to disk: names inside the archive are labels only. */
import { closeSync } from 'node:fs'
import yauzl from 'yauzl'
import { UserError } from '../../../../contract/errors.ts'
import { openRegular } from '../../../files/regular.ts'

const MOST_ENTRIES = 10_000
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
    let count = 0
    for await (const entry of zip.eachEntry()) {
      if (++count > MOST_ENTRIES)
        throw new UserError('too-many-entries', `${name} holds more than ${MOST_ENTRIES} files: unpack it and choose those you need.`)
      const { fileName, compressedSize, uncompressedSize } = entry
      if (fileName.endsWith('/') || IGNORED.test(fileName) || entries.has(fileName)) continue
      entries.set(fileName, { name: fileName, compressedBytes: compressedSize, bytes: uncompressedSize })
    }
    return [...entries.values()]
  } catch (error) {
    throw asUserError(name, error)
  } finally {
    zip.close()
  }
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
