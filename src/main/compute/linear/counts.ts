import type { Csr } from './csr.ts'

/** How often each number (an n-gram's) occurs in each row; rows are filled one after the other, ids in order of first sight. */
export class CountRows {
  ids = new Int32Array(1 << 16)
  counts = new Int32Array(1 << 16)
  /** Entries in use. */
  size = 0
  private readonly indptr: Int32Array
  private row = 0
  /** Occurrences in the row being filled, by id. */
  private tally = new Int32Array(1 << 16)
  private seen = new Int32Array(1 << 10)
  private seenCount = 0

  constructor(rows: number) {
    this.indptr = new Int32Array(rows + 1)
  }

  get rows(): number {
    return this.indptr.length - 1
  }

  /** One occurrence in the current row. */
  add(id: number): void {
    if (id >= this.tally.length) this.tally = grown(this.tally, id + 1)
    if (this.tally[id]!++ > 0) return
    if (this.seenCount === this.seen.length) this.seen = grown(this.seen, this.seenCount + 1)
    this.seen[this.seenCount++] = id
  }

  addAll(ids: Int32Array): void {
    for (let i = 0; i < ids.length; i++) this.add(ids[i]!)
  }

  endRow(): void {
    const needed = this.size + this.seenCount
    if (needed > this.ids.length) {
      this.ids = grown(this.ids, needed)
      this.counts = grown(this.counts, needed)
    }
    for (let i = 0; i < this.seenCount; i++) {
      const id = this.seen[i]!
      this.ids[this.size] = id
      this.counts[this.size++] = this.tally[id]!
      this.tally[id] = 0
    }
    this.seenCount = 0
    this.indptr[++this.row] = this.size
  }

  /** The entries of a row: [first, end) in `ids` and `counts`. */
  range(row: number): readonly [number, number] {
    return [this.indptr[row]!, this.indptr[row + 1]!]
  }

  /** In how many rows each id below `size` occurs. */
  rowsPerId(size: number): Int32Array {
    const rows = new Int32Array(size)
    for (let i = 0; i < this.size; i++) rows[this.ids[i]!]!++
    return rows
  }

  /** Gives each id its new number ; those with a negative one are dropped. */
  renumber(renumbered: Int32Array): void {
    let to = 0
    let from = 0
    for (let row = 0; row < this.rows; row++) {
      for (const end = this.indptr[row + 1]!; from < end; from++) {
        const id = renumbered[this.ids[from]!]!
        if (id < 0) continue
        this.ids[to] = id
        this.counts[to++] = this.counts[from]!
      }
      this.indptr[row + 1] = to
    }
    this.size = to
  }

  /** The counts as a matrix with `columns` columns. */
  toCsr(columns: number): Csr {
    return {
      rows: this.rows,
      columns,
      indptr: this.indptr.slice(),
      indices: this.ids.slice(0, this.size),
      values: Float32Array.from(this.counts.subarray(0, this.size)),
    }
  }
}

function grown(array: Int32Array, needed: number): Int32Array<ArrayBuffer> {
  const larger = new Int32Array(Math.max(needed, array.length * 2))
  larger.set(array)
  return larger
}
