/** Checks that a file can be read, and identifies its kind by its first bytes. */
import { open, stat } from 'node:fs/promises'
import { basename } from 'node:path'
import { UserError } from '../../../../contract/errors.ts'

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
const REFUSED: readonly { readonly bytes: readonly number[]; readonly what: string; readonly todo: string }[] = [
  {
    bytes: [0xd0, 0xcf, 0x11, 0xe0],
    what: 'an old Excel workbook (.xls) or an encrypted one',
    todo: 'Save it as .xlsx without a password, or as CSV.',
  },
  { bytes: [0x42, 0x5a, 0x68], what: 'packed with bzip2', todo: 'Unpack it first.' },
  { bytes: [0xfd, 0x37, 0x7a, 0x58], what: 'packed with xz', todo: 'Unpack it first.' },
  { bytes: [0x28, 0xb5, 0x2f, 0xfd], what: 'packed with Zstandard', todo: 'Unpack it first.' },
  { bytes: [0x37, 0x7a, 0xbc, 0xaf], what: 'a 7-Zip archive', todo: 'Unpack it first.' },
  { bytes: [0x52, 0x61, 0x72, 0x21], what: 'a RAR archive', todo: 'Unpack it first.' },
  { bytes: [0x53, 0x51, 0x4c, 0x69, 0x74, 0x65], what: 'an SQLite database', todo: 'Export its table as CSV.' },
  { bytes: [0x25, 0x50, 0x44, 0x46], what: 'a PDF', todo: 'Export the table as CSV.' },
]

/** Texts that are no tables, by their first words. */
const NO_TABLES: readonly { readonly begins: RegExp; readonly what: string; readonly todo: string }[] = [
  {
    begins: /^<(?:!doctype html|html|head|body)\b/i,
    what: 'a web page',
    todo: 'Download the file itself: the page may ask you to log in first.',
  },
  { begins: /^<\?xml\b/i, what: 'an XML document', todo: 'Export the table as CSV or JSON.' },
  {
    begins: /^version https:\/\/git-lfs\b/,
    what: 'a pointer of Git LFS: the data are elsewhere',
    todo: 'Run "git lfs pull" in its repository, or download the file from its web page.',
  },
  {
    begins: /^(?:-- |\/\*)[^\n]*(?:sql|dump)|^(?:create table|insert into|drop table)\b/i,
    what: 'a dump of an SQL database',
    todo: 'Export its table as CSV.',
  },
]
const FIRST_WORDS = 200

/** The kind of file that begins with these bytes. Throws a UserError for known kinds that cannot be imported. */
export function containerOf(head: Buffer, name: string): Container {
  const begins = ({ bytes }: { readonly bytes: readonly number[] }): boolean => bytes.every((byte, i) => head[i] === byte)
  const refused = REFUSED.find(begins)
  if (refused) throw new UserError('unknown-format', `${name} is ${refused.what}, which cannot be read. ${refused.todo}`)
  const words = head.toString('utf8', 0, FIRST_WORDS).replace('\ufeff', '').trimStart()
  const text = NO_TABLES.find(({ begins }) => begins.test(words))
  if (text) throw new UserError('not-a-table', `${name} is ${text.what}, not a table. ${text.todo}`)
  return MAGIC.find(begins)?.is ?? 'text'
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
