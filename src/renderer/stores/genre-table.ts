/** Editing of the genre table: genre of the source -> names that it becomes. A genre without an entry stays as it is. */
import type { ParamValue } from '../../contract/cleaning.ts'

export type GenreMap = Readonly<Record<string, readonly string[]>>
export const asGenreMap = (value: ParamValue): GenreMap => (typeof value === 'object' && !Array.isArray(value) ? (value as GenreMap) : {})

export const targetsOf = (map: GenreMap, name: string): readonly string[] => (Object.hasOwn(map, name) ? (map[name] ?? [name]) : [name])

/** Applies `change` to the names of these genres. Entries without effect are removed. */
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
/** Adds the parent to these genres. */
export const addParent = (map: GenreMap, names: readonly string[], parent: string): GenreMap =>
  edited(map, names, (targets) => [...targets, parent])
