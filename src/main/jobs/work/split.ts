import type { CleanRuleSet, RuleId } from '../../../contract/cleaning.ts'
import { SPLITS, type Split } from '../../../contract/records.ts'
import { stratifyLists } from '../../analysis/stratify.ts'
import type { GenreLists } from '../../analysis/units.ts'
import { CHUNK_MOVIES, type ColumnTable } from '../../store/columns.ts'

/** Shares of the split that is made if the catalogue has none: the linear family needs no validation part. */
const SHARES = [0.8, 0.2]
const PARTS = (['train', 'test'] as const).map((part: Split) => SPLITS.indexOf(part))

/** Movies to be split; arrays are indexed by movie id, index 0 is unused. */
export interface Splittable {
  /** 0: kept; s: removed by the rule set's step s, from 1; more: no movie. */
  readonly out: Uint8Array
  /** The movie that this one repeats, or 0. */
  readonly duplicate: Int32Array
  /** The first movie with the same plot, ignoring case and white space; for most movies, the movie itself. */
  readonly first: Int32Array
  /** Genre ids after cleaning. */
  readonly genres: GenreLists
}

/** Rules that remove plots which are equal without being duplicates: one huge group would unbalance the parts. */
const EMPTY_PLOTS: readonly RuleId[] = ['missing', 'placeholder', 'too-short']

/**
 * Splits all movies 80/20 by iterative stratification, duplicates together. Kept movies are split by themselves, so that
 * their shares are exact; the others get a part too, in case a rule is switched off later.
 * @returns code of the part of each movie, by its id
 */
export function splitMovies(movies: Splittable, ruleSet: CleanRuleSet, seed: number): Uint8Array {
  const { out, duplicate, first } = movies
  const parts = new Uint8Array(out.length)
  /** The kept movie that represents its plot, by the plot's first movie. */
  const keeper = new Int32Array(out.length)
  const group = new Int32Array(out.length)
  const all = Int32Array.from({ length: Math.max(0, out.length - 1) }, (_, i) => i + 1).filter((id) => at(out, id) <= ruleSet.length)
  const kept = all.filter((id) => out[id] === 0)
  for (const id of kept) group[id] = keeper[at(first, id)] ||= id
  stratify(movies, kept, group, seed, parts)
  const keeperOf = (id: number): number => at(keeper, at(first, at(duplicate, id) || id)) || at(keeper, at(first, id))
  const alone = ruleSet.map((step) => EMPTY_PLOTS.includes(step.rule))
  const others = all.filter((id) => out[id] !== 0 && keeperOf(id) === 0)
  for (const id of others) group[id] = alone[at(out, id) - 1] ? id : at(first, id)
  stratify(movies, others, group, seed + 1, parts)
  for (const id of all) if (out[id] !== 0 && keeperOf(id) !== 0) parts[id] = at(parts, keeperOf(id))
  return parts
}

/** A value of a column; 0 outside of it. */
const at = (column: Uint8Array | Int32Array, id: number): number => column[id] ?? 0

/** Assigns the movies with these ids to parts; `group` is indexed by movie id. */
function stratify({ genres }: Splittable, ids: Int32Array, group: Int32Array, seed: number, parts: Uint8Array): void {
  const numbers = new Map([...new Set(genres.genres)].sort((a, b) => a - b).map((genre, j) => [genre, j]))
  const groups = ids.map((id) => at(group, id))
  const dealt = stratifyLists(listsOf(genres, ids, numbers), numbers.size, SHARES, groups, seed)
  ids.forEach((id, i) => (parts[id] = PARTS[dealt[i] ?? 0] ?? 0))
}

/** The lists of some movies, with genres numbered from 0. */
function listsOf({ end, genres }: GenreLists, ids: Int32Array, numbers: ReadonlyMap<number, number>): GenreLists {
  const ends = new Int32Array(ids.length)
  const chosen = new Uint16Array(genres.length)
  let length = 0
  ids.forEach((id, i) => {
    for (const genre of genres.subarray(end[id - 1] ?? 0, end[id])) chosen[length++] = numbers.get(genre) ?? 0
    ends[i] = length
  })
  return { end: ends, genres: chosen.subarray(0, length) }
}

/** The genres of all movies after a cleaning, by movie id below `size`. */
export function genreLists(columns: ColumnTable, generation: number, size: number): GenreLists {
  const end = new Int32Array(size)
  const chunks: Uint16Array[] = []
  let length = 0
  for (let chunk = 0; chunk * CHUNK_MOVIES < size; chunk++) {
    const labels = columns.labels(generation, chunk)
    if (labels) chunks.push(labels.genres)
    const slots = Math.min(CHUNK_MOVIES, size - chunk * CHUNK_MOVIES)
    for (let slot = 0; slot < slots; slot++) end[chunk * CHUNK_MOVIES + slot] = length += labels?.counts[slot] ?? 0
  }
  const genres = new Uint16Array(length)
  let filled = 0
  for (const chunk of chunks) {
    genres.set(chunk, filled)
    filled += chunk.length
  }
  return { end, genres }
}
