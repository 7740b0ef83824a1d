/** The file of a project on the disk, and the files that SQLite keeps beside it. */
import { accessSync, constants, copyFileSync, existsSync, lstatSync, rmSync, truncateSync } from 'node:fs'
import { dirname } from 'node:path'
import { UserError } from '../../contract/errors.ts'
import { syncFile, syncFolderOf } from '../files/atomic.ts'
import { codeOf } from '../files/disk-errors.ts'
import { headAt } from '../files/regular.ts'

/** Suffixes of the files that SQLite keeps beside a database while it is open, and that a killed program leaves. */
export const SIDE_FILES = ['-wal', '-shm', '-journal'] as const

/** Suffixes of those that hold decisions: a project that is kept unchanged needs them. */
export const KEPT_BESIDE = ['-wal', '-journal'] as const

/** 'REEL' as a big-endian integer: `file` and SQLite's own tools recognise a project by it. */
export const APPLICATION_ID = 0x5245454c
/** 'REED': a copy of decisions is not a project, and must not be opened as one. */
export const DECISIONS_ID = 0x52454544

/** How the files begin that are written beside projects, by their suffix (https://sqlite.org/fileformat2.html, 1.3, 3 and 4, walformat.html). */
const MARKS: Readonly<Record<string, RegExp>> = {
  // the magic string in hexadecimal, and the application id at byte 68; or the first member of a note
  '': /^(?:53514c69746520666f726d61742033.{106}5245454[4c]|7b2270726f6772616d223a|(?:00)*$)/,
  '-wal': /^(?:377f068[23]|(?:00)*$)/,
  '-shm': /^(?:18e22d00|(?:00)*$)/,
  // until it is synced for the first time, the magic number and the count of records are zeros (pager.c, writeJournalHdr): then follow a
  // random number, the pages of the database, and the sizes of a sector and a page
  '-journal': /^(?:d9d505f9|0{24}.{16}0000(?:0200|1000)0000|(?:00)*$)/,
}
/**
 * True for a file that this program has written, or begun to write, beside a project: a project, a backup, a note, or a side file of these.
 * A file that has only pages without the first begins with zeros.
 */
export function isMarked(path: string): boolean {
  const suffix = SIDE_FILES.find((each) => path.endsWith(each)) ?? ''
  return MARKS[suffix]?.test(headAt(path, 72)?.toString('hex') ?? 'none') ?? false
}

/** Call it before another file takes this name: SQLite would apply the log or journal of the former file to it. */
export function removeSideFiles(path: string): void {
  for (const suffix of SIDE_FILES) rmSync(path + suffix, { force: true })
}
/** Removes a database, if it is there, with its side files. */
export function removeDatabase(path: string): void {
  rmSync(path, { force: true })
  removeSideFiles(path)
}

const logsOf = (path: string): string[] =>
  KEPT_BESIDE.filter((suffix) => (lstatSync(path + suffix, { throwIfNoEntry: false })?.size ?? 0) > 0)
/** True if a program left changes beside the file. */
export const hasLog = (path: string): boolean => logsOf(path).length > 0

/**
 * Keeps the log beside a project under a name that says so, and removes it from beside the project.
 * @returns the path that `reelabel salvage` reads it by; null if there was no log
 */
export function setLogAside(path: string): string | null {
  const kept = freeName(path)
  const logs = logsOf(path)
  for (const suffix of logs) {
    copyFileSync(path + suffix, kept + suffix)
    syncFile(kept + suffix)
    // a program may still have it open
    truncateSync(path + suffix)
  }
  syncFolderOf(kept)
  removeSideFiles(path)
  return logs.length === 0 ? null : kept
}

function freeName(path: string): string {
  const stem = path.replace(/\.reel$/, '')
  for (let i = 1; ; i++) {
    const name = `${stem}.log-of-another-file-${i}`
    if (!KEPT_BESIDE.some((suffix) => existsSync(name + suffix))) return name
  }
}

/** @throws UserError `project-read-only` if the file or its folder cannot be written: SQLite needs both */
export function assertWritable(path: string): void {
  for (const [what, place] of [
    ['The file', path],
    ['Its folder', dirname(path)],
  ] as const)
    try {
      accessSync(place, constants.W_OK)
    } catch (error) {
      const code = codeOf(error)
      if (code !== 'EACCES' && code !== 'EROFS' && code !== 'EPERM') return
      throw new UserError(
        'project-read-only',
        `${path} cannot be opened: ${what.toLowerCase()} is read-only. Copy the project to a folder that you may write to, and open it there.`,
      )
    }
}
