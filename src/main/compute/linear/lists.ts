/** A list of whole numbers in one typed array, which doubles as it grows: millions of them without an object each. */
export class IntList {
  /** Only the first `size` are the list's. */
  data = new Int32Array(1 << 10)
  size = 0

  push(value: number): void {
    if (this.size === this.data.length) this.data = grown(this.data, this.size + 1)
    this.data[this.size++] = value
  }
}

/** A copy with room for `needed` numbers and as many again. */
export function grown(array: Int32Array, needed: number): Int32Array<ArrayBuffer> {
  const larger = new Int32Array(Math.max(needed, array.length * 2))
  larger.set(array)
  return larger
}
