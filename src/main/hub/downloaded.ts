/** Downloaded models: one folder for each, which gets its name when it is complete. Its `reelabel.json` records where it came from. */
import { randomBytes } from 'node:crypto'
import { statSync } from 'node:fs'
import { rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { codeOf, diskError } from '../files/disk-errors.ts'
import { jsonIn, namesIn } from '../files/read.ts'
import { FACTS } from './added.ts'
import { isRepoId } from './address.ts'
import { isModelFile } from '../model-folder/files.ts'

const DIGEST = z.discriminatedUnion('algorithm', [
  z.object({ algorithm: z.literal('sha256'), hex: z.string().regex(/^[0-9a-f]{64}$/) }),
  /** Git's blob id, the SHA-1 of `blob <bytes>\0` and the content. */
  z.object({ algorithm: z.literal('git-sha1'), hex: z.string().regex(/^[0-9a-f]{40}$/) }),
])
export type Digest = z.output<typeof DIGEST>

const MANIFEST = z.object({
  reelabel: z.literal('downloaded model'),
  version: z.literal(1),
  id: z.string().refine(isRepoId),
  hub: z.string().max(1000),
  revision: z.string().max(100),
  downloadedAt: z.iso.datetime(),
  facts: FACTS,
  files: z.array(z.object({ name: z.string().refine(isModelFile), bytes: z.int().min(0), digest: DIGEST })).max(5000),
})
export type Manifest = z.output<typeof MANIFEST>

export const MANIFEST_FILE = 'reelabel.json'
const PREFIX = 'models--'
const PART = /^\.(?<name>models--.+)\.part$/
const TRASH = '.removed-'

/** Folder of a downloaded model. The prefix ensures that no name is a device's or hidden. */
export const folderOf = (dir: string, id: string): string => join(dir, `${PREFIX}${id.replace('/', '--')}`)
/** Folder of an unfinished download. */
export const partOf = (dir: string, id: string): string => join(dir, `.${PREFIX}${id.replace('/', '--')}.part`)

export interface Downloaded {
  readonly path: string
  readonly manifest: Manifest
}
/** Complete models, sorted by id. */
export function downloadedModels(dir: string): Downloaded[] {
  return namesIn(dir)
    .filter((name) => name.startsWith(PREFIX))
    .flatMap((name) => {
      const path = join(dir, name)
      const manifest = jsonIn(join(path, MANIFEST_FILE), MANIFEST)
      return manifest !== null && folderOf(dir, manifest.id) === path ? [{ path, manifest }] : []
    })
    .sort((a, b) => a.manifest.id.localeCompare(b.manifest.id, 'en'))
}

/** Returns how the files differ from those that were downloaded, as a phrase; null if all have the right size. */
export function damageOf({ path, manifest }: Downloaded): string | null {
  for (const { name, bytes } of manifest.files) {
    const found = statSync(join(path, name), { throwIfNoEntry: false })?.size
    if (found === undefined) return `${name} is missing`
    if (found !== bytes) return `${name} has ${found} bytes instead of ${bytes}`
  }
  return null
}

/** Total size of a folder's files. */
export function bytesOf(path: string): number {
  return namesIn(path).reduce((sum, name) => sum + (statSync(join(path, name), { throwIfNoEntry: false })?.size ?? 0), 0)
}

/** Deletes a folder. It is renamed first, so that it disappears at once even if the deletion is interrupted. */
export async function discard(dir: string, path: string): Promise<void> {
  const trash = join(dir, `${TRASH}${randomBytes(6).toString('hex')}`)
  try {
    await rename(path, trash)
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return
    throw diskError(path, error)
  }
  await emptyTrash(dir)
}
/** Removes what interrupted deletions left. */
export async function emptyTrash(dir: string): Promise<void> {
  for (const name of namesIn(dir)) if (name.startsWith(TRASH)) await rm(join(dir, name), { recursive: true, force: true }).catch(() => null)
}

/** True if there is an unfinished download of the model. */
export const isUnfinished = (dir: string, id: string): boolean => namesIn(dir).some((n) => PART.test(n) && join(dir, n) === partOf(dir, id))
