/** Model folders that were added by reference: one small file for each, so that two programs never write the same file. */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { z } from 'zod'
import { LIBRARY_KINDS } from '../../contract/models.ts'
import { codeOf, diskError } from '../files/disk-errors.ts'
import { jsonIn, namesIn } from '../files/read.ts'

/** The content of a folder when it was added; still shown after the folder is deleted. */
export const FACTS = z.object({
  architecture: z.enum(LIBRARY_KINDS),
  license: z.string().max(200).nullable(),
  parameters: z.number().min(0),
  bytes: z.number().min(0),
})
const FILE = z.object({
  reelabel: z.literal('model folder'),
  version: z.literal(1),
  id: z.string().min(1).max(200),
  path: z.string().min(1).max(5000),
  addedAt: z.iso.datetime(),
  facts: FACTS,
  /** An adapter's base model: its id if it was downloaded, else its folder. */
  base: z.string().min(1).max(5000).nullable().default(null),
})
export type AddedFolder = z.output<typeof FILE>

const PREFIX = 'folder-'
const SUFFIX = '.json'
/** Ids with another meaning. */
const RESERVED = ['scratch']
const MAX_SAME_NAME = 1000

/** Sorted by id. Files with other content are ignored. */
export function addedFolders(dir: string): AddedFolder[] {
  return namesIn(dir)
    .flatMap((name) => read(join(dir, name)) ?? [])
    .sort((a, b) => a.id.localeCompare(b.id, 'en'))
}

type NewFolder = Pick<AddedFolder, 'path' | 'facts'> & { readonly base?: string | null }

/**
 * Adds a folder under a new id. A folder that was added before keeps its id and gets the new base.
 * @param taken ids of other models
 */
export function keepFolder(dir: string, { path, facts, base = null }: NewFolder, taken: ReadonlySet<string>): AddedFolder {
  mkdirSync(dir, { recursive: true })
  for (const id of idsFor(path)) {
    const known = addedFolders(dir).find((f) => f.path === path)
    if (known?.base === base) return known
    if (known) return replaceRecord(dir, { ...known, base, facts })
    if (taken.has(id) || RESERVED.includes(id)) continue
    const record: AddedFolder = { reelabel: 'model folder', version: 1, id, path, facts, base, addedAt: new Date().toISOString() }
    if (writeNewRecord(join(dir, `${PREFIX}${id}${SUFFIX}`), record)) return record
  }
  throw new Error(`${MAX_SAME_NAME} models are called ${basename(path)}`)
}

/** Removes a folder from the list; the folder itself is not deleted. */
export function forgetFolder(dir: string, id: string): void {
  rmSync(join(dir, `${PREFIX}${id}${SUFFIX}`), { force: true })
}

function replaceRecord(dir: string, record: AddedFolder): AddedFolder {
  forgetFolder(dir, record.id)
  writeNewRecord(join(dir, `${PREFIX}${record.id}${SUFFIX}`), record)
  return record
}

/** Returns false if a file of that name exists, for example because another program has just written it. */
function writeNewRecord(path: string, record: AddedFolder): boolean {
  try {
    writeFileSync(path, `${JSON.stringify(record, null, 1)}\n`, { flag: 'wx', flush: true })
    return true
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return false
    throw diskError(path, error)
  }
}

/** The folder's name, then the name with a number. */
function* idsFor(path: string): Generator<string> {
  const name = basename(path)
    .replaceAll(/[^\p{L}\p{N}._-]+/gu, '-')
    .replace(/^[.-]+/, '')
    .slice(0, 80)
  const first = name === '' ? 'model' : name
  yield first
  for (let n = 2; n <= MAX_SAME_NAME; n++) yield `${first}-${n}`
}

function read(path: string): AddedFolder | null {
  const record = jsonIn(path, FILE)
  // the file name decides the id: a renamed file is another model
  return record !== null && basename(path) === `${PREFIX}${record.id}${SUFFIX}` ? record : null
}
