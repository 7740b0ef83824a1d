import { closeSync, existsSync, mkdirSync, openSync, readSync, statSync, writeSync } from 'node:fs'
import { basename, extname, join } from 'node:path'
import { UserError } from '../../contract/errors.ts'
import type { Context, Handlers } from './context.ts'

const PIECE = 1 << 20

/** Handles of files that an export left to be fetched. */
export class Outbox {
  readonly #files = new Map<string, string>()
  add(path: string): string {
    const handle = crypto.randomUUID()
    this.#files.set(handle, path)
    return handle
  }
  path(handle: string): string {
    const path = this.#files.get(handle)
    if (path === undefined || !existsSync(path)) throw new UserError('no-file', 'This file is no longer there: export it again.')
    return path
  }
}

const first = (text: string, characters: number): string => Array.from(text).slice(0, characters).join('')

/** A sender's file name as one of ours: no folders (`../../x`, `..\\x`), no characters that a file system refuses, not too long. */
function safeName(name: string): string {
  const last = basename(name.replaceAll('\\', '/')).replace(/[\p{Cc}:*?"<>|]/gu, '_')
  if (/^[. ]*$/.test(last)) return 'upload'
  const ending = extname(last)
  return first(basename(last, ending), 40) + first(ending, 10)
}

/** Files dropped on the window arrive in pieces; exported ones leave in pieces. Both live in the temporary folder. */
export function fileHandlers(c: Context, outbox: Outbox): Handlers<'files.put' | 'files.get'> {
  return {
    'files.put': ({ name, upload, offset, bytes }) => {
      const folder = join(c.projects.temporary, upload)
      mkdirSync(folder, { recursive: true })
      const path = join(folder, safeName(name))
      const have = existsSync(path) ? statSync(path).size : 0
      if (offset !== 0 && offset !== have)
        throw new UserError('upload-gap', `${name}: the upload lost its place at byte ${offset} (${have} are there): drop the file again.`)
      const file = openSync(path, offset === 0 ? 'w' : 'r+')
      try {
        writeSync(file, bytes, 0, bytes.byteLength, offset)
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
        readSync(handle, bytes, 0, bytes.byteLength, offset)
      } finally {
        closeSync(handle)
      }
      return { bytes, total }
    },
  }
}
