import { hashText, HashNumbers, type Hash64 } from '../../data/clean/hashing.ts'

/** Whether a movie has this key. */
export type HasKey = (movie: number, key: string) => boolean

/** Which movie has which key: 64-bit hashes in typed arrays, and the store has the last word. 24 to 48 bytes a movie. */
export class Keys {
  readonly #has: HasKey
  readonly #movies = new HashNumbers()
  readonly #hash: Hash64 = { high: 0, low: 0 }
  /** Of movies whose id came again: how often. */
  readonly #repeats = new HashNumbers()

  constructor(has: HasKey) {
    this.#has = has
  }
  /** The movie with this key; 0 where there is none. */
  find(key: string): number {
    for (let seed = 0; ; seed++) {
      const movie = this.#movies.get(hashText(key, this.#hash, seed))
      // another key of the same hash: the next seed tells them apart
      if (movie === 0 || this.#has(movie, key)) return movie
    }
  }
  /** Gives a movie its key: its own id, or `own#2`, `own#3`, … where others have that already. */
  assign(own: string, movie: number): string {
    const first = this.find(own)
    let key = own
    // `x#2` may be an id of its own, so the next number is only where to look first
    for (let taken = first; taken !== 0; taken = this.find(key)) key = `${own}#${1 + this.#repeats.add({ high: first, low: 0 }, 1)}`
    // the last look-up left the hash of the free place
    this.#movies.set(this.#hash, movie)
    return key
  }
}
