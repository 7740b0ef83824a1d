import { closeSync, existsSync, mkdirSync, openSync, readdirSync, readSync, rmdirSync, rmSync, statSync, writeSync } from 'node:fs'
import { basename, dirname, extname, join } from 'node:path'
import { UserError } from '../../contract/errors.ts'
import type { FILE_METHODS } from '../../contract/project.ts'
import type { Context, Handlers } from './context.ts'

const PIECE = 1 << 20

/** Limit for exports waiting for download; beyond it the oldest one is deleted. */
const KEPT = 20

/** Exported files that wait for download, each export in its own folder. A file is deleted after it was downloaded completely. */
export class Outbox {
  /** Handle -> path, one map for each export, oldest first. */
  readonly #exports: Map<string, string>[] = []
  /** Adds the files of one export. Returns their handles. */
  add(paths: readonly string[]): string[] {
    const files = new Map(paths.map((path) => [crypto.randomUUID() as string, path]))
    this.#exports.push(files)
    for (const old of this.#exports.splice(0, this.#exports.length - KEPT)) for (const path of old.values()) remove(path)
    return [...files.keys()]
  }
  path(handle: string): string {
    const path = this.#exports.find((files) => files.has(handle))?.get(handle)
    if (path === undefined || !existsSync(path)) throw new UserError('no-file', 'This file is no longer there: export it again.')
    return path
  }
  /** Deletes a file that was downloaded completely. */
  taken(handle: string): void {
    const files = this.#exports.find((f) => f.has(handle))
    const path = files?.get(handle)
    if (!files || path === undefined) return
    remove(path)
    files.delete(handle)
    if (files.size === 0) this.#exports.splice(this.#exports.indexOf(files), 1)
  }
}

/** Deletes the file, and its folder if it is empty then. */
function remove(path: string): void {
  rmSync(path, { force: true })
  if (existsSync(dirname(path)) && readdirSync(dirname(path)).length === 0) rmdirSync(dirname(path))
}

const first = (text: string, characters: number): string => Array.from(text).slice(0, characters).join('')

/** Makes a client's file name safe: it loses folders (`../../x`, `..\\x`) and characters that file systems refuse, and is shortened. */
function safeName(name: string): string {
  const last = basename(name.replaceAll('\\', '/')).replace(/[\p{Cc}:*?"<>|]/gu, '_')
  if (/^[. ]*$/.test(last)) return 'upload'
  const ending = extname(last)
  return first(basename(last, ending), 40) + first(ending, 10)
}

/** Uploads and downloads in pieces. Their files are in the temporary folder. */
export function fileHandlers(c: Context, outbox: Outbox): Handlers<typeof FILE_METHODS> {
  return {
    'files.put': ({ name, upload, offset, bytes }) => {
      const folder = join(c.projects.temporary, upload)
      mkdirSync(folder, { recursive: true })
      const path = join(folder, safeName(name))
      const have = existsSync(path) ? statSync(path).size : 0
      if (offset !== 0 && offset !== have)
        throw new UserError(
          'upload-gap',
          `${name}: the upload continues at byte ${offset}, but ${have} bytes have arrived: drop the file again.`,
        )
      const file = openSync(path, offset === 0 ? 'w' : 'r+')
      try {
        for (let done = 0; done < bytes.byteLength;) done += writeSync(file, bytes, done, bytes.byteLength - done, offset + done)
      } finally {
        closeSync(file)
      }
      return { path, bytes: offset + bytes.byteLength }
    },
    'files.get': ({ file, offset }) => {
      const path = outbox.path(file)
      const total = statSync(path).size
      const bytes = new Uint8Array(Math.max(0, Math.min(PIECE, total - offset)))
      const handle = openSync(path, 'r')
      try {
        for (let done = 0; done < bytes.byteLength;) {
          const got = readSync(handle, bytes, done, bytes.byteLength - done, offset + done)
          if (got === 0) throw new UserError('no-file', 'This file has changed while it was fetched: export it again.')
          done += got
        }
      } finally {
        closeSync(handle)
      }
      if (offset + bytes.byteLength >= total) outbox.taken(file)
      return { bytes, total }
    },
  }
}
