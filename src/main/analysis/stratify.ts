import { expectShape } from './floats.ts'
import type { DrawBelow } from './random.ts'
import { seededDraws, shuffle } from './random.ts'

/** Below this two needs are equal: sums of counts and fractions of counts round differently. */
const TIE = 1e-6

/**
 * Splits movies into parts that keep the share of every genre: iterative stratification (Sechidis, Tsoumakas and
 * Vlahavas 2011, algorithm 1). The movies of the rarest genre left are dealt first, each to the part that still wants
 * most of that genre, then to the one with most room, then by lot. Unlike the paper, a part that is full gets no more
 * while another has room, so that the sizes come out as asked.
 * Movies of one group (duplicates) stay together and are dealt as one, larger groups first. Movies without a genre fill
 * the room that is left. Time: n * k plus n * parts.
 * @param labels (n, k), 0 or 1
 * @param proportions one positive weight for each part (at most 255); only their ratios matter
 * @param groups (n) group number of each movie, or null when each stands alone
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
  if (groups) expectShape('groups', groups, n, 1)
  if (proportions.length < 1 || proportions.length > 255 || proportions.some((part) => !(part > 0 && part < Infinity)))
    throw new RangeError(`expected 1 to 255 positive proportions, got [${proportions.join(', ')}]`)
  const draw = seededDraws(seed)
  const units = gatherUnits(labels, n, k, groups)
  const order = dealingOrder(units, draw)
  const desk = openDesk(units, proportions, draw)
  for (let genre = rarestGenre(desk.left); genre >= 0; genre = rarestGenre(desk.left)) {
    for (const unit of order) if (desk.part[unit] === UNDEALT && units.labels[unit * k + genre]! > 0) desk.deal(unit, genre)
  }
  for (const unit of order) if (desk.part[unit] === UNDEALT) desk.deal(unit, NO_GENRE)
  return Uint8Array.from(units.of, (unit) => desk.part[unit]!)
}

const UNDEALT = 255
const NO_GENRE = -1

/** What is dealt: a movie, or a group of movies that stays together. */
interface Units {
  readonly count: number
  readonly k: number
  /** (n) the unit of each movie. */
  readonly of: Int32Array
  /** (count) movies in each unit. */
  readonly size: Int32Array
  /** (count, k) how many of its movies have the genre. */
  readonly labels: Int32Array | Uint8Array
}

function gatherUnits(labels: Uint8Array, n: number, k: number, groups: Int32Array | null): Units {
  if (!groups) return { count: n, k, of: Int32Array.from({ length: n }, (_, i) => i), size: new Int32Array(n).fill(1), labels }
  const numbers = new Map<number, number>()
  const of = groups.map((group) => {
    const known = numbers.get(group)
    if (known !== undefined) return known
    numbers.set(group, numbers.size)
    return numbers.size - 1
  })
  const size = new Int32Array(numbers.size)
  const sums = new Int32Array(numbers.size * k)
  for (let i = 0; i < n; i++) {
    size[of[i]!]!++
    for (let g = 0; g < k; g++) sums[of[i]! * k + g]! += labels[i * k + g]!
  }
  return { count: numbers.size, k, of, size, labels: sums }
}

/** Shuffled, then larger units first (a stable sort): what is hard to place goes while every part has room. */
function dealingOrder(units: Units, draw: DrawBelow): Int32Array {
  const order = shuffle(
    Int32Array.from({ length: units.count }, (_, i) => i),
    draw,
  )
  const grouped = order.filter((unit) => units.size[unit]! > 1).sort((a, b) => units.size[b]! - units.size[a]!)
  const single = order.filter((unit) => units.size[unit] === 1)
  order.set(grouped)
  order.set(single, grouped.length)
  return order
}

/** The genre with fewest movies still to deal, -1 when none is left. */
function rarestGenre(left: Int32Array): number {
  let rarest = NO_GENRE
  for (let g = 0; g < left.length; g++) if (left[g]! > 0 && (rarest < 0 || left[g]! < left[rarest]!)) rarest = g
  return rarest
}

/** The dealing desk: what every part still wants, and what is still to deal. */
function openDesk(units: Units, proportions: readonly number[], draw: DrawBelow) {
  const { k, count } = units
  const parts = proportions.length
  const whole = proportions.reduce((a, b) => a + b, 0)
  const left = new Int32Array(k) // labels not dealt yet
  for (let at = 0; at < count * k; at++) left[at % k]! += units.labels[at]!
  const total = units.of.length
  const room = Float64Array.from(proportions, (part) => (part / whole) * total) // (parts) movies
  const wanted = Float64Array.from({ length: parts * k }, (_, at) => (proportions[Math.floor(at / k)]! / whole) * left[at % k]!) // (parts, k)
  const part = new Uint8Array(count).fill(UNDEALT)
  const choice = new Choice(parts, draw)

  const deal = (unit: number, genre: number): void => {
    const open = room.some((space) => space > TIE)
    choice.reset()
    for (let j = 0; j < parts; j++) {
      if (open && room[j]! <= TIE) continue
      choice.offer(j, genre === NO_GENRE ? 0 : wanted[j * k + genre]!, room[j]!)
    }
    const chosen = choice.draw()
    part[unit] = chosen
    room[chosen]! -= units.size[unit]!
    for (let g = 0; g < k; g++) {
      const held = units.labels[unit * k + g]!
      wanted[chosen * k + g]! -= held
      left[g]! -= held
    }
  }
  return { left, part, deal }
}

/** Keeps the best offers by want, then room; equal ones are drawn by lot. */
class Choice {
  private readonly best: Uint8Array
  private readonly lot: DrawBelow
  private size = 0
  private want = 0
  private room = 0

  constructor(parts: number, lot: DrawBelow) {
    this.best = new Uint8Array(parts)
    this.lot = lot
  }

  reset(): void {
    this.size = 0
  }

  offer(part: number, want: number, room: number): void {
    const better = this.size === 0 || want > this.want + TIE || (want > this.want - TIE && room > this.room + TIE)
    const worse = !better && (want < this.want - TIE || room < this.room - TIE)
    if (worse) return
    if (better) {
      this.size = 0
      this.want = want
      this.room = room
    }
    this.best[this.size++] = part
  }

  draw(): number {
    return this.size === 1 ? this.best[0]! : this.best[this.lot(this.size)]!
  }
}
