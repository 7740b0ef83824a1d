/** The bytes of a file, unpacked on the way: plain, gzip, or a file inside a zip archive. */
import { pipeline } from 'node:stream'
import { createGunzip } from 'node:zlib'
import { UserError } from '../../../../contract/errors.ts'
import type { Packing } from '../../../../contract/importing.ts'
import { streamRegular } from '../../../files/regular.ts'
import type { TableFile } from './table.ts'
import { refuseBomb, zipBytes, zipEntries } from './zip.ts'

const CHUNK_BYTES = 256 * 1024
export type PackedFile = Pick<TableFile, 'path' | 'name' | 'bytes' | 'packing' | 'entry'>

/** Unpacked bytes in chunks; `onBytes` receives how many bytes on disk have been read. Throws a UserError if the file is damaged. */
export async function* fileBytes(file: PackedFile, onBytes?: (bytesRead: number) => void): AsyncGenerator<Buffer> {
  yield* OPENERS[file.packing](file, onBytes ?? ((): void => undefined))
}

type Opener = (file: PackedFile, onBytes: (bytesRead: number) => void) => AsyncGenerator<Buffer>

const OPENERS: Readonly<Record<Packing, Opener>> = {
  async *none({ path }, onBytes) {
    let read = 0
    for await (const chunk of streamRegular(path, CHUNK_BYTES) as AsyncIterable<Buffer>) {
      onBytes((read += chunk.length))
      yield chunk
    }
  },
  async *gzip({ path, name, bytes }, onBytes) {
    const source = streamRegular(path, CHUNK_BYTES / 4)
    // the reading loop throws the error as well
    const unpacked = pipeline(source, createGunzip({ chunkSize: CHUNK_BYTES }), () => undefined)
    try {
      for await (const chunk of guarded(name, bytes, unpacked)) {
        onBytes(source.bytesRead)
        yield chunk
      }
    } catch (error) {
      throw gzipError(name, error)
    }
  },
  async *zip({ path, name, bytes, entry }, onBytes) {
    const found = (await zipEntries(path, name)).find((candidate) => candidate.name === entry)
    let unpacked = 0
    for await (const chunk of guarded(name, bytes, zipBytes(path, name, entry ?? ''))) {
      unpacked += chunk.length
      onBytes(Math.min(bytes, Math.round((bytes * unpacked) / Math.max(1, found?.bytes ?? 0))))
      yield chunk
    }
  },
}

/** Throws if a file unpacks to more than any table does. */
async function* guarded(name: string, packedBytes: number, chunks: AsyncIterable<unknown>): AsyncGenerator<Buffer> {
  let bytes = 0
  for await (const chunk of chunks as AsyncIterable<Buffer>) {
    bytes += chunk.length
    refuseBomb(name, packedBytes, bytes)
    yield chunk
  }
}

function gzipError(name: string, error: unknown): unknown {
  const { code, message } = error as NodeJS.ErrnoException
  if (error instanceof UserError || !/^Z_/.test(code ?? '')) return error
  return new UserError('damaged-archive', `${name} is damaged as a gzip file: ${message}. Get it again, or unpack what can be unpacked.`)
}
