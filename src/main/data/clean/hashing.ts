/** 64-bit hashes of text, two 32-bit halves each, and tables of them in typed arrays: a million entries take some megabytes. */

import { TRAIT, traitsOf } from './traits.ts'

/** Receives the halves of a hash, so that millions of calls allocate no object each. */
export interface Hash64 {
  high: number
  low: number
}

const A = 0x85ebca6b
const B = 0xc2b2ae35

/** Mixes all bits of a 32-bit number into all others (the finaliser of MurmurHash3). */
export function mix32(x: number): number {
  x ^= x >>> 16
  x = Math.imul(x, A)
  x ^= x >>> 13
  x = Math.imul(x, B)
  return (x ^ (x >>> 16)) >>> 0
}

/** Hashes UTF-16 code units into `into`. Two independent rounds: 64 bits together make a collision among millions unlikely. */
export function hashText(text: string, into: Hash64, seed = 0): Hash64 {
  let high = 0x9e3779b9 ^ seed
  let low = 0x7f4a7c15 ^ seed
  for (let i = 0; i < text.length; i++) {
    const c = text.charCodeAt(i)
    high = Math.imul(high ^ c, 0x5bd1e995)
    high ^= high >>> 15
    low = Math.imul(low ^ c, 0x27d4eb2f)
    low ^= low >>> 13
  }
  into.high = mix32(high ^ text.length)
  into.low = mix32(low + text.length)
  return into
}

/** Text without its case and with single spaces: equal for two copies of a text. */
export function foldText(text: string): string {
  const uneven = traitsOf(text) & (TRAIT.unevenSpace | TRAIT.oddSpace | TRAIT.lineBreak)
  const lower = text.toLowerCase()
  return uneven === 0 ? lower : lower.trim().replace(/\s+/g, ' ')
}

/** 64-bit keys, each with a number: open addressing, grown by halves of its load. */
export class HashNumbers {
  #high = new Uint32Array(1024)
  #low = new Uint32Array(1024)
  /** 0: free. */
  #value = new Int32Array(1024)
  #size = 0

  get size(): number {
    return this.#size
  }
  /** The number of a key; 0 if it has none. */
  get(key: Hash64): number {
    return this.#value[this.#slot(key.high, key.low)]!
  }
  /** Sets a key's number, which must not be 0. */
  set(key: Hash64, value: number): void {
    const slot = this.#slot(key.high, key.low)
    if (this.#value[slot] === 0) this.#size++
    this.#high[slot] = key.high
    this.#low[slot] = key.low
    this.#value[slot] = value
    if (this.#size * 2 > this.#value.length) this.#grow()
  }
  /** Adds to a key's number, which starts at 0, and returns the sum. */
  add(key: Hash64, n: number): number {
    const sum = this.get(key) + n
    this.set(key, sum)
    return sum
  }
  /** The keys whose number passes. */
  keep(passes: (value: number) => boolean): HashNumbers {
    const kept = new HashNumbers()
    for (let i = 0; i < this.#value.length; i++) {
      const value = this.#value[i]!
      if (value !== 0 && passes(value)) kept.set({ high: this.#high[i]!, low: this.#low[i]! }, value)
    }
    return kept
  }
  #slot(high: number, low: number): number {
    const mask = this.#value.length - 1
    let slot = (high ^ low) & mask
    while (this.#value[slot] !== 0 && (this.#high[slot] !== high || this.#low[slot] !== low)) slot = (slot + 1) & mask
    return slot
  }
  #grow(): void {
    const [high, low, value] = [this.#high, this.#low, this.#value]
    const capacity = value.length * 2
    this.#high = new Uint32Array(capacity)
    this.#low = new Uint32Array(capacity)
    this.#value = new Int32Array(capacity)
    for (let i = 0; i < value.length; i++) {
      if (value[i] === 0) continue
      const slot = this.#slot(high[i]!, low[i]!)
      this.#high[slot] = high[i]!
      this.#low[slot] = low[i]!
      this.#value[slot] = value[i]!
    }
  }
}

/** A growing list of 32-bit numbers in a typed array. */
export class Int32List {
  #values = new Int32Array(1024)
  length = 0
  push(value: number): void {
    if (this.length === this.#values.length) {
      const grown = new Int32Array(this.length * 2)
      grown.set(this.#values)
      this.#values = grown
    }
    this.#values[this.length++] = value
  }
  at(i: number): number {
    return this.#values[i]!
  }
  /** A view, valid until the next push. */
  view(): Int32Array {
    return this.#values.subarray(0, this.length)
  }
}
