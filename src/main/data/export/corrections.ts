/** Applies corrections, which name genres as cleaning does, to genres in the file's own spelling. */

/** How the file's genre names relate to the catalogue's. */
export interface Naming {
  /** Returns the same key for two names of one genre, by the rule with which the catalogue was cleaned. */
  readonly keyOf: (genre: string) => string
  /** Returns the genres that cleaning makes of a name of the file; if absent, each name is its own genre. */
  readonly targetsOf?: (name: string) => readonly string[]
  /** Returns how the file spells a genre; by default as the catalogue does. */
  readonly spellingOf?: (genre: string) => string
}
export interface Correction {
  readonly add: readonly string[]
  readonly remove: readonly string[]
}

/** Returns what is left of a genre name of the file: itself, nothing, or those of its several genres that were not removed. */
export function staying(name: string, { remove }: Pick<Correction, 'remove'>, { keyOf, targetsOf }: Naming): readonly string[] {
  if (remove.length === 0) return [name]
  const gone = new Set(remove.map(keyOf))
  const targets = targetsOf?.(name) ?? [name]
  const left = targets.filter((target) => !gone.has(keyOf(target)))
  return left.length === targets.length ? [name] : left
}

/** Returns the genres of a corrected cell: those that stay keep spelling and place, added ones follow. */
export function corrected(current: readonly string[], correction: Correction, naming: Naming): string[] {
  const { keyOf, targetsOf, spellingOf } = naming
  const stays: string[] = []
  for (const genre of current)
    for (const name of staying(genre, correction, naming))
      // one of several genres may be in the cell already
      if (name === genre || !(current.includes(name) || stays.includes(name))) stays.push(name)
  const there = new Set(stays.flatMap((name) => targetsOf?.(name) ?? [name]).map(keyOf))
  const added = correction.add.filter((genre) => !there.has(keyOf(genre)))
  return [...stays, ...added.map((genre) => spellingOf?.(genre) ?? genre)]
}

/** Edits of a text as values. */

/** The new text for the range [start, end) of a record, in UTF-16 code units. */
export interface Edit {
  readonly start: number
  readonly end: number
  readonly text: string
}
/** Returns the text with its ranges replaced. The edits are sorted by position and do not overlap. */
export function applyEdits(raw: string, edits: readonly Edit[]): string {
  let text = ''
  let from = 0
  for (const edit of edits) {
    text += raw.slice(from, edit.start) + edit.text
    from = edit.end
  }
  return text + raw.slice(from)
}
