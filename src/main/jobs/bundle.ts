/**
 * A folder of flat files as one piece of bytes: `RTUN`, a version, the length of a JSON list of names and sizes, the list, then
 * the files one after the other. Numbers are little-endian. What a training leaves lies in the project so.
 */
import { createReadStream } from 'node:fs'
import { mkdir, open, readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { UserError } from '../../contract/errors.ts'

const MAGIC = 0x4e555452 // "RTUN"
const VERSION = 1
const HEAD_BYTES = 12

export const FILE_NAME = /^[A-Za-z0-9_][A-Za-z0-9._-]{0,199}$/
const LIST = z
  .array(z.strictObject({ name: z.string().regex(FILE_NAME), bytes: z.int().min(0) }))
  .max(1000)
  .refine((files) => new Set(files.map((f) => f.name)).size === files.length, 'a file is listed twice')
type Listed = z.output<typeof LIST>

/** The files of a folder by name. Throws for what is no plain file. */
export async function filesIn(folder: string): Promise<Listed> {
  const files = []
  for (const name of (await readdir(folder)).sort()) {
    const found = await stat(join(folder, name))
    if (!found.isFile() || !FILE_NAME.test(name)) throw new Error(`${join(folder, name)} is no file that a model is made of`)
    files.push({ name, bytes: found.size })
  }
  return files
}

/** The files of a folder as bytes. */
export async function pack(folder: string): Promise<Uint8Array> {
  const files = await filesIn(folder)
  const list = Buffer.from(JSON.stringify(files))
  const head = Buffer.alloc(HEAD_BYTES)
  head.writeUInt32LE(MAGIC, 0)
  head.writeUInt32LE(VERSION, 4)
  head.writeUInt32LE(list.length, 8)
  const parts: Uint8Array[] = [head, list]
  for (const { name } of files) for await (const chunk of createReadStream(join(folder, name))) parts.push(chunk as Buffer)
  return Buffer.concat(parts)
}

/** Writes packed files into a new folder. @throws UserError `model-damaged` where the bytes are not what {@link pack} makes */
export async function unpack(bytes: Uint8Array, folder: string): Promise<void> {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const { files, at } = listOf(buffer)
  await mkdir(folder, { recursive: true })
  let from = at
  for (const { name, bytes: size } of files) {
    const file = await open(join(folder, name), 'wx')
    try {
      await file.writeFile(buffer.subarray(from, from + size))
    } finally {
      await file.close()
    }
    from += size
  }
}

function listOf(buffer: Buffer): { files: Listed; at: number } {
  if (buffer.length < HEAD_BYTES || buffer.readUInt32LE(0) !== MAGIC) throw damaged('it does not start like a model')
  const version = buffer.readUInt32LE(4)
  if (version !== VERSION) throw damaged(`version ${version}; this program reads version ${VERSION}`)
  const at = HEAD_BYTES + buffer.readUInt32LE(8)
  let files: Listed
  try {
    files = LIST.parse(JSON.parse(buffer.toString('utf8', HEAD_BYTES, at)))
  } catch {
    throw damaged('its list of files cannot be read')
  }
  const total = files.reduce((sum, f) => sum + f.bytes, at)
  if (total !== buffer.length) throw damaged(`expected ${total} bytes, got ${buffer.length}`)
  return { files, at }
}

const damaged = (why: string): UserError =>
  new UserError('model-damaged', `The stored model cannot be read (${why}). Train again to replace it.`)
