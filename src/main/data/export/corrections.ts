/** Corrected genres in the names of the file: corrections speak of genres as cleaning calls them. */

/** What the file's genres are to the catalogue. */
export interface Naming {
  /** What two names of one genre have in common: the rule by which the catalogue was cleaned. */
  readonly keyOf: (genre: string) => string
  /** The genres that cleaning makes of a name of the file: none, one or several; left out: each name is its own genre. */
  readonly targetsOf?: (name: string) => readonly string[]
}
export interface Correction {
  readonly add: readonly string[]
  readonly remove: readonly string[]
}

/** What is left of a genre of the file: itself, nothing, or those of its several genres that were not removed. */
export function staying(name: string, { remove }: Pick<Correction, 'remove'>, { keyOf, targetsOf }: Naming): readonly string[] {
  if (remove.length === 0) return [name]
  const gone = new Set(remove.map(keyOf))
  const targets = targetsOf?.(name) ?? [name]
  const left = targets.filter((target) => !gone.has(keyOf(target)))
  return left.length === targets.length ? [name] : left
}

/** The genres of a cell with corrections: what stays keeps its spelling and place, what comes in stands at the end. */
export function corrected(current: readonly string[], correction: Correction, naming: Naming): string[] {
  const { keyOf, targetsOf } = naming
  const stays: string[] = []
  for (const genre of current)
    for (const name of staying(genre, correction, naming))
      // what is left of several genres may stand in the cell already
      if (name === genre || !(current.includes(name) || stays.includes(name))) stays.push(name)
  const there = new Set(stays.flatMap((name) => targetsOf?.(name) ?? [name]).map(keyOf))
  return [...stays, ...correction.add.filter((genre) => !there.has(keyOf(genre)))]
}
