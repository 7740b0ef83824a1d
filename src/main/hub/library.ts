/** The models on this machine: added folders and downloaded models. Stored in the `models` folder of the data folder. */
import { statSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { messageOf, UserError } from '../../contract/errors.ts'
import { isTrainable, type LibrarySettings, type ModelEntry, type ModelFacts, type ModelFiles } from '../../contract/models.ts'
import { addedFolders, forgetFolder, keepFolder, type AddedFolder } from './added.ts'
import { hubAddress, isRepoId } from './address.ts'
import { findBase, isFolderReference } from './base-model.ts'
import { bytesOf, damageOf, discard, downloadedModels, isUnfinished, partOf, type Downloaded } from './downloaded.ts'
import { isVectorFile, readVectorFacts } from '../model-folder/vector-file.ts'
import { folderName, isAdapterFolder, readAdapterFolder, readModelFolder, stampOf } from '../model-folder/facts.ts'
import { quoted, size } from '../../contract/words.ts'
import type { Env } from '../network/address.ts'
import { OfflineMode } from '../network/offline.ts'

export interface LibraryOptions {
  /** The `models` folder; it need not exist. */
  readonly dir: string
  readonly env?: Env
}
/** A model whose files are on this machine. */
export type FolderEntry = ModelEntry & { readonly path: string }

/** The model library. */
export class Library {
  readonly dir: string
  readonly env: Env
  readonly #offline: OfflineMode
  /** Facts by folder, valid while its files do not change. */
  readonly #read = new Map<string, { readonly stamp: string; readonly facts: ModelFacts }>()

  constructor({ dir, env = process.env }: LibraryOptions) {
    this.dir = resolve(dir)
    this.env = env
    this.#offline = new OfflineMode(this.dir, env)
  }
  /** Folder of downloaded models. */
  get downloads(): string {
    return join(this.dir, 'hub')
  }
  get #added(): string {
    return join(this.dir, 'folders')
  }
  /** Downloaded models, then added folders, sorted by name; `scratch` is not included. A model that cannot be used has a `problem`. */
  list(): FolderEntry[] {
    return [
      ...downloadedModels(this.downloads).map((d) => this.#downloadedEntry(d)),
      ...addedFolders(this.#added).map((f) => this.#addedEntry(f)),
    ]
  }
  /** The models as {@link list}, with what was known of a folder when it was added: none of its files is read. */
  known(): FolderEntry[] {
    return [
      ...downloadedModels(this.downloads).map((d) => this.#downloadedEntry(d)),
      ...addedFolders(this.#added).map((f) => this.#knownEntry(f)),
    ]
  }
  /** @throws UserError `no-model` */
  get(id: string, models = this.list()): FolderEntry {
    const found = models.find((m) => m.id === id)
    if (found) return found
    throw new UserError(
      'no-model',
      `There is no model ${quoted(id)} on this machine: see the list of models, add its folder or download it.`,
    )
  }
  /** A usable model. @throws UserError `no-model`, `model-unusable` with its problem */
  usable(id: string): FolderEntry {
    const found = this.get(id)
    if (found.problem === null) return found
    throw new UserError('model-unusable', `The model ${quoted(id)} cannot be used: ${found.problem}`, { id })
  }
  /** The folders of a usable model. @throws UserError as {@link usable} */
  files(id: string): ModelFiles {
    const { path } = this.usable(id)
    const base = addedFolders(this.#added).find((f) => f.id === id && f.path === path)?.base ?? null
    return this.#filesOf(path, base)
  }
  #filesOf(path: string, base: string | null): ModelFiles {
    return base === null ? { modelFolder: path, adapterFolder: null } : { modelFolder: this.#base(base).path, adapterFolder: path }
  }
  /**
   * Adds a folder by reference. Adding it again changes nothing but its base.
   * @param base an adapter's base model, an id or a folder; null: the one that the adapter names
   * @param check throws if the model, or an adapter with its base, cannot be trained
   * @throws UserError with advice if the folder cannot be used
   */
  add(path: string, base: string | null = null, check: (files: ModelFiles) => void = () => undefined): Promise<FolderEntry> {
    return Promise.resolve().then(() => {
      const folder = resolve(path)
      const found = isAdapterFolder(folder) ? this.#newAdapter(folder, base) : { facts: plainFacts(folder, base), base: null }
      if (isTrainable(found.facts.architecture)) check(this.#filesOf(folder, found.base))
      const taken = new Set(downloadedModels(this.downloads).map((d) => d.manifest.id))
      return this.#addedEntry(keepFolder(this.#added, { path: folder, ...found }, taken))
    })
  }
  #newAdapter(path: string, given: string | null): { facts: ModelFacts; base: string } {
    const base = findBase(path, { named: readAdapterFolder(path).baseName, given }, this.list())
    return { facts: this.#adapterFacts(path, base), base }
  }
  /** Deletes a downloaded model, or removes an added folder from the list. Returns what was done. @throws UserError `no-model` */
  async remove(id: string): Promise<string> {
    if (this.#isUnfinished(id)) {
      await discard(this.downloads, partOf(this.downloads, id))
      return `The unfinished download of ${id} was deleted.`
    }
    const { source, path, bytes } = this.get(id, this.known())
    if (source === 'folder') {
      forgetFolder(this.#added, id)
      return `${id} was removed from the list; its files stay in ${path}.`
    }
    await discard(this.downloads, path)
    return `${id} was deleted from the disk: ${size(bytes)} are free.`
  }
  settings(): LibrarySettings {
    const { forced, switchedOffline } = this.#offline
    return {
      offline: switchedOffline || forced !== null,
      forced,
      hub: hubAddress(this.env),
      folder: this.dir,
      bytes: downloadedModels(this.downloads).reduce((sum, { path }) => sum + bytesOf(path), 0),
    }
  }
  /** Returns the new settings. */
  async set({ offline }: { readonly offline?: boolean | undefined }): Promise<LibrarySettings> {
    if (offline !== undefined) await this.#offline.setOffline(offline)
    return this.settings()
  }
  /** @throws UserError `offline` */
  assertOnline(): void {
    this.#offline.assertOnline()
  }
  #isUnfinished(id: string): boolean {
    return isRepoId(id) && isUnfinished(this.downloads, id) && !this.known().some((m) => m.id === id)
  }
  #downloadedEntry(downloaded: Downloaded): FolderEntry {
    const { path, manifest } = downloaded
    const damage = damageOf(downloaded)
    const problem = damage === null ? null : `${damage}. Download it again: its intact files are kept.`
    const { id, facts } = manifest
    return { id, name: id, source: 'hub', path, problem, base: null, ...facts, bytes: manifest.files.reduce((sum, f) => sum + f.bytes, 0) }
  }
  /** An added folder may change at any time, so it is checked each time. */
  #addedEntry(added: AddedFolder): FolderEntry {
    const { path, base } = added
    const entry = this.#knownEntry(added)
    try {
      return { ...entry, ...(base === null ? this.#facts(path) : this.#adapterFacts(path, base)) }
    } catch (error) {
      return { ...entry, problem: messageOf(error) }
    }
  }
  #knownEntry({ id, path, base, facts }: AddedFolder): FolderEntry {
    const named = base === null ? null : this.#baseName(base)
    return { id, name: folderName(path), source: 'folder', path, base: named, ...facts, problem: null }
  }
  /** Parameters include those of the base, bytes do not. */
  #adapterFacts(path: string, base: string): ModelFacts {
    const { license, parameters, bytes } = readAdapterFolder(path)
    const { facts } = this.#base(base)
    return { architecture: facts.architecture, license: license ?? facts.license, parameters: facts.parameters + parameters, bytes }
  }
  /** An adapter's base model. @throws UserError `base-missing` */
  #base(reference: string): { readonly path: string; readonly facts: ModelFacts } {
    if (isFolderReference(reference)) return { path: reference, facts: this.#baseFacts(reference) }
    const found = downloadedModels(this.downloads).find((d) => d.manifest.id === reference)
    const damage = found ? damageOf(found) : 'it is no longer on this machine'
    if (!found || damage !== null)
      throw new UserError('base-missing', `Its base ${reference} cannot be used: ${damage}. Download it again.`)
    return { path: found.path, facts: found.manifest.facts }
  }
  #baseFacts(path: string): ModelFacts {
    try {
      return this.#facts(path)
    } catch (error) {
      throw new UserError('base-missing', `Its base cannot be used: ${messageOf(error)}`, { path })
    }
  }
  /** The library's name for a base folder, if it has one. */
  #baseName(reference: string): string {
    return addedFolders(this.#added).find((f) => f.path === reference)?.id ?? reference
  }
  #facts(path: string): ModelFacts {
    if (!statSync(path, { throwIfNoEntry: false })?.isDirectory()) return factsOf(path)
    const stamp = stampOf(path)
    const known = this.#read.get(path)
    if (known?.stamp === stamp) return known.facts
    const facts = readModelFolder(path)
    this.#read.set(path, { stamp, facts })
    return facts
  }
}

/** Facts on a folder, or on a file of word vectors. @throws UserError as {@link readModelFolder} and {@link readVectorFacts} */
const factsOf = (path: string): ModelFacts =>
  isVectorFile(path) && statSync(path, { throwIfNoEntry: false })?.isFile() ? readVectorFacts(path) : readModelFolder(path)

/** @throws UserError `not-an-adapter`, and as {@link factsOf} */
function plainFacts(path: string, base: string | null): ModelFacts {
  const facts = factsOf(path)
  if (base === null) return facts
  throw new UserError('not-an-adapter', `${path} contains a complete model, not an adapter: add it without a base.`, { path })
}
