/** The source's genres of every movie, in a few bytes each. */

export class GenreLists {
  readonly #names: string[] = []
  readonly #ids = new Map<string, number>()
  /** End of each movie's genres in `#genres`, by movie id. */
  #end = new Int32Array(1024)
  #genres = new Uint16Array(4096)
  #length = 0
  #last = -1

  /** Movies come with ascending ids; each genre counts once. */
  add(movie: number, genres: readonly string[]): void {
    this.#reach(movie)
    for (const [i, name] of genres.entries()) {
      if (i > 0 && genres.indexOf(name) < i) continue
      if (this.#length === this.#genres.length) this.#genres = doubled(this.#genres, new Uint16Array(this.#length * 2))
      this.#genres[this.#length++] = this.#id(name)
    }
    this.#end[movie] = this.#length
  }
  /** A movie's genres. */
  namesOf(movie: number): string[] {
    const names: string[] = []
    for (const genre of this.#genres.subarray(this.#end[movie - 1] ?? 0, this.#end[movie])) names.push(this.#names[genre]!)
    return names
  }
  #id(name: string): number {
    let id = this.#ids.get(name)
    if (id === undefined) {
      id = this.#names.push(name) - 1
      this.#ids.set(name, id)
    }
    return id
  }
  /** Ids without a movie get an empty list. */
  #reach(movie: number): void {
    while (movie >= this.#end.length) this.#end = doubled(this.#end, new Int32Array(this.#end.length * 2))
    for (let id = this.#last + 1; id < movie; id++) this.#end[id] = this.#length
    this.#last = movie
  }
}

function doubled<T extends Int32Array | Uint16Array>(from: T, to: T): T {
  to.set(from)
  return to
}
