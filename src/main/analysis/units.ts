/** Genres of movies, one list after another. */
export interface GenreLists {
  /** (n) end of each movie's list; a list begins where the previous one ends. */
  readonly end: Int32Array
  /** Genre numbers. */
  readonly genres: Uint16Array
}

/** The units that are assigned to parts: a movie, or a group of movies that stays together. */
export interface Units {
  readonly count: number
  readonly k: number
  /** (n) the unit of each movie. */
  readonly of: Int32Array
  /** (count) movies in each unit. */
  readonly size: Int32Array
  /** (count) end of each unit's list. */
  readonly end: Int32Array
  /** Genres of the units, ascending within each. */
  readonly genres: Uint16Array
  /** How many of the unit's movies have the genre. */
  readonly counts: Int32Array
}

/** @param groups (n) any number of the group of each movie; null: each stands alone */
export function gatherUnits(lists: GenreLists, k: number, groups: Int32Array | null): Units {
  const n = lists.end.length
  const { of, count } = groups ? numbered(groups) : { of: Int32Array.from({ length: n }, (_, i) => i), count: n }
  const size = new Int32Array(count)
  for (const unit of of) size[unit]!++
  const members = byUnit(of, size)
  const end = new Int32Array(count)
  const genres = new Uint16Array(lists.genres.length)
  const counts = new Int32Array(lists.genres.length)
  const held = new Int32Array(k) // counts of the current unit
  let at = 0
  for (let unit = 0, m = 0; unit < count; unit++) {
    const first = at
    for (const last = m + size[unit]!; m < last; m++) {
      const movie = members[m]!
      for (let l = movie === 0 ? 0 : lists.end[movie - 1]!; l < lists.end[movie]!; l++)
        if (held[lists.genres[l]!]!++ === 0) genres[at++] = lists.genres[l]!
    }
    genres.subarray(first, at).sort()
    for (let l = first; l < at; l++) {
      counts[l] = held[genres[l]!]!
      held[genres[l]!] = 0
    }
    end[unit] = at
  }
  return { count, k, of, size, end, genres: genres.subarray(0, at), counts: counts.subarray(0, at) }
}

/** Group numbers up to this many times the number of movies are looked up in an array. */
const SPARSE = 8

/** Groups numbered from 0 in order of appearance. */
function numbered(groups: Int32Array): { readonly of: Int32Array; readonly count: number } {
  const limit = groups.reduce((most, group) => Math.max(most, group >= 0 ? group : Infinity), -1) + 1
  const numbers = limit <= SPARSE * groups.length ? new Int32Array(limit).fill(-1) : new Map<number, number>()
  const known = (group: number): number => (numbers instanceof Map ? (numbers.get(group) ?? -1) : numbers[group]!)
  let count = 0
  const of = groups.map((group) => {
    const number = known(group)
    if (number >= 0) return number
    if (numbers instanceof Map) numbers.set(group, count)
    else numbers[group] = count
    return count++
  })
  return { of, count }
}

/** Movies sorted by their unit. */
function byUnit(of: Int32Array, size: Int32Array): Int32Array {
  const next = new Int32Array(size.length)
  for (let unit = 1; unit < size.length; unit++) next[unit] = next[unit - 1]! + size[unit - 1]!
  const members = new Int32Array(of.length)
  of.forEach((unit, movie) => (members[next[unit]!++] = movie))
  return members
}
