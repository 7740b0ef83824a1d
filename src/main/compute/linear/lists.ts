/** A list of integers in one typed array, which doubles as it grows: millions of them without an object each. */
export class IntList {
  /** Only the first `size` elements belong to the list. */
  data = new Int32Array(1 << 10)
  size = 0

  push(value: number): void {
    if (this.size === this.data.length) this.data = grown(this.data, this.size + 1)
    this.data[this.size++] = value
  }
}

/** A copy with room for at least `needed` numbers, and at least twice the old length. */
export function grown(array: Int32Array, needed: number): Int32Array<ArrayBuffer> {
  const larger = new Int32Array(Math.max(needed, array.length * 2))
  larger.set(array)
  return larger
}

/** Number of occurrences of each n-gram (by number) in one row; reused for every row. */
export class TermCounts {
  /** The numbers seen in this row, in order of first occurrence; only the first `size`. */
  ids = new Int32Array(1 << 10)
  size = 0
  /** Occurrences in this row, by number. */
  private counts = new Int32Array(1 << 16)

  /** One occurrence. */
  add(id: number): void {
    if (id >= this.counts.length) this.counts = grown(this.counts, id + 1)
    if (this.counts[id]!++ > 0) return
    if (this.size === this.ids.length) this.ids = grown(this.ids, this.size + 1)
    this.ids[this.size++] = id
  }

  addAll(ids: Int32Array): void {
    for (let i = 0; i < ids.length; i++) this.add(ids[i]!)
  }

  count(id: number): number {
    return this.counts[id]!
  }

  /** Before the next row. */
  clear(): void {
    for (let i = 0; i < this.size; i++) this.counts[this.ids[i]!] = 0
    this.size = 0
  }
}
