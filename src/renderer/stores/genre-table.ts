/** The genre table while it is edited: genre of the source -> what it becomes; a genre without an entry stays. */
import type { ParamValue } from '../../contract/cleaning.ts'

export type GenreMap = Readonly<Record<string, readonly string[]>>
export const asGenreMap = (value: ParamValue): GenreMap => (typeof value === 'object' && !Array.isArray(value) ? (value as GenreMap) : {})

export const targetsOf = (map: GenreMap, name: string): readonly string[] => (Object.hasOwn(map, name) ? (map[name] ?? [name]) : [name])

/** What becomes of these genres is `change` of what became of them; an entry that says nothing goes. */
export function edited(
  map: GenreMap,
  names: readonly string[],
  change: (targets: readonly string[], name: string) => readonly string[],
): GenreMap {
  const entries = new Map(Object.entries(map))
  for (const name of names) {
    const targets = [...new Set(change(targetsOf(map, name), name))]
    if (targets.length === 1 && targets[0] === name) entries.delete(name)
    else entries.set(name, targets)
  }
  return Object.fromEntries(entries)
}
export const mergeInto = (map: GenreMap, names: readonly string[], target: string): GenreMap => edited(map, names, () => [target])
export const drop = (map: GenreMap, names: readonly string[]): GenreMap => edited(map, names, () => [])
export const reset = (map: GenreMap, names: readonly string[]): GenreMap => edited(map, names, (_, name) => [name])
/** They stay what they are, and carry the parent besides. */
export const addParent = (map: GenreMap, names: readonly string[], parent: string): GenreMap =>
  edited(map, names, (targets) => [...targets, parent])
