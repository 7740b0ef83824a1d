/** Checks that a file can be read, and identifies its kind by its first bytes. */
import { fstatSync } from 'node:fs'
import { basename } from 'node:path'
import { UserError } from '../../../../contract/errors.ts'
import { headOf, withRegular } from '../../../files/regular.ts'
import { foreignKind } from '../../../files/signatures.ts'

const HEAD_BYTES = 64 * 1024

/** Size and first 64 KB of a file. Throws a UserError if it is missing, empty, not readable or no regular file. */
export function readHead(path: string): { readonly bytes: number; readonly head: Buffer } {
  return withRegular(path, (file) => {
    const bytes = fstatSync(file).size
    if (bytes === 0) throw emptyFile(basename(path))
    return { bytes, head: headOf(file, HEAD_BYTES) }
  })
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
