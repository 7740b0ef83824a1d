import { ones } from '../analysis/popcount.ts'

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
  static where(length: number, test: (i: number) => boolean): Bits {
    const bits = new Bits(length)
    for (let i = 0; i < length; i++) if (test(i)) bits.words[i >>> 5]! |= 1 << (i & 31)
    return bits
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
