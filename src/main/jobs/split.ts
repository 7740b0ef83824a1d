import type { CleanRuleSet, RuleId } from '../../contract/cleaning.ts'
import { SPLITS, type Split } from '../../contract/records.ts'
import { stratifyLists } from '../analysis/stratify.ts'
import type { GenreLists } from '../analysis/units.ts'
import { SPLIT_NAMES } from '../data/import/read.ts'

/** Code of a part, as the store keeps it. */
export const splitCode = (split: Split): number => SPLITS.indexOf(split)

/** Shares of the split that is made where the catalogue brings none: the linear family needs no validation part. */
const SHARES = [0.8, 0.2]
const PARTS = (['train', 'test'] as const).map(splitCode)

/** A split cell as a part; null for anything else. */
export const asSplit = (cell: string): Split | null => SPLIT_NAMES.get(cell.trim().toLowerCase()) ?? null

/** Movies to be split; arrays go by movie id, and slot 0 is nobody's. */
export interface Splittable {
  /** 0: kept; s: taken out by the rule set's step s, from 1; more: no movie. */
  readonly out: Uint8Array
  /** The movie that this one repeats, or 0. */
  readonly duplicate: Int32Array
  /** The first movie with the same plot, case and white space aside: itself, mostly. */
  readonly first: Int32Array
  /** Lists of genres. */
  readonly lists: readonly (readonly number[])[]
  /** Which of the lists a movie has. */
  readonly list: Int32Array
}

/** Rules that take out plots which are the same without being duplicates: one huge group would unbalance the parts. */
const EMPTY_PLOTS: readonly RuleId[] = ['missing', 'placeholder', 'too-short']

/**
 * Splits all movies 80/20 by iterative stratification, duplicates together. Kept movies are split by themselves, so that
 * their shares are right; the others wait with a part of their own for the day a rule is switched off.
 * @returns code of the part of each movie, by its id
 */
export function splitMovies(movies: Splittable, ruleSet: CleanRuleSet, seed: number): Uint8Array {
  const { out, duplicate, first } = movies
  const parts = new Uint8Array(out.length)
  /** The kept movie that stands for those of its plot, by the plot's first movie. */
  const keeper = new Int32Array(out.length)
  const group = new Int32Array(out.length)
  const all = Int32Array.from({ length: Math.max(0, out.length - 1) }, (_, i) => i + 1).filter((id) => out[id]! <= ruleSet.length)
  const kept = all.filter((id) => out[id] === 0)
  for (const id of kept) group[id] = keeper[first[id]!] ||= id
  stratify(movies, kept, group, seed, parts)
  const keeperOf = (id: number): number => keeper[first[duplicate[id] || id]!] || keeper[first[id]!]!
  const alone = ruleSet.map((step) => EMPTY_PLOTS.includes(step.rule))
  const others = all.filter((id) => out[id] !== 0 && keeperOf(id) === 0)
  for (const id of others) group[id] = alone[out[id]! - 1] ? id : first[id]!
  stratify(movies, others, group, seed + 1, parts)
  for (const id of all) if (out[id] !== 0 && keeperOf(id) !== 0) parts[id] = parts[keeperOf(id)]!
  return parts
}

/** Deals the movies with these ids; `group` goes by movie id. */
function stratify({ lists, list }: Splittable, ids: Int32Array, group: Int32Array, seed: number, parts: Uint8Array): void {
  const { all, k } = columnsOf(lists)
  const dealt = stratifyLists(
    listsOf(ids, (id) => all[list[id]!]!),
    k,
    SHARES,
    ids.map((id) => group[id]!),
    seed,
  )
  ids.forEach((id, i) => (parts[id] = PARTS[dealt[i]!]!))
}

/** The lists with genres numbered from 0. */
function columnsOf(lists: readonly (readonly number[])[]): { readonly all: readonly (readonly number[])[]; readonly k: number } {
  const numbers = new Map([...new Set(lists.flat())].sort((a, b) => a - b).map((genre, j) => [genre, j]))
  return { all: lists.map((list) => list.map((genre) => numbers.get(genre)!)), k: numbers.size }
}

function listsOf(ids: Int32Array, listOf: (id: number) => readonly number[]): GenreLists {
  const end = new Int32Array(ids.length)
  let length = 0
  ids.forEach((id, i) => (end[i] = length += listOf(id).length))
  const genres = new Uint16Array(length)
  ids.forEach((id, i) => genres.set(listOf(id), i === 0 ? 0 : end[i - 1]))
  return { end, genres }
}
