/** The models of this machine: folders that were added, and those that were downloaded, in the `models` folder of the data folder. */
import { statSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { UserError } from '../../contract/errors.ts'
import type { LibrarySettings, ModelEntry } from '../../contract/models.ts'
import { addedFolders, forgetFolder, keepFolder, type AddedFolder } from './added.ts'
import { hubAddress, isRepoId, type Env } from './address.ts'
import { bytesOf, damageOf, discard, downloadedModels, isUnfinished, partOf, type Downloaded } from './downloaded.ts'
import { folderName, readModelFolder, stampOf, type FolderFacts } from './model-folder.ts'
import { Settings } from './settings.ts'
import { quoted, size } from './words.ts'

export interface LibraryOptions {
  /** The `models` folder; need not be there yet. */
  readonly dir: string
  readonly env?: Env
}
/** A model whose files lie on this machine. */
export type FolderEntry = ModelEntry & { readonly path: string }

export class Library {
  readonly dir: string
  readonly env: Env
  readonly #settings: Settings
  /** Facts by folder, as long as its files stay as they are. */
  readonly #read = new Map<string, { readonly stamp: string; readonly facts: FolderFacts }>()

  constructor({ dir, env = process.env }: LibraryOptions) {
    this.dir = resolve(dir)
    this.env = env
    this.#settings = new Settings(this.dir, env)
  }
  /** Folder of downloaded models. */
  get downloads(): string {
    return join(this.dir, 'hub')
  }
  get #added(): string {
    return join(this.dir, 'folders')
  }
  /** Downloaded models, then added folders, by name; `scratch` is not among them. `problem` is set where one cannot be used any more. */
  list(): FolderEntry[] {
    return [
      ...downloadedModels(this.downloads).map((d) => this.#downloadedEntry(d)),
      ...addedFolders(this.#added).map((f) => this.#addedEntry(f)),
    ]
  }
  /** @throws UserError `no-model` */
  get(id: string): FolderEntry {
    const found = this.list().find((m) => m.id === id)
    if (found) return found
    throw new UserError(
      'no-model',
      `There is no model ${quoted(id)} on this machine: see the list of models, add its folder or download it.`,
    )
  }
  /** A model whose files can be used now. @throws UserError `no-model`, `model-unusable` with its problem */
  usable(id: string): FolderEntry {
    const found = this.get(id)
    if (found.problem === null) return found
    throw new UserError('model-unusable', `The model ${quoted(id)} cannot be used: ${found.problem}`, { id })
  }
  /** Takes a folder in by reference; once, however often it is asked. @throws UserError where it cannot be used, with advice */
  add(path: string): Promise<FolderEntry> {
    return Promise.resolve().then(() => {
      const folder = resolve(path)
      const facts = readModelFolder(folder)
      const taken = new Set(downloadedModels(this.downloads).map((d) => d.manifest.id))
      return this.#addedEntry(keepFolder(this.#added, { path: folder, facts: factsOnly(facts) }, taken))
    })
  }
  /** What {@link remove} will do, in a sentence, to be shown before. @throws UserError `no-model` */
  removal(id: string): string {
    if (this.#isUnfinished(id)) return `${size(bytesOf(partOf(this.downloads, id)))} of the unfinished download of ${id} will be deleted.`
    const { source, path, bytes } = this.get(id)
    if (source === 'hub') return `${id} (${size(bytes)}) will be deleted from the disk: ${path}. It can be downloaded again.`
    return `${id} will be taken off the list; its files stay in ${path}.`
  }
  /** Deletes a downloaded model from the disk, or forgets an added folder. Answers what was done. @throws UserError `no-model` */
  async remove(id: string): Promise<string> {
    if (this.#isUnfinished(id)) {
      await discard(this.downloads, partOf(this.downloads, id))
      return `The unfinished download of ${id} was deleted.`
    }
    const { source, path, bytes } = this.get(id)
    if (source === 'folder') {
      forgetFolder(this.#added, id)
      return `${id} was taken off the list; its files stay in ${path}.`
    }
    await discard(this.downloads, path)
    return `${id} was deleted from the disk: ${size(bytes)} are free.`
  }
  settings(): LibrarySettings {
    const { forced, switchedOffline } = this.#settings
    return {
      offline: switchedOffline || forced !== null,
      forced,
      hub: hubAddress(this.env),
      folder: this.dir,
      bytes: downloadedModels(this.downloads).reduce((sum, { path }) => sum + bytesOf(path), 0),
    }
  }
  /** Answers the settings as they are then. */
  async set({ offline }: { readonly offline?: boolean | undefined }): Promise<LibrarySettings> {
    if (offline !== undefined) await this.#settings.setOffline(offline)
    return this.settings()
  }
  /** @throws UserError `offline` */
  assertOnline(): void {
    this.#settings.assertOnline()
  }
  #isUnfinished(id: string): boolean {
    return isRepoId(id) && isUnfinished(this.downloads, id) && !this.list().some((m) => m.id === id)
  }
  #downloadedEntry(downloaded: Downloaded): FolderEntry {
    const { path, manifest } = downloaded
    const damage = damageOf(downloaded)
    const problem = damage === null ? null : `${damage}. Download it again: what is whole of it is kept.`
    const { id, facts } = manifest
    return { id, name: id, source: 'hub', path, problem, ...facts, bytes: manifest.files.reduce((sum, f) => sum + f.bytes, 0) }
  }
  /** A folder belongs to others: it is looked at each time. */
  #addedEntry({ id, path, facts: former }: AddedFolder): FolderEntry {
    const entry = { id, name: folderName(path), source: 'folder', path } as const
    try {
      return { ...entry, ...this.#facts(path), problem: null }
    } catch (error) {
      return { ...entry, ...former, problem: error instanceof Error ? error.message : String(error) }
    }
  }
  #facts(path: string): FolderFacts {
    if (!statSync(path, { throwIfNoEntry: false })?.isDirectory()) return readModelFolder(path)
    const stamp = stampOf(path)
    const known = this.#read.get(path)
    if (known?.stamp === stamp) return known.facts
    const facts = factsOnly(readModelFolder(path))
    this.#read.set(path, { stamp, facts })
    return facts
  }
}

const factsOnly = ({ architecture, license, parameters, bytes }: FolderFacts): FolderFacts => ({ architecture, license, parameters, bytes })
