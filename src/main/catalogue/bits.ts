import { ones } from '../analysis/popcount.ts'

/** Numbers from the first to the second, both included. */
export type Range = readonly [least: number, most: number]
/** A test of a row: a function, or whether its number is in a range, which is many times faster. The number of row i is at `from + i * step`. */
export type RowTest =
  | ((row: number) => boolean)
  | { readonly values: Float32Array | Float64Array; readonly range: Range; readonly step?: number; readonly from?: number }
export const isRow = (test: RowTest, row: number): boolean => {
  if (typeof test === 'function') return test(row)
  const value = test.values[(test.from ?? 0) + row * (test.step ?? 1)]!
  return value >= test.range[0] && value <= test.range[1]
}

/** One bit per movie; conditions are combined 32 movies at a time. */
export class Bits {
  readonly length: number
  readonly words: Uint32Array
  constructor(length: number, words: Uint32Array = new Uint32Array((length + 31) >>> 5)) {
    this.length = length
    this.words = words
  }
  /** A set with every bit set. */
  static all(length: number): Bits {
    const bits = new Bits(length)
    bits.words.fill(0xffffffff)
    if (length % 32 !== 0) bits.words[bits.words.length - 1] = (1 << (length & 31)) - 1
    return bits
  }
  /** The set of all i for which a test is true. */
  static where(length: number, test: RowTest): Bits {
    const { words } = new Bits(length)
    if (typeof test === 'function') {
      for (let i = 0; i < length; i++) if (test(i)) words[i >>> 5]! |= 1 << (i & 31)
      return new Bits(length, words)
    }
    const { values, range, step = 1, from = 0 } = test
    const [least, most] = range
    for (let i = 0, at = from; i < length; i++, at += step) {
      const value = values[at]!
      if (value >= least && value <= most) words[i >>> 5]! |= 1 << (i & 31)
    }
    return new Bits(length, words)
  }
  has(i: number): boolean {
    return ((this.words[i >>> 5]! >>> (i & 31)) & 1) === 1
  }
  set(i: number, on: boolean): void {
    if (on) this.words[i >>> 5]! |= 1 << (i & 31)
    else this.words[i >>> 5]! &= ~(1 << (i & 31))
  }
  copy(): Bits {
    return new Bits(this.length, this.words.slice())
  }
  /** In place, as {@link or} and {@link andNot}. */
  and(other: Bits): this {
    const [a, b] = [this.words, other.words]
    for (let w = 0; w < a.length; w++) a[w]! &= b[w]!
    return this
  }
  or(other: Bits): this {
    const [a, b] = [this.words, other.words]
    for (let w = 0; w < a.length; w++) a[w]! |= b[w]!
    return this
  }
  andNot(other: Bits): this {
    const [a, b] = [this.words, other.words]
    for (let w = 0; w < a.length; w++) a[w]! &= ~b[w]!
    return this
  }
  count(): number {
    const { words } = this
    let count = 0
    for (let w = 0; w < words.length; w++) count += ones(words[w]!)
    return count
  }
}
