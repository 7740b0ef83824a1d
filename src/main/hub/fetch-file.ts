/**
 * Downloads one file of a model and resumes after interruptions. Received bytes are stored in `<digest>.part`, so that they never mix
 * with a newer version of the model or another file of the same name. This, the commit in the address and the checksum at the end are
 * stricter than If-Range, which the Hub's storage servers handle with ETags of their own.
 */
import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { open, rm, stat, type FileHandle } from 'node:fs/promises'
import { join } from 'node:path'
import { UserError } from '../../contract/errors.ts'
import { renameDurably } from '../files/atomic.ts'
import { diskError, withDiskErrors } from '../files/disk-errors.ts'
import type { PlannedFile } from './api.ts'
import type { Digest } from './downloaded.ts'
import { Interrupted, persistently } from '../network/retry.ts'
import type { Received } from '../network/exchange.ts'
import type { Transport } from './transport.ts'

export interface FileFetch {
  readonly transport: Transport
  readonly url: string
  readonly file: PlannedFile
  /** Folder of the unfinished download. */
  readonly folder: string
  readonly signal: AbortSignal | undefined
  /** Receives the bytes of the file that are on the disk. */
  readonly progress: (bytes: number) => void
  readonly checking: () => void
}

/** Downloads of a file before a wrong checksum is an error. */
const MAX_WRONG = 2

/** Downloads a file, unless it is on the disk, and verifies it. @throws UserError `download-damaged`, `disk-full`, `hub-…` */
export async function fetchFile(f: FileFetch): Promise<void> {
  const path = join(f.folder, f.file.name)
  if (await isComplete(path, f)) {
    f.progress(f.file.bytes)
    return
  }
  const part = join(f.folder, `${f.file.digest.hex}.part`)
  for (let tries = 1; ; tries++) {
    await fill(part, f)
    f.checking()
    if (await isComplete(part, f)) {
      renameDurably(part, path)
      return
    }
    await rm(part, { force: true })
    if (tries >= MAX_WRONG) throw wrong(f, `its checksum was wrong ${MAX_WRONG} times`)
  }
}

/** True if the file is on the disk with the right size and checksum. */
async function isComplete(path: string, { file, signal }: FileFetch): Promise<boolean> {
  return (await bytesIn(path)) === file.bytes && (await digestOf(path, file.digest.algorithm, signal)) === file.digest.hex
}

const wrong = ({ file, transport }: FileFetch, why: string): UserError =>
  new UserError(
    'download-damaged',
    `${file.name} from ${transport.host} is damaged: ${why}. It was deleted. Something between this machine and the Hub may change files: try again later, or from another network.`,
    { file: file.name },
  )

/** Size of a file; null if there is none. */
const bytesIn = (path: string): Promise<number | null> =>
  stat(path).then(
    (s) => s.size,
    () => null,
  )

/** Requests the file until all of its bytes are in `part`. */
async function fill(part: string, f: FileFetch): Promise<void> {
  let reached = (await bytesIn(part)) ?? 0
  let before = reached
  const piece = (): Promise<void> =>
    fetchPiece(part, f, (bytes) => {
      reached = Math.max(reached, bytes)
      f.progress(bytes)
    })
  const progressed = (): boolean => {
    const won = reached > before
    before = reached
    return won
  }
  await persistently(piece, { ...f.transport.tries, signal: f.signal }, progressed)
}

/** One request for the missing bytes. @throws Interrupted if bytes are still missing */
async function fetchPiece(part: string, f: FileFetch, progress: (bytes: number) => void): Promise<void> {
  const { file, signal } = f
  const start = await bytesIn(part)
  if (start === file.bytes) return
  const range = start === null || start === 0 ? {} : { range: `bytes=${start}-` }
  const received = await f.transport.get(f.url, { 'accept-encoding': 'identity', ...range }, signal)
  try {
    const from = startOf(received, file.bytes, start ?? 0)
    if (from === null) {
      await rm(part, { force: true })
      throw new Interrupted('it does not send the rest of the file')
    }
    await write(part, from, received, f, progress)
  } catch (error) {
    if (error instanceof UserError && error.code === 'download-damaged') await rm(part, { force: true })
    throw error
  } finally {
    received.drop()
  }
}

/**
 * The position in the file at which the body of a response starts: 0 if the server ignored the range and sends the whole file, null if the
 * response cannot be used.
 */
function startOf(received: Received, bytes: number, asked: number): number | null {
  const { status, headers } = received.response
  if (status !== 206) return status === 200 ? 0 : null
  const range = /^bytes (?<start>\d+)-\d+\/(?<total>\d+|\*)$/.exec(headers.get('content-range') ?? '')?.groups
  const total = range?.['total']
  return Number(range?.['start']) === asked && (total === '*' || Number(total) === bytes) ? asked : null
}

async function write(part: string, from: number, received: Received, f: FileFetch, progress: (bytes: number) => void): Promise<void> {
  const { bytes } = f.file
  const { headers } = received.response
  const announced = headers.get('content-length')
  // a compressed body has another length than its content
  if (announced !== null && !headers.has('content-encoding') && from + Number(announced) !== bytes)
    throw wrong(f, `it has ${from + Number(announced)} bytes instead of ${bytes}`)
  const handle = await withDiskErrors(part, () => open(part, from === 0 ? 'w' : 'a'))
  let done = from
  try {
    for await (const chunk of received.body()) {
      if (done + chunk.byteLength > bytes) throw wrong(f, `it has more than ${bytes} bytes`)
      await append(handle, join(f.folder, f.file.name), chunk)
      done += chunk.byteLength
      progress(done)
    }
    await handle.sync()
  } finally {
    await handle.close()
  }
  if (done < bytes) throw new Interrupted(`it ended after ${done} of ${bytes} bytes of ${f.file.name}`)
}

/** @param path named in errors */
async function append(handle: FileHandle, path: string, chunk: Uint8Array): Promise<void> {
  try {
    for (let done = 0; done < chunk.byteLength;) done += (await handle.write(chunk, done)).bytesWritten
  } catch (error) {
    throw diskError(path, error)
  }
}

const CHUNK_BYTES = 1 << 20

/**
 * Checksum of a file on the disk in hexadecimal digits. For large files the Hub gives the SHA-256 of the content, for others git's blob
 * id: the SHA-1 of `blob `, the size in decimal digits, a zero byte and the content (Pro Git, 10.2).
 */
async function digestOf(path: string, algorithm: Digest['algorithm'], signal?: AbortSignal): Promise<string> {
  const hash = createHash(algorithm === 'sha256' ? 'sha256' : 'sha1')
  if (algorithm === 'git-sha1') hash.update(`blob ${(await stat(path)).size}\0`)
  for await (const chunk of createReadStream(path, { highWaterMark: CHUNK_BYTES, ...(signal ? { signal } : {}) }))
    hash.update(chunk as Buffer)
  return hash.digest('hex')
}
