/** What trainings of transformers leave: in the project where it is small, else in a folder of the data folder that the project names. */
import { createHash } from 'node:crypto'
import { createReadStream, existsSync } from 'node:fs'
import { cp, mkdir, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { UserError } from '../../contract/errors.ts'
import { renameDurably } from '../files/atomic.ts'
import { codeOf } from '../files/disk-errors.ts'
import { removeAbandoned, temporaryName } from '../files/temporary.ts'
import type { StoredModel } from '../store/runs.ts'
import type { Store } from '../store/store.ts'
import { filesIn, pack, unpack } from './bundle.ts'

/** Largest model that a project carries itself: an adapter, a head, the small transformer. */
export const MOST_IN_PROJECT = 64 << 20

/** Keeps trained models, and opens them as folders of files. */
export class TunedModels {
  readonly #dir: string
  readonly #temporary: string
  /** Unpacked models by project and run. */
  readonly #unpacked = new Map<string, Promise<string>>()

  /** @param dir `models/tuned` of the data folder @param temporary a folder that goes with the program */
  constructor(dir: string, temporary: string) {
    this.#dir = dir
    this.#temporary = temporary
  }
  /** Takes the files that a training left, for {@link RunTable.addModel}; a large folder is moved. */
  async keep(folder: string, most = MOST_IN_PROJECT): Promise<StoredModel> {
    const files = await filesIn(folder)
    if (files.reduce((sum, f) => sum + f.bytes, 0) <= most) return { bytes: await pack(folder) }
    const name = await digestOf(folder, files)
    const target = join(this.#dir, name)
    await mkdir(this.#dir, { recursive: true })
    if (!existsSync(target)) await move(folder, target)
    return { folder: name }
  }
  /**
   * Folder with the files of a run's model.
   * @throws UserError `no-model` where the run has none, `model-missing` where its folder is gone, `model-damaged`
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
  #beside(run: number, name: string): string {
    const folder = join(this.#dir, name)
    if (/^[0-9a-f]{64}$/.test(name) && existsSync(folder)) return folder
    throw new UserError(
      'model-missing',
      `The model of run ${run} is too large for the project file and lay in ${folder}, which is not there: put the folder back, or train again. The run's predictions are kept.`,
    )
  }
}

/** Of names and contents. */
async function digestOf(folder: string, files: readonly { readonly name: string; readonly bytes: number }[]): Promise<string> {
  const hash = createHash('sha256')
  for (const { name, bytes } of files) {
    hash.update(`${name}\n${bytes}\n`)
    for await (const chunk of createReadStream(join(folder, name))) hash.update(chunk as Buffer)
  }
  return hash.digest('hex')
}

/** All of it or nothing, also onto another disk. */
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
