import { Int32List } from './hashing.ts'
import { asSet, BandHasher, bandsFor, jaccard, shingles, wordHashes } from './shingles.ts'

/** Most earlier plots that one plot is compared with: thousands of texts from one template could share bands. */
const MAX_COMPARED = 1000

export interface NearMatch {
  /** Index of the earlier plot among those that were looked up. */
  readonly index: number
  readonly similarity: number
}

/**
 * Finds plots that nearly repeat an earlier one. First every plot is added: only the keys of its bands are kept. Then the
 * same plots are looked up in the same order; a plot that shares no band with another is similar to none (except for one
 * pair in 2000), and only the few others are compared word for word. A plot that repeats no other becomes a leader, which later ones
 * may repeat.
 */
export class NearDuplicates {
  readonly #similarity: number
  readonly #shingle: number
  readonly #hasher: BandHasher
  readonly #keys: readonly Int32List[]
  #words = new Uint32Array(4096)
  #suspects = new Uint8Array(0)
  /** For each band: key -> the last leader with it; `#before` chains those with the same key. */
  #leaders: Map<number, number>[] = []
  #before: Int32List[] = []
  /** Index and shingles of each leader. */
  #places = new Int32List()
  #sets: Uint32Array[] = []
  #next = 0

  constructor(similarity: number, shingle: number) {
    this.#similarity = similarity
    this.#shingle = shingle
    const bands = bandsFor(similarity)
    this.#hasher = new BandHasher(bands)
    this.#keys = Array.from({ length: bands.bands }, () => new Int32List())
  }
  add(plot: string): void {
    const set = this.#shingles(plot)
    const keys = this.#hasher.hash(set)
    // plots without words share a key, and are not compared: see `lookUp`
    this.#keys.forEach((list, band) => list.push(keys[band]!))
  }
  /** Finds which plots share a band; call it when all plots were added. */
  finish(): void {
    const n = this.#keys[0]!.length
    this.#suspects = new Uint8Array(n)
    const bits = Math.ceil(Math.log2(Math.max(2, n * 2)))
    const first = new Int32Array(2 ** bits)
    for (const list of this.#keys) markShared(list.view(), first, this.#suspects)
    this.restart()
  }
  /** Restarts the look-up with the first plot. */
  restart(): void {
    this.#next = 0
    this.#leaders = this.#keys.map(() => new Map<number, number>())
    this.#before = this.#keys.map(() => new Int32List())
    this.#places = new Int32List()
    this.#sets = []
  }
  /** The most similar earlier leader; null if none is similar enough. */
  lookUp(plot: string): NearMatch | null {
    const [place, set] = this.#turn(plot)
    if (set === null) return null
    let best: NearMatch | null = null
    for (const match of this.#similar(place, set)) if (match.similarity > (best?.similarity ?? 0)) best = match
    if (best === null) this.#lead(place, set)
    return best
  }
  /** All similar earlier plots; here every plot is one that later ones may repeat. */
  lookUpAll(plot: string): readonly NearMatch[] {
    const [place, set] = this.#turn(plot)
    if (set === null) return []
    const found = [...this.#similar(place, set)]
    this.#lead(place, set)
    return found
  }
  /** The place of the next plot, and its shingles; null if it is similar to no other plot. */
  #turn(plot: string): readonly [place: number, set: Uint32Array | null] {
    const place = this.#next++
    if (this.#suspects[place] !== 1) return [place, null]
    const set = asSet(this.#shingles(plot))
    return [place, set.length === 0 ? null : set]
  }
  *#similar(place: number, set: Uint32Array): Generator<NearMatch> {
    for (const leader of this.#candidates(place)) {
      const similarity = jaccard(set, this.#sets[leader]!)
      if (similarity >= this.#similarity) yield { index: this.#places.at(leader), similarity }
    }
  }
  #shingles(plot: string): Uint32Array {
    const words = wordHashes(plot, this.#words)
    if (words.buffer !== this.#words.buffer) this.#words = new Uint32Array(words.buffer as ArrayBuffer)
    return shingles(words, this.#shingle)
  }
  /** Leaders that share a band with a plot, earliest first. */
  #candidates(place: number): number[] {
    const found = new Set<number>()
    for (let band = 0; band < this.#keys.length && found.size < MAX_COMPARED; band++) {
      const last = this.#leaders[band]!.get(this.#keys[band]!.at(place))
      for (let leader = last ?? -1; leader >= 0 && found.size < MAX_COMPARED; leader = this.#before[band]!.at(leader)) found.add(leader)
    }
    return [...found].sort((a, b) => a - b)
  }
  #lead(place: number, set: Uint32Array): void {
    const leader = this.#sets.push(set) - 1
    this.#places.push(place)
    this.#keys.forEach((list, band) => {
      const key = list.at(place)
      this.#before[band]!.push(this.#leaders[band]!.get(key) ?? -1)
      this.#leaders[band]!.set(key, leader)
    })
  }
}

/** Marks every index whose key another index has. `first` is a table with a power of two of slots, more than twice the keys. */
function markShared(keys: Int32Array, first: Int32Array, shared: Uint8Array): void {
  first.fill(0)
  const mask = first.length - 1
  for (let i = 0; i < keys.length; i++) {
    let slot = keys[i]! & mask
    while (first[slot] !== 0 && keys[first[slot]! - 1] !== keys[i]) slot = (slot + 1) & mask
    if (first[slot] === 0) first[slot] = i + 1
    else shared[i] = shared[first[slot]! - 1] = 1
  }
}
