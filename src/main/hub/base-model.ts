/** Finds an adapter's base model: the one named in its configuration, or the one that the user names. */
import { existsSync } from 'node:fs'
import { isAbsolute, join, resolve } from 'node:path'
import { UserError } from '../../contract/errors.ts'
import { isOnNetwork } from '../files/regular.ts'
import type { ModelEntry } from '../../contract/models.ts'
import { isRepoId } from './address.ts'
import { CONFIG_FILE } from '../model-folder/files.ts'
import { quoted } from '../../contract/words.ts'

type Known = Pick<ModelEntry, 'id' | 'source' | 'base'> & { readonly path: string }

/** A reference to a base model is the id of a downloaded model, or the absolute path of a folder. */
export const isFolderReference = (reference: string): boolean => isAbsolute(reference)

/**
 * @param named the base that the adapter names
 * @param given the base that the user names: an id of the library, or a folder
 * @throws UserError `base-missing`, `base-is-adapter`
 */
export function findBase(
  adapter: string,
  { named, given }: { readonly named: string | null; readonly given: string | null },
  library: readonly Known[],
): string {
  const reference = given ?? named
  if (reference === null)
    throw new UserError('base-missing', `${adapter} is an adapter that does not name its base model. ${NAME_IT}`, {
      path: adapter,
    })
  const entry = entryOf(reference, library)
  if (entry?.base != null)
    throw new UserError('base-is-adapter', `${quoted(reference)} is an adapter itself. Name the model that ${adapter} was trained on.`, {
      path: adapter,
    })
  if (entry) return entry.source === 'hub' ? entry.id : entry.path
  const folder = folderOf(reference, given === null ? adapter : null)
  if (folder !== null) return folder
  const what =
    given === null ? `${adapter} is an adapter of ${quoted(reference)}, which` : `The base ${quoted(reference)} of the adapter ${adapter}`
  const download = isRepoId(reference) ? `Download it first (reelabel models download ${reference}), or give its folder. ` : ''
  throw new UserError('base-missing', `${what} is not on this machine. ${download}${NAME_IT}`, { path: adapter, base: reference })
}
const NAME_IT = 'To name its base: reelabel models add FOLDER --base MODEL, where MODEL is an id of the library or a folder.'

/** By id. A Hub name without its owner means the only downloaded model of that name. */
function entryOf(reference: string, library: readonly Known[]): Known | undefined {
  const exact = library.find((m) => m.id === reference)
  if (exact || reference.includes('/')) return exact
  const [only, ...others] = library.filter((m) => m.source === 'hub' && m.id.endsWith(`/${reference}`))
  return others.length === 0 ? only : undefined
}

/** An existing folder: as given, or relative to the adapter if the adapter names it. */
function folderOf(reference: string, adapter: string | null): string | null {
  if (adapter !== null && isOnNetwork(reference)) return null
  const places = [resolve(reference), ...(adapter === null ? [] : [resolve(adapter, reference)])]
  return places.find((place) => existsSync(join(place, CONFIG_FILE))) ?? null
}
