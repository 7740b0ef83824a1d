import { expectShape } from './matrix.ts'
import { type DrawBelow, seededDraws, shuffle } from './random.ts'
import { gatherUnits, type GenreLists, type Units } from './units.ts'

/** Lags that differ by less are equal: sums of counts and fractions of counts round differently. */
const TIE = 1e-6
/** Lags in the current genre that differ by less than a movie are equal: neither choice brings it closer to its share. */
const SAME_LAG = 1 - TIE
/** A part may exceed its size by this share, or by one movie, while another has room. */
const SIZE_SLACK = 0.01

const UNASSIGNED = 255
const NO_GENRE = -1

/**
 * Splits movies into parts that keep the share of every genre: iterative stratification (Sechidis, Tsoumakas and Vlahavas 2011, algorithm
 * 1). The movies of the rarest remaining genre are assigned first, each to the part that needs it most, then to the one with most room,
 * then at random. Changes to the paper, to keep the requested sizes as well:
 * - need and room are lags: the part's remaining demand minus its share of the movies that remain. With parts of 70 and 10% the plain
 *   demand fills the large part first and leaves the last, most frequent genre to repair the sizes.
 * - where parts lag equally in the genre (by less than a movie), the movie's other genres count beside the room.
 * - a part that exceeds its size by 1% or one movie gets no more while another has room.
 * On mymoviedb (five folds, 70/10/20, 80/20; eight seeds each) sizes are then off by 0.5% at most (the paper's rule: 2.1%) and genres
 * by 1.4 movies (1.6).
 * Movies of one group (duplicates) stay together and are assigned as one unit, larger groups first. Movies without a genre fill the
 * remaining room. Time: labels * parts.
 * @param labels (n, k), 0 or 1
 * @param proportions one positive weight for each part (at most 255); only their ratios matter
 * @param groups (n) group number of each movie, or null if each movie is a group of its own
 * @param seed integer; the same seed gives the same parts
 * @returns (n) part of each movie
 * @throws RangeError when a length or a proportion is out of range
 */
export function iterativeStratification(
  labels: Uint8Array,
  n: number,
  k: number,
  proportions: readonly number[],
  groups: Int32Array | null,
  seed: number,
): Uint8Array {
  expectShape('labels', labels, n, k)
  return stratifyLists(listsOf(labels, n, k), k, proportions, groups, seed)
}

/**
 * {@link iterativeStratification} for lists of genres, which fit a million movies in little memory. Each genre is below `k` and occurs
 * once in a list.
 */
export function stratifyLists(
  lists: GenreLists,
  k: number,
  proportions: readonly number[],
  groups: Int32Array | null,
  seed: number,
): Uint8Array {
  if (groups) expectShape('groups', groups, lists.end.length, 1)
  if (proportions.length < 1 || proportions.length > 255 || proportions.some((part) => !(part > 0 && part < Infinity)))
    throw new RangeError(`expected 1 to 255 positive proportions, got [${proportions.join(', ')}]`)
  const draw = seededDraws(seed)
  const units = gatherUnits(lists, k, groups)
  const order = assignmentOrder(units, draw)
  const carriers = carriersOf(units, order)
  const assignment = new Assignment(units, proportions, draw)
  for (let genre = rarestGenre(assignment.left); genre >= 0; genre = rarestGenre(assignment.left))
    for (const unit of carriers[genre]!) if (assignment.part[unit] === UNASSIGNED) assignment.assign(unit, genre)
  for (const unit of order) if (assignment.part[unit] === UNASSIGNED) assignment.assign(unit, NO_GENRE)
  return Uint8Array.from(units.of, (unit) => assignment.part[unit]!)
}

function listsOf(labels: Uint8Array, n: number, k: number): GenreLists {
  const end = new Int32Array(n)
  const genres = new Uint16Array(labels.reduce((sum, label) => sum + (label > 0 ? 1 : 0), 0))
  let at = 0
  for (let i = 0; i < n; i++) {
    for (let g = 0; g < k; g++) if (labels[i * k + g]! > 0) genres[at++] = g
    end[i] = at
  }
  return { end, genres }
}

/** Shuffled, then larger units first (a stable sort): units that are hard to place are assigned while every part has room. */
function assignmentOrder({ size, count }: Units, draw: DrawBelow): Int32Array {
  const order = shuffle(
    Int32Array.from({ length: count }, (_, i) => i),
    draw,
  )
  const grouped = order.filter((unit) => size[unit]! > 1).sort((a, b) => size[b]! - size[a]!)
  const single = order.filter((unit) => size[unit] === 1)
  order.set(grouped)
  order.set(single, grouped.length)
  return order
}

/** For each genre the units that carry it, in the order of assignment. */
function carriersOf({ k, end, genres }: Units, order: Int32Array): Int32Array[] {
  const counts = new Int32Array(k)
  for (const g of genres) counts[g]!++
  const carriers = Array.from(counts, (count) => new Int32Array(count))
  counts.fill(0)
  for (const unit of order)
    for (let at = unit === 0 ? 0 : end[unit - 1]!; at < end[unit]!; at++) carriers[genres[at]!]![counts[genres[at]!]!++] = unit
  return carriers
}

/** The genre with the fewest unassigned movies, or -1 if none is left. */
function rarestGenre(left: Int32Array): number {
  let rarest = NO_GENRE
  for (let g = 0; g < left.length; g++) if (left[g]! > 0 && (rarest < 0 || left[g]! < left[rarest]!)) rarest = g
  return rarest
}

/** The state of the assignment: what every part still needs, and which units are unassigned. */
class Assignment {
  /** (k) labels not assigned yet. */
  readonly left: Int32Array
  /** (count) part of each unit. */
  readonly part: Uint8Array
  readonly #units: Units
  readonly #draw: DrawBelow
  /** (parts) */
  readonly #shares: Float64Array
  /** (parts) number of movies that still fit. */
  readonly #room: Float64Array
  /** (parts) a part with less room than this gets no more movies while others have room. */
  readonly #leastRoom: Float64Array
  /** (parts, k) */
  readonly #wanted: Float64Array
  readonly #lags: Float64Array
  readonly #fits: Float64Array
  /** Movies not assigned yet. */
  #unassigned: number

  constructor(units: Units, proportions: readonly number[], draw: DrawBelow) {
    const { k, counts, genres } = units
    const whole = proportions.reduce((a, b) => a + b, 0)
    const total = units.of.length
    this.#units = units
    this.#draw = draw
    this.#unassigned = total
    this.left = new Int32Array(k)
    genres.forEach((g, at) => (this.left[g]! += counts[at]!))
    this.part = new Uint8Array(units.count).fill(UNASSIGNED)
    this.#shares = Float64Array.from(proportions, (part) => part / whole)
    this.#room = this.#shares.map((share) => share * total)
    this.#leastRoom = this.#shares.map((share) => 1 - TIE - Math.max(1, SIZE_SLACK * share * total))
    this.#wanted = Float64Array.from({ length: proportions.length * k }, (_, at) => this.#shares[Math.floor(at / k)]! * this.left[at % k]!)
    this.#lags = new Float64Array(proportions.length)
    this.#fits = new Float64Array(proportions.length)
  }
  #lag(j: number, g: number): number {
    return this.#wanted[j * this.#units.k + g]! - this.#shares[j]! * this.left[g]!
  }
  /** Lag of the part in movies and in the unit's other genres together: breaks ties. */
  #fit(j: number, unit: number, genre: number): number {
    const { end, genres } = this.#units
    let sum = this.#room[j]! - this.#shares[j]! * this.#unassigned
    for (let at = unit === 0 ? 0 : end[unit - 1]!; at < end[unit]!; at++) if (genres[at] !== genre) sum += this.#lag(j, genres[at]!)
    return sum
  }
  #choose(unit: number, genre: number): number {
    const parts = this.#lags.length
    let anyOpen = false
    for (let j = 0; j < parts; j++) anyOpen ||= this.#room[j]! > this.#leastRoom[j]!
    let most = -Infinity
    for (let j = 0; j < parts; j++) {
      const closed = anyOpen && !(this.#room[j]! > this.#leastRoom[j]!)
      const lag = closed ? -Infinity : genre === NO_GENRE ? 0 : this.#lag(j, genre)
      this.#lags[j] = lag
      if (lag > most) most = lag
    }
    for (let j = 0; j < parts; j++) this.#fits[j] = this.#lags[j]! > most - SAME_LAG ? this.#fit(j, unit, genre) : -Infinity
    return drawBest(this.#fits, this.#draw)
  }
  assign(unit: number, genre: number): void {
    const { k, end, genres, counts, size } = this.#units
    const chosen = this.#choose(unit, genre)
    this.part[unit] = chosen
    this.#room[chosen]! -= size[unit]!
    this.#unassigned -= size[unit]!
    for (let at = unit === 0 ? 0 : end[unit - 1]!; at < end[unit]!; at++) {
      this.#wanted[chosen * k + genres[at]!]! -= counts[at]!
      this.left[genres[at]!]! -= counts[at]!
    }
  }
}

/** Index of the largest value; ties are broken at random. */
function drawBest(values: Float64Array, draw: DrawBelow): number {
  let best = -Infinity
  for (const value of values) if (value > best) best = value
  let ties = 0
  for (const value of values) if (value > best - TIE) ties++
  let ticket = ties > 1 ? draw(ties) : 0
  for (let j = 0; j < values.length; j++) if (values[j]! > best - TIE && ticket-- === 0) return j
  return -1
}
