/**
 * Reads a SQLite file page by page without SQLite, so that no damage can stop it, and never writes to it.
 * Formats follow https://sqlite.org/fileformat2.html (sections 1.3 header, 1.5 freelist, 4 write-ahead log).
 */
import { closeSync, fstatSync, openSync, readSync, statSync } from 'node:fs'

const MAGIC = 'SQLite format 3\0'
/** The page size of every Reelabel project. */
const OUR_PAGE_SIZE = 4096
const WAL_HEADER = 32
const FRAME_HEADER = 24
/** Pages sampled to detect the page size. */
const SAMPLE = 400
export const PAGE_TYPES = { indexInterior: 2, tableInterior: 5, indexLeaf: 10, tableLeaf: 13 } as const

/** Reads as many of the requested bytes as exist. */
function readAt(fd: number | null, offset: number, length: number): Buffer {
  if (fd === null) return Buffer.alloc(0)
  const bytes = Buffer.alloc(length)
  let done = 0
  for (; done < length;) {
    const got = readSync(fd, bytes, done, length - done, offset + done)
    if (got === 0) break
    done += got
  }
  return bytes.subarray(0, done)
}

/** Null if there is no such file. Reading a pipe would wait for ever. @throws Error for anything but a regular file, and the system's error */
function openFile(path: string): number | null {
  const stat = statSync(path, { throwIfNoEntry: false })
  if (!stat) return null
  if (!stat.isFile()) throw new Error(`${path} is not a file`)
  return openSync(path, 'r')
}

export interface FileHeader {
  readonly userVersion: number
  readonly freelistTrunk: number
}

/** The pages of a project file, with those of its write-ahead log in front. Numbers start at 1. */
export class PageFile {
  readonly pageSize: number
  readonly pages: number
  /** Null if the header is damaged. */
  readonly header: FileHeader | null
  /** Frames of the log that replace pages, and frames that could not be used. */
  readonly walFrames: number
  readonly walLost: number
  readonly #fd: number | null
  readonly #bytes: number
  readonly #walFd: number | null
  readonly #overlay: ReadonlyMap<number, number>

  /** If there is no file at `path`, the pages are those of the log alone. */
  constructor(path: string) {
    this.#fd = openFile(path)
    this.#bytes = this.#fd === null ? 0 : fstatSync(this.#fd).size
    this.#walFd = openFile(`${path}-wal`)
    this.pageSize = this.#choosePageSize()
    const wal = this.#walFd === null ? NO_WAL : readWal(this.#walFd, this.pageSize)
    this.#overlay = wal.pages
    this.walFrames = wal.used
    this.walLost = wal.lost
    this.pages = Math.max(Math.ceil(this.#bytes / this.pageSize), ...wal.pages.keys())
    this.header = readHeader(this.page(1))
  }
  /** A page's bytes; null beyond the end of the file. A truncated page is padded with zeros. */
  page(number: number): Buffer | null {
    if (number < 1 || number > this.pages) return null
    const frame = this.#overlay.get(number)
    const bytes =
      frame === undefined || this.#walFd === null
        ? readAt(this.#fd, (number - 1) * this.pageSize, this.pageSize)
        : readAt(this.#walFd, frame + FRAME_HEADER, this.pageSize)
    if (bytes.length === 0) return null
    return bytes.length === this.pageSize ? bytes : Buffer.concat([bytes], this.pageSize)
  }
  /** Numbers of the free pages, as far as their list can be read. */
  freePages(): Set<number> {
    const free = new Set<number>()
    for (let trunk = this.header?.freelistTrunk ?? 0; trunk > 1 && !free.has(trunk);) {
      const page = this.page(trunk)
      if (!page) break
      const count = page.readUInt32BE(4)
      if (count > this.pageSize / 4 - 2) break
      free.add(trunk)
      for (let i = 0; i < count; i++) free.add(page.readUInt32BE(8 + 4 * i))
      trunk = page.readUInt32BE(0)
    }
    return free
  }
  close(): void {
    for (const fd of [this.#fd, this.#walFd]) if (fd !== null) closeSync(fd)
  }
  /** The header's page size if it is plausible. It is checked against the pages: a wrong one would make all of them unreadable. */
  #choosePageSize(): number {
    const said = readAt(this.#fd, 0, 100)
    const word = said.length < 18 ? 0 : said.readUInt16BE(16)
    const size = word === 1 ? 65536 : word
    if (size === OUR_PAGE_SIZE || size < 512 || size > 65536 || (size & (size - 1)) !== 0) return OUR_PAGE_SIZE
    return this.#plausible(size) > this.#plausible(OUR_PAGE_SIZE) ? size : OUR_PAGE_SIZE
  }
  /** Share of the first pages that begin like a page of a table or index. */
  #plausible(size: number): number {
    const count = Math.min(SAMPLE, Math.floor(this.#bytes / size))
    let good = 0
    for (let i = 1; i < count; i++) {
      const [type = 0, ...rest] = readAt(this.#fd, i * size, 5)
      const cells = ((rest[2] ?? 0) << 8) | (rest[3] ?? 0)
      if ((Object.values(PAGE_TYPES) as number[]).includes(type) && cells > 0 && cells < size / 4) good++
    }
    return count < 2 ? 0 : good / count
  }
}

function readHeader(page: Buffer | null): FileHeader | null {
  if (page?.toString('latin1', 0, 16) !== MAGIC) return null
  return { userVersion: page.readUInt32BE(60), freelistTrunk: page.readUInt32BE(32) }
}

interface Wal {
  /** Page number -> offset of its newest committed frame in the log. */
  readonly pages: ReadonlyMap<number, number>
  readonly used: number
  readonly lost: number
}
const NO_WAL: Wal = { pages: new Map(), used: 0, lost: 0 }

/**
 * The committed frames of a write-ahead log. Each frame's checksum continues the previous one, which is stored in that frame's header, so
 * frames after a damaged one can be verified too. SQLite stops at the first bad frame.
 */
function readWal(fd: number, pageSize: number): Wal {
  const header = readAt(fd, 0, WAL_HEADER)
  const magic = header.length < WAL_HEADER ? 0 : header.readUInt32BE(0)
  if ((magic & 0xfffffffe) !== 0x377f0682 || header.readUInt32BE(8) !== pageSize) return NO_WAL
  const words = magic & 1 ? 'readUInt32BE' : 'readUInt32LE'
  const size = fstatSync(fd).size
  const committed = new Map<number, number>()
  let pending = new Map<number, number>()
  let sum: readonly [number, number] = [header.readUInt32BE(24), header.readUInt32BE(28)]
  let used = 0
  let lost = 0
  for (let at = WAL_HEADER; at + FRAME_HEADER + pageSize <= size; at += FRAME_HEADER + pageSize) {
    const frame = readAt(fd, at, FRAME_HEADER + pageSize)
    // frames of an earlier generation of the log
    if (frame.readUInt32BE(8) !== header.readUInt32BE(16) || frame.readUInt32BE(12) !== header.readUInt32BE(20)) break
    const own: readonly [number, number] = [frame.readUInt32BE(16), frame.readUInt32BE(20)]
    const expected = checksum(frame.subarray(FRAME_HEADER), checksum(frame.subarray(0, 8), sum, words), words)
    sum = own
    if (expected[0] !== own[0] || expected[1] !== own[1]) {
      lost++
      continue
    }
    pending.set(frame.readUInt32BE(0), at)
    if (frame.readUInt32BE(4) === 0) continue
    for (const [page, place] of pending) committed.set(page, place)
    used += pending.size
    pending = new Map()
  }
  return { pages: committed, used, lost }
}

function checksum(bytes: Buffer, [a, b]: readonly [number, number], words: 'readUInt32BE' | 'readUInt32LE'): readonly [number, number] {
  let s0 = a
  let s1 = b
  for (let i = 0; i < bytes.length; i += 8) {
    s0 = (s0 + bytes[words](i) + s1) >>> 0
    s1 = (s1 + bytes[words](i + 4) + s0) >>> 0
  }
  return [s0, s1]
}
