/** Checks that a file can be read, and identifies its kind by its first bytes. */
import { open, stat } from 'node:fs/promises'
import { basename } from 'node:path'
import { UserError } from '../../../../contract/errors.ts'
import { codeOf } from '../../../files/disk-errors.ts'
import { foreignKind } from '../../../files/signatures.ts'

const HEAD_BYTES = 64 * 1024

/** Size of a file. Throws a UserError if it is missing, a folder, empty or not readable. */
export async function fileSize(path: string): Promise<number> {
  const info = await stat(path).catch((error: unknown) => fail(path, error))
  if (info.isDirectory()) throw new UserError('is-a-folder', `${path} is a folder. Choose the files in it.`, { path })
  if (!info.isFile()) throw new UserError('not-a-file', `${path} is not a plain file. Choose a file with a table.`, { path })
  if (info.size === 0) throw emptyFile(basename(path))
  return info.size
}

/** The first 64 KB of a file. */
export async function readHead(path: string): Promise<Buffer> {
  const handle = await open(path).catch((error: unknown) => fail(path, error))
  try {
    const buffer = Buffer.alloc(HEAD_BYTES)
    const { bytesRead } = await handle.read(buffer, 0, buffer.length, 0)
    return buffer.subarray(0, bytesRead)
  } finally {
    await handle.close()
  }
}

export function emptyFile(name: string): UserError {
  return new UserError('empty-file', `${name} is empty. Choose a file with a header line and movies.`)
}

export type Container = 'text' | 'gzip' | 'zip' | 'parquet'

const MAGIC: readonly { readonly bytes: readonly number[]; readonly is: Container }[] = [
  { bytes: [0x1f, 0x8b], is: 'gzip' },
  { bytes: [0x50, 0x4b, 0x03, 0x04], is: 'zip' },
  { bytes: [0x50, 0x4b, 0x05, 0x06], is: 'zip' },
  { bytes: [0x50, 0x41, 0x52, 0x31], is: 'parquet' },
]

/** The kind of file that begins with these bytes. Throws a UserError for known kinds that cannot be imported. */
export function containerOf(head: Buffer, name: string): Container {
  const foreign = foreignKind(head)
  if (foreign) throw new UserError('unknown-format', `${name} is ${foreign.what}, which cannot be read. ${foreign.todo}`)
  return MAGIC.find(({ bytes }) => bytes.every((byte, i) => head[i] === byte))?.is ?? 'text'
}

function fail(path: string, error: unknown): never {
  const code = codeOf(error)
  if (code === 'ENOENT' || code === 'ENOTDIR') throw new UserError('file-not-found', `There is no file ${path}. Check the path.`, { path })
  if (code === 'EACCES' || code === 'EPERM')
    throw new UserError('file-not-readable', `${path} cannot be read: permission denied. Change its permissions or copy it elsewhere.`, {
      path,
    })
  throw error
}
