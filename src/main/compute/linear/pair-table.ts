/** The prefix of a pair that starts an n-gram; no pair has this number. */
export const EMPTY = -1

/** Numbers pairs of integers (>= -1) in order of first occurrence: a hash table with open addressing in typed arrays. */
export class PairTable {
  /** Number of pairs. */
  size = 0
  private firsts = new Int32Array(1 << 15)
  private seconds = new Int32Array(1 << 15)
  /** Slot -> number + 1; 0: free. At most half full. */
  private slots = new Int32Array(1 << 16)

  /** The number of a pair; a new number for a new pair. */
  number(first: number, second: number): number {
    let slot = this.home(first, second)
    for (;;) {
      const found = this.slots[slot]! - 1
      if (found < 0) return this.insert(first, second, slot)
      if (this.firsts[found] === first && this.seconds[found] === second) return found
      slot = (slot + 1) & (this.slots.length - 1)
    }
  }

  /** The number of a pair; {@link EMPTY} for an unknown one. */
  find(first: number, second: number): number {
    let slot = this.home(first, second)
    for (;;) {
      const found = this.slots[slot]! - 1
      if (found < 0) return EMPTY
      if (this.firsts[found] === first && this.seconds[found] === second) return found
      slot = (slot + 1) & (this.slots.length - 1)
    }
  }

  first(number: number): number {
    return this.firsts[number]!
  }
  second(number: number): number {
    return this.seconds[number]!
  }

  private home(first: number, second: number): number {
    let hash = Math.imul(first, 0x9e3779b1) ^ Math.imul(second, 0x85ebca6b)
    hash = Math.imul(hash ^ (hash >>> 15), 0xc2b2ae35)
    return (hash ^ (hash >>> 13)) & (this.slots.length - 1)
  }

  private insert(first: number, second: number, slot: number): number {
    const number = this.size++
    this.firsts[number] = first
    this.seconds[number] = second
    this.slots[slot] = number + 1
    if (this.size === this.firsts.length) this.grow()
    return number
  }

  private grow(): void {
    const [firsts, seconds] = [this.firsts, this.seconds]
    this.firsts = new Int32Array(firsts.length * 2)
    this.seconds = new Int32Array(firsts.length * 2)
    this.firsts.set(firsts)
    this.seconds.set(seconds)
    this.slots = new Int32Array(this.slots.length * 2)
    for (let number = 0; number < this.size; number++) {
      let slot = this.home(firsts[number]!, seconds[number]!)
      while (this.slots[slot] !== 0) slot = (slot + 1) & (this.slots.length - 1)
      this.slots[slot] = number + 1
    }
  }
}
