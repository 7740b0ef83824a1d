/**
 * Counts pairs of neighbouring pieces in the words of a corpus, updated as pairs are joined: only words that contain a joined pair are
 * visited again. The most frequent pair comes from a heap whose stale entries are dropped when they reach the top.
 */
export interface Pair {
  readonly left: number
  readonly right: number
  readonly count: number
}

/** Numbers of pieces are below it. */
const BASE = 2 ** 22

/** Pairs of neighbouring pieces, the most frequent first. */
export class PairCounts {
  private readonly words: number[][] = []
  private readonly times: number[] = []
  private readonly counts = new Map<number, number>()
  /** Words that contain, or once contained, a pair. */
  private readonly holders = new Map<number, Set<number>>()
  private readonly heap: Pair[] = []

  /** Adds a word as numbers of its pieces; this object takes ownership of them. */
  addWord(pieces: number[], count: number): void {
    const word = this.words.push(pieces) - 1
    this.times.push(count)
    for (let i = 1; i < pieces.length; i++) this.change(pieces[i - 1]! * BASE + pieces[i]!, count, word)
  }

  /** The most frequent pair; among equals the one whose left piece, then whose right piece, is older. null if there is none. */
  best(): Pair | null {
    if (this.heap.length === 0) this.fill()
    for (let top = this.heap[0]; top; top = this.heap[0]) {
      const count = this.counts.get(top.left * BASE + top.right) ?? 0
      if (count === top.count) return top
      this.pop()
      if (count > 0) this.push({ ...top, count })
    }
    return null
  }

  /** Replaces every occurrence of the pair by `joined`, from the left. */
  merge({ left, right }: Pair, joined: number): void {
    const key = left * BASE + right
    const touched = new Map<number, number>()
    for (const word of this.holders.get(key) ?? []) this.mergeIn(word, left, right, joined, touched)
    this.counts.delete(key)
    this.holders.delete(key)
    touched.delete(key)
    // entries with reduced counts are corrected when they reach the top
    for (const [changed, before] of touched) {
      const count = this.counts.get(changed) ?? 0
      if (count > before) this.push({ left: Math.floor(changed / BASE), right: changed % BASE, count })
    }
  }

  private mergeIn(word: number, left: number, right: number, joined: number, touched: Map<number, number>): void {
    const pieces = this.words[word]!
    const count = this.times[word]!
    const next: number[] = []
    for (let i = 0; i < pieces.length; i++)
      if (pieces[i] === left && pieces[i + 1] === right) {
        next.push(joined)
        i++
      } else next.push(pieces[i]!)
    if (next.length === pieces.length) return
    for (const [list, sign] of [
      [pieces, -1],
      [next, 1],
    ] as const)
      for (let i = 1; i < list.length; i++) {
        const key = list[i - 1]! * BASE + list[i]!
        if (!touched.has(key)) touched.set(key, this.counts.get(key) ?? 0)
        this.change(key, sign * count, word)
      }
    this.words[word] = next
  }

  private change(key: number, by: number, word: number): void {
    this.counts.set(key, (this.counts.get(key) ?? 0) + by)
    if (by < 0) return
    const holders = this.holders.get(key)
    if (holders) holders.add(word)
    else this.holders.set(key, new Set([word]))
  }

  private fill(): void {
    for (const [key, count] of this.counts) if (count > 0) this.push({ left: Math.floor(key / BASE), right: key % BASE, count })
  }

  private push(pair: Pair): void {
    const { heap } = this
    let at = heap.push(pair) - 1
    while (at > 0) {
      const parent = (at - 1) >> 1
      if (!before(pair, heap[parent]!)) break
      heap[at] = heap[parent]!
      at = parent
    }
    heap[at] = pair
  }

  private pop(): void {
    const { heap } = this
    const last = heap.pop()
    if (!last || heap.length === 0) return
    let at = 0
    for (let child = 1; child < heap.length; child = 2 * at + 1) {
      if (child + 1 < heap.length && before(heap[child + 1]!, heap[child]!)) child++
      if (!before(heap[child]!, last)) break
      heap[at] = heap[child]!
      at = child
    }
    heap[at] = last
  }
}

const before = (a: Pair, b: Pair): boolean =>
  a.count !== b.count ? a.count > b.count : a.left !== b.left ? a.left < b.left : a.right < b.right
