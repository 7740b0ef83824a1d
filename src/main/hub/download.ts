/** Downloads a model: its files go into a folder of their own, which is renamed when all of them are complete. */
import { mkdir, readdir, rename, rm, writeFile } from 'node:fs/promises'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { UserError } from '../../contract/errors.ts'
import type { ModelFacts } from '../../contract/models.ts'
import { renameDurably } from '../files/atomic.ts'
import { codeOf, diskError, freeBytes } from '../files/disk-errors.ts'
import { SharedLock } from '../files/locks.ts'
import { thisProcess, type ProcessIdentity } from '../files/process-identity.ts'
import type { DownloadPlan, PlannedFile } from './api.ts'
import { bytesOf, discard, folderOf, MANIFEST_FILE, partOf, type Manifest } from './downloaded.ts'
import { fetchFile } from './fetch-file.ts'
import { readModelFolder } from '../model-folder/facts.ts'
import type { Transport } from './transport.ts'
import { size } from '../../contract/words.ts'

export interface DownloadProgress {
  /** Bytes on the disk, including those of earlier tries. */
  readonly done: number
  readonly total: number
  /** For the user: `model.safetensors`, `checking model.safetensors`. */
  readonly phase: string
}

export interface Download {
  readonly transport: Transport
  readonly plan: DownloadPlan
  /** Folder of downloaded models. */
  readonly dir: string
  readonly signal: AbortSignal | undefined
  readonly progress: (p: DownloadProgress) => void
  /** Free bytes on a folder's disk; replaced in tests. */
  readonly free?: ((dir: string) => number) | undefined
  /** Reads what a folder's files say; in another process where they are not trusted. */
  readonly facts?: ((folder: string) => Promise<ModelFacts>) | undefined
}

/** Space that a download leaves free. */
const SPARE_BYTES = 50_000_000

/**
 * Downloads the missing files of a model. Files of an earlier try, even a killed one, are verified and kept.
 * @throws UserError `busy`, `disk-full`, `download-damaged`, `hub-…`; the signal's reason
 */
export async function download(d: Download): Promise<void> {
  const part = partOf(d.dir, d.plan.id)
  const final = folderOf(d.dir, d.plan.id)
  await makeFolder(d.dir)
  // a damaged model is repaired: its intact files are not downloaded again
  if (existsSync(final) && !existsSync(part)) await rename(final, part)
  await makeFolder(part)
  const lock = lockDownload(part, d.plan.id)
  try {
    assertSpace(d, part)
    await fetchAll(d, part)
    await finish(d, part)
    await discard(d.dir, final)
    renameDurably(part, final)
  } finally {
    lock.release()
  }
}

/** @throws UserError `busy` while another download, of this program or another one, has the folder */
function lockDownload(folder: string, id: string): SharedLock<ProcessIdentity> {
  const lock = new SharedLock(`${folder}.lock-`, thisProcess())
  if (lock.others().length === 0) return lock
  lock.release()
  throw new UserError('busy', `${id} is being downloaded already, maybe by another program: wait for it, or cancel it there.`)
}

async function makeFolder(path: string): Promise<void> {
  try {
    await mkdir(path, { recursive: true })
  } catch (error) {
    if (codeOf(error) !== 'EEXIST') throw diskError(path, error)
    throw new UserError('folder-not-found', `${path} is a file, and models are kept in a folder of that name: move the file away.`, {
      path,
    })
  }
}

function assertSpace({ plan, dir, free = freeBytes }: Download, part: string): void {
  const needed = total(plan.files) - bytesOf(part) + SPARE_BYTES
  const there = free(dir)
  if (needed <= there) return
  throw new UserError(
    'disk-full',
    `${plan.id} needs ${size(needed)} more on the disk of ${dir}, where ${size(there)} are free. Free some space, or move the data folder (REELABEL_DATA). Downloaded files are kept.`,
    { needed, free: there },
  )
}

const total = (files: readonly PlannedFile[]): number => files.reduce((sum, f) => sum + f.bytes, 0)

/** Small files first: most problems of a model show before its weights are downloaded. */
async function fetchAll({ transport, plan, signal, progress }: Download, folder: string): Promise<void> {
  const bytes = total(plan.files)
  let before = 0
  for (const file of [...plan.files].sort((a, b) => a.bytes - b.bytes)) {
    const say = (done: number, phase: string): void => progress({ done: before + done, total: bytes, phase })
    await fetchFile({
      transport,
      file,
      folder,
      signal,
      url: `${transport.hub}/${plan.id}/resolve/${plan.revision}/${encodeURIComponent(file.name)}`,
      progress: (done) => say(done, file.name),
      checking: () => say(file.bytes, `checking ${file.name}`),
    })
    before += file.bytes
  }
}

/** Writes the manifest and removes files that are not part of the model. @throws UserError if the files are not a model */
async function finish(
  { transport, plan, facts = (path) => Promise.resolve(readModelFolder(path)) }: Download,
  folder: string,
): Promise<void> {
  const belongs = new Set(plan.files.map((f) => f.name))
  for (const name of await readdir(folder)) if (!belongs.has(name)) await rm(join(folder, name), { recursive: true, force: true })
  const { architecture, license, parameters, bytes } = await facts(folder)
  const manifest: Manifest = {
    reelabel: 'downloaded model',
    version: 1,
    id: plan.id,
    hub: transport.hub,
    revision: plan.revision,
    downloadedAt: new Date().toISOString(),
    facts: { architecture, license: plan.license ?? license, parameters, bytes },
    files: [...plan.files],
  }
  await writeFile(join(folder, MANIFEST_FILE), `${JSON.stringify(manifest, null, 1)}\n`, { flush: true })
}
