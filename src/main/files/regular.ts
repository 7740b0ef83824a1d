/**
 * Opens untrusted files. Only regular files are opened: reading a pipe or a socket may block for ever, and opening a device may start the
 * hardware behind it.
 */
import { createHash } from 'node:crypto'
import {
  closeSync,
  constants,
  createReadStream,
  fstatSync,
  lstatSync,
  openSync,
  readFileSync,
  readSync,
  statSync,
  type ReadStream,
  type Stats,
} from 'node:fs'
import { messageOf, UserError } from '../../contract/errors.ts'
import { quoted } from '../../contract/words.ts'
import { codeOf } from './disk-errors.ts'

/** Opening a pipe returns at once, with or without a writer; on a regular file the flag has no effect. Windows has no such flag. */
const FLAGS = constants.O_RDONLY | ((constants as Partial<typeof constants>).O_NONBLOCK ?? 0)

/**
 * Opens a regular file for reading and returns its descriptor, which the caller closes.
 * @throws UserError `file-not-found`, `is-a-folder`, `not-a-file`, `file-not-readable`
 */
export function openRegular(path: string): number {
  let file: number | null = null
  try {
    refuseOthers(path, statSync(path))
    file = openSync(path, FLAGS)
    // another file may have taken its place
    refuseOthers(path, fstatSync(file))
    return file
  } catch (error) {
    if (file !== null) closeSync(file)
    throw error instanceof UserError ? error : unreadable(path, error)
  }
}

/** True for a path of another machine, such as `\\host\share`: Windows answers any host that such a path names with the user's credentials. */
export const isOnNetwork = (path: string): boolean => /^(?:\\\\|\/\/)/.test(path)

/** Opens a regular file for the time of `work`. @throws UserError as {@link openRegular} */
export function withRegular<T>(path: string, work: (file: number) => T): T {
  const file = openRegular(path)
  try {
    return work(file)
  } finally {
    closeSync(file)
  }
}

/** The first bytes of an open file: `bytes` of them, or as many as it has. */
export function headOf(file: number, bytes: number): Buffer {
  const head = Buffer.alloc(bytes)
  return head.subarray(0, readSync(file, head, 0, bytes, 0))
}

/** {@link headOf} the file at a path; null if that is a link, is not a regular file, or cannot be read. */
export function headAt(path: string, bytes: number): Buffer | null {
  try {
    return lstatSync(path).isFile() ? withRegular(path, (file) => headOf(file, bytes)) : null
  } catch {
    return null
  }
}

/** SHA-256 of a regular file, in hexadecimal. @throws UserError as {@link openRegular} */
export async function sha256OfFile(path: string): Promise<string> {
  const hash = createHash('sha256')
  for await (const chunk of streamRegular(path, 2 ** 20)) hash.update(chunk as Buffer)
  return hash.digest('hex')
}

/** The content of a regular file. @throws UserError as {@link openRegular}, `file-too-large` */
export function readRegular(path: string, maxBytes: number): Buffer {
  return withRegular(path, (file) => {
    const { size } = fstatSync(file)
    if (size > maxBytes)
      throw new UserError('file-too-large', `${path} has ${Math.ceil(size / 2 ** 20)} MB, and ${maxBytes / 2 ** 20} MB is the most.`, {
        path,
      })
    return readFileSync(file)
  })
}

/** A regular file as a stream, which closes it. @throws UserError as {@link openRegular} */
export const streamRegular = (path: string, highWaterMark: number): ReadStream =>
  createReadStream('', { fd: openRegular(path), highWaterMark })

function refuseOthers(path: string, found: Stats): void {
  if (found.isDirectory()) throw new UserError('is-a-folder', `${path} is a folder. Choose the files in it.`, { path })
  if (found.isFile()) return
  const kind = found.isFIFO() ? 'pipe' : found.isSocket() ? 'socket' : 'device'
  throw new UserError('not-a-file', `${path} is a ${kind}, not a file. Choose a file.`, { path })
}

function unreadable(path: string, error: unknown): UserError {
  const [code, message] = REASONS[codeOf(error)]?.(path) ?? ['file-not-readable', `${path} cannot be read (${messageOf(error)}).`]
  return new UserError(code, message, { path })
}

const missing = (path: string): readonly [string, string] => ['file-not-found', `There is no file ${path}. Check the path.`]
const forbidden = (path: string): readonly [string, string] => [
  'file-not-readable',
  `${path} cannot be read: permission denied. Change its permissions or copy it elsewhere.`,
]
const REASONS: Readonly<Record<string, (path: string) => readonly [code: string, message: string]>> = {
  ENOENT: missing,
  ENOTDIR: missing,
  EACCES: forbidden,
  EPERM: forbidden,
  ENXIO: (path) => ['not-a-file', `${path} is a socket, not a file. Choose a file.`],
  ENAMETOOLONG: (path) => ['file-not-found', `There is no file ${quoted(path)}: the name is too long for a file. Check the path.`],
  ERR_INVALID_ARG_VALUE: (path) => ['file-not-found', `There is no file ${quoted(path)}: no path has a NUL character. Check the path.`],
  EMFILE: (path) => ['file-not-readable', `${path} cannot be read: too many files are open. Close some programs and try again.`],
}
