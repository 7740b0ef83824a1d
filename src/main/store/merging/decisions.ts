/** Unites the change logs of two copies of a project, in which people have decided apart: pure functions on the batches. */
import { hash } from 'node:crypto'
import {
  MERGED_BY_RULE,
  type Conflict,
  type Place,
  type PlaceValues as Values,
  type SharedBatch,
  type SharedChange,
  type Union,
} from '../../../contract/people.ts'
import type { ChangeField } from '../../../contract/records.ts'
import { undoStacks } from '../changes.ts'

/**
 * Adds the digest of its content to each batch. Numbers of batches and runs differ between copies and are not part of it. If a log has
 * the same content several times, the digests count them.
 */
export function identified(batches: readonly Omit<SharedBatch, 'digest'>[]): SharedBatch[] {
  const seen = new Map<string, number>()
  return batches.map((b) => {
    const changes = b.changes.map((c) => [c.key, c.genre, c.field, c.was, c.becomes])
    const content = hash('sha256', JSON.stringify([b.at, b.who, b.why, b.description, changes]))
    const before = seen.get(content) ?? 0
    seen.set(content, before + 1)
    return { ...b, digest: before === 0 ? content : `${content} ${before}` }
  })
}

/** The order of decisions of all copies: by time, then by person, then by digest. */
export const inOrder = (a: SharedBatch, b: SharedBatch): number =>
  compare(a.at, b.at) || compare(a.who, b.who) || compare(a.digest, b.digest)
const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)

const placeOf = ({ key, genre, field }: SharedChange): Place => ({ key, genre, fields: genre === null ? [field] : ['label', 'verdict'] })
const nameOf = ({ key, genre, fields }: Place): string => JSON.stringify([key, genre, fields])

/** True if the source gives the movie this genre. */
export type Labelled = (key: string, genre: string) => boolean

/** The last change of each place that a log mentions: the changes in force, in the order of the log. */
export function stateOf(batches: readonly SharedBatch[]): Map<string, Values> {
  const inForce = new Set(undoStacks(batches).undo.map((b) => b.id))
  const state = new Map<string, Values>()
  for (const { changes } of batches.filter((b) => inForce.has(b.id)))
    for (const change of changes) {
      const name = nameOf(placeOf(change))
      state.set(name, { ...state.get(name), [change.field]: change.becomes })
    }
  return state
}
const untouched = ({ key, genre }: Place, field: ChangeField, labelled: Labelled): string =>
  field === 'label' ? (labelled(key, genre ?? '') ? '1' : '0') : field === 'verdict' || field === 'note' ? '' : '0'
const valuesAt = (state: ReadonlyMap<string, Values>, place: Place, labelled: Labelled): Values =>
  Object.fromEntries(place.fields.map((field) => [field, state.get(nameOf(place))?.[field] ?? untouched(place, field, labelled)]))

/** The newest of the batches that mention each place. */
function lastBatches(batches: readonly SharedBatch[]): Map<string, { place: Place; last: SharedBatch }> {
  const places = new Map<string, { place: Place; last: SharedBatch }>()
  for (const batch of batches)
    for (const change of batch.changes) {
      const place = placeOf(change)
      const name = nameOf(place)
      const before = places.get(name)
      if (!before || inOrder(before.last, batch) < 0) places.set(name, { place, last: batch })
    }
  return places
}

/** Between the notes of two people. */
const BETWEEN_NOTES = '\n\n'
/**
 * The notes on each movie that no later note has replaced, joined in the order of decisions. A note replaces those that its writer saw:
 * they are the text before it, or a part of it that a merge had joined.
 */
function joinedNotes(batches: readonly SharedBatch[]): Map<string, string> {
  const within = (text: string): string => BETWEEN_NOTES + text + BETWEEN_NOTES
  const notes = new Map<string, string[]>()
  for (const batch of batches.filter(isDecided).toSorted(inOrder))
    for (const c of batch.changes.filter(({ field }) => field === 'note')) {
      const stay = (notes.get(c.key) ?? []).filter((note) => note !== c.becomes && !within(c.was).includes(within(note)))
      notes.set(c.key, c.becomes === '' ? stay : [...stay, c.becomes])
    }
  return new Map([...notes].map(([key, all]) => [key, all.join(BETWEEN_NOTES)]))
}

const isDecided = ({ why }: SharedBatch): boolean => why !== MERGED_BY_RULE

/**
 * Compares two logs. A place that only one of them changed after the decisions in common keeps what that one says; one that both changed to
 * different values is a conflict. If each conflict is given to the newest decision, copies that have the same decisions have the same
 * labels, in whatever order they were merged.
 */
export function unite(mine: readonly SharedBatch[], theirs: readonly SharedBatch[], labelled: Labelled): Union {
  const [ours, others] = [mine, theirs].map((log) => new Map(log.map((b) => [b.digest, b])))
  const fresh = theirs.filter((b) => isDecided(b) && !ours?.has(b.digest))
  const own = mine.filter((b) => isDecided(b) && !others?.has(b.digest))
  const added = numbered(mine, theirs, fresh)
  const [myState, theirState] = [stateOf(mine), stateOf(theirs)]
  const after = stateOf([...mine, ...added])
  const ownPlaces = lastBatches(own)
  const conflicts: Conflict[] = []
  const settled: SharedChange[] = []
  let notes: Map<string, string> | null = null
  let joined = 0
  for (const { place, last } of lastBatches(fresh).values()) {
    const [here, there, appended] = [myState, theirState, after].map((state) => valuesAt(state, place, labelled)) as [
      Values,
      Values,
      Values,
    ]
    const ownLast = ownPlaces.get(nameOf(place))?.last
    const differ = place.fields.some((field) => here[field] !== there[field])
    if (!ownLast || !differ) settled.push(...changesTo(place, appended, there))
    else if (place.fields[0] === 'note') {
      notes ??= joinedNotes([...mine, ...fresh])
      settled.push(...changesTo(place, appended, { note: notes.get(place.key) ?? '' }))
      joined++
    } else
      conflicts.push({
        place,
        mine: { values: here, who: ownLast.who, at: ownLast.at },
        theirs: { values: there, who: last.who, at: last.at },
        newest: inOrder(ownLast, last) > 0 ? 'mine' : 'theirs',
        appended,
      })
  }
  return { added, common: theirs.filter((b) => ours?.has(b.digest)).length, own: own.length, conflicts, settled, notes: joined }
}

/** The changes that make `values` of what a place says now. @param all true: of every field, also of those that stay */
export const changesTo = ({ key, genre, fields }: Place, now: Values, values: Values, all = false): SharedChange[] =>
  fields
    .map((field) => ({ key, genre, field, was: now[field] ?? '', becomes: values[field] ?? '' }))
    .filter((c) => all || c.was !== c.becomes)

/** Numbers batches of another log after the last one of this log; what they undo is found by its digest. */
function numbered(mine: readonly SharedBatch[], theirs: readonly SharedBatch[], fresh: readonly SharedBatch[]): SharedBatch[] {
  const last = mine.at(-1)?.id ?? 0
  const digests = new Map(theirs.map((b) => [b.id, b.digest]))
  const ids = new Map([...mine, ...fresh.map((b, i) => ({ ...b, id: last + 1 + i }))].map((b) => [b.digest, b.id]))
  return fresh.map((b) => ({
    ...b,
    id: ids.get(b.digest) ?? 0,
    undoes: b.undoes === null ? null : (ids.get(digests.get(b.undoes) ?? '') ?? null),
  }))
}
