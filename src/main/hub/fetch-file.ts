/**
 * One file of a model, fetched in as many pieces as the network makes of it. What came is kept in `<digest>.part`: it belongs
 * to that content and no other, so that a model that changed meanwhile, or another file of the same name, never mixes with it.
 * That, the fixed commit in the address and the checksum at the end are stricter than If-Range, which the stores behind the
 * Hub answer with tags of their own.
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
import { Interrupted, persistently } from './retry.ts'
import type { Answer, Transport } from './transport.ts'

export interface FileFetch {
  readonly transport: Transport
  readonly url: string
  readonly file: PlannedFile
  /** Folder that grows. */
  readonly folder: string
  readonly signal: AbortSignal | undefined
  /** Bytes of the file that are there. */
  readonly progress: (bytes: number) => void
  readonly checking: () => void
}

/** How often a file is fetched anew whose content is not what was announced. */
const MOST_WRONG = 2

/** Fetches a file unless it is there, and checks it. @throws UserError `download-damaged`, `disk-full`, `hub-…` */
export async function fetchFile(f: FileFetch): Promise<void> {
  const path = join(f.folder, f.file.name)
  if (await isWhole(path, f)) {
    f.progress(f.file.bytes)
    return
  }
  const part = join(f.folder, `${f.file.digest.hex}.part`)
  for (let tries = 1; ; tries++) {
    await fill(part, f)
    f.checking()
    if (await isWhole(part, f)) {
      renameDurably(part, path)
      return
    }
    await rm(part, { force: true })
    if (tries >= MOST_WRONG) throw wrong(f, `its checksum is not the one that was announced, ${MOST_WRONG} times`)
  }
}

/** On the disk, with the size and the checksum that were announced. */
async function isWhole(path: string, { file, signal }: FileFetch): Promise<boolean> {
  return (await bytesIn(path)) === file.bytes && (await digestOf(path, file.digest.algorithm, signal)) === file.digest.hex
}

const wrong = ({ file, transport }: FileFetch, why: string): UserError =>
  new UserError(
    'download-damaged',
    `${file.name} came from ${transport.host} and is not what it should be: ${why}. It was thrown away. Something on the way may change files: try again later, or from another network.`,
    { file: file.name },
  )

/** null where there is no such file. */
const bytesIn = (path: string): Promise<number | null> =>
  stat(path).then(
    (s) => s.size,
    () => null,
  )

/** Fetches until the part has all its bytes. */
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
  await persistently(piece, { host: f.transport.host, signal: f.signal, wait: f.transport.wait }, progressed)
}

/** One request for what is missing. @throws Interrupted where something is missing still */
async function fetchPiece(part: string, f: FileFetch, progress: (bytes: number) => void): Promise<void> {
  const { file, signal } = f
  const start = await bytesIn(part)
  if (start === file.bytes) return
  const range = start === null || start === 0 ? {} : { range: `bytes=${start}-` }
  const answer = await f.transport.get(f.url, { 'accept-encoding': 'identity', ...range }, signal)
  try {
    const from = startOf(answer, file.bytes, start ?? 0)
    if (from === null) {
      await rm(part, { force: true })
      throw new Interrupted('it does not give the rest of a file that was begun')
    }
    await write(part, from, answer, f, progress)
  } catch (error) {
    if (error instanceof UserError && error.code === 'download-damaged') await rm(part, { force: true })
    throw error
  } finally {
    answer.drop()
  }
}

/**
 * The place in the file from which the body of an answer is: 0 where the other side ignores what was asked and sends all of it;
 * null where it has nothing that can be used.
 */
function startOf(answer: Answer, bytes: number, asked: number): number | null {
  const { status, headers } = answer.response
  if (status !== 206) return status === 200 ? 0 : null
  const range = /^bytes (?<start>\d+)-\d+\/(?<total>\d+|\*)$/.exec(headers.get('content-range') ?? '')?.groups
  const total = range?.['total']
  return Number(range?.['start']) === asked && (total === '*' || Number(total) === bytes) ? asked : null
}

async function write(part: string, from: number, answer: Answer, f: FileFetch, progress: (bytes: number) => void): Promise<void> {
  const { bytes } = f.file
  const { headers } = answer.response
  const announced = headers.get('content-length')
  // a packed body has another length than its content
  if (announced !== null && !headers.has('content-encoding') && from + Number(announced) !== bytes)
    throw wrong(f, `it has ${from + Number(announced)} bytes instead of ${bytes}`)
  const handle = await withDiskErrors(part, () => open(part, from === 0 ? 'w' : 'a'))
  let done = from
  try {
    for await (const chunk of answer.body()) {
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

/** `path`: what errors call it. */
async function append(handle: FileHandle, path: string, chunk: Uint8Array): Promise<void> {
  try {
    for (let done = 0; done < chunk.byteLength;) done += (await handle.write(chunk, done)).bytesWritten
  } catch (error) {
    throw diskError(path, error)
  }
}

const CHUNK_BYTES = 1 << 20

/**
 * Checksum of the file as it lies on the disk, in hexadecimal digits. Large files of the Hub have the SHA-256 of their content;
 * the others what git calls them: the SHA-1 of `blob `, their bytes in decimal digits, a zero byte and the content (Pro Git, 10.2).
 */
async function digestOf(path: string, algorithm: Digest['algorithm'], signal?: AbortSignal): Promise<string> {
  const hash = createHash(algorithm === 'sha256' ? 'sha256' : 'sha1')
  if (algorithm === 'git-sha1') hash.update(`blob ${(await stat(path)).size}\0`)
  for await (const chunk of createReadStream(path, { highWaterMark: CHUNK_BYTES, ...(signal ? { signal } : {}) }))
    hash.update(chunk as Buffer)
  return hash.digest('hex')
}
