/** Storage of trained transformers: small ones in the project file, large ones in a folder of the data folder that the project names. */
import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { cp, mkdir, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { messageOf, UserError } from '../../contract/errors.ts'
import { renameDurably } from '../files/atomic.ts'
import { codeOf } from '../files/disk-errors.ts'
import { removeAbandoned, temporaryName } from '../files/temporary.ts'
import type { StoredModel } from '../store/runs.ts'
import type { Store } from '../store/store.ts'
import { packContainer, unpackContainer, type Container } from '../model-folder/container.ts'
import { filesDigest } from '../model-folder/digest.ts'

/** Largest model that is stored in the project file: an adapter, a head, the small transformer. */
const MAX_IN_PROJECT = 64 << 20

/** Stores trained models, and opens them as folders of files. */
export class ModelArtifacts {
  readonly #dir: string
  readonly #temporary: string
  /** Unpacked models by project and run. */
  readonly #unpacked = new Map<string, Promise<string>>()

  /** @param dir `models/trained` of the data folder @param temporary a folder that is removed when the program ends */
  constructor(dir: string, temporary: string) {
    this.#dir = dir
    this.#temporary = temporary
  }
  /** Stores the folder that a training wrote; a large one is moved. Returns what {@link RunTable.addModel} needs. */
  async keep(folder: string, most = MAX_IN_PROJECT): Promise<StoredModel> {
    const files = await filesIn(folder)
    if (files.reduce((sum, f) => sum + f.bytes, 0) <= most) return { bytes: await pack(folder) }
    const name = await filesDigest(
      folder,
      files.map((f) => f.name),
    )
    const target = this.folder(name)
    await mkdir(this.#dir, { recursive: true })
    if (!existsSync(target)) await move(folder, target)
    return { folder: name }
  }
  /**
   * Folder with the files of a run's model.
   * @throws UserError `no-model` if the run has none, `model-missing` if its folder is missing, `model-damaged`
   */
  open(store: Store, run: number): Promise<string> {
    const model = store.runs.model(run)
    if (!model) throw new UserError('no-model', `The model of run ${run} is not in the project: train again.`)
    if (model.folder !== undefined) return Promise.resolve(this.#beside(run, model.folder))
    const key = `${store.path}\n${run}\n${createHash('sha256').update(model.bytes).digest('hex')}`
    const known = this.#unpacked.get(key)
    if (known) return known
    const folder = join(this.#temporary, `model-${crypto.randomUUID()}`)
    const made = unpack(model.bytes, folder).then(() => folder)
    this.#unpacked.set(key, made)
    made.catch(() => this.#unpacked.delete(key))
    return made
  }
  /** The folder of a model that is not in its project. */
  folder(name: string): string {
    return join(this.#dir, name)
  }
  #beside(run: number, name: string): string {
    const folder = this.folder(name)
    if (/^[0-9a-f]{64}$/.test(name) && existsSync(folder)) return folder
    throw new UserError(
      'model-missing',
      `The model of run ${run} is too large for the project file and was stored in ${folder}, which does not exist: put the folder back, or train again. The run's predictions are kept.`,
    )
  }
}

/** Moves a folder, if necessary to another disk. It gets its new name when it is complete. */
async function move(from: string, to: string): Promise<void> {
  try {
    renameDurably(from, to)
  } catch (error) {
    if (codeOf(error) !== 'EXDEV') throw error
    removeAbandoned(dirname(to))
    const temporary = temporaryName(to)
    await cp(from, temporary, { recursive: true })
    renameDurably(temporary, to)
    await rm(from, { recursive: true, force: true })
  }
}

// a small folder as bytes: a container with a tensor of bytes for each file

const VERSION = 1
const FILE_NAME = /^[A-Za-z0-9_][A-Za-z0-9._-]{0,199}$/
const MAX_FILES = 1000

interface ModelFile {
  readonly name: string
  readonly bytes: number
}

/** The files of a folder by name. @throws Error if there is anything but plain files */
async function filesIn(folder: string): Promise<ModelFile[]> {
  const files = []
  for (const name of (await readdir(folder)).sort()) {
    const found = await stat(join(folder, name))
    if (!found.isFile() || !FILE_NAME.test(name)) throw new Error(`${join(folder, name)} is not a file of a model`)
    files.push({ name, bytes: found.size })
  }
  return files
}

/** The files of a folder as bytes. */
export async function pack(folder: string): Promise<Uint8Array> {
  const files = await filesIn(folder)
  const contents = await Promise.all(files.map(async ({ name }) => [name, { data: await readFile(join(folder, name)) }] as const))
  return packContainer({ version: VERSION }, contents)
}

/** Writes packed files into a new folder. @throws UserError `model-damaged` if the bytes are not what {@link pack} returns */
export async function unpack(bytes: Uint8Array, folder: string): Promise<void> {
  const files = filesOf(bytes)
  await mkdir(folder, { recursive: true })
  for (const [name, { data }] of files) await writeFile(join(folder, name), data, { flag: 'wx' })
}

function filesOf(bytes: Uint8Array): Container['tensors'] {
  try {
    const { header, tensors } = unpackContainer(bytes)
    const { version } = header as { readonly version?: unknown }
    if (version !== VERSION) throw new Error(`version ${String(version)}; this program reads version ${VERSION}`)
    const strange = [...tensors.keys()].find((name) => !FILE_NAME.test(name))
    if (strange !== undefined || tensors.size > MAX_FILES) throw new Error('its list of files cannot be used')
    return tensors
  } catch (error) {
    const why = messageOf(error)
    throw new UserError('model-damaged', `The stored model cannot be read (${why}). Train again to replace it.`)
  }
}
