/**
 * Reads which file a project is, without SQLite and so without its log. SQLite holds POSIX locks on an open project, and a process loses all
 * its locks on a file when it closes any descriptor of it (https://sqlite.org/howtocorrupt.html, 2.2): while this process has a project
 * open, one descriptor stays open with it and is the only one that reads.
 */
import { closeSync, readSync, statSync } from 'node:fs'
import { openRegular } from '../files/regular.ts'
import { IDENTITY_PAGE } from './schema.ts'

const MAGIC = 'SQLite format 3\0'
const LEAF_OF_A_TABLE = 13
const UUID = /[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/

const held = new Map<string, { readonly file: number; users: number }>()

/** Device and inode of a file; null if it does not exist, or for a database in memory. */
export function fileAt(path: string): string | null {
  const stat = path === ':memory:' ? undefined : statSync(path, { bigint: true, throwIfNoEntry: false })
  return stat ? `${stat.dev} ${stat.ino}` : null
}

/** True for two paths of one file, and for one path of a file that is missing. */
export const isSameFile = (a: string, b: string): boolean => a === b || (fileAt(a) !== null && fileAt(a) === fileAt(b))

/** Keeps the file open for reading until the returned function is called, which must be after SQLite has closed it. */
export function hold(path: string): () => void {
  const key = fileAt(path)
  if (key === null) return () => undefined
  const entry = held.get(key) ?? { file: openRegular(path), users: 0 }
  entry.users++
  held.set(key, entry)
  return () => {
    if (--entry.users > 0) return
    held.delete(key)
    closeSync(entry.file)
  }
}

/** The id in the file without its log: empty if the file has no id, null if it is not an SQLite file or cannot be opened. */
export function bareId(path: string): string | null {
  const open = held.get(fileAt(path) ?? '')
  if (open) return idIn(open.file)
  let file: number
  try {
    file = openRegular(path)
  } catch {
    return null
  }
  try {
    return idIn(file)
  } finally {
    closeSync(file)
  }
}

/** https://sqlite.org/fileformat2.html, 1.3 and 1.6: the page has one row, whose offset follows the 8 bytes of its header. */
function idIn(file: number): string | null {
  const header = Buffer.alloc(100)
  if (readSync(file, header, 0, 100, 0) < 100 || header.toString('latin1', 0, 16) !== MAGIC) return null
  const size = header.readUInt16BE(16) === 1 ? 65536 : header.readUInt16BE(16)
  const page = Buffer.alloc(size)
  if (size < 512 || readSync(file, page, 0, size, (IDENTITY_PAGE - 1) * size) < size) return ''
  if (page[0] !== LEAF_OF_A_TABLE || page.readUInt16BE(3) !== 1) return ''
  return UUID.exec(page.toString('latin1', page.readUInt16BE(8)))?.[0] ?? ''
}
